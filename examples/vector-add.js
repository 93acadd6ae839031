'use strict';

/**
 * Four GPU events as a native Perfetto trace and as Chrome JSON:
 * node examples/vector-add.js [FOLDER]
 */
const { join } = require('node:path');
const { EventType, Format, PerfettoProtoExporter } = require('..');

const events = [
  {
    type: EventType.KernelLaunch,
    name: 'vectorAdd',
    timestamp: 1_000_000, // ns
    duration: 500_000,
    deviceId: 0,
    streamId: 1,
    correlationId: 42,
    threadId: 12345,
    kernelParams: {
      gridX: 256, gridY: 1, gridZ: 1,
      blockX: 256, blockY: 1, blockZ: 1,
      sharedMemBytes: 0, registersPerThread: 32,
    },
    metadata: { operator: 'aten::add', device: 'cuda:0' },
  },
  {
    type: EventType.MemcpyH2D,
    name: 'memcpy_H2D',
    timestamp: 2_000_000,
    duration: 100_000,
    deviceId: 0,
    streamId: 1,
    correlationId: 43,
    memoryParams: { srcAddress: 0x7ff8_0000_0000n, dstAddress: 0x8000_0000_0000n, sizeBytes: 16 * 1024 },
  },
  {
    type: EventType.MemAlloc,
    name: 'cudaMalloc',
    timestamp: 3_000_000,
    deviceId: 0,
    memoryParams: { dstAddress: 0x8000_0000_0000n, sizeBytes: 1024 * 1024 },
  },
  {
    type: EventType.StreamSync,
    name: 'cudaStreamSynchronize',
    timestamp: 4_000_000,
    duration: 200_000,
    deviceId: 0,
    streamId: 1,
  },
];

async function main(folder) {
  const exporter = new PerfettoProtoExporter(Format.PROTOBUF);
  for (const name of ['vector-add.perfetto-trace', 'vector-add.json']) {
    const result = await exporter.exportToFile(events, join(folder, name));
    const note = result.fallback ? ', Chrome JSON since the addon is missing' : '';
    console.log(`${result.path}: ${result.bytes} bytes, ${result.slices} slices, ${result.instants} instants${note}`);
  }
}

main(process.argv[2] ?? '.').catch((error) => {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
});

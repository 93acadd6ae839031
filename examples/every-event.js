'use strict';

/** A made-up training step on two GPUs that has every type of event and everything an event can carry. */
const { EventType, FlowType } = require('..');

const MICROSECOND = 1000;
const MIB = 1024 * 1024;
const START = 1_000_000;

/** Times below are microseconds after the start of the step. */
const at = (microseconds) => START + microseconds * MICROSECOND;
const lasting = (microseconds) => microseconds * MICROSECOND;

const setup = [
  { type: EventType.ContextCreate, name: 'cuCtxCreate', timestamp: at(0) },
  { type: EventType.StreamCreate, name: 'cudaStreamCreate', timestamp: at(5), streamId: 7 },
  { type: EventType.StreamCreate, name: 'cudaStreamCreate', timestamp: at(6), streamId: 9 },
  {
    type: EventType.MemAlloc,
    name: 'cudaMalloc',
    timestamp: at(10),
    memoryParams: { dstAddress: 0x7f00_0000_0000n, sizeBytes: 64 * MIB },
  },
  {
    type: EventType.MemsetDevice,
    name: 'cudaMemset',
    timestamp: at(20),
    duration: lasting(15),
    streamId: 7,
    memoryParams: { dstAddress: 0x7f00_0000_0000n, sizeBytes: 64 * MIB },
  },
  {
    type: EventType.MemcpyH2D,
    name: 'batch to device',
    timestamp: at(40),
    duration: lasting(60),
    streamId: 7,
    correlationId: 1,
    memoryParams: { srcAddress: 0x7ffe_0000_0000n, dstAddress: 0x7f00_0000_0000n, sizeBytes: 4 * MIB },
  },
];

/** A launch with its end known is one event; two that belong together are tied by their correlation id. */
const compute = [
  { type: EventType.RangeStart, name: 'forward', timestamp: at(110), streamId: 7 },
  {
    type: EventType.KernelLaunch,
    name: 'ampere_sgemm_128x64_tn',
    timestamp: at(115),
    duration: lasting(120),
    streamId: 7,
    correlationId: 2,
    threadId: 4711,
    kernelParams: { gridX: 256, gridY: 4, blockX: 128, sharedMemBytes: 48 * 1024, registersPerThread: 96 },
    metadata: { operator: 'aten::mm', flops: 2_147_483_648n, occupancy: 0.62, tensor_cores: true },
    flow: { id: 1, type: FlowType.FwdBwd, isStart: true },
    // The innermost frame first.
    callStack: [
      { functionName: 'at::native::mm', fileName: 'Blas.cpp', lineNumber: 212, address: 0x55d0_1000n },
      { functionName: 'Linear.forward', fileName: 'linear.py', lineNumber: 117 },
      { functionName: 'train_step', fileName: 'train.py', lineNumber: 42 },
    ],
  },
  // Overlaps the one before without nesting, so it is drawn on a lane of its own.
  {
    type: EventType.KernelLaunch,
    name: 'elementwise_relu',
    timestamp: at(200),
    streamId: 7,
    correlationId: 3,
    kernelParams: { gridX: 1024, blockX: 256 },
  },
  { type: EventType.KernelComplete, name: 'elementwise_relu', timestamp: at(260), streamId: 7, correlationId: 3 },
  { type: EventType.RangeEnd, name: 'forward', timestamp: at(270), streamId: 7 },
  { type: EventType.Marker, name: 'loss computed', timestamp: at(275), metadata: { loss: 2.302 } },
  {
    type: EventType.KernelLaunch,
    name: 'ampere_sgemm_64x64_nt',
    timestamp: at(280),
    duration: lasting(150),
    streamId: 7,
    correlationId: 4,
    kernelParams: { gridX: 128, gridY: 8, blockX: 64, registersPerThread: 128 },
    flow: { id: 1, type: FlowType.FwdBwd },
  },
];

const exchange = [
  { type: EventType.EventRecord, name: 'cudaEventRecord', timestamp: at(435), streamId: 7 },
  { type: EventType.EventSync, name: 'cudaEventSynchronize', timestamp: at(436), duration: lasting(4), streamId: 9 },
  ...[0, 1].flatMap((deviceId) => [
    {
      type: EventType.NCCLStart,
      name: 'ncclAllReduce',
      timestamp: at(440 + 3 * deviceId),
      deviceId,
      streamId: 9,
      metadata: { ranks: [0, 1], bytes: 4 * MIB },
      flow: { id: 2, type: FlowType.Custom, isStart: deviceId === 0 },
    },
    { type: EventType.NCCLComplete, name: 'ncclAllReduce', timestamp: at(520), deviceId, streamId: 9 },
  ]),
  {
    type: EventType.MemcpyD2D,
    name: 'bucket copy',
    timestamp: at(525),
    duration: lasting(10),
    deviceId: 1,
    streamId: 9,
    memoryParams: { srcAddress: 0x7f00_0040_0000n, dstAddress: 0x7f00_0080_0000n, sizeBytes: 4 * MIB },
  },
  {
    type: EventType.MemcpyD2H,
    name: 'loss to host',
    timestamp: at(540),
    duration: lasting(3),
    streamId: 7,
    memoryParams: { srcAddress: 0x7f00_0000_0000n, dstAddress: 0x7ffe_0000_0000n, sizeBytes: 4 },
  },
];

const teardown = [
  { type: EventType.StreamSync, name: 'cudaStreamSynchronize', timestamp: at(545), duration: lasting(5), streamId: 7 },
  { type: EventType.DeviceSync, name: 'cudaDeviceSynchronize', timestamp: at(552), duration: lasting(8) },
  { type: EventType.Custom, name: 'checkpoint', timestamp: at(562), metadata: { step: 1, files: ['model.pt', 'optimizer.pt'] } },
  { type: EventType.Unknown, name: 'unknown driver call', timestamp: at(563) },
  { type: EventType.MemFree, name: 'cudaFree', timestamp: at(565), memoryParams: { dstAddress: 0x7f00_0000_0000n } },
  { type: EventType.StreamDestroy, name: 'cudaStreamDestroy', timestamp: at(570), streamId: 9 },
  { type: EventType.ContextDestroy, name: 'cuCtxDestroy', timestamp: at(575) },
];

const events = [...setup, ...compute, ...exchange, ...teardown];

/** A sample every 20 us, of each counter on each device. */
const counters = [0, 1].flatMap((deviceId) =>
  Array.from({ length: 30 }, (_, i) => [
    { timestamp: at(20 * i), deviceId, counterName: 'SM activity', value: Math.round(50 + 45 * Math.sin(i / 4 + deviceId)), unit: '%' },
    { timestamp: at(20 * i), deviceId, counterName: 'Memory in use', value: BigInt((64 + i) * MIB), unit: 'bytes' },
  ]).flat(),
);

module.exports = { events, counters, deviceNames: { 0: 'GPU 0 (example)', 1: 'GPU 1 (example)' } };

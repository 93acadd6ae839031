'use strict';

/**
 * The rival that every Node project has at hand: Chrome trace events built as objects and written
 * with JSON.stringify, without a space too many. It holds what the native trace holds.
 */
const { EventType, FlowType } = require('../../dist');

const CATEGORIES = {
  [EventType.KernelLaunch]: 'gpu_kernel',
  [EventType.MemcpyH2D]: 'gpu_memory',
  [EventType.MemcpyD2H]: 'gpu_memory',
  [EventType.MemcpyD2D]: 'gpu_memory',
  [EventType.MemAlloc]: 'gpu_memory',
  [EventType.MemFree]: 'gpu_memory',
  [EventType.Marker]: 'gpu_other',
};

/** Chrome's times are doubles of microseconds; a bigint has to become a number first. */
function microseconds(nanoseconds) {
  return (typeof nanoseconds === 'bigint' ? Number(nanoseconds) : nanoseconds) / 1000;
}

/** pid 0 is the idle process, and readers take thread ids for unique. */
const processOf = (deviceId) => deviceId + 1;
const threadOf = (deviceId, streamId) => (deviceId + 1) * 1000 + streamId;

/** The arguments in the order of the native trace. */
function argumentsOf(event) {
  const { correlationId, threadId, kernelParams, memoryParams, metadata } = event;
  const args = {};
  if (correlationId !== undefined) args.correlation_id = correlationId;
  if (threadId !== undefined) args.thread_id = threadId;
  if (kernelParams !== undefined) {
    const { gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemBytes, registersPerThread } = kernelParams;
    args.grid_dim = `[${gridX},${gridY},${gridZ}]`;
    args.block_dim = `[${blockX},${blockY},${blockZ}]`;
    args.shared_mem_bytes = sharedMemBytes;
    args.registers_per_thread = registersPerThread;
  }
  if (memoryParams !== undefined) {
    // Addresses as numbers: hexadecimal strings would be easier to read, and slower to write.
    args.size_bytes = memoryParams.sizeBytes;
    if (memoryParams.srcAddress !== undefined) args.src_address = memoryParams.srcAddress;
    args.dst_address = memoryParams.dstAddress;
  }
  if (metadata !== undefined) Object.assign(args, metadata);
  return args;
}

function traceEventOf(event) {
  const { type, name, timestamp, duration, deviceId, streamId } = event;
  const pid = processOf(deviceId);
  const tid = threadOf(deviceId, streamId);
  const cat = CATEGORIES[type];
  const args = argumentsOf(event);
  return duration === undefined
    ? { ph: 'i', s: 't', name, cat, pid, tid, ts: microseconds(timestamp), args }
    : { ph: 'X', name, cat, pid, tid, ts: microseconds(timestamp), dur: duration / 1000, args };
}

/** Names for each device and stream. */
function trackNames(events) {
  const streams = new Map();
  for (const { deviceId, streamId } of events) streams.set(threadOf(deviceId, streamId), { deviceId, streamId });
  const named = [];
  for (const [tid, { deviceId, streamId }] of streams) {
    const pid = processOf(deviceId);
    named.push({ ph: 'M', name: 'process_name', pid, args: { name: `GPU ${deviceId}` } });
    named.push({ ph: 'M', name: 'thread_name', pid, tid, args: { name: `Stream ${streamId}` } });
  }
  return named;
}

/** One end of an arrow, which binds to the slice that starts at its time. */
function flowEventOf({ flow, timestamp, deviceId, streamId }) {
  const place = { pid: processOf(deviceId), tid: threadOf(deviceId, streamId), ts: microseconds(timestamp) };
  const same = { id: flow.id, name: 'flow', cat: 'flow', ...place };
  return flow.isStart ? { ph: 's', ...same } : { ph: 'f', bp: 'e', ...same };
}

function traceOf(events) {
  const traceEvents = trackNames(events);
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    traceEvents.push(traceEventOf(event));
    if (event.flow !== undefined && event.flow.type !== FlowType.None) traceEvents.push(flowEventOf(event));
  }
  return { traceEvents };
}

/** @param {object[]} events @returns {Buffer} */
function toChromeJson(events) {
  return Buffer.from(JSON.stringify(traceOf(events)));
}

/** @param {object[]} events @returns {number} the size of the same trace indented, as TraceSmith writes it */
function indentedSize(events) {
  return Buffer.byteLength(JSON.stringify(traceOf(events), null, 2));
}

/** @param {Buffer} bytes @returns {import('./trace-summary').Summary} */
function summarizeChromeJson(bytes) {
  const summary = { slices: 0, instants: 0, duration: 0, arguments: 0 };
  for (const { ph, dur, args } of JSON.parse(bytes.toString()).traceEvents) {
    if (ph !== 'X' && ph !== 'i') continue;
    summary.arguments += Object.keys(args).length;
    if (ph === 'i') {
      summary.instants++;
    } else {
      summary.slices++;
      summary.duration += Math.round(dur * 1000);
    }
  }
  return summary;
}

module.exports = { toChromeJson, indentedSize, summarizeChromeJson };

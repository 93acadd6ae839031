'use strict';

/**
 * What a TraceWriter costs from opening to closing, one measurement in a process of its own: export.js
 * starts it and reads a JSON object from standard output. The request is the only argument, JSON too.
 *
 * @typedef {object} Request
 * @property {number} slices
 * @property {number} rounds
 * @property {'time' | 'end' | 'any'} order in which slices are handed over: by their start, by their
 *   end as tracers report them, children before their parents, or shuffled
 * @property {boolean} [args] with category and two arguments
 * @property {boolean} [ownStrings] no two slices share the string of their name, and these lie apart in memory
 * @property {boolean} [generated] makes slices as it goes instead of holding them, and tells the memory
 *   of the process beside
 *
 * @typedef {object} Result
 * @property {number[]} times ns a slice of each round
 * @property {number} size bytes a slice
 * @property {number} lateSlices
 * @property {number} [residentGrowth] bytes that the process held at most, above what it held before
 */
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { TraceWriter } = require('../../dist');
const { Random } = require('./random');
const { WARM_UP_ROUNDS } = require('./turns');
const { createWorkload } = require('./workload');

/** How often a producer that holds nothing itself looks whether it is too fast. */
const READY_EVERY = 16_384;

/** The slices of the workload in columns, so that reading them costs next to nothing. */
function slicesOf({ slices: count, order, ownStrings }) {
  // 85 % of the events are slices.
  const events = createWorkload({ events: Math.ceil(count / 0.8), ownStrings }).filter(({ duration }) => duration !== undefined);
  const chosen = events.slice(0, count);
  if (order === 'end') chosen.sort((a, b) => a.timestamp + a.duration - b.timestamp - b.duration);
  if (order === 'any') new Random(1).shuffle(chosen);
  return {
    count: chosen.length,
    name: chosen.map(({ name }) => name),
    time: Float64Array.from(chosen, ({ timestamp }) => timestamp),
    duration: Float64Array.from(chosen, ({ duration }) => duration),
    stream: Uint8Array.from(chosen, ({ deviceId, streamId }) => deviceId * 8 + streamId),
  };
}

/** 4 GPUs with 8 streams each. */
function defineStreams(trace) {
  const streams = [];
  for (let id = 0; id < 4; id++) {
    const gpu = trace.gpu({ id });
    for (let number = 0; number < 8; number++) streams.push(gpu.stream(number));
  }
  return streams;
}

function addRange(streams, slices, begin, end, options) {
  const { name, time, duration, stream } = slices;
  if (options === undefined) {
    for (let i = begin; i < end; i++) streams[stream[i]].slice(name[i], time[i], duration[i]);
  } else {
    for (let i = begin; i < end; i++) {
      streams[stream[i]].slice(name[i], time[i], duration[i], { category: 'kernel', args: { correlation: i, operator: 'aten::mm' } });
    }
  }
}

async function writeOnce(path, slices, request) {
  const trace = await TraceWriter.open(path);
  const streams = defineStreams(trace);
  const options = request.args ? {} : undefined;
  for (let begin = 0; begin < slices.count; begin += 4096) {
    addRange(streams, slices, begin, Math.min(begin + 4096, slices.count), options);
  }
  return trace.close();
}

/** Slices that nobody holds: what grows is the writer's. */
async function writeGenerated(path, { slices: count }) {
  const names = Array.from({ length: 200 }, (_, i) => `at::native::kernel_${i}<float, ${i % 8}>`);
  const before = process.memoryUsage().rss;
  let most = before;
  const trace = await TraceWriter.open(path);
  const streams = defineStreams(trace);
  for (let begin = 0; begin < count; begin += READY_EVERY) {
    const end = Math.min(begin + READY_EVERY, count);
    for (let i = begin; i < end; i++) streams[i & 31].slice(names[(i * 7) % 200], 1_000_000 + i * 250, 3_000);
    await trace.ready();
    if ((begin / READY_EVERY) % 16 === 0) most = Math.max(most, process.memoryUsage().rss);
  }
  const result = await trace.close();
  return { ...result, residentGrowth: Math.max(most, peakResident()) - before };
}

/** The most that this process ever held, where the system tells. */
function peakResident() {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

/** @param {Request} request @returns {Promise<Result>} */
async function measure(request) {
  const folder = mkdtempSync(join(tmpdir(), 'tracesmith-bench-'));
  const path = join(folder, 'trace.perfetto-trace');
  const slices = request.generated ? undefined : slicesOf(request);
  const result = { times: [], size: 0, lateSlices: 0 };
  try {
    for (let round = request.generated ? 0 : -WARM_UP_ROUNDS; round < request.rounds; round++) {
      globalThis.gc?.({ type: 'minor' });
      // A new file each time: emptying an old one is the file system's work, and takes milliseconds.
      rmSync(path, { force: true });
      const start = process.hrtime.bigint();
      const written = request.generated ? await writeGenerated(path, request) : await writeOnce(path, slices, request);
      const time = Number(process.hrtime.bigint() - start) / request.slices;
      if (written.slices !== request.slices) throw new Error(`wrote ${written.slices} of ${request.slices} slices`);
      if (round >= 0) result.times.push(time);
      result.size = written.bytes / request.slices;
      result.lateSlices = written.lateSlices;
      result.residentGrowth = written.residentGrowth;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return result;
}

measure(JSON.parse(process.argv[2])).then(
  (result) => process.stdout.write(JSON.stringify(result)),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);

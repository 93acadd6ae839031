'use strict';

/**
 * What a TraceWriter costs from opening to closing, one measurement in a process of its own: export.js
 * starts it and reads a JSON object from standard output. The request is the only argument, JSON too.
 *
 * @typedef {object} Request
 * @property {number} rounds
 * @property {import('./writer-tasks').TaskOptions} [task]
 * @property {number} [generated] instead of a task: so many slices, made as it goes instead of held; tells the memory
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
const { WARM_UP_ROUNDS } = require('./turns');
const { createWriterTask, defineStreams } = require('./writer-tasks');

/** How often a producer that holds nothing itself looks whether it is too fast. */
const READY_EVERY = 16_384;

/** Slices that nobody holds: what grows is the writer's. */
async function writeGenerated(path, count) {
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
async function measure({ rounds, task, generated }) {
  const folder = mkdtempSync(join(tmpdir(), 'tracesmith-bench-'));
  const path = join(folder, 'trace.perfetto-trace');
  const count = task === undefined ? generated : task.count;
  const write = task === undefined ? () => writeGenerated(path, generated) : createWriterTask(TraceWriter, task);
  const result = { times: [], size: 0, lateSlices: 0 };
  try {
    for (let round = task === undefined ? 0 : -WARM_UP_ROUNDS; round < rounds; round++) {
      globalThis.gc?.({ type: 'minor' });
      // A new file each time: emptying an old one is the file system's work, and takes milliseconds.
      rmSync(path, { force: true });
      const start = process.hrtime.bigint();
      const written = await write(path);
      const time = Number(process.hrtime.bigint() - start) / count;
      if (written.slices !== count) throw new Error(`wrote ${written.slices} of ${count} slices`);
      if (round >= 0) result.times.push(time);
      result.size = written.bytes / count;
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

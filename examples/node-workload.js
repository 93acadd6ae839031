'use strict';

/**
 * A second of ordinary Node work: files, compression, timers, JSON, hashes and garbage. Each task becomes a span of a
 * trace while it runs, and a measure that --trace-event-categories=node.perf records:
 * node examples/node-workload.js [TRACE]
 */
const { createHash } = require('node:crypto');
const { mkdtemp, readFile, rm, writeFile } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const gzip = promisify(require('node:zlib').gzip);
const { TraceWriter } = require('..');

const ROUNDS = 8;
const RECORDS = 4000;

/** Runs a task and marks it, in the live trace as a span of the track. */
async function measured(track, name, task, options) {
  const start = performance.now();
  const result = await track.span(name, task, options);
  performance.measure(name, { start, end: performance.now() });
  return result;
}

async function round(trace, { track, heap }, folder, number) {
  const file = join(folder, `${number}.json.gz`);
  const written = trace.newFlow(); // The arrow from writing the file to reading it.
  await track.span(`round ${number}`, async () => {
    const records = await measured(track, 'build records', () =>
      Array.from({ length: RECORDS }, (_, id) => ({ id, round: number, text: `record ${id * number}` })),
    );
    const text = await measured(track, 'serialise', () => JSON.stringify(records), { args: { records: RECORDS } });
    heap.record(trace.now(), process.memoryUsage().heapUsed);
    await measured(track, 'compress and write', async () => writeFile(file, await gzip(text)), { flows: [written] });
    const hash = async () => createHash('sha256').update(await readFile(file)).digest('hex');
    await measured(track, 'read and hash', hash, { terminatingFlows: [written] });
    heap.record(trace.now(), process.memoryUsage().heapUsed);
    await measured(track, 'sleep', () => sleep(5 * number));
  });
}

async function runAll(trace) {
  const app = trace.process({ pid: process.pid, name: 'node-workload' });
  const main = app.thread({ tid: process.pid, name: 'main' });
  const heap = app.counter({ name: 'heap used', unit: 'bytes' });
  const rounds = app.track({ name: 'rounds', childOrdering: 'lexicographic' });
  const folder = await mkdtemp(join(tmpdir(), 'tracesmith-workload-'));
  try {
    await measured(main, 'all rounds', () =>
      Promise.all(
        Array.from({ length: ROUNDS }, (_, i) => round(trace, { track: rounds.track({ name: `Round ${i + 1}` }), heap }, folder, i + 1)),
      ),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(path) {
  const trace = await TraceWriter.open(path);
  await runAll(trace);
  console.log(JSON.stringify(await trace.close()));
}

main(process.argv[2] ?? 'node-live.perfetto-trace');

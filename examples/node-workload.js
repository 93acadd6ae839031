'use strict';

/** A second of ordinary Node work, to be traced: files, compression, timers, JSON, hashes and garbage. */
const { createHash } = require('node:crypto');
const { mkdtemp, readFile, rm, writeFile } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const { promisify } = require('node:util');
const gzip = promisify(require('node:zlib').gzip);

const ROUNDS = 8;
const RECORDS = 4000;

/** Runs a task and marks it in the trace (category node.perf.usertiming). */
async function measured(name, task) {
  const start = performance.now();
  const result = await task();
  performance.measure(name, { start, end: performance.now() });
  return result;
}

async function round(folder, number) {
  const records = await measured('build records', () =>
    Array.from({ length: RECORDS }, (_, id) => ({ id, round: number, text: `record ${id * number}` })),
  );
  const text = await measured('serialise', () => JSON.stringify(records));
  const file = join(folder, `${number}.json.gz`);
  await measured('compress and write', async () => writeFile(file, await gzip(text)));
  await measured('read and hash', async () => createHash('sha256').update(await readFile(file)).digest('hex'));
  await sleep(5 * number);
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'tracesmith-workload-'));
  try {
    await measured('all rounds', () => Promise.all(Array.from({ length: ROUNDS }, (_, i) => round(folder, i + 1))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main();

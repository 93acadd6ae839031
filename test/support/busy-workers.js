'use strict';

/**
 * Threads that write traces of all kinds at once: `node busy-workers.js FOLDER EXTENSION once|ended`. `once` prints
 * what each wrote, by its hash; `ended` ends them in the middle, again and again, and prints what one more wrote then.
 */
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Writable } = require('node:stream');
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const { convertTrace, EventType, PerfettoProtoExporter, TraceWriter } = require('../../dist');

const COUNT = 20_000;
const ROUNDS = 6;

async function write(target) {
  const trace = await TraceWriter.open(target, { seed: 0 });
  const track = trace.track({ name: 'track' });
  for (let i = 0; i < COUNT; i++) track.slice(`slice ${i % 9}`, i * 10, 5);
  await trace.close();
}

async function writeAll({ folder, extension, name }) {
  const events = Array.from({ length: COUNT }, (_, i) => ({ type: EventType.MemcpyH2D, name: `copy ${i % 9}`, timestamp: i * 10, duration: 5 }));
  const [written, exported, converted] = ['written', 'exported', 'converted'].map((what) => join(folder, `${name} ${what}.${extension}`));
  await Promise.all([
    write(written),
    write(new Writable({ write: (chunk, encoding, done) => setImmediate(done) })),
    new PerfettoProtoExporter().exportToFile(events, exported),
    convertTrace(join(folder, 'input.json'), converted),
  ]);
  return [written, exported, converted].map((path) => createHash('sha256').update(readFileSync(path)).digest('hex'));
}

async function work() {
  if (workerData.isEndless) parentPort.postMessage('begins');
  do {
    const hashes = await writeAll(workerData);
    if (!workerData.isEndless) parentPort.postMessage(hashes);
  } while (workerData.isEndless);
}

async function main(folder, extension, what) {
  const start = (name, isEndless) => new Worker(__filename, { workerData: { folder, extension, name, isEndless } });
  const message = (worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  if (what === 'once') return Promise.all(['a', 'b', 'c', 'd'].map((name) => message(start(name, false))));
  let ended = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const workers = ['a', 'b', 'c'].map((name) => start(name, true));
    await Promise.all(workers.map(message));
    await new Promise((resolve) => setTimeout(resolve, 30 * round));
    await Promise.all(workers.map((worker) => worker.terminate()));
    ended += workers.length;
  }
  return { ended, then: await message(start('last', false)) };
}

if (isMainThread) void main(...process.argv.slice(2)).then((result) => process.stdout.write(JSON.stringify(result)));
else void work();

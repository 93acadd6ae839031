'use strict';

/**
 * One built state of the project in a process of its own: against.js starts it, says which folder and which
 * measurement, and asks for a round whenever it is its turn. Of that folder only the public API is used.
 */
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
// Both states get the same objects: those of this state's workload.
const { writeKinetoFile } = require('./kineto-file');
const { createWorkload } = require('./workload');
const { createWriterTask } = require('./writer-tasks');

/** @typedef {{ run: () => unknown, count: number, before?: () => void }} Measurement `run` makes `count` of something */

/** @type {Record<string, (api: object, options: object, folder: string) => Measurement>} */
const MAKERS = {
  export({ PerfettoProtoExporter }, workload) {
    const events = createWorkload(workload);
    const run = () => new PerfettoProtoExporter().exportToProto(events);
    // While the other had its turn the caches of the processor have filled with its data.
    return { run, count: events.length, before: run };
  },

  writer({ TraceWriter }, task, folder) {
    const file = path.join(folder, 'trace.perfetto-trace');
    const write = createWriterTask(TraceWriter, task);
    const run = async () => {
      const { slices } = await write(file);
      if (slices !== task.count) throw new Error(`wrote ${slices} of ${task.count} slices`);
    };
    // A new file each time: emptying an old one is the file system's work, and takes milliseconds.
    return { run, count: task.count, before: () => rmSync(file, { force: true }) };
  },

  convert({ convertTrace }, { bytes }, folder) {
    const input = path.join(folder, 'input.json');
    const output = path.join(folder, 'trace.perfetto-trace');
    const { slices: expected } = writeKinetoFile(input, bytes);
    const run = async () => {
      const { slices } = await convertTrace(input, output, { fallback: 'error' });
      if (slices !== expected) throw new Error(`converted ${slices} of ${expected} slices`);
    };
    return { run, count: expected, before: () => rmSync(output, { force: true }) };
  },
};

let folder;
let measurement;

const answers = {
  start({ state, maker, options }) {
    const api = require(path.join(state, 'dist'));
    if (!api.isSDKAvailable()) throw new Error(`The addon of ${state} does not load: ${api.sdkInfo().reason}`);
    folder = mkdtempSync(path.join(tmpdir(), 'tracesmith-bench-'));
    measurement = MAKERS[maker](api, options, folder);
  },
  /** @returns {Promise<{ time: number, cpu: number }>} ns for each event or slice; the second of all threads together */
  async round() {
    const { run, count, before } = measurement;
    before();
    globalThis.gc?.({ type: 'minor' });
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    await run();
    const time = Number(process.hrtime.bigint() - start);
    const { user, system } = process.cpuUsage(cpu);
    return { time: time / count, cpu: ((user + system) * 1000) / count };
  },
};

process.on('message', ({ task, ...request }) => {
  Promise.resolve(request)
    .then(answers[task])
    .then(
      (answer) => process.send({ answer }),
      (error) => {
        console.error(error.message);
        process.exit(1);
      },
    );
});
process.on('exit', () => folder && rmSync(folder, { recursive: true, force: true }));

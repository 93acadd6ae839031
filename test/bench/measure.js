'use strict';

/**
 * One measurement in a process of its own; export.js starts it and reads its result, a JSON object,
 * from standard output. The request is the only argument, JSON too.
 *
 * @typedef {object} Request
 * @property {string[]} rivals
 * @property {number} rounds 0: one cold call of the only rival
 * @property {import('./workload').WorkloadOptions} workload
 * @property {boolean} [indented] tell the size of indented JSON as well
 *
 * @typedef {object} Result
 * @property {Record<string, number[]>} times by rival: ns an event of each round
 * @property {Record<string, number>} sizes by rival: bytes an event
 * @property {number} [indentedSize] bytes an event
 * @property {string[]} wrong what was found to be wrong with the outputs
 */
const { createWorkload, createRival, summarizeEvents } = require('./rivals');

const WARM_UP_ROUNDS = 4;

/** @param {() => unknown} run @param {number} count @returns {number} ns an event */
function timed(run, count) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / count;
}

/**
 * Empties the young generation, so that nobody pays for the garbage of the one before. Not a full
 * collection: that throws away the hidden classes that have no object at the moment, and with them
 * the compiled code of all but JSON.stringify.
 */
function collectGarbage() {
  globalThis.gc?.({ type: 'minor' });
}

/** @param {Request} request @returns {Result} */
function measure({ rivals: names, rounds, workload, indented }) {
  const events = createWorkload(workload);
  const result = { times: {}, sizes: {}, wrong: [] };
  if (rounds === 0) {
    const [name] = names;
    // Loading what it needs is part of a first call.
    result.times[name] = [timed(() => createRival(name, events).run(), events.length)];
    return result;
  }

  const rivals = names.map((name) => ({ name, ...createRival(name, events) }));
  const expected = JSON.stringify(summarizeEvents(events));
  for (const { name, run, summarize } of rivals) {
    const bytes = run();
    result.sizes[name] = bytes.length / events.length;
    const found = JSON.stringify(summarize(bytes));
    if (found !== expected) result.wrong.push(`${name}: expected ${expected} but found ${found}`);
    result.times[name] = [];
  }
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const { name, run } of rivals) {
      collectGarbage();
      const time = timed(run, events.length);
      if (round >= 0) result.times[name].push(time);
    }
  }
  if (indented) result.indentedSize = require('./chrome-json').indentedSize(events) / events.length;
  return result;
}

process.stdout.write(JSON.stringify(measure(JSON.parse(process.argv[2]))));

'use strict';

/**
 * One rival in a process of its own, so that nobody pays for the garbage of another: turns.js starts it,
 * sends what to do and asks for a round whenever it is its turn.
 */
const { createWorkload, createRival, summarizeEvents } = require('./rivals');

/** @param {() => unknown} run @param {number} count @returns {number} ns an event */
function timed(run, count) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / count;
}

let run;
let count;

const answers = {
  /** Makes the workload and the rival, and says what its output is like. */
  start({ rival, workload }) {
    const events = createWorkload(workload);
    const made = createRival(rival, events);
    ({ run } = made);
    count = events.length;
    const bytes = run();
    const expected = JSON.stringify(summarizeEvents(events));
    const found = JSON.stringify(made.summarize(bytes));
    return { size: bytes.length / count, wrong: found === expected ? null : `expected ${expected} but found ${found}` };
  },
  /** A first call: loading what it needs is part of it. */
  cold({ rival, workload }) {
    const events = createWorkload(workload);
    return timed(() => createRival(rival, events).run(), events.length);
  },
  round() {
    // While others had their turn the caches of the processor have filled with their data, so each turn begins
    // with a call that is not timed.
    run();
    // Not a full collection: that throws away the hidden classes that have no object at the moment, and with
    // them the compiled code of all but JSON.stringify.
    globalThis.gc?.({ type: 'minor' });
    return timed(run, count);
  },
  indentedSize({ workload }) {
    const events = createWorkload(workload);
    return require('./chrome-json').indentedSize(events) / events.length;
  },
};

process.on('message', ({ task, ...request }) => {
  process.send({ answer: answers[task](request) });
});

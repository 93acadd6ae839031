'use strict';

/**
 * Who takes part in the benchmark: the native export and what it is compared with. Modules are
 * loaded by whoever is made, so that a cold call of one does not pay for another.
 */
const { createWorkload } = require('./workload');

/**
 * @typedef {object} Rival
 * @property {() => Uint8Array} run one export of the whole workload
 * @property {(bytes: Uint8Array) => import('./trace-summary').Summary} summarize
 */

const summarizeTrace = (bytes) => require('./trace-summary').summarizeTrace(bytes);

/** @type {Record<string, (events: object[]) => Rival>} */
const MAKERS = {
  native(events) {
    const { exportNative } = require('./native');
    return { run: () => exportNative(events), summarize: summarizeTrace };
  },
  cpp(events) {
    const { recordBatches, encodeBatches } = require('./native');
    const batches = recordBatches(events);
    return { run: () => encodeBatches(batches), summarize: summarizeTrace };
  },
  json(events) {
    const { toChromeJson, summarizeChromeJson } = require('./chrome-json');
    return { run: () => toChromeJson(events), summarize: summarizeChromeJson };
  },
  protobufjs(events) {
    const { encodeWithProtobufjs } = require('./protobufjs');
    return { run: () => encodeWithProtobufjs(events), summarize: summarizeTrace };
  },
  protobufjsWriter(events) {
    const { encodeWithWriter } = require('./protobufjs-writer');
    return { run: () => encodeWithWriter(events), summarize: summarizeTrace };
  },
};

/** @param {string} name @param {object[]} events @returns {Rival} */
function createRival(name, events) {
  return MAKERS[name](events);
}

/**
 * What every output has to hold, counted from the events themselves.
 * @param {object[]} events
 * @returns {import('./trace-summary').Summary}
 */
function summarizeEvents(events) {
  const summary = { slices: 0, instants: 0, duration: 0, arguments: 0 };
  for (const { duration, correlationId, threadId, kernelParams, memoryParams, metadata } of events) {
    if (duration === undefined) summary.instants++;
    else summary.slices++;
    summary.duration += duration ?? 0;
    summary.arguments += (correlationId === undefined ? 0 : 1) + (threadId === undefined ? 0 : 1);
    summary.arguments += kernelParams === undefined ? 0 : 4; // grid, block, shared memory, registers
    summary.arguments += Object.keys(memoryParams ?? {}).length + Object.keys(metadata ?? {}).length;
  }
  return summary;
}

module.exports = { createWorkload, createRival, summarizeEvents };

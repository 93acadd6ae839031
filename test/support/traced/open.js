'use strict';

/** Opens the trace of a program of this folder: as it should be, not at all, or of no use in one of several ways. */
const { TraceWriter } = require('../../../dist');

/** Arguments of spans: in a broken trace what cannot be written. */
const ARGS = {
  unwritable: () => ({
    get value() {
      throw new Error('a getter of the arguments');
    },
  }),
};

async function openTrace(mode, path) {
  if (mode === 'off') return TraceWriter.disabled();
  const trace = await TraceWriter.open(path).catch(() => TraceWriter.disabled());
  if (mode === 'closed') await trace.close();
  if (mode === 'aborted') await trace.abort();
  return trace;
}

/** @returns the arguments of an event about `value` */
function argsFor(mode, value) {
  return ARGS[mode]?.() ?? { value };
}

module.exports = { openTrace, argsFor };

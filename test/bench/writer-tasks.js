'use strict';

/**
 * What a program does with a TraceWriter, from opening to closing. The writer's class is handed in, so that two states
 * of the project can do the same.
 *
 * @typedef {object} TaskOptions
 * @property {'slices' | 'pairs' | 'spans'} calls slice(), begin() and end(), or span() within span()
 * @property {number} count how many slices, a multiple of SPAN_DEPTH
 * @property {'time' | 'end' | 'any'} [order] in which slices are handed over: by their start (the default), by their
 *   end as tracers report them, children before their parents, or shuffled
 * @property {boolean} [args] slices have a category and two arguments
 * @property {boolean} [ownStrings] no two slices share the string of their name, and these lie apart in memory
 * @property {'boottime' | 'monotonic' | 'realtime'} [clock] of the trace; not given, the trace does not name it
 *
 * @typedef {(path: string) => Promise<import('../../dist').WriterResult>} Task writes one trace
 */
const { Random } = require('./random');
const { createWorkload } = require('./workload');

/** How many rows are written by one call of a function: a long loop loses its optimised code at a major collection. */
const ROWS_PER_CALL = 4096;
const SPAN_DEPTH = 4;

/** The slices of the workload in columns, so that reading them costs next to nothing. */
function slicesOf({ count, order, ownStrings }) {
  // 85 % of the events are slices.
  const events = createWorkload({ events: Math.ceil(count / 0.8), ownStrings }).filter(({ duration }) => duration !== undefined);
  const chosen = events.slice(0, count);
  if (order === 'end') chosen.sort((a, b) => a.timestamp + a.duration - b.timestamp - b.duration);
  if (order === 'any') new Random(1).shuffle(chosen);
  return {
    name: chosen.map(({ name }) => name),
    time: Float64Array.from(chosen, ({ timestamp }) => timestamp),
    duration: Float64Array.from(chosen, ({ duration }) => duration),
    stream: Uint8Array.from(chosen, ({ deviceId, streamId }) => deviceId * 8 + streamId),
  };
}

/** The begins and ends of slices in the order of time: the slice's index, and whether it begins. */
function callsOf({ time, duration }) {
  const calls = [];
  for (let index = 0; index < time.length; index++) {
    calls.push({ index, begins: true, time: time[index] }, { index, begins: false, time: time[index] + duration[index] });
  }
  calls.sort((a, b) => a.time - b.time || Number(a.begins) - Number(b.begins));
  return { index: Uint32Array.from(calls, ({ index }) => index), begins: Uint8Array.from(calls, ({ begins }) => begins) };
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

function inCalls(count, addRange) {
  for (let begin = 0; begin < count; begin += ROWS_PER_CALL) addRange(begin, Math.min(begin + ROWS_PER_CALL, count));
}

function addSlices(streams, { name, time, duration, stream }, begin, end) {
  for (let i = begin; i < end; i++) streams[stream[i]].slice(name[i], time[i], duration[i]);
}

function addSlicesWithArgs(streams, { name, time, duration, stream }, begin, end) {
  for (let i = begin; i < end; i++) {
    streams[stream[i]].slice(name[i], time[i], duration[i], { category: 'kernel', args: { correlation: i, operator: 'aten::mm' } });
  }
}

function addPairs(streams, { name, time, duration, stream }, { index, begins }, begin, end) {
  for (let i = begin; i < end; i++) {
    const slice = index[i];
    if (begins[i]) streams[stream[slice]].begin(name[slice], time[slice]);
    else streams[stream[slice]].end(time[slice] + duration[slice]);
  }
}

function addSpans(thread, begin, end) {
  let sum = 0;
  const work = () => sum++;
  const operator = () => thread.span('operator', work);
  const layer = () => thread.span('layer', operator);
  const step = () => thread.span('step', layer);
  for (let i = begin; i < end; i += SPAN_DEPTH) thread.span('epoch', step);
  return sum;
}

/** @param {{ open: Function }} TraceWriter @param {TaskOptions} options @returns {Task} */
function createWriterTask(TraceWriter, options) {
  const { calls, count, args, clock } = options;
  const slices = calls === 'spans' ? undefined : slicesOf(options);
  const pairs = calls === 'pairs' ? callsOf(slices) : undefined;
  return async (path) => {
    const trace = await TraceWriter.open(path, clock === undefined ? {} : { clock });
    if (calls === 'spans') {
      const thread = trace.process({ pid: 1, name: 'program' }).thread({ tid: 1, name: 'main' });
      inCalls(count, (begin, end) => addSpans(thread, begin, end));
    } else {
      const streams = defineStreams(trace);
      if (calls === 'pairs') inCalls(pairs.index.length, (begin, end) => addPairs(streams, slices, pairs, begin, end));
      else if (args) inCalls(count, (begin, end) => addSlicesWithArgs(streams, slices, begin, end));
      else inCalls(count, (begin, end) => addSlices(streams, slices, begin, end));
    }
    return trace.close();
  };
}

module.exports = { createWriterTask, defineStreams };

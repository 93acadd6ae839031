'use strict';

/**
 * One way of converting a Chrome JSON trace, once, in a process of its own: convert.js starts it and reads a JSON
 * object from standard output. The request is the only argument, JSON too.
 *
 * @typedef {object} Request
 * @property {'convert' | 'exporter' | 'parse'} task
 * @property {string} input
 * @property {string} output
 * @property {'all' | 'lean' | 'none'} [args] which arguments a conversion keeps
 *
 * @typedef {object} Result
 * @property {number} seconds
 * @property {number} resident the most that the process held, in bytes; 0 where the system does not tell
 * @property {number} slices
 */
const { readFileSync } = require('node:fs');
const { TraceWriter } = require('../../dist');
const { convertTrace } = require('../../dist/convert/convert');

/** How often the writer is asked whether it keeps up. */
const READY_EVERY = 16_384;
const GPU_CATEGORIES = new Set(['kernel', 'gpu_memcpy', 'gpu_memset', 'gpu_user_annotation', 'cuda_sync']);

const tasks = {
  async convert({ input, output, args }) {
    const { slices } = await convertTrace(input, output, { fallback: 'error', args });
    return slices;
  },

  /** What a program does without a converter: JSON.parse, and a TraceWriter. */
  async exporter({ input, output }) {
    const { traceEvents } = JSON.parse(readFileSync(input, 'utf8'));
    return writeEvents(traceEvents, output);
  },
};

/** The text is read before the time counts: what remains is the least that any program in JavaScript pays. */
function parseAlone({ input }) {
  const text = readFileSync(input, 'utf8');
  const start = process.hrtime.bigint();
  const { traceEvents } = JSON.parse(text);
  return { seconds: secondsSince(start), slices: traceEvents.filter(({ ph }) => ph === 'X').length };
}

/** Kineto's arrows begin and end where their slices do. */
const placeOf = ({ pid, tid, ts }) => `${pid} ${tid} ${ts}`;

function arrowsByPlace(events) {
  const arrows = new Map();
  for (const event of events) {
    if (event.ph !== 's' && event.ph !== 'f') continue;
    const place = placeOf(event);
    if (!arrows.has(place)) arrows.set(place, {});
    const id = event.cat === 'fwdbwd' ? event.id + 2 ** 40 : event.id;
    (arrows.get(place)[event.ph === 's' ? 'flows' : 'terminatingFlows'] ??= []).push(id);
  }
  return arrows;
}

function namesByPlace(events) {
  const names = new Map();
  for (const { ph, name, pid, tid, args } of events) {
    if (ph !== 'M') continue;
    if (name === 'process_name') names.set(String(pid), args.name);
    if (name === 'thread_name') names.set(`${pid} ${tid}`, args.name);
  }
  return names;
}

/** The track of an event: its thread, or its stream on a GPU. */
function tracksOf(trace, names) {
  const known = new Map();
  const once = (key, make) => {
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = make()));
    return found;
  };
  // 0 and text are no ids of processes and threads.
  const idOf = (id) => (typeof id === 'number' && id > 0 ? id : once(`id ${id}`, () => 1_000_000_000 + known.size));
  const gpu = (id) => once(`gpu ${id}`, () => trace.gpu({ id }));
  const process = (pid) =>
    once(`${pid}`, () => trace.process({ pid: idOf(pid), name: names.get(`${pid}`) ?? `${pid}` }));
  return ({ pid, tid, cat }) => {
    const isGpu = GPU_CATEGORIES.has(cat) && tid >= 0;
    return once(`${isGpu} ${pid} ${tid}`, () =>
      isGpu
        ? gpu(pid).stream(tid)
        : process(pid).thread({ tid: idOf(tid), name: names.get(`${pid} ${tid}`) ?? `${tid}` }),
    );
  };
}

async function writeEvents(events, output) {
  const trace = await TraceWriter.open(output);
  const arrows = arrowsByPlace(events);
  const trackOf = tracksOf(trace, namesByPlace(events));
  const origin = Math.floor(events.reduce((least, { ts }) => Math.min(least, ts ?? least), Infinity));
  let count = 0;
  for (const event of events) {
    if (event.ph !== 'X') continue;
    const { name, cat, args, ts, dur } = event;
    // Nanoseconds from the first event: they are all that is left of them in a double.
    const options = { category: cat, args, ...arrows.get(placeOf(event)) };
    trackOf(event).slice(name, Math.round((ts - origin) * 1000), Math.round(dur * 1000), options);
    if (++count % READY_EVERY === 0) await trace.ready();
  }
  const { slices } = await trace.close();
  return slices;
}

function secondsSince(start) {
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function peakResident() {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}

/** @param {Request} request @returns {Promise<Result>} */
async function measure(request) {
  if (request.task === 'parse') return { ...parseAlone(request), resident: peakResident() };
  const start = process.hrtime.bigint();
  const slices = await tasks[request.task](request);
  return { seconds: secondsSince(start), slices, resident: peakResident() };
}

measure(JSON.parse(process.argv[2])).then(
  (result) => process.stdout.write(JSON.stringify(result)),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);

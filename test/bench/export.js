'use strict';

/**
 * `npm run bench`: how fast and how small the native export is, against JSON.stringify, protobufjs
 * and its own C++ part, on the workload of workload.js, as it is and as events really come. Each
 * measurement runs in a process of its own, and the rivals take turns, so that a busy machine hits all
 * of them. Beside it what a TraceWriter costs (writer.js) and, if it can be built, the C++ encoder
 * against the SDK's typed setters.
 *
 * Options: --events N, --rounds N, --quick (fewer events, rounds and variants).
 * Exits with 0 whatever the figures are, and with 1 if an output is wrong.
 */
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { sdkInfo } = require('../../dist');
const { median, medianRatio } = require('./statistics');
const { table, figure, times } = require('./table');
const { askOnce, inTurns } = require('./turns');

const TITLES = {
  native: 'native export',
  cpp: 'its C++ part alone',
  json: 'JSON.stringify',
  protobufjs: 'protobufjs',
  protobufjsWriter: 'protobufjs, Writer by hand',
};
const RIVALS = Object.keys(TITLES);

/** `value` takes the figures of a run; `bound` is the least that is asked for, or the most with `isLimit`. */
const TARGETS = [
  { text: 'JSON.stringify / native, tidy', value: ({ gated }) => gated.tidy, bound: 8 },
  { text: 'JSON.stringify / native, eight shapes', value: ({ gated }) => gated.eightShapes, bound: 6 },
  { text: 'JSON.stringify / native, by stream', value: ({ gated }) => gated.byStream, bound: 6 },
  { text: 'JSON.stringify / native, cold', value: ({ cold }) => cold, bound: 5 },
  { text: 'protobufjs / native', value: ({ ratio }) => ratio('protobufjs'), bound: 5 },
  { text: 'native / C++ part', value: ({ ratio }) => 1 / ratio('cpp'), bound: 2, isLimit: true },
  { text: 'bytes per event', value: ({ size }) => size, bound: 80, isLimit: true },
  { text: 'TraceWriter, ns per slice', value: ({ writerTime }) => writerTime, bound: 120, isLimit: true },
  { text: 'bytes per slice in the order of time', value: ({ sortedSize }) => sortedSize, bound: 36, isLimit: true },
  { text: 'bytes per slice in any order', value: ({ mixedSize }) => mixedSize, bound: 45, isLimit: true },
  { text: 'C++ encoder / typed setters', value: ({ typedRatio }) => typedRatio, bound: 0.6, isLimit: true },
  { text: 'MB of memory for a long stream', value: ({ residentGrowth }) => residentGrowth, bound: 150, isLimit: true },
];

/**
 * The workloads that are gated, by name. Two more differ from the first in the place of one event only. They tell what
 * an encoder saves that encodes events while they come, as long as these are in the order of time: it does not begin
 * if the last event comes first, and has done it for nothing if the first event comes last.
 */
const GATED = {
  tidy: { title: 'tidy', workload: {} },
  lastFirst: { title: 'tidy, its last event first', workload: { lastFirst: true } },
  firstLast: { title: 'tidy, its first event last', workload: { firstLast: true } },
  eightShapes: { title: 'eight shapes', workload: { eightShapes: true } },
  byStream: { title: 'by stream', workload: { byStream: true } },
};

const LARGE = 1_000_000;
const VARIANTS = [
  { title: 'bigint epoch timestamps', workload: { bigintTime: true } },
  { title: 'objects shuffled in memory', workload: { shuffledMemory: true } },
  { title: 'all metadata unique', workload: { uniqueMetadata: true } },
  { title: 'no strings shared between events', workload: { ownStrings: true } },
  { title: `${figure(LARGE)} events`, workload: { events: LARGE }, isLarge: true },
];

/** @param {import('./writer').Request} request @returns {import('./writer').Result} */
function measureWriter(request) {
  const child = spawnSync(process.execPath, ['--expose-gc', path.join(__dirname, 'writer.js'), JSON.stringify(request)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`writer.js failed (${child.signal ?? `exit code ${child.status}`})`);
  return JSON.parse(child.stdout);
}

/** @param {string} text @param {string} name @param {number} least */
function count(text, name, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name}: expected an integer of at least ${least} but received ${text}`);
  }
  return value;
}

function options() {
  const { values } = parseArgs({
    options: { events: { type: 'string' }, rounds: { type: 'string' }, quick: { type: 'boolean' } },
  });
  const quick = values.quick ?? false;
  return {
    quick,
    events: count(values.events ?? (quick ? '20000' : '100000'), 'events', 1),
    rounds: count(values.rounds ?? (quick ? '5' : '15'), 'rounds', 1),
  };
}

function printMachine({ events, rounds }) {
  const cpus = os.cpus();
  const { version } = sdkInfo();
  console.log(`GPU workload: ${figure(events)} events, ${rounds} interleaved rounds after warm-up`);
  console.log(`Node ${process.version}, Perfetto SDK ${version}, ${process.platform} ${process.arch}`);
  const [load] = os.loadavg();
  console.log(`${cpus[0]?.model.trim() ?? 'unknown processor'}, ${cpus.length} cores, load ${load.toFixed(1)} at the start\n`);
}

/** Every rival on the workload itself. */
async function measureAll({ events, rounds }, wrong) {
  const workload = { events };
  const entries = Object.fromEntries(RIVALS.map((rival) => [rival, { rival, workload }]));
  const result = await inTurns({ entries, rounds });
  wrong.push(...result.wrong);
  const ratio = (name) => medianRatio(result.times[name], result.times.native);
  const rows = RIVALS.map((name) => [
    TITLES[name],
    figure(median(result.times[name])),
    figure(Math.min(...result.times[name])),
    times(ratio(name)),
    figure(result.sizes[name], 1),
  ]);
  if (events <= 100_000) {
    rows.push(['JSON indented by 2', '', '', '', figure(await askOnce('indentedSize', { workload }), 1)]);
  }
  console.log(table(['tidy', 'median ns per event', 'min', 'time, of native', 'bytes per event'], rows));
  return { ratio, size: result.sizes.native };
}

/**
 * The gated workloads, each against JSON.stringify of the same objects, in turns. One after the other: a process that
 * waits for ten others to have their turn is idle for seconds, in which V8 throws away what the next turn needs.
 * @returns by name: how many times longer JSON.stringify takes
 */
async function measureGated({ events, rounds }, wrong) {
  const gated = {};
  const rows = [];
  let tidy;
  for (const [name, { title, workload }] of Object.entries(GATED)) {
    const entryOf = (rival) => ({ rival, workload: { events, ...workload } });
    const result = await inTurns({ entries: { native: entryOf('native'), json: entryOf('json') }, rounds });
    wrong.push(...result.wrong);
    const { native, json } = result.times;
    gated[name] = medianRatio(json, native);
    tidy ??= native;
    rows.push([
      title,
      figure(median(native)),
      figure(Math.min(...native)),
      times(median(native) / median(tidy)),
      figure(median(json)),
      times(gated[name]),
      figure(result.sizes.native, 1),
    ]);
  }
  console.log('\nEvents as they really come');
  console.log(table(['', 'median ns per event', 'min', 'time, of tidy', 'JSON median', 'JSON / native', 'bytes per event'], rows));
  return gated;
}

/** First calls, each in a fresh process. @returns how many times longer JSON.stringify takes */
async function measureCold({ events, quick }) {
  const processes = quick ? 1 : 5;
  const rows = ['native', 'json'].map((name) => ({ name, found: [] }));
  for (let i = 0; i < processes; i++) {
    for (const { name, found } of rows) found.push(await askOnce('cold', { rival: name, workload: { events } }));
  }
  const base = median(rows[0].found);
  console.log(`\nCold: the first call of a process, its modules and the addon being loaded (${processes} processes)`);
  console.log(
    table(
      ['', 'median ns per event', 'min', 'time, of native'],
      rows.map(({ name, found }) => [
        TITLES[name],
        figure(median(found)),
        figure(Math.min(...found)),
        times(median(found) / base),
      ]),
    ),
  );
  return median(rows[1].found) / base;
}

async function measureVariants({ events, rounds, quick }, wrong) {
  const rows = [];
  for (const { title, workload, isLarge } of VARIANTS) {
    if (quick && isLarge) continue;
    const fewer = Math.max(3, Math.floor(rounds / (isLarge ? 5 : 3)));
    const entries = Object.fromEntries(['native', 'json'].map((rival) => [rival, { rival, workload: { events, ...workload } }]));
    const result = await inTurns({ entries, rounds: fewer });
    wrong.push(...result.wrong.map((text) => `${title}: ${text}`));
    const { native, json } = result.times;
    rows.push([
      title,
      figure(median(native)),
      figure(Math.min(...native)),
      figure(median(json)),
      times(medianRatio(json, native)),
      figure(result.sizes.native, 1),
    ]);
  }
  console.log('\nVariants of the workload');
  console.log(table(['', 'median ns per event', 'min', 'JSON median', 'JSON / native', 'bytes per event'], rows));
}

function printTargets(figures) {
  console.log('\nTargets');
  for (const { text, value, bound, isLimit } of TARGETS) {
    const found = value(figures);
    if (found === null) continue;
    const met = isLimit ? found <= bound : found >= bound;
    console.log(`${met ? 'PASS' : 'MISS'}  ${text} ${found.toFixed(2)}, asked for ${isLimit ? 'at most' : 'at least'} ${bound}`);
  }
}

/** Slices of the workload and spans through a TraceWriter, from opening to closing. */
function measureWriters({ events: count, rounds, quick }) {
  const slices = { calls: 'slices', count };
  const spans = { calls: 'spans', count: count - (count % 4) };
  const variants = [
    { title: 'slices in the order of time', task: { ...slices, order: 'time' } },
    { title: 'slices in the order of their ends', task: { ...slices, order: 'end' } },
    { title: 'slices in any order', task: { ...slices, order: 'any' } },
    { title: 'each name a string of its own', task: { ...slices, ownStrings: true } },
    { title: 'with category and two arguments', task: { ...slices, args: true } },
    { title: 'begin() and end()', task: { calls: 'pairs', count } },
    { title: 'span() in span(), boottime', task: spans },
    { title: 'span() in span(), monotonic', task: { ...spans, clock: 'monotonic' } },
    { title: 'span() in span(), realtime', task: { ...spans, clock: 'realtime' } },
  ];
  if (!quick) {
    const fewer = Math.max(3, Math.floor(rounds / 5));
    const large = { ...slices, count: LARGE };
    variants.push({ title: `${figure(LARGE)} in the order of time`, task: { ...large, order: 'time' }, fewer });
    variants.push({ title: `${figure(LARGE)} in any order`, task: { ...large, order: 'any' }, fewer });
  }
  const found = variants.map(({ title, task, fewer = rounds }) => ({ title, ...measureWriter({ rounds: fewer, task }) }));
  console.log('\nTraceWriter on a path, from open() to close()');
  console.log(
    table(
      ['', 'median ns per slice', 'min', 'bytes per slice', 'late slices'],
      found.map((one) => [
        one.title,
        figure(median(one.times)),
        figure(Math.min(...one.times)),
        figure(one.size, 1),
        figure(one.lateSlices),
      ]),
    ),
  );
  const many = quick ? LARGE : 20 * LARGE;
  const { residentGrowth, times: [time] } = measureWriter({ rounds: 1, generated: many });
  console.log(`\n${figure(many)} slices: resident memory at most ${figure(residentGrowth / 1e6)} MB above the start, ${figure(time)} ns per slice`);
  const [sorted, , mixed] = found;
  return { writerTime: median(sorted.times), sortedSize: sorted.size, mixedSize: mixed.size, residentGrowth: residentGrowth / 1e6 };
}

/** The C++ encoder against the SDK's typed setters without interning; null where it cannot be built. */
function measureCpp({ events, rounds }) {
  const folder = path.join(__dirname, '../../build');
  if (!existsSync(path.join(folder, 'CMakeCache.txt'))) {
    console.log('\nThe C++ benchmark is not there: run "npm run build:addon" first');
    return null;
  }
  execFileSync('cmake', ['--build', folder, '--target', 'encoder_bench', '--parallel', '2'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const output = execFileSync(path.join(folder, 'test/cpp/encoder_bench'), [String(events), String(rounds)], { encoding: 'utf8' });
  console.log(`\nC++: ${output.trimEnd()}`);
  return Number(/encoder \/ typed setters\s+([\d.]+)/.exec(output)?.[1]);
}

async function main() {
  const chosen = options();
  if (!sdkInfo().available) throw new Error(`There is nothing to measure without the addon: ${sdkInfo().reason}`);
  const wrong = [];
  printMachine(chosen);
  const figures = await measureAll(chosen, wrong);
  const gated = await measureGated(chosen, wrong);
  const cold = await measureCold(chosen);
  await measureVariants(chosen, wrong);
  printTargets({ ...figures, gated, cold, ...measureWriters(chosen), typedRatio: measureCpp(chosen) });
  for (const text of wrong) console.error(`WRONG  ${text}`);
  if (wrong.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

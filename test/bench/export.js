'use strict';

/**
 * `npm run bench`: how fast and how small the native export is, against JSON.stringify, protobufjs
 * and its own C++ part, on the workload of workload.js. Each measurement runs in a process of its
 * own, and the rivals take turns, so that a busy machine hits all of them. Beside it what a TraceWriter
 * costs (writer.js) and, where it can be built, the C++ encoder against the SDK's typed setters.
 *
 * Options: --events N, --rounds N, --quick (fewer events, rounds and variants).
 * Exits with 0 whatever the figures are, and with 1 where an output is wrong.
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

/** What the issues of the project ask for. `value` takes ratios to the native export, or its size. */
const TARGETS = [
  { text: 'JSON.stringify / native', value: ({ ratio }) => ratio('json'), part1: 6, part2: 8 },
  { text: 'protobufjs / native', value: ({ ratio }) => ratio('protobufjs'), part1: 4, part2: 5 },
  { text: 'native / C++ part', value: ({ ratio }) => 1 / ratio('cpp'), part2: 2, isLimit: true },
  { text: 'bytes an event', value: ({ size }) => size, part1: 82, part2: 80, isLimit: true },
  { text: 'TraceWriter, ns a slice', value: ({ writerTime }) => writerTime, part2: 120, isLimit: true },
  { text: 'bytes a slice in the order of time', value: ({ sortedSize }) => sortedSize, part2: 36, isLimit: true },
  { text: 'bytes a slice in any order', value: ({ mixedSize }) => mixedSize, part2: 45, isLimit: true },
  { text: 'C++ encoder / typed setters', value: ({ typedRatio }) => typedRatio, part2: 0.6, isLimit: true },
  { text: 'MB of memory for a long stream', value: ({ residentGrowth }) => residentGrowth, part2: 150, isLimit: true },
];

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
  console.log(`GPU workload: ${figure(events)} events, ${rounds} interleaved rounds after warm-up; ns and bytes are per event`);
  console.log(`Node ${process.version}, Perfetto SDK ${version}, ${process.platform} ${process.arch}`);
  const [load] = os.loadavg();
  console.log(`${cpus[0]?.model.trim() ?? 'unknown processor'}, ${cpus.length} cores, load ${load.toFixed(1)} at the start\n`);
}

/** Every rival on the workload itself. */
async function measureAll({ events, rounds }, wrong) {
  const workload = { events };
  const result = await inTurns({ rivals: RIVALS, rounds, workload });
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
  console.log(table(['', 'median ns', 'min ns', 'to native', 'bytes'], rows));
  return { ratio, size: result.sizes.native };
}

/** First calls, each in a fresh process. */
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
      ['', 'median ns', 'min ns', 'to native'],
      rows.map(({ name, found }) => [
        TITLES[name],
        figure(median(found)),
        figure(Math.min(...found)),
        times(median(found) / base),
      ]),
    ),
  );
}

async function measureVariants({ events, rounds, quick }, wrong) {
  const rows = [];
  for (const { title, workload, isLarge } of VARIANTS) {
    if (quick && isLarge) continue;
    const fewer = Math.max(3, Math.floor(rounds / (isLarge ? 5 : 3)));
    const result = await inTurns({ rivals: ['native', 'json'], rounds: fewer, workload: { events, ...workload } });
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
  console.log(table(['', 'median ns', 'min ns', 'JSON median ns', 'JSON to native', 'bytes'], rows));
}

function printTargets(figures) {
  console.log('\nTargets');
  for (const { text, value, isLimit, ...parts } of TARGETS) {
    const found = value(figures);
    if (found === null) continue;
    for (const [part, bound] of Object.entries(parts)) {
      const met = isLimit ? found <= bound : found >= bound;
      const asked = `asked for ${isLimit ? 'at most' : 'at least'} ${bound}`;
      console.log(`${met ? 'PASS' : 'MISS'}  ${part.replace('part', 'part ')}: ${text} ${found.toFixed(2)}, ${asked}`);
    }
  }
}

/** Slices of the workload without arguments through a TraceWriter, from opening to closing, and more. */
function measureWriters({ events, rounds, quick }) {
  const variants = [
    { title: 'in the order of time', request: { slices: events, rounds, order: 'time' } },
    { title: 'in the order of their ends', request: { slices: events, rounds, order: 'end' } },
    { title: 'in any order', request: { slices: events, rounds, order: 'any' } },
    { title: 'each name a string of its own', request: { slices: events, rounds, order: 'time', ownStrings: true } },
    { title: 'with category and two arguments', request: { slices: events, rounds, order: 'time', args: true } },
  ];
  if (!quick) {
    const large = { slices: LARGE, rounds: Math.max(3, Math.floor(rounds / 5)) };
    variants.push({ title: `${figure(LARGE)} in the order of time`, request: { ...large, order: 'time' } });
    variants.push({ title: `${figure(LARGE)} in any order`, request: { ...large, order: 'any' } });
  }
  const found = variants.map(({ title, request }) => ({ title, ...measureWriter(request) }));
  console.log('\nTraceWriter on a path, from open() to close(); ns and bytes are per slice');
  console.log(
    table(
      ['slices without arguments', 'median ns', 'min ns', 'bytes', 'late'],
      found.map((one) => [
        one.title,
        figure(median(one.times)),
        figure(Math.min(...one.times)),
        figure(one.size, 1),
        figure(one.lateSlices),
      ]),
    ),
  );
  const count = quick ? LARGE : 20 * LARGE;
  const { residentGrowth, times: [time] } = measureWriter({ slices: count, rounds: 1, generated: true });
  console.log(`\n${figure(count)} slices: resident memory at most ${figure(residentGrowth / 1e6)} MB above the start, ${figure(time)} ns a slice`);
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
  await measureCold(chosen);
  await measureVariants(chosen, wrong);
  printTargets({ ...figures, ...measureWriters(chosen), typedRatio: measureCpp(chosen) });
  for (const text of wrong) console.error(`WRONG  ${text}`);
  if (wrong.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

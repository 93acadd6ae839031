'use strict';

/**
 * `npm run bench`: how fast and how small the native export is, against JSON.stringify, protobufjs
 * and its own C++ part, on the workload of workload.js. Each measurement runs in a process of its
 * own (measure.js), and within one the rivals take turns, so that a busy machine hits all of them.
 *
 * Options: --events N, --rounds N, --quick (fewer events, rounds and variants).
 * Exits with 0 whatever the figures are, and with 1 where an output is wrong.
 */
const { spawnSync } = require('node:child_process');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { sdkInfo } = require('../../dist');
const { median, medianRatio } = require('./statistics');
const { table, figure, times } = require('./table');

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
];

const LARGE = 1_000_000;
const VARIANTS = [
  { title: 'bigint epoch timestamps', workload: { bigintTime: true } },
  { title: 'objects shuffled in memory', workload: { shuffledMemory: true } },
  { title: 'all metadata unique', workload: { uniqueMetadata: true } },
  { title: 'no strings shared between events', workload: { ownStrings: true } },
  { title: `${figure(LARGE)} events`, workload: { events: LARGE }, isLarge: true },
];

/** @param {import('./measure').Request} request @returns {import('./measure').Result} */
function measure(request) {
  // A million events and their trace as JSON objects need more than the default heap.
  const flags = ['--expose-gc', '--max-old-space-size=8192'];
  const child = spawnSync(process.execPath, [...flags, path.join(__dirname, 'measure.js'), JSON.stringify(request)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  });
  if (child.status !== 0) throw new Error(`measure.js failed (${child.signal ?? `exit code ${child.status}`})`);
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
function measureAll({ events, rounds }, wrong) {
  const result = measure({ rivals: RIVALS, rounds, workload: { events }, indented: events <= 100_000 });
  wrong.push(...result.wrong);
  const ratio = (name) => medianRatio(result.times[name], result.times.native);
  const rows = RIVALS.map((name) => [
    TITLES[name],
    figure(median(result.times[name])),
    figure(Math.min(...result.times[name])),
    times(ratio(name)),
    figure(result.sizes[name], 1),
  ]);
  if (result.indentedSize !== undefined) rows.push(['JSON indented by 2', '', '', '', figure(result.indentedSize, 1)]);
  console.log(table(['', 'median ns', 'min ns', 'to native', 'bytes'], rows));
  return { ratio, size: result.sizes.native };
}

/** First calls, each in a fresh process. */
function measureCold({ events, quick }) {
  const processes = quick ? 1 : 5;
  const rows = ['native', 'json'].map((name) => {
    const request = { rivals: [name], rounds: 0, workload: { events } };
    return { name, found: Array.from({ length: processes }, () => measure(request).times[name][0]) };
  });
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

function measureVariants({ events, rounds, quick }, wrong) {
  const rows = [];
  for (const { title, workload, isLarge } of VARIANTS) {
    if (quick && isLarge) continue;
    const fewer = Math.max(3, Math.floor(rounds / (isLarge ? 5 : 3)));
    const result = measure({ rivals: ['native', 'json'], rounds: fewer, workload: { events, ...workload } });
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
    for (const [part, bound] of Object.entries(parts)) {
      const met = isLimit ? found <= bound : found >= bound;
      const asked = `asked for ${isLimit ? 'at most' : 'at least'} ${bound}`;
      console.log(`${met ? 'PASS' : 'MISS'}  ${part.replace('part', 'part ')}: ${text} ${found.toFixed(2)}, ${asked}`);
    }
  }
}

function main() {
  const chosen = options();
  if (!sdkInfo().available) throw new Error(`There is nothing to measure without the addon: ${sdkInfo().reason}`);
  const wrong = [];
  printMachine(chosen);
  const figures = measureAll(chosen, wrong);
  measureCold(chosen);
  measureVariants(chosen, wrong);
  printTargets(figures);
  for (const text of wrong) console.error(`WRONG  ${text}`);
  if (wrong.length > 0) process.exitCode = 1;
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

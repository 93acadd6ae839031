'use strict';

/**
 * `npm run bench:convert`: how fast a Chrome JSON trace becomes a native one, against what a program does without a
 * converter, JSON.parse alone, and trace_processor loading the JSON itself. The inputs are a trace like Kineto's
 * (kineto-file.js) and, where TRACE_DATA names a folder of traces, the largest of them again and again. Each
 * measurement runs in a process of its own, in turns, so that a busy machine hits all of them.
 *
 * TRACE_PROCESSOR names trace_processor_shell, and LOOK a program that opens a trace in Perfetto's UI (loading.js);
 * without them loading is not measured there.
 * Options: --size MB of JSON (200), --rounds N (3), --large (another input of 2 GB, for the memory).
 * Exits with 0 whatever the figures are, and with 1 where an output is wrong.
 */
const { spawnSync } = require('node:child_process');
const { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Writable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { parseArgs } = require('node:util');
const { createGzip, gunzipSync } = require('node:zlib');
const { sdkInfo } = require('../../dist');
const { writeKinetoFile, writeRepeated } = require('./kineto-file');
const { loadInProcessor, loadInUi } = require('./loading');
const { median, medianRatio } = require('./statistics');
const { table, figure, times } = require('./table');

const MB = 1e6;
const LARGE_SIZE = 2_000 * MB;
/** A string of V8 ends below 512 MiB: what parses needs the whole text. */
const LARGEST_TEXT = 500 * MB;
const TRACE_PROCESSOR = process.env.TRACE_PROCESSOR ?? '';
const TRACE_DATA = process.env.TRACE_DATA ?? '';
const LOOK = process.env.LOOK ?? '';

/** What is converted with which arguments; all that it needs to be measured is here and in TARGETS. */
const CONVERSIONS = { convert: 'all', convertLean: 'lean', convertNone: 'none' };
const TITLES = {
  convert: 'convertTrace',
  convertLean: 'convertTrace, --args lean',
  convertNone: 'convertTrace, --args none',
  exporter: 'JSON.parse and TraceWriter',
  parse: 'JSON.parse alone',
  ...loadTitles('Processor', 'trace_processor'),
  ...loadTitles('Ui', 'the UI'),
};

function loadTitles(where, title) {
  return {
    [`json${where}`]: `${title}, the JSON`,
    [`convert${where}`]: `${title}, our output`,
    [`convertLean${where}`]: `${title}, --args lean`,
    [`convertNone${where}`]: `${title}, --args none`,
  };
}

/** What is asked for. `value` takes the figures of an input. */
const TARGETS = [
  { text: 'MB of JSON a second', bound: 300, value: ({ speed }) => speed('convert') },
  { text: 'times as fast as JSON.parse alone', bound: 3, value: ({ ratio }) => ratio('parse', 'convert') },
  { text: 'MB of memory at most', bound: 200, isLimit: true, value: ({ resident }) => resident('convert') / MB },
  loading('trace_processor, all: time', 0.75, ({ ratio }) => ratio('convertProcessor', 'jsonProcessor')),
  loading('trace_processor, all: memory', 0.6, ({ memoryRatio }) => memoryRatio('convertProcessor')),
  loading('trace_processor, lean: time', 0.8, ({ ratio }) => ratio('convertLeanProcessor', 'jsonProcessor')),
  loading('trace_processor, lean: memory', 0.4, ({ memoryRatio }) => memoryRatio('convertLeanProcessor')),
  loading('trace_processor, none: time', 0.55, ({ ratio }) => ratio('convertNoneProcessor', 'jsonProcessor')),
  loading('UI, all: time', 0.85, ({ ratio }) => ratio('convertUi', 'jsonUi')),
  loading('UI, lean: time', 0.75, ({ ratio }) => ratio('convertLeanUi', 'jsonUi')),
  loading('UI, none: time', 0.55, ({ ratio }) => ratio('convertNoneUi', 'jsonUi')),
  { text: 'time to convert and load, of that of the JSON', bound: 1, isLimit: true, value: ({ bothRatio }) => bothRatio() },
];
/** Memory for the large input, of that for the other. */
const MEMORY_GROWTH = 1.1;

function loading(what, bound, value) {
  return { text: `loading in ${what}, of that of the JSON`, bound, isLimit: true, value };
}

function number(text, name, least) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name}: expected an integer of at least ${least} but received ${text}`);
  }
  return value;
}

function options() {
  const { values } = parseArgs({
    options: { size: { type: 'string' }, rounds: { type: 'string' }, large: { type: 'boolean' } },
  });
  return {
    size: number(values.size ?? '200', 'size', 1) * MB,
    rounds: number(values.rounds ?? '3', 'rounds', 1),
    large: values.large ?? false,
  };
}

/** The largest trace of TRACE_DATA, as text. */
function largestTrace() {
  if (TRACE_DATA === '') return undefined;
  const texts = readdirSync(TRACE_DATA)
    .filter((file) => file.endsWith('.json.gz'))
    .map((file) => ({ file, text: gunzipSync(readFileSync(path.join(TRACE_DATA, file))).toString() }));
  return texts.sort((a, b) => b.text.length - a.text.length)[0];
}

/** @returns {{ seconds: number, resident: number, slices: number }} */
function runContestant(task, input, output) {
  // The parsed events of 200 MB need more than the default heap; the converter does without.
  const flags = task in CONVERSIONS ? [] : ['--max-old-space-size=8192'];
  const request = JSON.stringify({ task: task in CONVERSIONS ? 'convert' : task, input, output, args: CONVERSIONS[task] });
  const child = spawnSync(process.execPath, [...flags, path.join(__dirname, 'convert-contestant.js'), request], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`${TITLES[task]} failed (${child.signal ?? `exit code ${child.status}`})`);
  return JSON.parse(child.stdout);
}

/** Loads a trace wherever it can be loaded here. */
async function load(name, trace, note) {
  if (TRACE_PROCESSOR !== '') {
    const { seconds, resident } = await loadInProcessor(TRACE_PROCESSOR, trace);
    note(`${name}Processor`, seconds, resident);
  }
  if (LOOK !== '') note(`${name}Ui`, loadInUi(LOOK, trace));
}

async function gzippedSize(file) {
  let size = 0;
  const count = new Writable({
    write(chunk, _encoding, done) {
      size += chunk.length;
      done();
    },
  });
  await pipeline(createReadStream(file), createGzip({ level: 6 }), count);
  return size;
}

/** Measures all that there is for an input, in turns. */
async function measureInput({ title, input, bytes, slices }, { rounds, folder }, wrong) {
  const output = path.join(folder, 'output.perfetto-trace');
  const tasks = [...Object.keys(CONVERSIONS), ...(bytes < LARGEST_TEXT ? ['exporter', 'parse'] : [])];
  const found = { seconds: {}, resident: {} };
  const note = (name, seconds, resident = 0) => {
    (found.seconds[name] ??= []).push(seconds);
    found.resident[name] = Math.max(found.resident[name] ?? 0, resident);
  };
  const sizes = {};
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) {
      const result = runContestant(task, input, output);
      note(task, result.seconds, result.resident);
      if (slices !== undefined && result.slices !== slices) {
        wrong.push(`${title}: ${TITLES[task]} has ${result.slices} of ${slices} slices`);
      }
      if (task in CONVERSIONS) await load(task, output, note);
      if (task !== 'parse') sizes[task] ??= { plain: statSync(output).size, gzipped: await gzippedSize(output) };
      rmSync(output, { force: true });
    }
    await load('json', input, note);
  }
  return { bytes, sizes, ...found };
}

function figuresOf({ bytes, seconds, resident }) {
  const ratio = (name, base) => (seconds[name] && seconds[base] ? medianRatio(seconds[name], seconds[base]) : null);
  return {
    ratio,
    speed: (name) => bytes / MB / median(seconds[name]),
    resident: (name) => resident[name],
    memoryRatio: (name) => (resident[name] > 0 ? resident[name] / resident.jsonProcessor : null),
    bothRatio: () =>
      seconds.convertProcessor
        ? medianRatio(seconds.convert.map((time, round) => time + seconds.convertProcessor[round]), seconds.jsonProcessor)
        : null,
  };
}

async function printInput({ title, input }, measured) {
  const { bytes, seconds, resident, sizes } = measured;
  const { ratio, speed } = figuresOf(measured);
  const jsonGzipped = await gzippedSize(input);
  console.log(`\n${title}: ${figure(bytes / MB, 1)} MB, ${figure(jsonGzipped / MB, 1)} MB gzipped`);
  const rows = Object.keys(TITLES).filter((name) => name in seconds).map((name) => [
    TITLES[name],
    figure(median(seconds[name]), 2),
    figure(Math.min(...seconds[name]), 2),
    figure(speed(name)),
    times(ratio(name, 'convert')),
    resident[name] > 0 ? figure(resident[name] / MB) : '',
    sizes[name] ? figure(sizes[name].plain / MB, 1) : '',
    sizes[name] ? figure(sizes[name].gzipped / MB, 1) : '',
  ]);
  console.log(table(['', 'median s', 'min s', 'MB of JSON/s', 'to convert', 'memory MB', 'output MB', 'gzipped'], rows));
}

function printTargets(title, figures) {
  for (const { text, bound, isLimit, value } of TARGETS) {
    const found = value(figures);
    if (found !== null) printTarget(`${title}: ${text}`, found, bound, isLimit);
  }
}

function printTarget(text, found, bound, isLimit) {
  const met = isLimit ? found <= bound : found >= bound;
  console.log(`${met ? 'PASS' : 'MISS'}  ${text} ${found.toFixed(2)}, asked for ${isLimit ? 'at most' : 'at least'} ${bound}`);
}

async function main() {
  const { size, rounds, large } = options();
  if (!sdkInfo().available) throw new Error(`There is nothing to measure without the addon: ${sdkInfo().reason}`);
  const [load1] = os.loadavg();
  console.log(`Chrome JSON to a native trace, ${rounds} rounds in turns; Node ${process.version}, ${process.platform} ${process.arch}`);
  console.log(`${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.cpus().length} cores, load ${load1.toFixed(1)} at the start`);
  if (TRACE_PROCESSOR === '') console.log('trace_processor is not measured: set TRACE_PROCESSOR to the path of trace_processor_shell');
  if (LOOK === '') console.log("Perfetto's UI is not measured: set LOOK to the path of a program that opens a trace in it");

  const folder = mkdtempSync(path.join(os.tmpdir(), 'tracesmith-bench-'));
  const wrong = [];
  try {
    const makers = [{ title: 'like Kineto', make: (input) => writeKinetoFile(input, size) }];
    const real = largestTrace();
    if (real) makers.push({ title: `${real.file}, repeated`, make: (input) => writeRepeated(real.text, input, size) });
    const all = [];
    for (const { title, make } of makers) {
      const input = path.join(folder, 'input.json');
      const one = { title, input, ...make(input) };
      const measured = await measureInput(one, { rounds, folder }, wrong);
      await printInput(one, measured);
      all.push({ title, figures: figuresOf(measured) });
      rmSync(input);
    }
    console.log('\nTargets');
    for (const { title, figures } of all) printTargets(title, figures);
    if (large) measureLarge(folder, all[0].figures, wrong);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const text of wrong) console.error(`WRONG  ${text}`);
  if (wrong.length > 0) process.exitCode = 1;
}

/** The memory must not grow with the input. */
function measureLarge(folder, { resident }, wrong) {
  const input = path.join(folder, 'large.json');
  const output = path.join(folder, 'output.perfetto-trace');
  const { bytes, slices } = writeKinetoFile(input, LARGE_SIZE);
  const result = runContestant('convert', input, output);
  if (result.slices !== slices) wrong.push(`large: ${result.slices} of ${slices} slices`);
  const title = `${figure(bytes / MB)} MB like Kineto`;
  printTarget(`${title}: MB of JSON a second`, bytes / MB / result.seconds, 300, false);
  printTarget(`${title}: MB of memory at most`, result.resident / MB, 200, true);
  printTarget(`${title}: memory, of that for the smaller one,`, result.resident / resident('convert'), MEMORY_GROWTH, true);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

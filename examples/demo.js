'use strict';

/**
 * `npm run demo`: a small Node program writes its own trace while Node records it, the recording is converted,
 * and a GPU trace with every type of event is exported. All files go to demo-output/.
 */
const { execFileSync } = require('node:child_process');
const { mkdirSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');
const { convertTrace, isSDKAvailable, PerfettoProtoExporter, sdkInfo } = require('..');
const { counters, deviceNames, events } = require('./every-event');

const OUTPUT = join(__dirname, '..', 'demo-output');
const CLI = join(__dirname, '..', 'dist', 'cli', 'main.js');
// Without node.async_hooks, which adds a track for each promise.
const CATEGORIES = ['v8', 'node.bootstrap', 'node.environment', 'node.fs.sync', 'node.fs.async', 'node.perf', 'node.threadpoolwork.async'];

const inOutput = (name) => join(OUTPUT, name);
const shown = (file) => relative(process.cwd(), file);
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** Runs the workload in a process of its own: it writes `live` itself, and Node writes `recording`. */
function runWorkload(live, recording) {
  const options = ['--trace-event-categories', CATEGORIES.join(','), '--trace-event-file-pattern', recording];
  const args = [...options, join(__dirname, 'node-workload.js'), live];
  return JSON.parse(execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }));
}

function describe({ path, bytes, fallback, slices, instants, flows, counters: samples, lanes }) {
  const format = fallback ? 'Chrome JSON, since the addon is missing' : 'native Perfetto trace';
  // A TraceWriter does not count arrows.
  const arrows = flows === undefined ? '' : `${flows} arrows, `;
  return [
    `  ${shown(path)}: ${kilobytes(bytes)}, ${format}`,
    `    ${slices} slices, ${instants} instants, ${arrows}${samples} counter samples, lanes for overlaps: ${lanes}`,
  ].join('\n');
}

async function main() {
  mkdirSync(OUTPUT, { recursive: true });
  if (isSDKAvailable()) console.log(`Perfetto SDK ${sdkInfo().version}.\n`);
  else console.log(`Without the Perfetto SDK: ${sdkInfo().reason}.\nChrome JSON is written instead; node ${shown(CLI)} doctor says what to do.\n`);

  console.log('1. A small Node program writes its spans with TraceWriter while it runs');
  const live = inOutput('node-live.perfetto-trace');
  const recording = inOutput('node.json');
  console.log(describe(runWorkload(live, recording)));

  console.log('\n2. The same run as Node itself records it (--trace-event-categories), converted');
  console.log(`  ${shown(recording)}: ${kilobytes(statSync(recording).size)}, Chrome JSON`);
  console.log(describe(await convertTrace(recording, inOutput('node.perfetto-trace'))));

  console.log('\n3. A made-up GPU training step: every type of event, counters, arrows, overlaps, a call stack');
  const exporter = new PerfettoProtoExporter();
  const gpu = inOutput('gpu.perfetto-trace');
  console.log(describe(await exporter.exportToFile(events, gpu, { counters, deviceNames, processName: 'Training' })));

  console.log(`
To look at them, open https://ui.perfetto.dev and drag a .perfetto-trace file into the window (nothing is
uploaded), or run: node ${shown(CLI)} info ${shown(live)}`);
}

main().catch((error) => {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
});

'use strict';

/**
 * `npm run demo`: records a trace of Node itself and converts it, and exports a GPU trace with every
 * type of event. Writes to demo-output/.
 */
const { execFileSync } = require('node:child_process');
const { mkdirSync, statSync } = require('node:fs');
const { join, relative } = require('node:path');
const { convertTrace, isSDKAvailable, PerfettoProtoExporter, sdkInfo } = require('..');
const { counters, deviceNames, events } = require('./every-event');

const OUTPUT = join(__dirname, '..', 'demo-output');
// Without node.async_hooks, which adds a track for each promise.
const CATEGORIES = ['v8', 'node.bootstrap', 'node.environment', 'node.fs.sync', 'node.fs.async', 'node.perf', 'node.threadpoolwork.async'];

const inOutput = (name) => join(OUTPUT, name);
const shown = (file) => relative(process.cwd(), file);
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** Runs the workload in a process of its own, which writes Chrome JSON. */
function recordNode(file) {
  const options = ['--trace-event-categories', CATEGORIES.join(','), '--trace-event-file-pattern', file];
  execFileSync(process.execPath, [...options, join(__dirname, 'node-workload.js')], { stdio: 'inherit' });
}

function describe({ path, bytes, fallback, slices, instants, flows, counters: samples, lanes }) {
  const format = fallback ? 'Chrome JSON, since the addon is missing' : 'native Perfetto trace';
  return [
    `  ${shown(path)}: ${kilobytes(bytes)}, ${format}`,
    `    ${slices} slices, ${instants} instants, ${flows} arrows, ${samples} counter samples, lanes for overlaps: ${lanes}`,
  ].join('\n');
}

async function main() {
  mkdirSync(OUTPUT, { recursive: true });
  if (isSDKAvailable()) console.log(`Perfetto SDK ${sdkInfo().version}.\n`);
  else console.log(`Without the Perfetto SDK: ${sdkInfo().reason}.\nChrome JSON is written instead; npx tracesmith-perfetto doctor says what to do.\n`);

  console.log('1. Node itself: files, compression, timers and garbage collection of a small program');
  const recording = inOutput('node.json');
  recordNode(recording);
  console.log(`  ${shown(recording)}: ${kilobytes(statSync(recording).size)}, Chrome JSON as Node records it`);
  console.log(describe(await convertTrace(recording, inOutput('node.perfetto-trace'))));

  console.log('\n2. A GPU training step: every type of event, counters, arrows, overlaps, a call stack');
  const exporter = new PerfettoProtoExporter();
  const gpu = inOutput('gpu.perfetto-trace');
  console.log(describe(await exporter.exportToFile(events, gpu, { counters, deviceNames, processName: 'Training' })));

  console.log(`
How to look at them: open https://ui.perfetto.dev and drag one of the .perfetto-trace files into the
window (nothing is uploaded), or: npx tracesmith-perfetto info ${shown(gpu)}`);
}

main().catch((error) => {
  console.error(`${error.code ?? error.name}: ${error.message}`);
  process.exitCode = 1;
});

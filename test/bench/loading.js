'use strict';

/**
 * What it takes to load a trace where users load it: in trace_processor, and in Perfetto's UI.
 */
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const { readFileSync } = require('node:fs');

/** The peak is read again and again while the process lives; it never falls, so the last answer is near the end. */
const PEAK_EVERY_MS = 5;

function peakResident(pid) {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(kilobytes) * 1024;
  } catch {
    // Not Linux, or the process has just ended.
    return 0;
  }
}

/**
 * Starts trace_processor, loads a trace and leaves.
 * @param {string} processor path of trace_processor_shell
 * @param {string} trace
 * @returns {Promise<{ seconds: number, resident: number }>} bytes that it held at most; 0 where the system does not tell
 */
async function loadInProcessor(processor, trace) {
  const start = process.hrtime.bigint();
  const child = spawn(processor, ['query', trace, 'select 1'], { stdio: 'ignore' });
  let resident = 0;
  const watch = setInterval(() => (resident = Math.max(resident, peakResident(child.pid))), PEAK_EVERY_MS);
  try {
    const [code] = await once(child, 'exit');
    if (code !== 0) throw new Error(`trace_processor ended with ${code} for ${trace}`);
  } finally {
    clearInterval(watch);
  }
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, resident };
}

/**
 * Opens a trace in Perfetto's UI, in a browser that nobody sees.
 * @param {string} look path of a program that opens a trace and prints a line of JSON with `loaded` and `ms`
 * @param {string} trace
 * @returns {number} seconds from choosing the file to the timeline
 */
function loadInUi(look, trace) {
  const { loaded, ms } = JSON.parse(execFileSync(process.execPath, [look, trace, '--json'], { encoding: 'utf8' }));
  if (!loaded) throw new Error(`The UI did not load ${trace}`);
  return ms / 1000;
}

module.exports = { loadInProcessor, loadInUi };

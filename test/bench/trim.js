'use strict';

/**
 * `npm run bench:trim`: how fast `trim` cuts a native trace of a gigabyte, and how much memory it takes. The input is a
 * trace like Kineto's (kineto-file.js), converted. Each measurement runs in a process of its own, in turns.
 *
 * Options: --size MB of the native trace (1000), --rounds N (3). Exits with 0 whatever the figures are, and with 1 where
 * trim fails.
 */
const { spawnSync } = require('node:child_process');
const { mkdtempSync, rmSync, statSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { convertTrace, sdkInfo } = require('../../dist');
const { writeKinetoFile } = require('./kineto-file');
const { median } = require('./statistics');
const { table, figure } = require('./table');

const MB = 1e6;
/** Of JSON, for a MB of native trace. */
const JSON_SHARE = 3.8;

/** What is asked of trimTrace, by title. */
const TASKS = {
  '--from 1s --to 2s': { from: 1e9, to: 2e9 },
  '--steps 20..22': { steps: [[20, 22]] },
  '--category kernel': { categories: ['kernel'] },
  '--min-duration 10us': { minDuration: 10_000 },
  '--args lean': { args: 'lean' },
};

const PROGRAM = `
const { trimTrace } = require(process.argv[1]);
const { input, output, options } = JSON.parse(process.argv[2]);
const start = process.hrtime.bigint();
trimTrace(input, output, options).then(({ bytes }) => {
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  console.log(JSON.stringify({ seconds, bytes, resident: process.resourceUsage().maxRSS * 1024 }));
});`;

function measure(input, output, options) {
  const request = JSON.stringify({ input, output, options });
  const child = spawnSync(process.execPath, ['-e', PROGRAM, path.resolve(__dirname, '../../dist'), request], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

async function main() {
  const { values } = parseArgs({ options: { size: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } } });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-trim-'));
  try {
    const json = path.join(folder, 'input.json');
    const input = path.join(folder, 'input.perfetto-trace');
    writeKinetoFile(json, Number(values.size) * MB * JSON_SHARE);
    const { slices } = await convertTrace(json, input, { fallback: 'error' });
    rmSync(json);
    const { size } = statSync(input);
    console.log(`Node.js ${process.versions.node}, ${sdkInfo().version}, ${os.cpus().length} processors`);
    console.log(`${figure(size / MB)} MB with ${figure(slices)} slices\n`);
    const found = Object.fromEntries(Object.keys(TASKS).map((title) => [title, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [title, options] of Object.entries(TASKS)) found[title].push(measure(input, path.join(folder, 'output.perfetto-trace'), options));
    }
    const rows = Object.entries(found).map(([title, results]) => [
      title,
      figure(size / MB / median(results.map(({ seconds }) => seconds))),
      figure(Math.max(...results.map(({ resident }) => resident)) / MB),
      figure(results[0].bytes / MB),
    ]);
    console.log(table(['trim', 'MB a second', 'MB of memory', 'MB written'], rows));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

'use strict';

/**
 * `npm run bench:against FOLDER`: this state of the project against another one, which is built in FOLDER, in one run.
 * Each measurement runs in two processes, one for each state, which take turns. Of both only the public API is used.
 * A ratio is the median of the rounds' ratios. The CPU ratio is that of the processor time of all threads together: other
 * work of the machine disturbs it less, and it does not show that threads run at the same time.
 *
 * Options: --rounds N (15), --only NAME (may repeat; a part of a name is enough).
 * Exits with 0 whatever the figures are, and with 1 where a measurement fails.
 */
const { existsSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { median, medianRatio } = require('./statistics');
const { table, figure } = require('./table');
const { Contestant, takeTurns } = require('./turns');

const MILLION = 1_000_000;
const SPANS = 200_000;

/**
 * `limit` is what this state may take, of the time of the other one; without it the ratio is only told. Both states
 * are measured with noise: where it is as large as what is asked for, `noise` is allowed beside the limit.
 */
const MEASUREMENTS = [
  { name: 'export-tidy', maker: 'export', options: {}, limit: 1.15 },
  { name: 'export-eight-shapes', maker: 'export', options: { eightShapes: true } },
  { name: 'export-by-stream', maker: 'export', options: { byStream: true } },
  { name: 'writer-in-order', maker: 'writer', options: { calls: 'slices', count: MILLION, order: 'time' }, limit: 1.25 },
  { name: 'writer-order-of-ends', maker: 'writer', options: { calls: 'slices', count: MILLION, order: 'end' }, limit: 1.1 },
  { name: 'writer-begin-end', maker: 'writer', options: { calls: 'pairs', count: MILLION }, limit: 1.1 },
  { name: 'writer-span-boottime', maker: 'writer', options: { calls: 'spans', count: SPANS }, limit: 0.5 },
  { name: 'writer-span-monotonic', maker: 'writer', options: { calls: 'spans', count: SPANS, clock: 'monotonic' }, limit: 0.5 },
  { name: 'writer-span-realtime', maker: 'writer', options: { calls: 'spans', count: SPANS, clock: 'realtime' }, limit: 0.6 },
  { name: 'convert', maker: 'convert', options: { bytes: 20 * MILLION }, limit: 1, noise: 0.05 },
];

function options() {
  const { values, positionals } = parseArgs({
    options: { rounds: { type: 'string' }, only: { type: 'string', multiple: true } },
    allowPositionals: true,
  });
  const [other] = positionals;
  if (positionals.length !== 1) throw new Error('Expected the folder of the other state: npm run bench:against FOLDER');
  if (!existsSync(path.join(other, 'dist'))) throw new Error(`There is no dist in ${other}: is it built?`);
  const rounds = Number(values.rounds ?? '15');
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds: expected an integer of at least 1 but received ${values.rounds}`);
  }
  const chosen = MEASUREMENTS.filter(({ name }) => values.only === undefined || values.only.some((part) => name.includes(part)));
  if (chosen.length === 0) {
    throw new Error(`--only: expected one of ${MEASUREMENTS.map(({ name }) => name).join(', ')} but received ${values.only}`);
  }
  return { other: path.resolve(other), rounds, chosen };
}

/** @returns the answers of each round: of this state, and of the other */
async function measure({ maker, options: of }, other, rounds) {
  const contestants = [];
  try {
    for (const state of [path.join(__dirname, '../..'), other]) {
      const contestant = new Contestant('against-contestant.js');
      contestants.push(contestant);
      await contestant.ask('start', { state, maker, options: of });
    }
    return await takeTurns(contestants, rounds);
  } finally {
    for (const contestant of contestants) contestant.end();
  }
}

function verdict(ratio, { limit, noise = 0 }) {
  if (limit === undefined) return '';
  return `${ratio <= limit + noise ? 'PASS' : 'MISS'}, at most ${figure(limit, 2)}${noise ? ` and ${noise * 100} % of noise` : ''}`;
}

async function main() {
  const { other, rounds, chosen } = options();
  const [load] = os.loadavg();
  console.log(`This state against ${other}: ${rounds} rounds in turns after the warm-up, ns per event or slice`);
  console.log(`Node ${process.version}, ${process.platform} ${process.arch}`);
  console.log(`${os.cpus()[0]?.model.trim() ?? 'unknown processor'}, ${os.cpus().length} cores, load ${load.toFixed(1)} at the start\n`);
  const rows = [];
  for (const measurement of chosen) {
    const [own, others] = await measure(measurement, other, rounds);
    const [times, cpus] = ['time', 'cpu'].map((kind) => [own, others].map((answers) => answers.map((answer) => answer[kind])));
    const ratio = medianRatio(...times);
    rows.push([
      measurement.name,
      figure(median(times[0])),
      figure(median(times[1])),
      figure(ratio, 2),
      figure(medianRatio(...cpus), 2),
      verdict(ratio, measurement),
    ]);
    if (process.stderr.isTTY) process.stderr.write(`${measurement.name}: ${figure(ratio, 2)}\n`);
  }
  console.log(table(['measurement', 'this, median ns', 'other, median ns', 'ratio', 'CPU ratio', 'verdict'], rows));
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});

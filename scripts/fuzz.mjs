#!/usr/bin/env node
// Fuzzes the C++ with libFuzzer, under AddressSanitizer and UndefinedBehaviorSanitizer: `npm run fuzz`.
//
//   --seconds N         how long each target runs, 60 unless told
//   --jobs N            how many targets run at a time; as many as there are cores unless told
//   --target NAME       only this one; may be repeated
//   --outputFile FILE   the count of targets without a crash, as `jest --json` has it
//
// What crashed a target, hung or leaked lies in build/fuzz/NAME/crash-*, and `build/sanitized/build/test/fuzz/fuzz_NAME
// FILE` shows it again. What was found interesting stays in build/fuzz/NAME/corpus for the next time.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { lacksClang } from './checks/clang.mjs';
import { build, configureAsan, sanitizedFolder, sanitizerEnvironment } from './checks/cpp-build.mjs';
import { writeSeeds } from './checks/fuzz-seeds.mjs';
import { run, withTemporaryFolder } from './lib/processes.mjs';
import { display, inRoot } from './lib/project.mjs';
import { Results } from './checks/results.mjs';

const TARGETS = ['conversion', 'batches', 'event_text', 'input_file', 'profile'];
/** An input that takes longer is reported as one that hangs: they take milliseconds, but machines can be busy. */
const HANGS_AFTER = 30;
const LARGEST_INPUT = 8192;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    jobs: { type: 'string', default: String(os.availableParallelism()) },
    target: { type: 'string', multiple: true, default: TARGETS },
    outputFile: { type: 'string' },
    json: { type: 'boolean' },
  },
});
const [seconds, jobs] = ['seconds', 'jobs'].map((name) => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name}: expected a whole number from 1 on but received ${values[name]}`);
  return number;
});
for (const target of values.target) {
  if (!TARGETS.includes(target)) throw new Error(`--target: expected one of ${TARGETS.join(', ')} but received ${target}`);
}

const found = (folder) => readdirSync(folder).filter((name) => /^(crash|leak|timeout|oom|slow-unit)-/.test(name));

/** Runs a target and says how that went; whether nothing was found. */
async function fuzz(target, seeds, temporary) {
  const folder = inRoot('build/fuzz', target);
  const corpus = path.join(folder, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const earlier = new Set(found(folder));
  const limits = [`-max_total_time=${seconds}`, `-timeout=${HANGS_AFTER}`, `-max_len=${LARGEST_INPUT}`, '-rss_limit_mb=3072'];
  const args = [...limits, '-print_final_stats=1', `-artifact_prefix=${folder}/`, corpus, seeds];
  const env = { ...process.env, ...sanitizerEnvironment, TMPDIR: temporary };
  const { ok, output } = await run(path.join(sanitizedFolder, `test/fuzz/fuzz_${target}`), args, { env });
  writeFileSync(path.join(folder, 'log.txt'), output);
  const executions = /stat::number_of_executed_units:\s*(\d+)/.exec(output)?.[1] ?? '?';
  const [, edges, features] = [...output.matchAll(/cov: (\d+) ft: (\d+)/g)].at(-1) ?? [null, '?', '?'];
  console.log(`${target}: ${executions} executions, ${edges} edges, ${features} features${ok ? '' : ', FAILED'}`);
  if (!ok) {
    const files = found(folder).filter((name) => !earlier.has(name)).map((name) => display(path.join(folder, name)));
    console.log(`${output.split('\n').filter((line) => !/^#\d+\t/.test(line)).slice(-60).join('\n')}\nfound: ${files.join(' ')}`);
  }
  return ok;
}

async function fuzzAll(results) {
  if (!configureAsan() || !build(sanitizedFolder, ['tracesmith_fuzzers'])) return results.note(false);
  mkdirSync(inRoot('build/fuzz'), { recursive: true });
  const seedsOf = writeSeeds(inRoot('build/fuzz'), values.target);
  await withTemporaryFolder(async (temporary) => {
    const waiting = [...values.target];
    const work = async () => {
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        results.note(await fuzz(target, seedsOf(target), temporary));
      }
    };
    await Promise.all(Array.from({ length: jobs }, work));
  });
}

if (!lacksClang()) {
  const results = new Results(values.outputFile);
  await fuzzAll(results);
  results.finish('fuzz targets');
}

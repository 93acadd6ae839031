#!/usr/bin/env node
// The tests under sanitizers: `npm run test:asan`.
//
//   the C++ tests    AddressSanitizer with its search for leaks, UndefinedBehaviorSanitizer
//   those of threads ThreadSanitizer
//   the JS tests     an addon with AddressSanitizer and UndefinedBehaviorSanitizer; node itself leaks, by design
//
//   --only cpp|threads|js   one of the three
//   --outputFile FILE       the count of what passed, as `jest --json` has it

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asanRuntime, lacksClang } from './checks/clang.mjs';
import {
  build,
  configureAsan,
  configureSanitized,
  onAllCores,
  runShown,
  sanitizedFolder,
  sanitizedRoot,
  sanitizerEnvironment,
} from './checks/cpp-build.mjs';
import { inRoot, resolveInstalled, root } from './lib/project.mjs';
import { Results } from './checks/results.mjs';

// Whatever has a thread of its own, or lies where several threads come by.
const THREADED = ['thread_tests', 'fuzz_regressions'];

const { values } = parseArgs({
  // `--json` is what `jest` needs beside it.
  options: { only: { type: 'string' }, outputFile: { type: 'string' }, json: { type: 'boolean' } },
});
const environment = { ...process.env, ...sanitizerEnvironment };
const results = new Results(values.outputFile);

function runCtest(folder, args = []) {
  const report = ['--test-dir', folder, '--output-on-failure', '--no-tests=error', ...args];
  const { stdout, status } = spawnSync('ctest', [...report, ...onAllCores, '--timeout', '600'], {
    cwd: root, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 28,
  });
  console.log(stdout);
  const [, failed, total] = /(\d+) tests failed out of (\d+)/.exec(stdout) ?? [null, 1, 1];
  results.add(total - failed, Number(failed));
  if (status !== 0 && Number(failed) === 0) results.note(false);
}

function testCpp() {
  if (build(sanitizedFolder, ['tracesmith_cpp_tests'])) runCtest(sanitizedFolder);
  else results.note(false);
}

function testThreads() {
  const folder = inRoot('build/tsan');
  const ok = configureSanitized(folder, ['thread'], []) && build(folder, THREADED);
  if (ok) runCtest(folder, ['--label-regex', `^(${THREADED.join('|')})$`]);
  else results.note(false);
}

function testJs() {
  if (!build(sanitizedFolder, ['tracesmith_perfetto'])) return results.note(false);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tracesmith-asan-'));
  const report = path.join(folder, 'jest.json');
  const env = {
    ...environment,
    // Leaks of node and V8 are not ours to find, and a child that a test kills has no time to look for them. Whole
    // stacks for each of node's many allocations would take a quarter of the time.
    ASAN_OPTIONS: `${sanitizerEnvironment.ASAN_OPTIONS}:detect_leaks=0:malloc_context_size=3:quarantine_size_mb=64`,
    TRACESMITH_SUITES: 'sanitized',
    TRACESMITH_SANITIZED: '1',
    LD_PRELOAD: asanRuntime(),
    TRACESMITH_PERFETTO_PREBUILD: sanitizedRoot,
  };
  try {
    // Without the addon the tests would pass on the fallback.
    const check = `const { isSDKAvailable, sdkInfo } = require('./dist');
      if (!isSDKAvailable() || !sdkInfo().addonPath.includes('sanitized')) throw new Error(JSON.stringify(sdkInfo()));`;
    if (!runShown(process.execPath, ['-e', check], { env })) return results.note(false);
    const ok = runShown(process.execPath, [resolveInstalled('jest/bin/jest'), '--json', `--outputFile=${report}`], { env });
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    results.add(numPassedTests, numFailedTests + numRuntimeErrorTestSuites);
    if (!ok && numFailedTests + numRuntimeErrorTestSuites === 0) results.note(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!lacksClang()) {
  const parts = { cpp: testCpp, threads: testThreads, js: testJs };
  const chosen = values.only === undefined ? Object.keys(parts) : [values.only];
  if (!parts[chosen[0]]) throw new Error(`--only: expected cpp, threads or js but received ${values.only}`);
  if (chosen[0] !== 'threads' && !configureAsan()) results.note(false);
  else for (const part of chosen) parts[part]();
  results.finish('tests under sanitizers');
}

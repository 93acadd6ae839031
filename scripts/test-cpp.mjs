#!/usr/bin/env node
// The C++ tests: `npm run test:cpp`. Plain CMake in build/cpp; what is up to date is not compiled again.
// The SDK is the library that the addon's build made, where that is there: compiling it takes minutes.
//
//   TRACESMITH_REQUIRE_ADDON=1   fails where third-party source or a compiler is missing, instead of skipping

import { existsSync } from 'node:fs';
import os from 'node:os';
import { spawnSync } from 'node:child_process';
import { dependencies } from './lib/dependencies.mjs';
import { inRoot, root } from './lib/project.mjs';
import { missingFiles, sourceFolder } from './lib/third-party.mjs';
import { missingTools } from './lib/toolchain.mjs';

const buildFolder = inRoot('build/cpp');
const builtSdk = inRoot('build/libperfetto_sdk.a');

/** Why the tests cannot be built here, or null. */
function whyNot() {
  const missing = missingTools();
  if (missing.length > 0) return `this machine lacks ${missing.join(', ')}`;
  const absent = dependencies.find((dependency) => missingFiles(sourceFolder(dependency), dependency).length > 0);
  return absent ? `${absent.title} is not there (npm run vendor)` : null;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

const reason = whyNot();
if (reason !== null) {
  console.log(`C++ tests skipped: ${reason}`);
  process.exitCode = process.env.TRACESMITH_REQUIRE_ADDON ? 1 : 0;
} else {
  // Nearly all of a file's compilation is perfetto.h: several files in one go take a third of the time.
  const options = ['-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=ON', '-DCMAKE_UNITY_BUILD=ON'];
  const configuration = ['-S', root, '-B', buildFolder, ...options];
  if (existsSync(builtSdk)) configuration.push(`-DPERFETTO_SDK_LIBRARY=${builtSdk}`);
  const jobs = ['--parallel', String(os.availableParallelism())];
  const ok =
    run('cmake', ['--log-level=WARNING', ...configuration]) &&
    run('cmake', ['--build', buildFolder, '--target', 'tracesmith_cpp_tests', ...jobs]) &&
    run('ctest', ['--test-dir', buildFolder, '--output-on-failure']);
  if (!ok) process.exitCode = 1;
}

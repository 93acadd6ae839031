#!/usr/bin/env node
// The C++ tests: `npm run test:cpp`. Plain CMake in build/cpp; what is up to date is not compiled again.
// The SDK is the library that the addon's build made, where that is there: compiling it takes minutes.
//
//   TRACESMITH_REQUIRE_ADDON=1   fails where third-party source or a compiler is missing, instead of skipping

import { build, configure, onAllCores, runShown } from './checks/cpp-build.mjs';
import { dependencies } from './lib/dependencies.mjs';
import { inRoot } from './lib/project.mjs';
import { missingFiles, sourceFolder } from './lib/third-party.mjs';
import { missingTools } from './lib/toolchain.mjs';

const buildFolder = inRoot('build/cpp');

/** Why the tests cannot be built here, or null. */
function whyNot() {
  const missing = missingTools();
  if (missing.length > 0) return `this machine lacks ${missing.join(', ')}`;
  const absent = dependencies.find((dependency) => missingFiles(sourceFolder(dependency), dependency).length > 0);
  return absent ? `${absent.title} is not there (npm run vendor)` : null;
}

const reason = whyNot();
if (reason !== null) {
  console.log(`C++ tests skipped: ${reason}`);
  process.exitCode = process.env.TRACESMITH_REQUIRE_ADDON ? 1 : 0;
} else {
  const ok =
    configure(buildFolder, []) &&
    build(buildFolder, ['tracesmith_cpp_tests']) &&
    runShown('ctest', ['--test-dir', buildFolder, '--output-on-failure', ...onAllCores]);
  if (!ok) process.exitCode = 1;
}

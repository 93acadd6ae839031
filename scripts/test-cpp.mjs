#!/usr/bin/env node
// The addon, and the C++ tests in its build folder: `npm run test:cpp`. What is up to date is not compiled again.
//
//   TRACESMITH_REQUIRE_ADDON=1   fails where the addon cannot be built or is switched off, instead of skipping

import { build, onAllCores, runShown } from './checks/cpp-build.mjs';
import { buildAddon, isSwitchedOff } from './build-addon.mjs';
import { tell } from './lib/addon-build.mjs';
import { dependencies } from './lib/dependencies.mjs';
import { inRoot } from './lib/project.mjs';
import { missingFiles, sourceFolder } from './lib/third-party.mjs';
import { missingTools } from './lib/toolchain.mjs';

/** Why the tests cannot be built here, or null. */
function whyNot() {
  if (isSwitchedOff()) return 'TRACESMITH_USE_PERFETTO_SDK is OFF';
  const missing = missingTools();
  if (missing.length > 0) return `this machine lacks ${missing.join(', ')}`;
  const absent = dependencies.find((dependency) => missingFiles(sourceFolder(dependency), dependency).length > 0);
  return absent ? `${absent.title} is not there (npm run vendor)` : null;
}

async function testCpp() {
  const folder = inRoot('build');
  const status = await buildAddon();
  tell(status);
  if (!status.ok) return false;
  const report = ['--test-dir', folder, '--build-config', 'Release', '--output-on-failure', ...onAllCores];
  return build(folder, ['tracesmith_cpp_tests']) && runShown('ctest', report);
}

const reason = whyNot();
if (reason !== null) {
  console.log(`C++ tests skipped: ${reason}`);
  process.exitCode = process.env.TRACESMITH_REQUIRE_ADDON ? 1 : 0;
} else if (!(await testCpp())) {
  process.exitCode = 1;
}

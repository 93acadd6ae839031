#!/usr/bin/env node
// The quick loop: `npm run test:js`. Compiles the TypeScript and runs the JS tests but those that take long or need
// more than a checkout; test/support/suites.js says which. What follows goes to Jest: `npm run test:js -- test/order`.

import { runShown } from './checks/cpp-build.mjs';
import { inRoot, resolveInstalled } from './lib/project.mjs';

const env = { ...process.env, TRACESMITH_SUITES: 'quick' };
const steps = [[inRoot('scripts/build-ts.mjs')], [resolveInstalled('jest/bin/jest'), ...process.argv.slice(2)]];
if (!steps.every((args) => runShown(process.execPath, args, { env }))) process.exitCode = 1;

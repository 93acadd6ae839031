#!/usr/bin/env node
// Compiles the addon of a checkout with cmake-js: `npm run build:addon`. What is up to date is
// not compiled again.
//
//   TRACESMITH_WARNINGS_AS_ERRORS=1   a warning about our files is an error; for compilers that we know

import { asStatus, cmakeJsDriver, compileAddon, tell } from './lib/addon-build.mjs';
import { recordAddonStatus } from './lib/addon-status.mjs';
import { inRoot, isEntryPoint } from './lib/project.mjs';

/** Whether the addon is left out on purpose. */
export const isSwitchedOff = () => /^(off|0|no|false)$/i.test(process.env.TRACESMITH_USE_PERFETTO_SDK ?? '');

/** Builds the addon, records how that went and returns the record; see addon-status.mjs. */
export async function buildAddon({ log = console.log } = {}) {
  const compile = () =>
    compileAddon({
      folder: inRoot('build'),
      driver: cmakeJsDriver(),
      options: [['TRACESMITH_WARNINGS_AS_ERRORS', process.env.TRACESMITH_WARNINGS_AS_ERRORS ? 'ON' : 'OFF']],
      logFile: inRoot('build', 'addon-build.log'),
      log,
    });
  return recordAddonStatus(await asStatus(compile, log));
}

if (isEntryPoint(import.meta)) tell(await buildAddon());

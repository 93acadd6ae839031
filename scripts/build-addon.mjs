#!/usr/bin/env node
// Compiles the addon of a checkout with cmake-js: `npm run build:addon`. What is up to date is
// not compiled again.

import { asStatus, cmakeJsDriver, compileAddon, tell } from './lib/addon-build.mjs';
import { recordAddonStatus } from './lib/addon-status.mjs';
import { inRoot, isEntryPoint } from './lib/project.mjs';

/** Builds the addon, records how that went and returns the record; see addon-status.mjs. */
export async function buildAddon({ log = console.log } = {}) {
  const compile = () =>
    compileAddon({
      folder: inRoot('build'),
      driver: cmakeJsDriver(),
      logFile: inRoot('build', 'addon-build.log'),
      log,
    });
  return recordAddonStatus(await asStatus(compile, log));
}

if (isEntryPoint(import.meta)) tell(await buildAddon());

#!/usr/bin/env node
// What `npm pack` and `npm publish` run in a checkout: says which prebuilt binaries the package will lack. It is no error,
// since the package works through its JSON fallback, and can be compiled where it is installed.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { inRoot } from './lib/project.mjs';

/** The binaries of a release, by platform and libc. */
const wanted = readFileSync(inRoot('test', 'package', 'files.txt'), 'utf8').split('\n').filter((name) => name.startsWith('prebuilds/'));
const missing = wanted.filter((name) => !existsSync(inRoot(name)));
const own = inRoot('prebuilds', `${process.platform}-${process.arch}`);

// On stderr: stdout may be the JSON of `npm pack --json`.
if (missing.length > 0) {
  console.error(`The package will lack prebuilt binaries: ${missing.join(', ')}.`);
  console.error('An install on such a platform writes Chrome JSON, until "npx tracesmith-perfetto build" compiles the addon there.');
  if (!existsSync(own) || readdirSync(own).length === 0) console.error('  - the one for this machine: npm run prebuild, then pack again');
  console.error('  - all of them: the workflow "package" builds them, and its tarball is the release');
}

#!/usr/bin/env node
// Puts the addon, linked for other machines with the platform and architecture of this one, into prebuilds/:
// `npm run prebuild`. On Linux what the result asks of a machine is measured, and too much of it is a failure.
//
//   node scripts/prebuild.mjs measure FILE...   measures only
//
// prebuildify names, strips and places the binary. It would build with node-gyp; instead it runs this script again,
// as `prebuild.mjs rebuild`, with arguments for node-gyp that mean nothing here.

import { copyFileSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import prebuildify from 'prebuildify';
import { ADDON_NAME, asStatus, cmakeJsDriver, compileAddon, tell } from './lib/addon-build.mjs';
import { binaryNeeds, excessiveNeeds } from './lib/binary-needs.mjs';
import { display, inRoot } from './lib/project.mjs';

/** What Node 20 itself needs. */
const GLIBC_FLOOR = '2.28';

const NAME = 'tracesmith-perfetto';
const isLinux = process.platform === 'linux';
// Not in build/, which the addon's build removes where its compiler is gone.
const workFolder = inRoot('node_modules', '.cache', 'tracesmith-prebuild');
/** Where prebuildify takes the binary from, below the folder that it works in. */
const handover = path.join(workFolder, 'build', 'Release', ADDON_NAME);
const target = `${process.platform}-${process.arch}`;

/** Everything but the linking is what `npm run build:addon` compiles, in the same folder. */
async function rebuild() {
  const status = await asStatus(
    () =>
      compileAddon({
        folder: inRoot('build'),
        driver: cmakeJsDriver({ isPortable: true }),
        logFile: inRoot('build', 'prebuild.log'),
        log: console.log,
      }),
    console.log,
  );
  if (status.ok) {
    mkdirSync(path.dirname(handover), { recursive: true });
    copyFileSync(inRoot(status.addon), handover);
  }
  tell(status);
}

async function measure(file) {
  const kilobytes = Math.round(statSync(file).size / 1000);
  if (!isLinux) {
    console.log(`${display(file)}: ${kilobytes} KB`);
    return;
  }
  const needs = await binaryNeeds(file);
  const libc = needs.glibc === null ? 'musl' : `glibc ${needs.glibc} or newer`;
  const runtime = needs.cxxRuntime.length > 0 ? 'a shared libstdc++' : 'no shared libstdc++';
  console.log(`${display(file)}: ${kilobytes} KB, ${libc}, ${runtime}`);
  for (const problem of excessiveNeeds(needs, GLIBC_FLOOR)) {
    console.error(`${display(file)} would not run everywhere: ${problem}`);
    process.exitCode = 1;
  }
}

async function prebuild() {
  mkdirSync(workFolder, { recursive: true });
  // A relative folder: prebuildify hands paths to a shell without quoting them.
  process.chdir(workFolder);
  const quoted = (file) => `"${file}"`;
  await promisify(prebuildify)({
    name: NAME,
    napi: true,
    strip: true,
    tagLibc: isLinux,
    out: inRoot(),
    shell: true,
    nodeGyp: `${quoted(process.execPath)} ${quoted(fileURLToPath(import.meta.url))}`,
  });
  const folder = inRoot('prebuilds', target);
  for (const name of readdirSync(folder)) await measure(path.join(folder, name));
}

const [command, ...files] = process.argv.slice(2);
try {
  if (command === 'rebuild') await rebuild();
  else if (command === 'measure') for (const file of files) await measure(path.resolve(file));
  else await prebuild();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

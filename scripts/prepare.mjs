#!/usr/bin/env node
// What `npm ci` runs in a checkout: vendors third-party source, builds the addon,
// compiles the TypeScript. A machine that cannot build the addon still gets a
// package that works, through its JSON fallback; TypeScript that does not
// compile is an error.
//
// npm runs it also for `npx tracesmith-perfetto` in a checkout, which then uses what is built, and for an install from
// git, of which it packs a clone: the addon has to lie in prebuilds/ to be in that package.
//
//   TRACESMITH_USE_PERFETTO_SDK=OFF   leaves the addon out on purpose
//   TRACESMITH_REQUIRE_ADDON=1        fails when there is no addon (for CI)

import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { addonFile, describeAddonStatus, recordAddonStatus } from './lib/addon-status.mjs';
import { dependencies } from './lib/dependencies.mjs';
import { remove } from './lib/processes.mjs';
import { inRoot, resolveInstalled, root } from './lib/project.mjs';
import { installHint, missingTools } from './lib/toolchain.mjs';
import { buildAddon, isSwitchedOff } from './build-addon.mjs';
import { buildTypeScript } from './build-ts.mjs';
import { remedies, report, vendor } from './vendor.mjs';

/** Vendors and builds; resolves to the status that is in build/addon-status.json. */
async function prepareAddon() {
  if (isSwitchedOff()) {
    // One from an earlier build would still be loaded.
    remove(addonFile);
    return recordAddonStatus({
      ok: false,
      stage: 'disabled',
      reason: 'TRACESMITH_USE_PERFETTO_SDK is OFF',
      remedy: ['unset TRACESMITH_USE_PERFETTO_SDK and run npm ci'],
    });
  }
  // Asked first: without a compiler there is no use for a download of 300 MB.
  const missing = missingTools();
  if (missing.length > 0) {
    return recordAddonStatus({
      ok: false,
      stage: 'toolchain',
      reason: `this machine lacks ${missing.join(', ')}`,
      remedy: [installHint(), 'then: npm run vendor && npm run build:addon'],
    });
  }
  for (const dependency of dependencies) {
    const result = await vendor(dependency);
    if (result.ok) {
      console.log(report(result).join('\n'));
    } else {
      return recordAddonStatus({
        ok: false,
        stage: 'sdk',
        reason: `${dependency.title} could not be obtained`,
        remedy: [...remedies(result), 'then: npm run build:addon'],
        attempts: result.attempts,
      });
    }
  }
  return buildAddon();
}

/** Whether npm's packer (pacote) made this clone, for an install from git. */
const isClonedByNpm = () => /^git-clone/.test(path.basename(root));

/** For this machine alone, so the name needs no libc. */
function addToPackage() {
  const folder = inRoot('prebuilds', `${process.platform}-${process.arch}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(addonFile, path.join(folder, 'tracesmith-perfetto.node'));
}

async function prepare() {
  if (!resolveInstalled('typescript/bin/tsc') || !resolveInstalled('cmake-js/bin/cmake-js')) {
    console.log('Development dependencies are not installed, so nothing is built (npm ci installs them and builds).');
    recordAddonStatus({
      ok: false,
      stage: 'dependencies',
      reason: 'the development dependencies are not installed',
      remedy: ['npm ci, without --omit=dev'],
    });
    return;
  }
  const status = await prepareAddon();
  console.log(describeAddonStatus(status).join('\n'));
  if (!status.ok) {
    console.log(
      existsSync(addonFile)
        ? 'The addon of an earlier build is still there and is used.'
        : 'The package works without it and writes Chrome JSON instead of native traces.',
    );
  }
  if (status.ok && isClonedByNpm()) addToPackage();
  await buildTypeScript();
  if (!status.ok && /^(on|1|yes|true)$/i.test(process.env.TRACESMITH_REQUIRE_ADDON ?? '')) {
    throw new Error('TRACESMITH_REQUIRE_ADDON is set and there is no addon');
  }
}

/** npx prepares the checkout that it runs in, each time. */
const isBuiltForNpx = () => process.env.npm_command === 'exec' && existsSync(inRoot('dist', 'cli', 'main.js'));

// A package from the registry holds what was built, not the sources.
if (existsSync(inRoot('lib')) && existsSync(inRoot('tsconfig.json')) && !isBuiltForNpx()) {
  try {
    await prepare();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

#!/usr/bin/env node
// Compiles the addon where the package is installed, for a platform without a prebuilt one:
// `npx tracesmith-perfetto build`.
//
// A production install brings no build tools: the compiler and CMake are the machine's, and what else is needed
// comes into a temporary folder, at the versions that package.json pins.
//
//   PERFETTO_SDK_LIBRARY   libperfetto_sdk.a of another Release build with this compiler: saves a minute or two

import { accessSync, constants, copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ADDON_NAME, asStatus, BuildFailure, checkToolchain, cmakeDriver, compileAddon, tell } from './lib/addon-build.mjs';
import { addonFile, recordAddonStatus } from './lib/addon-status.mjs';
import { dependencies } from './lib/dependencies.mjs';
import { findCommand, run, withTemporaryFolder } from './lib/processes.mjs';
import { inRoot, root } from './lib/project.mjs';
import { remedies, report, vendor } from './vendor.mjs';

const isWindows = process.platform === 'win32';

/** Why nothing can be put into the package's folder, or null. */
function whyNotWritable() {
  try {
    accessSync(root, constants.W_OK);
    return null;
  } catch (error) {
    return `${root} cannot be written (${error.code}); run the command as the user who installed the package`;
  }
}

async function vendorAll() {
  for (const dependency of dependencies) {
    const result = await vendor(dependency);
    if (!result.ok) {
      throw new BuildFailure('sdk', `${dependency.title} could not be obtained`, remedies(result), {
        excerpt: report(result),
        attempts: result.attempts,
      });
    }
    console.log(report(result).join('\n'));
  }
}

/** Installs the headers of Node-API in `folder`; on Windows cmake-js too, which has a hook that is linked. */
async function installHeaders(folder) {
  const { devDependencies } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const names = ['node-addon-api', 'node-api-headers', ...(isWindows ? ['cmake-js'] : [])];
  const packages = names.map((name) => `${name}@${devDependencies[name]}`);
  if (!findCommand('npm')) {
    throw new BuildFailure('dependencies', `npm was not found, which installs ${packages.join(' and ')}`, [
      'install npm; it comes with Node.js',
    ]);
  }
  console.log(`Installing ${packages.join(', ')} for the build, in a temporary folder`);
  const pinned = Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: pinned }));
  // What npx was told, such as --global, must not reach this npm.
  const options = ['--prefix=.', '--global=false', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  const { ok, output } = await run('npm', ['install', ...options, '--loglevel=error'], { cwd: folder, shell: isWindows });
  if (ok) return;
  const lines = output.trim().split('\n');
  const reason = (lines.find((line) => /npm (?:error|ERR!)/.test(line)) ?? lines.at(-1)).replace(/^npm (?:error|ERR!) /, '');
  throw new BuildFailure('dependencies', `npm could not install ${packages.join(' and ')}: ${reason}`, [
    'look at the registry and proxy that npm is configured with: npm config list',
  ]);
}

/** In the package's own folder, not in the system's temporary one: no addon can be loaded from one without exec. */
async function compile() {
  checkToolchain();
  await vendorAll();
  mkdirSync(inRoot('build'), { recursive: true });
  return withTemporaryFolder(async (folder) => {
    await installHeaders(folder);
    const { PERFETTO_SDK_LIBRARY: library } = process.env;
    const built = await compileAddon({
      folder: path.join(folder, 'build'),
      driver: cmakeDriver(folder),
      // Nothing is compiled twice in this folder, and most of each file's compilation is perfetto.h.
      options: [['CMAKE_UNITY_BUILD', 'ON'], ...(library ? [['PERFETTO_SDK_LIBRARY', path.resolve(library)]] : [])],
      logFile: inRoot('build', 'addon-build.log'),
      log: console.log,
    });
    mkdirSync(path.dirname(addonFile), { recursive: true });
    // Renamed into place: a process that has the old one loaded keeps it.
    const staged = path.join(folder, ADDON_NAME);
    copyFileSync(built.addon, staged);
    renameSync(staged, addonFile);
    return { ...built, addon: addonFile };
  }, inRoot('build'));
}

const obstacle = whyNotWritable();
if (obstacle !== null) {
  console.error(`The native addon was not built: ${obstacle}`);
  process.exitCode = 1;
} else {
  const status = recordAddonStatus(await asStatus(compile, console.error));
  tell(status);
  if (status.ok) console.log('Native Perfetto traces can be written now.');
}

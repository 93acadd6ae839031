#!/usr/bin/env node
// Compiles the addon with cmake-js: `npm run build:addon`. What is up to date is
// not compiled again.
//
// cmake-js's own `compile` is not used: it answers every error by deleting the
// build folder and starting over, so each typing mistake would cost the one to
// two minutes that the SDK takes. `configure` and `build` leave the objects alone.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addonFile, describeAddonStatus, recordAddonStatus } from './lib/addon-status.mjs';
import { dependencies, perfetto } from './lib/dependencies.mjs';
import { remove, run } from './lib/processes.mjs';
import { TaskProgress } from './lib/progress.mjs';
import { display, inRoot, isEntryPoint, resolveInstalled, root } from './lib/project.mjs';
import { listed, missingFiles, overrideFolder, sourceFolder } from './lib/third-party.mjs';
import { installHint, missingTools } from './lib/toolchain.mjs';

const buildFolder = inRoot('build');
const logFile = path.join(buildFolder, 'addon-build.log');

/** An expected end of the build: { stage, reason, remedy } for the status file. */
class BuildFailure extends Error {
  constructor(stage, reason, remedy, details = {}) {
    super(reason);
    this.status = { stage, reason, remedy, ...details };
  }
}

/** The options that tell CMake the folders of the third-party source. */
function sourceOptions() {
  return dependencies.map((dependency) => {
    const { overrideVariable } = dependency;
    const folder = sourceFolder(dependency);
    const missing = missingFiles(folder, dependency);
    if (missing.length > 0) {
      throw new BuildFailure('sdk', `${listed(missing)} not found in ${display(folder)}`, [
        overrideFolder(dependency) ? `point ${overrideVariable} at a folder with them, or unset it` : 'npm run vendor',
      ]);
    }
    return `--CD${overrideVariable}=${folder}`;
  });
}

function findCmakeJs() {
  const needed = ['cmake-js/bin/cmake-js', 'node-addon-api', 'node-api-headers'];
  const missing = needed.filter((name) => !resolveInstalled(name));
  if (missing.length > 0) {
    const names = missing.map((name) => name.split('/')[0]).join(', ');
    throw new BuildFailure('dependencies', `the development dependencies are not installed (${names})`, [
      'npm ci, without --omit=dev',
    ]);
  }
  return resolveInstalled('cmake-js/bin/cmake-js');
}

function checkToolchain() {
  const missing = missingTools();
  if (missing.length === 0) return;
  throw new BuildFailure('toolchain', `this machine lacks ${missing.join(', ')}`, [installHint()]);
}

/** Values of the CMake cache of an earlier build, or null. */
function readCmakeCache() {
  const file = path.join(buildFolder, 'CMakeCache.txt');
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  return (name) => new RegExp(`^${name}:[A-Z]+=(.*)$`, 'm').exec(text)?.[1] ?? '';
}

/**
 * The generator that the build folder was made with, null for a new folder. CMake
 * refuses a folder of another generator, of another source folder, or whose
 * compiler is gone: in the last two cases the folder is of no use and is removed.
 */
function reusableGenerator() {
  const cached = readCmakeCache();
  if (!cached) return null;
  const programs = ['CMAKE_MAKE_PROGRAM', 'CMAKE_C_COMPILER', 'CMAKE_CXX_COMPILER'];
  const tools = programs.map(cached).filter(path.isAbsolute);
  const isUsable = path.resolve(cached('CMAKE_HOME_DIRECTORY')) === root && tools.every((tool) => existsSync(tool));
  // On Windows cmake-js chooses, always alike: named by us, the generator would lack its platform.
  if (isUsable) return process.platform === 'win32' ? null : cached('CMAKE_GENERATOR') || null;
  remove(buildFolder);
  return null;
}

/** The first error of a build's output with what follows it, at most `count` lines. */
function firstError(output, count) {
  const lines = output.split('\n').filter((line) => line.trim());
  const at = lines.findIndex((line) => /\berror\b|CMake Error|undefined reference|not installed/i.test(line));
  return lines.slice(at < 0 ? -count : at).slice(0, count);
}

// What cmake-js and CMake say where the names on PATH promised a compiler and none works.
const NO_COMPILER = /Compiler toolset is not available|no Visual C\+\+ compiler|No CMAKE_C(?:XX)?_COMPILER/;

// "[3/9]" of Ninja, "[ 33%]" of make.
const STEP = /^\[\s*(\d+(?:\/\d+|%))\]/gm;

async function cmakeJs(program, stage, args, progress) {
  const command = stage === 'configure' ? 'configure' : 'build';
  const common = [program, command, '--log-level', 'error', '--directory', root];
  const result = await run(process.execPath, [...common, ...args], {
    cwd: root,
    env: { ...process.env, NINJA_STATUS: '[%f/%t] ' },
    onText(text) {
      const step = [...text.matchAll(STEP)].at(-1);
      if (step) progress.update(step[1].replace('/', ' of ').replace('%', ' %'));
    },
  });
  writeFileSync(logFile, result.output, { flag: 'a' });
  if (result.ok) return result.output;
  const error = firstError(result.output, 12);
  if (NO_COMPILER.test(result.output)) {
    throw new BuildFailure('toolchain', `no usable C++ compiler: ${error[0]}`, [installHint()]);
  }
  const reason = (error[0] ?? 'nothing').trim().replaceAll(root + path.sep, '');
  throw new BuildFailure(stage, `${stage === 'configure' ? 'CMake' : 'the compiler'} reported: ${reason}`, [], {
    log: display(logFile),
    excerpt: error,
  });
}

/** Loads the addon in a process of its own: a crash must not take the build script along. */
async function checkLoads() {
  const script = `require(${JSON.stringify(addonFile)})`;
  const { ok, output } = await run(process.execPath, ['-e', script], { cwd: root });
  if (ok) return;
  const line = output.split('\n').find((text) => /Error/.test(text)) ?? output.trim().split('\n').at(-1);
  throw new BuildFailure('load', `it was compiled but does not load: ${line}`, ['npm run build:addon shows it again']);
}

/** What the compiler warned about: shown although the build went well. */
function warnings(output) {
  if (!/\bwarning\b/i.test(output)) return '';
  const progressLine = /^\[\s*\d+(?:\/\d+|%)\]|^(?:Consolidate|Scanning|Dependencies)/;
  return output.split('\n').filter((line) => line.trim() && !progressLine.test(line)).join('\n');
}

async function build(log) {
  const program = findCmakeJs();
  const sources = sourceOptions();
  checkToolchain();
  const generator = reusableGenerator();
  mkdirSync(buildFolder, { recursive: true });
  writeFileSync(logFile, '');

  const started = Date.now();
  const progress = new TaskProgress('compiling the addon (the SDK alone takes one to two minutes)');
  const configuration = [
    ...sources,
    '--CDTRACESMITH_USE_PERFETTO_SDK=ON',
    ...(generator ? ['--generator', generator] : []),
  ];
  try {
    await cmakeJs(program, 'configure', configuration, progress);
    const parallel = ['--parallel', String(os.availableParallelism())];
    const output = await cmakeJs(program, 'compile', parallel, progress);
    progress.end();
    if (warnings(output)) log(warnings(output));
    if (!existsSync(addonFile)) {
      throw new BuildFailure('compile', `the build made no ${display(addonFile)}`, [], { log: display(logFile) });
    }
    await checkLoads();
  } catch (error) {
    // One from earlier sources would be loaded by TypeScript that does not fit it.
    remove(addonFile);
    throw error;
  } finally {
    progress.end();
  }
  return {
    ok: true,
    stage: 'done',
    addon: display(addonFile),
    sdk: display(sourceFolder(perfetto)),
    bytes: statSync(addonFile).size,
    seconds: Math.round((Date.now() - started) / 100) / 10,
  };
}

/** Builds the addon, records how that went and returns the record; see addon-status.mjs. */
export async function buildAddon({ log = console.log } = {}) {
  try {
    return recordAddonStatus(await build(log));
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    const { excerpt, ...status } = error.status;
    if (excerpt) log(excerpt.join('\n'));
    return recordAddonStatus({ ok: false, ...status });
  }
}

if (isEntryPoint(import.meta)) {
  const status = await buildAddon();
  (status.ok ? console.log : console.error)(describeAddonStatus(status).join('\n'));
  if (!status.ok) process.exitCode = 1;
}

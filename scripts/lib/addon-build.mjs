// Compiles the addon in a folder: for a checkout, for other machines (prebuild.mjs) and in an installed package
// (build-installed.mjs). They differ in the folder, in options, and in what drives CMake.
//
// cmake-js's own `compile` is not used: it answers every error by deleting the
// build folder and starting over, so each typing mistake would cost the one to
// two minutes that the SDK takes. `configure` and `build` leave the objects alone.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeAddonStatus } from './addon-status.mjs';
import { dependencies, perfetto } from './dependencies.mjs';
import { remove, run } from './processes.mjs';
import { TaskProgress } from './progress.mjs';
import { display, resolveInstalled, root } from './project.mjs';
import { listed, missingFiles, overrideFolder, sourceFolder } from './third-party.mjs';
import { installHint, missingTools } from './toolchain.mjs';

/**
 * Much of a file's compilation is what it includes, perfetto.h most of all: all files of a target in one go take half
 * as long and give a smaller addon. Not on Windows, where the macros of its headers would reach the files behind them.
 */
export const together =
  process.platform === 'win32' ? [] : [['CMAKE_UNITY_BUILD', 'ON'], ['CMAKE_UNITY_BUILD_BATCH_SIZE', '0']];

export const ADDON_NAME = 'tracesmith_perfetto.node';

/** An expected end of the build: { stage, reason, remedy } for the status file. */
export class BuildFailure extends Error {
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
    return [overrideVariable, folder];
  });
}

export function checkToolchain() {
  const missing = missingTools();
  if (missing.length === 0) return;
  throw new BuildFailure('toolchain', `this machine lacks ${missing.join(', ')}`, [installHint()]);
}

/** Values of the CMake cache of an earlier build, or null. */
function readCmakeCache(folder) {
  const file = path.join(folder, 'CMakeCache.txt');
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8');
  return (name) => new RegExp(`^${name}:[A-Z]+=(.*)$`, 'm').exec(text)?.[1] ?? '';
}

/**
 * The generator that the build folder was made with, null for a new folder. CMake
 * refuses a folder of another generator, of another source folder, or whose
 * compiler (or ccache) is gone: in the last two cases the folder is of no use and is removed.
 */
function reusableGenerator(folder) {
  const cached = readCmakeCache(folder);
  if (!cached) return null;
  const programs = ['CMAKE_MAKE_PROGRAM', 'CMAKE_C_COMPILER', 'CMAKE_CXX_COMPILER', 'CCACHE_PROGRAM'];
  const tools = programs.map(cached).filter(path.isAbsolute);
  const isUsable = path.resolve(cached('CMAKE_HOME_DIRECTORY')) === root && tools.every((tool) => existsSync(tool));
  // On Windows cmake-js chooses, always alike: named by us, the generator would lack its platform.
  if (isUsable) return process.platform === 'win32' ? null : cached('CMAKE_GENERATOR') || null;
  remove(folder);
  return null;
}

const jobs = () => ['--parallel', String(os.availableParallelism())];

/** What drives CMake in a checkout. `isPortable`: the result is for other machines. */
export function cmakeJsDriver({ isPortable = false } = {}) {
  const needed = ['cmake-js/bin/cmake-js', 'node-addon-api', 'node-api-headers'];
  const missing = needed.filter((name) => !resolveInstalled(name));
  if (missing.length > 0) {
    const names = missing.map((name) => name.split('/')[0]).join(', ');
    throw new BuildFailure('dependencies', `the development dependencies are not installed (${names})`, [
      'npm ci, without --omit=dev',
    ]);
  }
  const command = (name, folder) => [
    process.execPath,
    [resolveInstalled('cmake-js/bin/cmake-js'), name, '--log-level', 'error', '--directory', root, '--out', folder],
  ];
  return {
    output: (folder) => path.join(folder, isPortable ? 'portable' : '', 'Release', ADDON_NAME),
    configure(folder, options, generator) {
      const [program, args] = command('configure', folder);
      const defined = options.map(([name, value]) => `--CD${name}=${value}`);
      return [program, [...args, ...defined, ...(generator ? ['--generator', generator] : [])]];
    },
    compile(folder) {
      const [program, args] = command('build', folder);
      const target = isPortable ? ['--target', 'tracesmith_perfetto_portable'] : [];
      return [program, [...args, ...target, ...jobs()]];
    },
  };
}

/** CMake by itself; Node finds the headers from the folder `packages`. */
export function cmakeDriver(packages) {
  return {
    output: (folder) => path.join(folder, 'Release', ADDON_NAME),
    configure(folder, options, generator) {
      const defined = options.map(([name, value]) => `-D${name}=${value}`);
      const args = ['-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', `-DTRACESMITH_NODE_PACKAGES=${packages}`];
      // As cmake-js does: the C++ runtime of Windows is not everywhere.
      const runtime = '-DCMAKE_MSVC_RUNTIME_LIBRARY=MultiThreaded$<$<CONFIG:Debug>:Debug>';
      return ['cmake', [...args, runtime, ...defined, ...(generator ? ['-G', generator] : [])]];
    },
    compile: (folder) => ['cmake', ['--build', folder, '--config', 'Release', ...jobs()]],
  };
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

async function runStep(stage, [program, args], logFile, progress) {
  const result = await run(program, args, {
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
async function checkLoads(addon) {
  const script = `require(${JSON.stringify(addon)})`;
  const { ok, output } = await run(process.execPath, ['-e', script], { cwd: root });
  if (ok) return;
  const line = output.split('\n').find((text) => /Error/.test(text)) ?? output.trim().split('\n').at(-1);
  throw new BuildFailure('load', `it was compiled but does not load: ${line}`, []);
}

/** What the compiler warned about: shown although the build went well. */
function warnings(output) {
  if (!/\bwarning\b/i.test(output)) return '';
  const progressLine = /^\[\s*\d+(?:\/\d+|%)\]|^(?:Consolidate|Scanning|Dependencies)/;
  return output.split('\n').filter((line) => line.trim() && !progressLine.test(line)).join('\n');
}

/**
 * Compiles in `folder`, where later calls compile only what changed, and checks that the result loads.
 *
 * @param driver cmakeJsDriver() or cmakeDriver()
 * @param options CMake's, as [name, value]
 * @param logFile what CMake and the compiler said
 * @returns { addon, sdk, bytes, seconds }; throws a BuildFailure
 */
export async function compileAddon({ folder, driver, options = [], logFile, log }) {
  const sources = sourceOptions();
  checkToolchain();
  const generator = reusableGenerator(folder);
  mkdirSync(folder, { recursive: true });
  mkdirSync(path.dirname(logFile), { recursive: true });
  writeFileSync(logFile, '');

  const addon = driver.output(folder);
  const started = Date.now();
  const configuration = [...sources, ['TRACESMITH_USE_PERFETTO_SDK', 'ON'], ['BUILD_TESTING', 'ON'], ...together, ...options];
  const progress = new TaskProgress('compiling the addon (the SDK alone takes one to two minutes)');
  try {
    await runStep('configure', driver.configure(folder, configuration, generator), logFile, progress);
    const output = await runStep('compile', driver.compile(folder), logFile, progress);
    progress.end();
    if (warnings(output)) log(warnings(output));
    if (!existsSync(addon)) {
      throw new BuildFailure('compile', `the build made no ${display(addon)}`, [], { log: display(logFile) });
    }
    await checkLoads(addon);
  } catch (error) {
    // One from earlier sources would be loaded by TypeScript that does not fit it.
    remove(addon);
    throw error;
  } finally {
    progress.end();
  }
  return {
    addon,
    sdk: display(sourceFolder(perfetto)),
    bytes: statSync(addon).size,
    seconds: Math.round((Date.now() - started) / 100) / 10,
  };
}

/** What a step gave or why it failed, as a status for recordAddonStatus(). */
export async function asStatus(work, log) {
  try {
    const { addon, ...rest } = await work();
    return { ok: true, stage: 'done', addon: display(addon), ...rest };
  } catch (error) {
    if (!(error instanceof BuildFailure)) throw error;
    const { excerpt, ...status } = error.status;
    if (excerpt) log(excerpt.join('\n'));
    return { ok: false, ...status };
  }
}

/** Tells the person who ran a script how it ended. */
export function tell(status) {
  (status.ok ? console.log : console.error)(describeAddonStatus(status).join('\n'));
  if (!status.ok) process.exitCode = 1;
}

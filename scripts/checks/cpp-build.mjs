// Plain CMake builds in folders of their own, beside the addon's.

import { existsSync } from 'node:fs';
import os from 'node:os';
import { spawnSync } from 'node:child_process';
import { clang } from './clang.mjs';
import { together } from '../lib/addon-build.mjs';
import { findCommand } from '../lib/processes.mjs';
import { inRoot, root } from '../lib/project.mjs';

/** The library that the addon's build made. */
const builtSdk = inRoot('build/libperfetto_sdk.a');

/** Runs a command whose output is shown; whether it went well. */
export function runShown(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) console.error(`${command}: ${error.message}`);
  return status === 0;
}

/** Configures a build of the tests in `folder`; `options` are CMake's. */
export function configure(folder, options, { usesBuiltSdk = true } = {}) {
  const args = ['--log-level=WARNING', '-S', root, '-B', folder, '-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=ON'];
  // For tests and checks the compilers are known.
  args.push('-DTRACESMITH_WARNINGS_AS_ERRORS=ON', ...options);
  args.push(...together.map(([name, value]) => `-D${name}=${value}`));
  // Compiling the SDK takes minutes.
  if (usesBuiltSdk && existsSync(builtSdk)) args.push(`-DPERFETTO_SDK_LIBRARY=${builtSdk}`);
  if (findCommand('ninja') && !existsSync(`${folder}/CMakeCache.txt`)) args.push('-GNinja');
  return runShown('cmake', args);
}

/** For `cmake --build` and ctest. */
export const onAllCores = ['--parallel', String(os.availableParallelism())];

export function build(folder, targets) {
  return runShown('cmake', ['--build', folder, '--config', 'Release', ...onAllCores, '--target', ...targets]);
}

/** With clang and sanitizers, such as ['address', 'undefined']. -O1: the usual choice, and quick to compile. */
export function configureSanitized(folder, sanitizers, options) {
  const compilers = [`-DCMAKE_C_COMPILER=${clang.c}`, `-DCMAKE_CXX_COMPILER=${clang.cxx}`];
  const flags = ['-DCMAKE_CXX_FLAGS_RELEASE=-O1', `-DTRACESMITH_SANITIZE=${sanitizers.join(';')}`];
  // With AddressSanitizer the SDK has to be compiled alike; see CMakeLists.txt.
  const usesBuiltSdk = !sanitizers.includes('address');
  return configure(folder, [...compilers, ...flags, ...options], { usesBuiltSdk });
}

// node-gyp-build looks for an addon in build/Release of the folder that TRACESMITH_PERFETTO_PREBUILD names.
export const sanitizedRoot = inRoot('build/sanitized');
export const sanitizedFolder = inRoot('build/sanitized/build');

/** C++ tests, addon and fuzz targets share one build; what a fuzzer wants to know costs the others little. */
export function configureAsan() {
  return configureSanitized(sanitizedFolder, ['address', 'undefined'], ['-DTRACESMITH_FUZZ=ON']);
}

/** UBSan and AddressSanitizer end the process at their first finding; what they print names lines. */
export const sanitizerEnvironment = {
  ASAN_OPTIONS: 'abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1',
  UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  TSAN_OPTIONS: 'halt_on_error=1:second_deadlock_stack=1',
};

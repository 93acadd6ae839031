// What checking the C++ needs beyond a compiler: clang of one release, whose sanitizers, libFuzzer and clang-tidy are
// what the checks were made with. This list is the only place that names the packages.
//
//   node scripts/checks/clang.mjs   prints those that are missing, for apt-get

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { findCommand } from '../lib/processes.mjs';
import { isEntryPoint } from '../lib/project.mjs';

export const clang = { c: 'clang-14', cxx: 'clang++-14', tidy: 'clang-tidy-14' };

/** The library that a process must have loaded before an addon with AddressSanitizer; it has UBSan's as well. */
const RUNTIME = 'libclang_rt.asan-x86_64.so';

/** The full path of a file that clang has, or null. */
function ofClang(file) {
  const { stdout } = spawnSync(clang.c, [`-print-file-name=${file}`], { encoding: 'utf8' });
  const found = stdout?.trim() ?? '';
  return path.isAbsolute(found) ? found : null; // clang repeats the name of one that it does not find
}

export const asanRuntime = () => ofClang(RUNTIME);

const PACKAGES = [
  ['clang-14', () => findCommand(clang.cxx)],
  ['libclang-rt-14-dev', asanRuntime],
  ['llvm-14', () => findCommand('llvm-symbolizer-14')], // or reports name no lines
  ['clang-tidy-14', () => findCommand(clang.tidy)],
];

function missingPackages() {
  return PACKAGES.filter(([, find]) => !find()).map(([name]) => name);
}

/** Says what is missing and how to get it, and sets the exit code; false where nothing is. */
export function lacksClang() {
  const missing = process.platform === 'linux' && process.arch === 'x64' ? missingPackages() : null;
  if (missing?.length === 0) return false;
  console.error(
    missing === null
      ? `expected Linux on x64, with Debian's clang 14, but this is ${process.platform} on ${process.arch}`
      : `${missing.join(', ')} not found: apt-get install ${missing.join(' ')}`,
  );
  process.exitCode = 1;
  return true;
}

if (isEntryPoint(import.meta)) console.log(missingPackages().join(' '));

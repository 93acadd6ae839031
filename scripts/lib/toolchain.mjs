// What compiling C++ needs on this machine, and how to get what is missing.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { findCommand } from './processes.mjs';

const LINUX_INSTALL_COMMANDS = [
  [/\b(debian|ubuntu)\b/, 'apt-get install g++ cmake make'],
  [/\b(fedora|rhel|centos)\b/, 'dnf install gcc-c++ cmake make'],
  [/\bsuse\b/, 'zypper install gcc-c++ cmake make'],
  [/\balpine\b/, 'apk add g++ cmake make'],
  [/\barch\b/, 'pacman -S gcc cmake make'],
];

/** The families of this Linux distribution, such as "ubuntu debian". */
function linuxFamilies() {
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    return [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].map(([, ids]) => ids).join(' ');
  } catch {
    return '';
  }
}

/** How to install compiler and CMake here, in one line. */
export function installHint() {
  if (process.platform === 'darwin') return 'xcode-select --install, brew install cmake';
  if (process.platform === 'win32') {
    return 'install the Visual Studio Build Tools with the workload "Desktop development with C++" and CMake';
  }
  const families = linuxFamilies();
  const known = LINUX_INSTALL_COMMANDS.find(([pattern]) => pattern.test(families));
  return known ? known[1] : 'install g++ (or clang++), CMake 3.18 or newer and make with the package manager';
}

const isWindows = process.platform === 'win32';

/** Of each tool, the programs of which one will do; the first that is there is taken. */
const TOOLS = [
  {
    purpose: 'C++ compiler',
    missing: 'a C++ compiler (g++ or clang++)',
    programs: [process.env.CXX, ...(isWindows ? ['cl', 'clang-cl', 'g++'] : ['g++', 'clang++', 'c++'])],
    // There cmake-js finds the compiler, which is not on PATH.
    isNeededOnPath: !isWindows,
  },
  { purpose: 'CMake', missing: 'CMake', programs: ['cmake'], isNeededOnPath: true },
  {
    purpose: 'Build tool',
    missing: 'make or ninja',
    programs: ['ninja', isWindows ? 'msbuild' : 'make'],
    isNeededOnPath: !isWindows,
  },
];

const VERSION_DEADLINE_MS = 5000;

/** The path of the first of the programs that is there, or null. */
function findProgram(programs) {
  for (const program of programs) {
    if (!program) continue;
    const file = path.isAbsolute(program) ? isProgram(program) && program : findCommand(program);
    if (file) return file;
  }
  return null;
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Without the command line tools macOS has compilers that only offer to install them. */
function isPlaceholder({ purpose }) {
  return process.platform === 'darwin' && purpose === 'C++ compiler' && spawnSync('xcode-select', ['-p']).status !== 0;
}

function locate(tool) {
  const file = findProgram(tool.programs);
  return file === null || isPlaceholder(tool) ? null : file;
}

/** The first line of what a program says about its version. */
function versionOf(file) {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: VERSION_DEADLINE_MS });
  const line = stdout?.split('\n').find((text) => text.trim() !== '');
  return line?.trim() ?? 'version unknown';
}

/** All tools as { purpose, found }; `found` is { path, version }, or null for one that is not there. */
export function findTools() {
  return TOOLS.map((tool) => {
    const file = locate(tool);
    return { purpose: tool.purpose, found: file === null ? null : { path: file, version: versionOf(file) } };
  });
}

/** The tools that are needed and absent, in words; empty when all are there. */
export function missingTools() {
  return TOOLS.filter((tool) => tool.isNeededOnPath && locate(tool) === null).map(({ missing }) => missing);
}

// What compiling C++ needs on this machine, and how to get what is missing.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

/** The tools that are needed and absent, in words; empty when all are there. */
export function missingTools() {
  const missing = [];
  // On Windows cmake-js finds the compiler, which is not on PATH.
  if (process.platform !== 'win32') {
    const compiler = findCommand('g++') ?? findCommand('clang++');
    // Without the command line tools macOS has commands of these names that only offer to install them.
    const isPlaceholder = process.platform === 'darwin' && spawnSync('xcode-select', ['-p']).status !== 0;
    if (!compiler || isPlaceholder) missing.push('a C++ compiler (g++ or clang++)');
    if (!findCommand('make') && !findCommand('ninja')) missing.push('make or ninja');
  }
  if (!findCommand('cmake')) missing.push('CMake');
  return missing;
}

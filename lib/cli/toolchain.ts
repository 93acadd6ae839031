/** What compiling the addon needs on this machine. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import * as path from 'node:path';

export interface Tool {
  /** What it is, for people. */
  purpose: string;
  /** Null where none of the programs that would do is on PATH. */
  found: { path: string; version: string } | null;
}

const VERSION_DEADLINE_MS = 5000;

/** Finds the tools and asks each for its version. */
export function findTools(): Tool[] {
  const compilers = process.platform === 'win32' ? ['cl', 'clang-cl', 'g++'] : ['g++', 'clang++', 'c++'];
  return [
    findTool('C++ compiler', [...(process.env.CXX ? [process.env.CXX] : []), ...compilers]),
    findTool('CMake', ['cmake']),
    findTool('Build tool', process.platform === 'win32' ? ['ninja', 'msbuild'] : ['ninja', 'make']),
  ];
}

/** How to get what is missing, in a line. */
export function installHint(): string {
  if (process.platform === 'darwin') return 'xcode-select --install, and brew install cmake';
  if (process.platform === 'win32') {
    return 'install the Visual Studio Build Tools with the workload "Desktop development with C++", and CMake';
  }
  return 'install g++ (or clang++), cmake (3.18 or newer) and make, on Debian and Ubuntu: apt-get install g++ cmake make';
}

function findTool(purpose: string, programs: readonly string[]): Tool {
  for (const program of programs) {
    const file = findOnPath(program);
    if (file !== null) return { purpose, found: { path: file, version: versionOf(file) } };
  }
  return { purpose, found: null };
}

function findOnPath(program: string): string | null {
  if (path.isAbsolute(program)) return isProgram(program) ? program : null;
  const suffixes = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE').split(';') : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    if (folder === '') continue;
    for (const suffix of suffixes) {
      const file = path.join(folder, program + suffix);
      if (isProgram(file)) return file;
    }
  }
  return null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first line of what it says about its version. */
function versionOf(file: string): string {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: VERSION_DEADLINE_MS });
  const line = stdout?.split('\n').find((text) => text.trim() !== '');
  return line?.trim() ?? 'version unknown';
}

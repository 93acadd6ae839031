#!/usr/bin/env node
// clang-tidy over the addon's C++, with the checks of .clang-tidy: `npm run lint:cpp`.
//
//   --outputFile FILE   the count of what was checked, as `jest --json` has it

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { clang, lacksClang } from './checks/clang.mjs';
import { configure } from './checks/cpp-build.mjs';
import { Results } from './checks/results.mjs';
import { inRoot, root } from './lib/project.mjs';

const { values } = parseArgs({ options: { outputFile: { type: 'string' }, json: { type: 'boolean' } } });

/** Never built: what clang-tidy reads is how each file would be compiled, and the headers that are copied there. */
const folder = inRoot('build/tidy');

/** The files that hold the addon's sources, several in one. */
function addonFiles() {
  const commands = JSON.parse(readFileSync(path.join(folder, 'compile_commands.json'), 'utf8'));
  const isOurs = (text) => text.split('\n').some((line) => line.startsWith(`#include "${path.join(root, 'binding')}`));
  return commands.map(({ file }) => file).filter((file) => file.endsWith('_cxx.cxx') && isOurs(readFileSync(file, 'utf8')));
}

/** Says what clang-tidy found in a file; whether that is nothing. */
function check(file) {
  return new Promise((resolve) => {
    const child = spawn(clang.tidy, ['-p', folder, '--quiet', file], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
    let found = '';
    child.stdout.on('data', (data) => (found += data));
    child.on('error', (error) => (found += error.message));
    child.on('close', (code) => {
      if (found !== '') console.log(found);
      resolve(code === 0);
    });
  });
}

async function checkAll(results) {
  const compilers = [`-DCMAKE_C_COMPILER=${clang.c}`, `-DCMAKE_CXX_COMPILER=${clang.cxx}`];
  if (!configure(folder, compilers)) return results.note(false);
  const waiting = addonFiles();
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) results.note(await check(file));
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, work));
}

if (!lacksClang()) {
  const results = new Results(values.outputFile);
  await checkAll(results);
  results.finish('clang-tidy, groups of files');
}

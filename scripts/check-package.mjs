#!/usr/bin/env node
// Compares what `npm pack` would publish with test/package/files.txt, and its size with what is allowed:
//
//   node scripts/check-package.mjs             of the prebuilt binaries, this machine's own must be there
//   node scripts/check-package.mjs --release   all must be there
//   node scripts/check-package.mjs --write     writes the list anew, keeping the binaries in it

import { readFileSync, writeFileSync } from 'node:fs';
import { run } from './lib/processes.mjs';
import { display, inRoot, isEntryPoint, root } from './lib/project.mjs';

const MAX_BYTES = 3_000_000;
const listFile = inRoot('test', 'package', 'files.txt');

const isPrebuilt = (name) => name.startsWith('prebuilds/');
const isForThisMachine = (name) => name.startsWith(`prebuilds/${process.platform}-${process.arch}/`);

async function packedFiles() {
  const { ok, output } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
    cwd: root,
    shell: process.platform === 'win32',
  });
  if (!ok) throw new Error(`npm pack failed:\n${output.trimEnd()}`);
  const [{ files, size }] = Object.values(JSON.parse(output));
  return { names: files.map(({ path }) => path).sort(), size };
}

const expectedFiles = () => readFileSync(listFile, 'utf8').split('\n').filter(Boolean);

/** What is wrong with a package of such files, in words; empty where it is as it should be. */
export function differences(names, expected, { isRelease }) {
  const there = new Set(names);
  const wanted = new Set(expected);
  // A platform has one binary for each libc, and a machine has one libc.
  const hasOwn = names.some(isForThisMachine);
  const isOwed = (name) => isRelease || !isPrebuilt(name) || (isForThisMachine(name) && !hasOwn);
  return [
    ...expected.filter((name) => !there.has(name) && isOwed(name)).map((name) => `${name} is missing`),
    ...names.filter((name) => !wanted.has(name)).map((name) => `${name} is not in ${display(listFile)}`),
  ];
}

async function check(options) {
  const { names, size } = await packedFiles();
  if (options.includes('--write')) {
    const kept = expectedFiles().filter(isPrebuilt);
    writeFileSync(listFile, `${[...names.filter((name) => !isPrebuilt(name)), ...kept].sort().join('\n')}\n`);
    return;
  }
  const problems = differences(names, expectedFiles(), { isRelease: options.includes('--release') });
  if (size > MAX_BYTES) problems.push(`the tarball has ${size} bytes, at most ${MAX_BYTES} are allowed`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  else console.log(`${names.length} files, ${size} bytes packed: as expected`);
}

if (isEntryPoint(import.meta)) {
  try {
    await check(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

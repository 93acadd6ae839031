#!/usr/bin/env node
// Compiles lib/ to dist/ and adds the ESM entry: `npm run build:ts`.
//
// dist/index.js is CommonJS and holds all state; dist/index.mjs only hands its
// exports on, so that require() and import share one instance.
//
// dist/ is never without a file that it had and keeps: programs may load it meanwhile.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { remove, run, withTemporaryFolder } from './lib/processes.mjs';
import { inRoot, isEntryPoint, resolveInstalled, root } from './lib/project.mjs';

const distFolder = inRoot('dist');

async function compile(folder) {
  const compiler = resolveInstalled('typescript/bin/tsc');
  if (!compiler) throw new Error('TypeScript is not installed. Run: npm ci, without --omit=dev');
  const args = [compiler, '--project', inRoot('tsconfig.json'), '--outDir', folder, '--pretty', 'false'];
  const { ok, output } = await run(process.execPath, args, { cwd: root });
  if (!ok) throw new Error(`tsc failed:\n${output.trimEnd()}`);
  if (!existsSync(path.join(folder, 'index.js'))) throw new Error('tsc wrote no index.js: is lib/index.ts there?');
}

/** The names that require('dist/index.js') offers at run time; types have none. */
async function exportedNames(folder) {
  const entry = path.join(folder, 'index.js');
  // In a process of its own: loading the module here would pin this build of it for the caller.
  const script = `process.stdout.write(JSON.stringify(Object.keys(require(${JSON.stringify(entry)}))))`;
  const { ok, output } = await run(process.execPath, ['-e', script], { cwd: root });
  if (!ok) throw new Error(`index.js was compiled but does not load:\n${output.trimEnd()}`);
  const names = JSON.parse(output).filter((name) => name !== 'default' && name !== '__esModule');
  if (names.length === 0) throw new Error('index.js exports nothing');
  return names.sort();
}

async function writeEsmEntry(folder) {
  const names = await exportedNames(folder);
  const module = [
    '// Written by scripts/build-ts.mjs from the exports of index.js.',
    "import commonJs from './index.js';",
    '',
    'export const {',
    ...names.map((name) => `  ${name},`),
    '} = commonJs;',
    '',
  ];
  writeFileSync(path.join(folder, 'index.mjs'), module.join('\n'));
  writeFileSync(path.join(folder, 'index.d.mts'), "export * from './index.js';\n");
}

/** npm makes the commands of an installed package executable, but not those of a checkout. */
function makeCommandsExecutable(folder) {
  const { bin = {} } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  for (const [name, file] of Object.entries(bin)) {
    const compiled = path.join(folder, path.relative('dist', file));
    if (!existsSync(compiled)) {
      throw new Error(`package.json names ${file} as the command ${name}, but tsc did not write it`);
    }
    chmodSync(compiled, 0o755);
  }
}

/** The files below a folder, by their paths in it; none for a folder that is not there. */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

function isSame(file, other) {
  return existsSync(other) && readFileSync(file).equals(readFileSync(other));
}

/** Moves what differs to dist/, each file at once, and deletes what has no source any more and would be published. */
function moveToDist(folder) {
  const files = filesBelow(folder);
  for (const file of files) {
    const target = path.join(distFolder, file);
    if (isSame(path.join(folder, file), target)) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    renameSync(path.join(folder, file), target);
  }
  const kept = new Set(files);
  for (const file of filesBelow(distFolder)) if (!kept.has(file)) remove(path.join(distFolder, file));
}

/** Compiles everything; throws an Error whose message is for the person who ran it. */
export async function buildTypeScript() {
  // Below build/, which no tool takes for source.
  mkdirSync(inRoot('build'), { recursive: true });
  await withTemporaryFolder(async (folder) => {
    await compile(folder);
    await writeEsmEntry(folder);
    makeCommandsExecutable(folder);
    moveToDist(folder);
  }, inRoot('build'));
}

if (isEntryPoint(import.meta)) {
  try {
    await buildTypeScript();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

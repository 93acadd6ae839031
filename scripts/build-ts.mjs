#!/usr/bin/env node
// Compiles lib/ to dist/ and adds the ESM entry: `npm run build:ts`.
//
// dist/index.js is CommonJS and holds all state; dist/index.mjs only hands its
// exports on, so that require() and import share one instance.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { remove, run } from './lib/processes.mjs';
import { display, inRoot, isEntryPoint, resolveInstalled, root } from './lib/project.mjs';

const distFolder = inRoot('dist');
const entry = path.join(distFolder, 'index.js');

async function compile() {
  const compiler = resolveInstalled('typescript/bin/tsc');
  if (!compiler) throw new Error('TypeScript is not installed. Run: npm ci, without --omit=dev');
  // A file whose source is gone would otherwise stay, and be published.
  remove(distFolder);
  const args = [compiler, '--project', inRoot('tsconfig.json'), '--pretty', 'false'];
  const { ok, output } = await run(process.execPath, args, { cwd: root });
  if (!ok) throw new Error(`tsc failed:\n${output.trimEnd()}`);
  if (!existsSync(entry)) throw new Error(`tsc wrote no ${display(entry)}: is lib/index.ts there?`);
}

/** The names that require('dist/index.js') offers at run time; types have none. */
async function exportedNames() {
  // In a process of its own: loading the module here would pin this build of it for the caller.
  const script = `process.stdout.write(JSON.stringify(Object.keys(require(${JSON.stringify(entry)}))))`;
  const { ok, output } = await run(process.execPath, ['-e', script], { cwd: root });
  if (!ok) throw new Error(`${display(entry)} was compiled but does not load:\n${output.trimEnd()}`);
  const names = JSON.parse(output).filter((name) => name !== 'default' && name !== '__esModule');
  if (names.length === 0) throw new Error(`${display(entry)} exports nothing`);
  return names.sort();
}

async function writeEsmEntry() {
  const names = await exportedNames();
  const module = [
    '// Written by scripts/build-ts.mjs from the exports of index.js.',
    "import commonJs from './index.js';",
    '',
    'export const {',
    ...names.map((name) => `  ${name},`),
    '} = commonJs;',
    '',
  ];
  writeFileSync(path.join(distFolder, 'index.mjs'), module.join('\n'));
  writeFileSync(path.join(distFolder, 'index.d.mts'), "export * from './index.js';\n");
}

/** npm makes the commands of an installed package executable, but not those of a checkout. */
function makeCommandsExecutable() {
  const { bin = {} } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  for (const [name, file] of Object.entries(bin)) {
    if (!existsSync(inRoot(file))) {
      throw new Error(`package.json names ${file} as the command ${name}, but tsc did not write it`);
    }
    chmodSync(inRoot(file), 0o755);
  }
}

/** Compiles everything; throws an Error whose message is for the person who ran it. */
export async function buildTypeScript() {
  await compile();
  await writeEsmEntry();
  makeCommandsExecutable();
}

if (isEntryPoint(import.meta)) {
  try {
    await buildTypeScript();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

#!/usr/bin/env node
// ESLint, the types of the tests, and the workflows: `npm run lint`. All at once, since none fills two cores; what one
// of them prints comes in one piece.

import { run } from './lib/processes.mjs';
import { inRoot, root } from './lib/project.mjs';

const CHECKS = [
  [inRoot('node_modules', 'eslint', 'bin', 'eslint.js'), '.'],
  [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.test.json', '--noEmit'],
  [inRoot('scripts', 'lint-workflows.mjs')],
];

async function check(args) {
  const { ok, output } = await run(process.execPath, args, { cwd: root });
  if (output.trim() !== '') console.log(output.trimEnd());
  return ok;
}

const found = await Promise.all(CHECKS.map(check));
if (found.includes(false)) process.exitCode = 1;

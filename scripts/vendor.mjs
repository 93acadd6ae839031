#!/usr/bin/env node
// Puts third-party source where the build expects it: `npm run vendor`, and
// before every build from a checkout. Each file that is compiled must match its
// pinned SHA-256, wherever it came from.

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { dependencies } from './lib/dependencies.mjs';
import * as debian from './lib/debian-source.mjs';
import * as github from './lib/github-source.mjs';
import { withTemporaryFolder } from './lib/processes.mjs';
import { display, inRoot, isEntryPoint } from './lib/project.mjs';
import { listed, missingFiles, overrideFolder } from './lib/third-party.mjs';

const remoteKinds = { github, debian };

/** Where what was fetched is kept for the next checkout of this user. */
export function cacheFolder({ name, version }) {
  const home = os.homedir();
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  let base = path.join(home, '.cache');
  // The XDG specification has a relative path ignored.
  if (XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME)) base = XDG_CACHE_HOME;
  else if (process.platform === 'win32') base = LOCALAPPDATA || path.join(home, 'AppData', 'Local');
  else if (process.platform === 'darwin') base = path.join(home, 'Library', 'Caches');
  return path.join(base, 'tracesmith-perfetto', `${name}-${version}`);
}

/** What is wrong with the dependency's files in `folder`, or null. */
function findProblem(folder, dependency) {
  const missing = missingFiles(folder, dependency);
  if (missing.length > 0) return `${listed(missing)} not there`;
  for (const { name, sha256 } of dependency.files) {
    const actual = createHash('sha256').update(readFileSync(path.join(folder, name))).digest('hex');
    if (actual !== sha256) return `${name} has the SHA-256 ${actual} instead of ${sha256}`;
  }
  return null;
}

const namesIn = (folder, { files }) =>
  files.map(({ name }) => name).filter((name) => existsSync(path.join(folder, name)));

/**
 * Has `fill` put the files into a folder beside their place, verifies them there
 * and moves them in: whoever looks, at any time, finds whole files or none.
 */
async function install(folder, dependency, fill) {
  mkdirSync(folder, { recursive: true });
  await withTemporaryFolder(async (staging) => {
    await fill(staging);
    const problem = findProblem(staging, dependency);
    if (problem) throw new Error(problem);
    const now = new Date();
    for (const name of namesIn(staging, dependency)) {
      const file = path.join(staging, name);
      // tar keeps the age of a file; objects compiled from the one that it replaces would look newer.
      utimesSync(file, now, now);
      renameSync(file, path.join(folder, name));
    }
  }, folder);
}

const copyFrom = (origin, dependency) => (folder) => {
  for (const name of namesIn(origin, dependency)) copyFileSync(path.join(origin, name), path.join(folder, name));
};

/** The cache and then the remote sources, in the order in which they are tried. */
function sourcesOf(dependency, cache) {
  const remotes = dependency.sources.map((source) => {
    const kind = remoteKinds[source.kind];
    return {
      name: kind.describe(source),
      isRemote: true,
      fill: (folder) => kind.fetchInto(folder, source, dependency),
    };
  });
  return [{ name: `the cache ${cache}`, isRemote: false, fill: copyFrom(cache, dependency) }, ...remotes];
}

function checkOverride(dependency, folder) {
  const missing = missingFiles(folder, dependency);
  if (missing.length === 0) {
    return { ok: true, dependency, folder, source: dependency.overrideVariable, attempts: [] };
  }
  const error = `${listed(missing)} not found in ${folder}`;
  return { ok: false, dependency, folder, source: null, attempts: [{ source: dependency.overrideVariable, error }] };
}

/**
 * Makes sure of one dependency. Resolves to { ok, dependency, folder, source,
 * attempts }; attempts tell what was tried before `source`, or in vain.
 */
export async function vendor(dependency, { log = console.log } = {}) {
  const override = overrideFolder(dependency);
  if (override) return checkOverride(dependency, override);

  const folder = inRoot(dependency.folder);
  const attempts = [];
  const succeed = (source) => ({ ok: true, dependency, folder, source, attempts });

  const problem = findProblem(folder, dependency);
  if (!problem) return succeed('already there');
  if (dependency.files.some(({ name }) => existsSync(path.join(folder, name)))) {
    attempts.push({ source: display(folder), error: problem });
    log(`${dependency.title}: ${display(folder)} is replaced: ${problem}`);
  }

  const cache = cacheFolder(dependency);
  for (const source of sourcesOf(dependency, cache)) {
    if (source.isRemote) log(`${dependency.title}: trying ${source.name}`);
    try {
      await install(folder, dependency, source.fill);
    } catch (error) {
      attempts.push({ source: source.name, error: error.message });
      if (source.isRemote) log(`  failed: ${error.message}`);
      else if (existsSync(cache)) log(`${dependency.title}: ${source.name} is not used: ${error.message}`);
      continue;
    }
    if (source.isRemote) {
      await install(cache, dependency, copyFrom(folder, dependency)).catch((error) =>
        log(`  not kept for the next time: ${error.message}`),
      );
    }
    return succeed(source.name);
  }
  return { ok: false, dependency, folder, source: null, attempts };
}

/** The lines that tell a person how a failed vendor() can be made to succeed. */
export function remedies({ dependency, folder }) {
  const { title, overrideVariable, overrideAccepts } = dependency;
  const names = listed(dependency.files.map(({ name }) => name));
  if (overrideFolder(dependency)) {
    return [`point ${overrideVariable} at a folder with ${names} (${overrideAccepts}), or unset it`];
  }
  return [
    'with internet access, or on Debian with apt configured: npm run vendor',
    `or put ${names} of ${title} into ${display(folder)}`,
    `or set ${overrideVariable} to a folder with them (${overrideAccepts})`,
  ];
}

/** The whole account of a vendor() call, as lines. */
export function report(result) {
  const { ok, dependency, folder, source, attempts } = result;
  if (ok) return [`${dependency.title}: ${display(folder)} (${source})`];
  return [
    `${dependency.title} could not be obtained. Tried:`,
    ...attempts.map(({ source: name, error }) => `  - ${name}: ${error}`),
    'What helps:',
    ...remedies(result).map((line) => `  - ${line}`),
  ];
}

if (isEntryPoint(import.meta)) {
  for (const dependency of dependencies) {
    const result = await vendor(dependency);
    (result.ok ? console.log : console.error)(report(result).join('\n'));
    if (!result.ok) process.exitCode = 1;
  }
}

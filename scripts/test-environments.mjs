#!/usr/bin/env node
// The package under each Node.js release, Bun and Deno: `npm run test:environments`. They come from npm's registry into
// a per-user cache, without install scripts. What each runs is checks/environment-smoke.cjs, beside a copy of this
// checkout's package. Prints a table.
//
//   --outputFile FILE   the count of what passed, as `jest --json` has it

import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Results } from './checks/results.mjs';
import { remove, run, withTemporaryFolder } from './lib/processes.mjs';
import { inRoot, root } from './lib/project.mjs';
import { cacheFolder } from './vendor.mjs';

const BUN_ARCH = { x64: 'x64', arm64: 'aarch64' };
const { arch } = process;

// Node.js from the oldest that package.json allows.
const ENVIRONMENTS = [
  ...['20.19.0', '22.23.5', '24.22.3', '25.9.0'].map((version) => ({
    title: 'Node.js', from: `node-linux-${arch}`, version, binary: 'bin/node', args: [],
  })),
  { title: 'Bun', from: `@oven/bun-linux-${BUN_ARCH[arch]}`, version: '1.4.5', binary: 'bin/bun', args: [] },
  { title: 'Deno', from: `@deno/linux-${arch}-glibc`, version: '2.9.6', binary: 'deno', args: ['run', '--allow-all', '--node-modules-dir=manual'] },
];
const DEADLINE_MS = 120_000;

/** The name under which npm installs it: a package can be there once only under its own. */
const aliasOf = ({ title, version }) => `${title.toLowerCase().replace(/\W/g, '')}-${version}`;

function isInstalled(folder, environment) {
  try {
    const text = readFileSync(path.join(folder, 'node_modules', aliasOf(environment), 'package.json'), 'utf8');
    return JSON.parse(text).version === environment.version;
  } catch {
    return false;
  }
}

/** Installs what the cache lacks, and resolves to the binaries. */
async function installAll() {
  const folder = cacheFolder({ name: 'environments', version: 1 });
  if (!ENVIRONMENTS.every((environment) => isInstalled(folder, environment))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
    const packages = ENVIRONMENTS.map((environment) => `${aliasOf(environment)}@npm:${environment.from}@${environment.version}`);
    const flags = ['--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { ok, output } = await run('npm', ['install', ...flags, ...packages], { cwd: folder });
    if (!ok) throw new Error(`npm install failed:\n${output.trimEnd()}`);
  }
  return ENVIRONMENTS.map((environment) => {
    const binary = path.join(folder, 'node_modules', aliasOf(environment), environment.binary);
    chmodSync(binary, 0o755);
    return { ...environment, binary };
  });
}

/** Copies the package and what it depends on: Deno takes files outside node_modules for ES modules. */
async function copyPackage(folder) {
  const { ok, output } = await run('npm', ['ls', '--omit=dev', '--all', '--parseable'], { cwd: root });
  if (!ok) throw new Error(`npm ls failed:\n${output.trimEnd()}`);
  const own = path.join(folder, 'node_modules', 'tracesmith-perfetto');
  for (const name of ['dist', 'build/Release', 'package.json']) cpSync(inRoot(name), path.join(own, name), { recursive: true });
  for (const dependency of output.trim().split('\n').slice(1)) {
    cpSync(dependency, path.join(folder, path.relative(root, dependency)), { recursive: true });
  }
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  cpSync(inRoot('scripts/checks/environment-smoke.cjs'), path.join(folder, 'smoke.cjs'));
}

/** Runs the checks in one environment; resolves to their names and what failed. */
async function runChecks({ binary, args }, folder) {
  const output = path.join(folder, 'output');
  mkdirSync(output);
  const env = { ...process.env, DENO_DIR: path.join(folder, 'deno'), NO_COLOR: '1' };
  const result = await run(binary, [...args, 'smoke.cjs', output], { cwd: folder, env, timeout: DEADLINE_MS });
  remove(output);
  try {
    const report = JSON.parse(result.output.trim().split('\n').at(-1));
    return result.ok ? report : { ...report, failures: { ...report.failures, exit: `exit code ${result.code}` } };
  } catch {
    return { checks: [], failures: { start: `exit code ${result.code}: ${result.output.trim()}` } };
  }
}

async function testAll(results) {
  const environments = await installAll();
  await withTemporaryFolder(async (folder) => {
    await copyPackage(folder);
    const failed = [];
    for (const environment of environments) {
      const name = `${environment.title} ${environment.version}`;
      const { checks, failures } = await runChecks(environment, folder);
      results.add(checks.filter((check) => !(check in failures)).length, Object.keys(failures).length);
      failed.push(...Object.entries(failures).map(([check, message]) => `${name}, ${check}: ${message}`));
      const cells = checks.map((check) => (check in failures ? `NOT ${check}` : check));
      console.log([name.padEnd(16), ...cells].join('  '));
    }
    for (const line of failed) console.error(line);
  });
}

const { values } = parseArgs({ options: { outputFile: { type: 'string' }, json: { type: 'boolean' } } });
const results = new Results(values.outputFile);
try {
  const isKnown = process.platform === 'linux' && arch in BUN_ARCH;
  if (!isKnown) throw new Error(`expected Linux on x64 or arm64, with glibc, but this is ${process.platform} on ${arch}`);
  await testAll(results);
} catch (error) {
  console.error(error.message);
  results.note(false);
}
results.finish('environments');

/** The folder of one run of the package tests, and processes in it as a user of the package starts them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const CHECKOUT = join(__dirname, '..', '..', '..');
const PLACE_VARIABLE = 'TRACESMITH_TEST_PLACE';

/** Set by the setup, for the processes that run tests. */
export function setPlace(folder: string): void {
  process.env[PLACE_VARIABLE] = folder;
}

function place(...parts: string[]): string {
  const folder = process.env[PLACE_VARIABLE];
  if (folder === undefined) throw new Error(`Expected ${PLACE_VARIABLE} to be set: run npm run test:package`);
  return join(folder, ...parts);
}

export const tarball = () => place('tracesmith-perfetto.tgz');
/** A project that has the package installed. */
export const project = () => place('project');
/** What a machine without network has: npm's cache and that of the vendored source. */
export const npmCache = () => place('npm-cache');
export const sourceCache = () => place('source-cache');
export const newFolder = (name: string) => place(name);

/** The port that the registry had while the cache was filled; its address is part of the cache's keys. */
export const registryAddress = (port: string | number) => `http://127.0.0.1:${port}/`;
export const REGISTRY_VARIABLE = 'TRACESMITH_TEST_REGISTRY';

/** The environment of a user: nothing of this checkout's npm, of Jest or of the tests' own variables. */
export function userEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const isForeign = (name: string) => /^(npm_|node_|jest_|tracesmith_|perfetto_|zlib_|simdjson_|init_cwd$)/i.test(name);
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)));
  return {
    ...own,
    npm_config_offline: 'true',
    npm_config_cache: npmCache(),
    npm_config_registry: process.env[REGISTRY_VARIABLE],
    npm_config_update_notifier: 'false',
    ...more,
  };
}

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs a program to its end. */
export function run(program: string, args: string[], cwd: string, env: NodeJS.ProcessEnv = userEnvironment()): Outcome {
  const isScript = process.platform === 'win32' && program !== process.execPath;
  const result = spawnSync(program, args, { cwd, env, encoding: 'utf8', shell: isScript, maxBuffer: 1 << 26 });
  if (result.error !== undefined) throw result.error;
  return { code: result.status, out: result.stdout, err: result.stderr };
}

export const node = (args: string[], cwd = project(), env?: NodeJS.ProcessEnv) => run(process.execPath, args, cwd, env);
export const npm = (args: string[], cwd: string, env?: NodeJS.ProcessEnv) => run('npm', args, cwd, env);
/** The package's command, as an installation offers it. */
export const command = (args: string[], cwd = project(), env?: NodeJS.ProcessEnv) =>
  run('npx', ['--no-install', 'tracesmith-perfetto', ...args], cwd, env);

/** For what an outcome must look like. */
export const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;
export const containing = (text: string) => expect.stringContaining(text) as string;

/** Runs a program that must succeed; an error shows what it said. */
export function mustSucceed(outcome: Outcome, what: string): Outcome {
  if (outcome.code !== 0) throw new Error(`${what} ended with ${outcome.code}:\n${outcome.out}${outcome.err}`);
  return outcome;
}

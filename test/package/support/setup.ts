/**
 * Makes the package and installs it where nothing of this checkout is in reach:
 *
 * - the prebuilt binary of this machine and the tarball (`TRACESMITH_TARBALL` names a finished one, or its folder, instead);
 * - npm's cache with what the package needs, packed from this checkout's node_modules, so that no network is needed;
 * - an empty project with the tarball installed, offline and without scripts.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { realpathSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { closure } from './lockfile';
import {
  CHECKOUT, mustSucceed, newFolder, node, npm, project, REGISTRY_VARIABLE, setPlace, sourceCache, tarball, userEnvironment,
} from './place';
import { serveRegistry, type PackedPackage } from './registry';

interface Manifest {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** A row of scripts/lib/dependencies.mjs. */
interface VendoredSource {
  name: string;
  version: string;
  folder: string;
  files: { name: string }[];
}

const readManifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** Packs folders; npm names the files. */
function pack(folders: readonly string[], destination: string): PackedPackage[] {
  mkdirSync(destination, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', `--pack-destination=${destination}`];
  const { out } = mustSucceed(npm([...args, ...folders], CHECKOUT), 'npm pack');
  const results = Object.values(JSON.parse(out) as Record<string, { filename: string }>);
  return results.map(({ filename }, index) => ({
    file: join(destination, filename),
    manifest: readManifest(join(CHECKOUT, folders[index])),
  }));
}

function packThePackage(): void {
  const { TRACESMITH_TARBALL: finished } = process.env;
  if (finished !== undefined) {
    const given = resolve(CHECKOUT, finished);
    const name = statSync(given).isDirectory() ? readdirSync(given).find((file) => file.endsWith('.tgz')) : '';
    if (name === undefined) throw new Error(`Expected a tarball (.tgz) in ${given}, which TRACESMITH_TARBALL names`);
    copyFileSync(join(given, name), tarball());
    return;
  }
  mustSucceed(node([join(CHECKOUT, 'scripts', 'prebuild.mjs')], CHECKOUT), 'The prebuild');
  const [packed] = pack(['.'], newFolder('packed'));
  copyFileSync(packed.file, tarball());
}

/** Installs everything once from a registry of this machine, so that npm has it in its cache. */
async function fillNpmCache(): Promise<void> {
  const { dependencies, devDependencies } = readManifest(CHECKOUT);
  // What `tracesmith-perfetto build` installs.
  const headers = ['node-addon-api', 'node-api-headers', ...(process.platform === 'win32' ? ['cmake-js'] : [])];
  const names = [...Object.keys(dependencies), ...headers];
  const packed = pack(closure(names).map((folder) => `./${folder}`), newFolder('dependencies'));
  const { server, address } = await serveRegistry(packed);
  process.env[REGISTRY_VARIABLE] = address;
  const folder = newFolder('warm-up');
  mkdirSync(folder);
  const wanted = Object.fromEntries(names.map((name) => [name, dependencies[name] ?? devDependencies[name]]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: wanted }));
  // Not run(): this process has to answer meanwhile.
  const env = userEnvironment({ npm_config_offline: 'false' });
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund'];
  const child = spawn('npm', args, { cwd: folder, env, stdio: 'inherit', shell: process.platform === 'win32' });
  const [code] = (await once(child, 'close')) as [number];
  server.close();
  if (code !== 0) throw new Error(`Expected npm install to fill the cache; it ended with ${code}`);
}

/** The vendored source of this checkout, as the cache that vendoring it leaves behind. */
function fillSourceCache(): void {
  // In a process of its own, since Jest runs no ES modules.
  const script = `import { dependencies } from './scripts/lib/dependencies.mjs'; console.log(JSON.stringify(dependencies))`;
  const { out } = mustSucceed(node(['--input-type=module', '-e', script], CHECKOUT), 'Reading the pinned sources');
  for (const { name, version, folder, files } of JSON.parse(out) as VendoredSource[]) {
    // Without it the build fetches the source, as it does for users.
    if (!files.every((file) => existsSync(join(CHECKOUT, folder, file.name)))) continue;
    const cache = join(sourceCache(), 'tracesmith-perfetto', `${name}-${version}`);
    mkdirSync(cache, { recursive: true });
    for (const file of files) copyFileSync(join(CHECKOUT, folder, file.name), join(cache, file.name));
  }
}

function installThePackage(): void {
  mkdirSync(project());
  writeFileSync(join(project(), 'package.json'), '{ "private": true }\n');
  const args = ['install', '--ignore-scripts', '--offline', '--no-audit', '--no-fund', tarball()];
  mustSucceed(npm(args, project()), 'npm install of the tarball');
}

export default async function setup(): Promise<void> {
  setPlace(realpathSync(mkdtempSync(join(tmpdir(), 'tracesmith-package-'))));
  packThePackage();
  await fillNpmCache();
  fillSourceCache();
  installThePackage();
}

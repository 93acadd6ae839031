/** What `npm pack` says in a checkout. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const binaries = readFileSync(join(ROOT, 'test/package/files.txt'), 'utf8').split('\n').filter((name) => name.startsWith('prebuilds/'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  for (const name of ['scripts/prepack.mjs', 'scripts/lib/project.mjs', 'test/package/files.txt']) cpSync(join(ROOT, name), join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const prepack = () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/prepack.mjs')], { encoding: 'utf8' });
  return { status, stdout, stderr };
};

test('the binaries that are missing, and what to do', () => {
  const { status, stdout, stderr } = prepack();
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  for (const name of binaries) expect(stderr).toContain(name);
  expect(stderr).toContain('npm run prebuild');
});

test('nothing where all are there', () => {
  for (const name of binaries) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), '');
  }
  expect(prepack()).toEqual({ status: 0, stdout: '', stderr: '' });
});

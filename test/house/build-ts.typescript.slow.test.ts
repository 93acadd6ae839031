/** `npm run build:ts` while programs use dist/. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEADLINE_MS } from '../support/effort';

const ROOT = join(__dirname, '../..');
const DIST = join(ROOT, 'dist');
const KEPT = ['index.js', 'index.mjs', 'cli/main.js'].map((name) => join(DIST, name));

const build = () => spawnSync(process.execPath, [join(ROOT, 'scripts/build-ts.mjs')], { encoding: 'utf8', timeout: DEADLINE_MS });
/** A file that was deleted and written again is another one. */
const identities = () => KEPT.map((file) => statSync(file, { bigint: true })).map(({ ino, mtimeNs }) => `${ino} ${mtimeNs}`);

test('what did not change stays as it is, and what has no source goes', () => {
  const before = identities();
  const stale = join(DIST, 'stale.js');
  writeFileSync(stale, '');
  expect(build()).toMatchObject({ status: 0, stderr: '' });
  expect(identities()).toEqual(before);
  expect(existsSync(stale)).toBe(false);
});

(process.platform === 'win32' ? test.skip : test)('what changed is written anew, and the command can be run', () => {
  const entry = join(DIST, 'cli/main.js');
  const text = readFileSync(entry, 'utf8');
  writeFileSync(entry, `${text}\n// changed`);
  expect(build()).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(entry, 'utf8')).toBe(text);
  expect(statSync(entry).mode & 0o111).toBe(0o111);
});

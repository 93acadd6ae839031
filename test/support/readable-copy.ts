/** A copy of the built package that other users can run, wherever the checkout lies. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sdkInfo } from '../../lib';
import { closure } from '../package/support/lockfile';

const CHECKOUT = join(__dirname, '../..');

/** The folder of the copy, which the caller must remove: dist, the addon, and the packages that they need. */
export function readableCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracesmith-copy-'));
  const copy = (from: string, to: string) => cpSync(from, join(folder, to), { recursive: true, dereference: true });
  const { dependencies } = jest.requireActual<{ dependencies: Record<string, string> }>('../../package.json');
  for (const name of ['package.json', 'dist', ...closure(Object.keys(dependencies))]) copy(join(CHECKOUT, name), name);
  const { addonPath } = sdkInfo();
  if (addonPath !== null) copy(addonPath, join('build/Release', basename(addonPath)));
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  return folder;
}

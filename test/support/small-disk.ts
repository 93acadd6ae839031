/** A small file system in memory, where one can be mounted: a disk that really is full at some point. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DISK_BYTES = 1 << 20;

/** The reason where it could not. */
export function mount(folder: string): string | undefined {
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

export function unmount(folder: string): void {
  const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
  if (status === 0) return;
  // Somebody has a file open. It is not to stay mounted for that.
  spawnSync('umount', ['--lazy', folder]);
  throw new Error(stderr);
}

/** Why no disk can be mounted; undefined where one can. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'tmpfs is mounted on Linux only';
  if (process.getuid!() !== 0) return 'mounting takes root';
  const folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  const failure = mount(folder);
  if (failure === undefined) unmount(folder);
  rmdirSync(folder);
  // Root of a CI machine can mount, or these tests would silently never run.
  if (failure !== undefined && process.env.CI) throw new Error(`mount failed: ${failure}`);
  return failure;
}

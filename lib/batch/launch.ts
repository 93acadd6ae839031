import type { Reject } from '../checks';
import type { KernelParams } from '../values';
import type { EventBatch } from './batch';
import { KnownNames } from './known-names';
import { AttrType, LAUNCH_WORDS, LaunchHas } from './layout';

/** Of a launch configuration, for callers who refuse others. */
export const LAUNCH_NAMES = new KnownNames([
  'gridX', 'gridY', 'gridZ', 'blockX', 'blockY', 'blockZ', 'sharedMemBytes', 'registersPerThread',
]);

/** Writes a launch configuration as an attribute of the row that was begun last. */
export function writeLaunch(batch: EventBatch, params: KernelParams, field: string, reject: Reject): void {
  if (typeof params !== 'object' || params === null) reject(field, 'an object', params);
  const { gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemBytes, registersPerThread } = params;
  const at = batch.reserveWords(LAUNCH_WORDS);
  const word = batch.word;
  let has = 0;
  if (gridX !== undefined || gridY !== undefined || gridZ !== undefined) has |= LaunchHas.Grid;
  if (blockX !== undefined || blockY !== undefined || blockZ !== undefined) has |= LaunchHas.Block;
  if (sharedMemBytes !== undefined) has |= LaunchHas.SharedMemory;
  if (registersPerThread !== undefined) has |= LaunchHas.Registers;
  word[at] = has;
  word[at + 1] = launchWord(gridX, 1, field, 'gridX', reject);
  word[at + 2] = launchWord(gridY, 1, field, 'gridY', reject);
  word[at + 3] = launchWord(gridZ, 1, field, 'gridZ', reject);
  word[at + 4] = launchWord(blockX, 1, field, 'blockX', reject);
  word[at + 5] = launchWord(blockY, 1, field, 'blockY', reject);
  word[at + 6] = launchWord(blockZ, 1, field, 'blockZ', reject);
  word[at + 7] = launchWord(sharedMemBytes, 0, field, 'sharedMemBytes', reject);
  word[at + 8] = launchWord(registersPerThread, 0, field, 'registersPerThread', reject);
  batch.attr(0, AttrType.Launch, at);
}

function launchWord(value: number | undefined, absent: number, field: string, name: string, reject: Reject): number {
  if (value === undefined) return absent;
  if (value >>> 0 !== value) reject(`${field}.${name}`, 'an integer from 0 to 2^32 - 1', value);
  return value;
}

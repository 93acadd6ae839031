import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The memory of typed arrays is given back by another thread. */
const SWEEP_MS = 100;

/** Bytes that this process holds after a full collection: objects, and the memory of typed arrays. */
export async function collectedMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  await wait(SWEEP_MS);
  collect();
  await wait(SWEEP_MS);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

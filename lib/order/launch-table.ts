import { withRoom } from '../batch/batch';
import { LAUNCH_WORDS } from '../batch/layout';

const INITIAL_LAUNCHES = 256;

/**
 * Launches of one kernel repeat their configuration. The table holds each distinct configuration once; its
 * index stands for it. The C++ twin is binding/order/shared_values.h.
 */
export class LaunchTable {
  /** LAUNCH_WORDS words for each. */
  words = new Uint32Array(INITIAL_LAUNCHES * LAUNCH_WORDS);
  count = 0;
  private readonly byHash = new Map<number, number[]>();

  /** The index of the configuration at `offset` of `source`, new or known. */
  indexOf(source: Uint32Array, offset: number): number {
    const hash = hashOf(source, offset);
    const sameHash = this.byHash.get(hash) ?? [];
    for (const index of sameHash) if (this.isAt(index, source, offset)) return index;
    const index = this.count++;
    if (sameHash.push(index) === 1) this.byHash.set(hash, sameHash);
    this.words = withRoom(this.words, this.count * LAUNCH_WORDS);
    this.words.set(source.subarray(offset, offset + LAUNCH_WORDS), index * LAUNCH_WORDS);
    return index;
  }

  private isAt(index: number, source: Uint32Array, offset: number): boolean {
    const start = index * LAUNCH_WORDS;
    for (let i = 0; i < LAUNCH_WORDS; i++) if (this.words[start + i] !== source[offset + i]) return false;
    return true;
  }
}

function hashOf(words: Uint32Array, offset: number): number {
  let hash = 0;
  for (let i = 0; i < LAUNCH_WORDS; i++) hash = Math.imul(hash ^ words[offset + i], 0x9e3779b1) ^ (hash >>> 15);
  return hash ^ (hash >>> 16);
}

import { LAUNCH_WORDS } from '../batch/layout';

const INITIAL_SLOTS = 256;

/**
 * Launches of one kernel repeat their configuration. The table holds each distinct configuration once; its
 * index stands for it. The C++ twin is binding/order/shared_values.h.
 */
export class LaunchTable {
  /** LAUNCH_WORDS words for each. */
  words = new Uint32Array(INITIAL_SLOTS * LAUNCH_WORDS);
  count = 0;
  /** A hash table with open addressing: an index plus one, 0 for an empty slot. */
  private slots = new Uint32Array(INITIAL_SLOTS * 2);

  /** The index of the configuration at `offset` of `source`, new or known. */
  indexOf(source: Uint32Array, offset: number): number {
    const mask = this.slots.length - 1;
    let slot = hashOf(source, offset) & mask;
    for (; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.isAt(this.slots[slot] - 1, source, offset)) return this.slots[slot] - 1;
    }
    if ((this.count + 1) * LAUNCH_WORDS > this.words.length) {
      this.grow();
      return this.indexOf(source, offset);
    }
    this.words.set(source.subarray(offset, offset + LAUNCH_WORDS), this.count * LAUNCH_WORDS);
    this.slots[slot] = ++this.count;
    return this.count - 1;
  }

  private isAt(index: number, source: Uint32Array, offset: number): boolean {
    const start = index * LAUNCH_WORDS;
    for (let i = 0; i < LAUNCH_WORDS; i++) if (this.words[start + i] !== source[offset + i]) return false;
    return true;
  }

  /** Doubles the room: at least every other slot stays empty. */
  private grow(): void {
    const words = new Uint32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.slots = new Uint32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let index = 0; index < this.count; index++) {
      let slot = hashOf(words, index * LAUNCH_WORDS) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = index + 1;
    }
  }
}

function hashOf(words: Uint32Array, offset: number): number {
  let hash = 0;
  for (let i = 0; i < LAUNCH_WORDS; i++) hash = Math.imul(hash ^ words[offset + i], 0x9e3779b1) ^ (hash >>> 15);
  return hash ^ (hash >>> 16);
}

'use strict';

/**
 * Random numbers from a seed (mulberry32), so that every machine and every run gets the same
 * workload.
 */
class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** @returns {number} a double from 0 up to, but not including, 1 */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /**
   * @param {number} count
   * @returns {number} an integer from 0 up to, but not including, count
   */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /**
   * @param {number} low
   * @param {number} high
   * @returns {number} an integer from low to high, every order of magnitude alike
   */
  logUniform(low, high) {
    return Math.round(low * (high / low) ** this.next());
  }

  /**
   * @template T
   * @param {readonly T[]} values
   * @returns {T}
   */
  pick(values) {
    return values[this.below(values.length)];
  }

  /**
   * Brings an array into a random order, in place.
   * @template {{ length: number, [index: number]: any }} T
   * @param {T} values
   * @returns {T}
   */
  shuffle(values) {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    return values;
  }
}

module.exports = { Random };

'use strict';

/** @param {readonly number[]} values @returns {number} */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * How many times longer the first took: the median of each round's ratio. What disturbs a round
 * disturbs both, so this is steadier than the ratio of the medians.
 * @param {readonly number[]} times
 * @param {readonly number[]} base of the same rounds
 */
function medianRatio(times, base) {
  return median(times.map((time, round) => time / base[round]));
}

module.exports = { median, medianRatio };

'use strict';

/** The ends of open slices, the earliest first: a binary heap in two arrays, so that nothing is allocated. */
class EndQueue {
  constructor() {
    this.ends = [];
    this.tracks = [];
  }

  /** @returns {number} when the next slice ends; Infinity where none is open */
  firstEnd() {
    return this.ends.length === 0 ? Infinity : this.ends[0];
  }

  /** @param {number} end @param {any} track whatever stands for it */
  push(end, track) {
    const { ends, tracks } = this;
    let i = ends.length;
    ends.push(end);
    tracks.push(track);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (ends[parent] <= end) break;
      ends[i] = ends[parent];
      tracks[i] = tracks[parent];
      i = parent;
    }
    ends[i] = end;
    tracks[i] = track;
  }

  /** @returns {any} the track of the slice that ends next */
  pop() {
    const { ends, tracks } = this;
    const first = tracks[0];
    const end = ends.pop();
    const track = tracks.pop();
    const count = ends.length;
    if (count === 0) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= count) break;
      if (child + 1 < count && ends[child + 1] < ends[child]) child++;
      if (ends[child] >= end) break;
      ends[i] = ends[child];
      tracks[i] = tracks[child];
      i = child;
    }
    ends[i] = end;
    tracks[i] = track;
    return first;
  }
}

module.exports = { EndQueue };

import type { Lane } from './lanes';

/**
 * Slices end in another order than they begin in. The queue holds the open slices whose end is known and
 * returns them by their ends; of several that end at one time, the slice that was opened last comes first,
 * because a child ends before its parent. A binary heap in columns. The C++ twin is
 * binding/order/end_queue.cc.
 */
export class EndQueue {
  private readonly ends: number[] = [];
  private readonly opened: number[] = [];
  private readonly lanes: Lane[] = [];
  private pushes = 0;

  /** The first end, ns. The queue must not be empty. */
  get firstEnd(): number {
    return this.ends[0];
  }

  hasEndUntil(time: number): boolean {
    return this.ends.length > 0 && this.ends[0] <= time;
  }

  push(end: number, lane: Lane): void {
    const opened = this.pushes++;
    let hole = this.ends.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.isAfter(parent, end, opened)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.put(hole, end, opened, lane);
  }

  /** Removes the first end and returns the lane of its slice. The queue must not be empty. */
  pop(): Lane {
    const first = this.lanes[0];
    const end = this.ends.pop()!;
    const opened = this.opened.pop()!;
    const lane = this.lanes.pop()!;
    const { length } = this.ends;
    if (length === 0) return first;
    let hole = 0;
    for (let child = 1; child < length; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < length && this.isAfter(child, this.ends[right], this.opened[right])) child = right;
      if (this.isAfter(child, end, opened)) break;
      this.move(child, hole);
      hole = child;
    }
    this.put(hole, end, opened, lane);
    return first;
  }

  private isAfter(index: number, end: number, opened: number): boolean {
    const own = this.ends[index];
    return own > end || (own === end && this.opened[index] < opened);
  }

  private move(from: number, to: number): void {
    this.put(to, this.ends[from], this.opened[from], this.lanes[from]);
  }

  private put(index: number, end: number, opened: number, lane: Lane): void {
    this.ends[index] = end;
    this.opened[index] = opened;
    this.lanes[index] = lane;
  }
}

/**
 * The slices that are open, by their ends: the one that ends first comes off first, of several that
 * end at one time the one opened last.
 */
export class EndHeap {
  private readonly ends: number[] = [];
  private readonly opened: number[] = [];
  private readonly rows: number[] = [];
  private pushes = 0;

  get size(): number {
    return this.rows.length;
  }

  /** The first end, ns; there must be one. */
  get firstEnd(): number {
    return this.ends[0];
  }

  push(end: number, row: number): void {
    const opened = this.pushes++;
    let hole = this.rows.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.isAfter(parent, end, opened)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.put(hole, end, opened, row);
  }

  /** Takes the first off and returns its row; there must be one. */
  pop(): number {
    const first = this.rows[0];
    const end = this.ends.pop()!;
    const opened = this.opened.pop()!;
    const row = this.rows.pop()!;
    const { length } = this.rows;
    if (length === 0) return first;
    let hole = 0;
    for (let child = 1; child < length; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < length && this.isAfter(child, this.ends[right], this.opened[right])) child = right;
      if (this.isAfter(child, end, opened)) break;
      this.move(child, hole);
      hole = child;
    }
    this.put(hole, end, opened, row);
    return first;
  }

  private isAfter(index: number, end: number, opened: number): boolean {
    const own = this.ends[index];
    return own > end || (own === end && this.opened[index] < opened);
  }

  private move(from: number, to: number): void {
    this.put(to, this.ends[from], this.opened[from], this.rows[from]);
  }

  private put(index: number, end: number, opened: number, row: number): void {
    this.ends[index] = end;
    this.opened[index] = opened;
    this.rows[index] = row;
  }
}

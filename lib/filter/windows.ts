import type { Exact } from '../protobuf/field-reader';

/** The first and the last time that there can be. */
export const EVER = -(2n ** 63n);
export const FOREVER = 2n ** 63n - 1n;

/** From a time on, and before another. */
export interface Window {
  from: Exact;
  to: Exact;
}

/** ns of the trace's clock. */
export interface WindowReport {
  from: bigint | null;
  to: bigint | null;
}

/** Parts of the time that stay: sorted, and none touches another. */
export class Windows {
  readonly list: readonly Window[];

  constructor(windows: readonly Window[]) {
    const within = (time: Exact) => (time < EVER ? EVER : time > FOREVER ? FOREVER : time);
    const bounded = windows.map(({ from, to }) => ({ from: within(from), to: within(to) }));
    const sorted = bounded.filter(({ from, to }) => from < to).sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
    const list: Window[] = [];
    for (const { from, to } of sorted) {
      const last = list.at(-1);
      if (last === undefined || last.to < from) list.push({ from, to });
      else if (last.to < to) last.to = to;
    }
    this.list = list;
  }

  /** As reports show them; null: open on that side. */
  get report(): WindowReport[] {
    const edge = (time: Exact) => (time === EVER || time === FOREVER ? null : BigInt(time));
    return this.list.map(({ from, to }) => ({ from: edge(from), to: edge(to) }));
  }

  /** What lies in both. */
  and(others: Windows): Windows {
    const both: Window[] = [];
    for (const a of this.list) {
      for (const b of others.list) both.push({ from: a.from > b.from ? a.from : b.from, to: a.to < b.to ? a.to : b.to });
    }
    return new Windows(both);
  }

  has(time: Exact): boolean {
    const window = this.list[this.firstEndingAfter(time)];
    return window !== undefined && window.from <= time;
  }

  /** Whether a slice is in it with a part of its own; a null end is none at all. */
  touches(begin: Exact, end: Exact | null): boolean {
    const window = this.list[this.firstEndingAfter(begin)];
    return window !== undefined && (begin >= window.from || end === null || end > window.from);
  }

  /** The time at which a slice begins when what lies before is cut off. */
  cutBegin(begin: Exact): Exact {
    const window = this.list[this.firstEndingAfter(begin)];
    return window === undefined || begin > window.from ? begin : window.from;
  }

  cutEnd(end: Exact): Exact {
    const window = this.list[this.count(({ from }) => from < end) - 1];
    return window === undefined || end < window.to ? end : window.to;
  }

  private firstEndingAfter(time: Exact): number {
    return this.count(({ to }) => to <= time);
  }

  /** How many windows the condition is true of, which must be the first ones. */
  private count(condition: (window: Window) => boolean): number {
    let least = 0;
    let most = this.list.length;
    while (least < most) {
      const middle = (least + most) >> 1;
      if (condition(this.list[middle])) least = middle + 1;
      else most = middle;
    }
    return least;
  }
}

import type { Fragment } from './byte-writer';

/** For a slice that was written as `X`: nothing is left to do when it ends. */
const COMPLETE = -Infinity;

/**
 * Where the events of one lane of a track go, and what keeps their order there.
 *
 * Readers sort by time. Once there is any `X`, those of one time go: each `E`, then each `X` with the
 * longest first, then all others in the order of the file. So what has a place among the events of its
 * time must not be an `X`, and an `E` must not have the time of its own `B`.
 */
export class Thread {
  /** By phase: how an event begins that is here, once it was needed. */
  starts: Fragment[] = [];
  /** For each open slice: the time of its `B`, or COMPLETE. */
  private readonly open: number[] = [];
  private latest = -Infinity;
  private latestWithFlows = -Infinity;
  /** From the one time to the other there are ends that had to be put off; a later `B` comes after them. */
  private crowdedFrom = -Infinity;
  private crowdedUntil = -Infinity;

  /**
   * @param place `"pid":1,"tid":2,"ts":`, the part of an event that says where and begins to say when
   * @param metadata events that describe the thread; taken when they are written
   */
  constructor(
    readonly place: string,
    readonly metadata: string[],
  ) {}

  /**
   * Whether an event must not be an `X`: an open `B` of its time would become its child, or it would come
   * between an event of its time and the `s`, `t` and `f` that bind to that one.
   */
  hasToStay(time: number, hasFlows: boolean): boolean {
    if (hasFlows && time <= this.latest) return true;
    if (time === this.latestWithFlows) return true;
    const { length } = this.open;
    if (length === 0) return false;
    const innermost = this.open[length - 1];
    return innermost >= time && innermost <= this.afterCrowd(time);
  }

  /** An event was written. */
  note(time: number, hasFlows: boolean): void {
    if (time > this.latest) this.latest = time;
    if (hasFlows) this.latestWithFlows = time;
  }

  beginComplete(): void {
    this.open.push(COMPLETE);
  }

  /** Begins a slice with a `B`, and gives the time to write. */
  begin(time: number): number {
    const written = this.afterCrowd(time);
    this.open.push(written);
    return written;
  }

  /** Ends the innermost open slice; gives the time of its `E` to write, or undefined where it needs none. */
  end(time: number): number | undefined {
    const begin = this.open.pop()!;
    if (begin === COMPLETE) return undefined;
    const written = Math.max(time, begin + 1);
    if (written > time) this.crowd(time, written);
    return written;
  }

  private afterCrowd(time: number): number {
    return time >= this.crowdedFrom && time < this.crowdedUntil ? this.crowdedUntil : time;
  }

  private crowd(from: number, until: number): void {
    if (from < this.crowdedFrom || from >= this.crowdedUntil) this.crowdedFrom = from;
    this.crowdedUntil = Math.max(this.crowdedUntil, until);
  }
}

import { NO_ROW } from './event-table';
import type { Arrows } from './flows';

/** A flow event of a file: it starts a flow, goes on with it, or ends it. */
export interface FlowEvent {
  /** What the events of one flow have in common. */
  flow: string;
  role: 's' | 't' | 'f';
  /** ns since the origin of the table. */
  time: number;
}

/** Arrows that were not drawn as they should be, each counted once. */
export interface ArrowCounts {
  /** Drawn, but from the slice that they should arrive at, since that begins first. */
  backward: number;
  startMissing: number;
  endMissing: number;
  /** To a slice that begins too long before. */
  backwards: number;
}

/** Two slices whose begins are further apart are no matter of clocks that differ. */
const MAX_SKEW = 1e6; // ns

interface Point extends Pick<FlowEvent, 'role'> {
  /** The time of the event, ns. */
  time: number;
  /** NO_ROW: it binds to none. */
  slice: number;
}

/** What is known of a flow. */
interface Flow {
  /** The start or the last step; undefined before the first start. */
  from?: Point;
  /** Whether an arrow leaves the start, drawn or not. */
  hasArrow: boolean;
  hasEnd: boolean;
  /** Steps and ends before the first start. */
  early: Point[];
}

/**
 * Draws the arrows of flows: from its start or last step to each following step and end. A start behind an end begins the
 * flow anew, since programs use their ids again. Other starts of a flow that goes on mean nothing.
 *
 * Readers draw an arrow from the slice that begins first. Clocks of two devices differ a little: an end shortly before its
 * start is an arrow that points the wrong way, and better than none. The C++ twin is binding/convert/arrow_drawer.cc.
 */
export class ArrowDrawer {
  private readonly flows = new Map<string, Flow>();
  private readonly counts: ArrowCounts = { backward: 0, startMissing: 0, endMissing: 0, backwards: 0 };

  /** @param times of the rows */
  constructor(
    private readonly arrows: Arrows,
    private readonly times: Float64Array,
  ) {}

  /** Adds the next event of a flow, in the order of time. */
  add({ flow: key, role, time }: FlowEvent, slice: number): void {
    let flow = this.flows.get(key);
    if (flow === undefined) this.flows.set(key, (flow = { hasArrow: false, hasEnd: false, early: [] }));
    const point = { role, time, slice };
    if (role === 's') return this.start(flow, point);
    if (flow.from === undefined) {
      flow.early.push(point);
      return;
    }
    if (this.haveSlices(flow.from, point)) this.draw(flow.from, point);
    flow.hasArrow = true;
    if (role === 't') flow.from = point;
    else flow.hasEnd = true;
  }

  /** Counts what is left. No event may come afterwards. */
  finish(): ArrowCounts {
    for (const flow of this.flows.values()) this.finishFlow(flow);
    return this.counts;
  }

  private start(flow: Flow, point: Point): void {
    const isLost = flow.from?.slice === NO_ROW;
    if (flow.from !== undefined && !flow.hasEnd && !isLost) {
      this.counts.endMissing++;
      return;
    }
    if (isLost) this.finishFlow(flow);
    flow.from = point;
    flow.hasArrow = flow.early.length > 0;
    flow.hasEnd = false;
    for (const early of flow.early.splice(0)) {
      this.drawEarly(point, early);
      flow.hasEnd ||= early.role === 'f';
    }
  }

  private finishFlow({ from, hasArrow, early }: Flow): void {
    this.counts.startMissing += early.length;
    if (from === undefined || hasArrow) return;
    this.counts[from.slice === NO_ROW ? 'startMissing' : 'endMissing']++;
  }

  /** Counts an arrow that lacks a slice. */
  private haveSlices(from: Point, to: Point): boolean {
    if (from.slice === NO_ROW) this.counts.startMissing++;
    else if (to.slice === NO_ROW) this.counts.endMissing++;
    else return true;
    return false;
  }

  /** The start comes behind the end. */
  private drawEarly(from: Point, to: Point): void {
    if (!this.haveSlices(from, to)) return;
    const distance = this.times[to.slice] - this.times[from.slice];
    const isForward = from.time === to.time && distance >= 0;
    if (isForward || Math.abs(distance) <= MAX_SKEW) this.draw(from, to);
    else this.counts.backwards++;
  }

  private draw(from: Point, to: Point): void {
    if (this.times[to.slice] >= this.times[from.slice]) {
      this.arrows.add(from.slice, to.slice);
    } else {
      this.counts.backward++;
      this.arrows.add(to.slice, from.slice);
    }
  }
}

import { RowKind } from '../batch/layout';
import { putStartsFirst } from './arrow-ties';
import type { Arrows } from './arrows';
import { EndHeap } from './end-heap';
import { NO_END, type EventTable } from './event-table';
import { connectFlows } from './flows';
import { assignLanes } from './lanes';
import { pairOpensWithCloses } from './pairing';
import { forEachTie, orderByTime, sortRange } from './sort';

export interface TimelineCounts {
  slices: number;
  instants: number;
  counters: number;
  /** Arrows that are drawn. */
  flows: number;
  /** Lanes beyond each track's first. */
  lanes: number;
  /** Slices without end. */
  unclosed: number;
  /** Closes without an open and without a length, written as instants. */
  unmatched: number;
  /** Arrows that lack an end, go back in time or close a circle. */
  flowsUndrawn: number;
}

/** Receives the events of a trace in the order in which they must be written. */
export interface TimelineVisitor {
  /** A slice begins on a lane of its track; lane 0 is the track itself. */
  begin(row: number, lane: number): void;
  /** The innermost open slice of the lane ends. `time` is in ns since the table's origin. */
  end(track: number, lane: number, time: number, row: number): void;
  instant(row: number): void;
  counter(row: number): void;
}

/**
 * The order in which a trace must be written. A timeline has no complete slices, only begins and
 * ends, so their order carries the nesting: an end before a begin of the same time, the longer begin
 * first, and no two slices of one lane that overlap without nesting. The C++ twin is
 * binding/encoder/timeline.cc; the vectors in test/fixtures/order hold the two equal.
 */
export class Timeline {
  readonly counts: TimelineCounts;
  readonly arrows: Arrows;
  /** The rows that are written, in their order: slices, instants and counters. */
  readonly order: Uint32Array;
  private readonly laneOf: Uint32Array;

  /** Pairs and sorts the events; the table is changed and must get no more of them. */
  constructor(private readonly table: EventTable) {
    const paired = pairOpensWithCloses(table, orderByTime(table));
    orderTies(table, paired.order);
    const { order, arrows, undrawn } = connectFlows(table, paired.order);
    const cut = putStartsFirst(table, order, arrows);
    const { laneOf, extraLanes } = assignLanes(table, order);
    this.order = order;
    this.arrows = arrows;
    this.laneOf = laneOf;
    this.counts = {
      slices: countOf(RowKind.Slice, table, order),
      instants: countOf(RowKind.Instant, table, order),
      counters: countOf(RowKind.Counter, table, order),
      flows: arrows.count,
      lanes: extraLanes,
      ...paired.counts,
      flowsUndrawn: undrawn + cut,
    };
  }

  /** Starts to tell `visitor` of the events; each call of `next` goes on with one. */
  visit(visitor: TimelineVisitor): TimelineWalk {
    return new TimelineWalk(this.table, this.order, this.laneOf, visitor);
  }
}

/** A way through a timeline, event by event, so that whoever writes can pause between two. */
export class TimelineWalk {
  private readonly open = new EndHeap();
  private position = 0;

  constructor(
    private readonly table: EventTable,
    private readonly order: Uint32Array,
    private readonly laneOf: Uint32Array,
    private readonly visitor: TimelineVisitor,
  ) {}

  /** Visits the next event, after the ends up to its time; false after the last, with all ends. */
  next(): boolean {
    const { table, visitor } = this;
    if (this.position === this.order.length) {
      this.endSlicesUntil(NO_END);
      return false;
    }
    const row = this.order[this.position++];
    this.endSlicesUntil(table.time[row]);
    const kind: RowKind = table.kind[row];
    if (kind === RowKind.Slice) this.begin(row);
    else if (kind === RowKind.Instant) visitor.instant(row);
    else visitor.counter(row);
    return true;
  }

  private begin(row: number): void {
    const { table, visitor } = this;
    const lane = this.laneOf[row];
    visitor.begin(row, lane);
    if (table.extent[row] === 0) visitor.end(table.track[row], lane, table.time[row], row);
    else if (table.extent[row] !== NO_END) this.open.push(table.endOf(row), row);
  }

  private endSlicesUntil(time: number): void {
    const { table, open } = this;
    while (open.size > 0 && open.firstEnd <= time) {
      const row = open.pop();
      this.visitor.end(table.track[row], this.laneOf[row], table.endOf(row), row);
    }
  }
}

function countOf(kind: RowKind, table: EventTable, order: Uint32Array): number {
  let count = 0;
  for (const row of order) if (table.kind[row] === kind) count++;
  return count;
}

/**
 * At one time slices begin before anything else happens, the longest first: a parent must be open
 * when its child begins.
 */
function orderTies(table: EventTable, order: Uint32Array): void {
  const { kind, extent } = table;
  const compare = (a: number, b: number): number => {
    const aIsSlice = kind[a] === RowKind.Slice;
    const bIsSlice = kind[b] === RowKind.Slice;
    if (aIsSlice !== bIsSlice) return aIsSlice ? -1 : 1;
    if (!aIsSlice || extent[a] === extent[b]) return 0;
    return extent[b] - extent[a];
  };
  forEachTie(table, order, (begin, end) => sortRange(order, begin, end, compare));
}

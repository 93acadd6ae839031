import { RowKind } from '../batch/layout';
import { putStartsFirst } from './arrow-ties';
import type { Arrows } from './arrows';
import { TimelineCursor, type TimelineVisitor } from './cursor';
import { NO_END, type EventTable } from './event-table';
import { connectFlows } from './flows';
import { pairOpensWithCloses } from './pairing';
import { compareAtOneTime, forEachTie, orderByTime, sortRange } from './sort';

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

/**
 * The order in which a whole trace must be written: its opens and closes paired, its flows connected,
 * all of it sorted, no two slices of one lane that overlap without nesting. The C++ twin is
 * binding/order/timeline.cc; the vectors in test/fixtures/order hold the two equal.
 */
export class Timeline {
  readonly counts: TimelineCounts;
  readonly arrows: Arrows;
  /** The rows that are written, in their order: slices, instants and counters. */
  readonly order: Uint32Array;
  private readonly followed: ReadonlySet<number>;

  /** Pairs and sorts the events; the table is changed and must get no more of them. */
  constructor(private readonly table: EventTable) {
    const paired = pairOpensWithCloses(table, orderByTime(table));
    const compare = compareAtOneTime(table);
    forEachTie(table, paired.order, (begin, end) => sortRange(paired.order, begin, end, compare));
    const { order, arrows, undrawn } = connectFlows(table, paired.order);
    const cut = putStartsFirst(table, order, arrows);
    this.order = order;
    this.arrows = arrows;
    this.followed = paired.counts.unclosed === 0 ? new Set() : followedEndlessSlices(table, order);
    const { slices, instants, counters, lanes } = this.rehearse();
    this.counts = {
      slices,
      instants,
      counters,
      flows: arrows.count,
      lanes,
      ...paired.counts,
      flowsUndrawn: undrawn + cut,
    };
  }

  /** Starts to tell `visitor` of the events; each call of `next` goes on with one. */
  visit(visitor: TimelineVisitor): TimelineWalk {
    return new TimelineWalk(this.order, new TimelineCursor(this.table, visitor, this.followed));
  }

  /** What there is to tell, which is asked for before anything is written. */
  private rehearse(): Pick<TimelineCounts, 'slices' | 'instants' | 'counters' | 'lanes'> {
    const cursor = new TimelineCursor(this.table, NOBODY, this.followed);
    const walk = new TimelineWalk(this.order, cursor);
    while (walk.next());
    const { slices, instants, counters } = cursor.counts;
    return { slices, instants, counters, lanes: cursor.extraLanes };
  }
}

/** A way through a timeline, event by event, so that whoever writes can pause between two. */
export class TimelineWalk {
  private position = 0;

  constructor(
    private readonly order: Uint32Array,
    private readonly cursor: TimelineCursor,
  ) {}

  /** Visits the next event, after the ends up to its time; false after the last, with all ends. */
  next(): boolean {
    if (this.position === this.order.length) {
      this.cursor.endAllSlices();
      return false;
    }
    this.cursor.visit(this.order[this.position++]);
    return true;
  }
}

const NOBODY: TimelineVisitor = { begin() {}, end() {}, instant() {}, counter() {} };

/** The slices without end after which other slices or instants come on their track. */
function followedEndlessSlices(table: EventTable, order: Uint32Array): Set<number> {
  const followed = new Set<number>();
  const hasLater: boolean[] = [];
  for (let position = order.length - 1; position >= 0; position--) {
    const row = order[position];
    if (table.kind[row] === RowKind.Counter) continue;
    const track = table.track[row];
    if (table.kind[row] === RowKind.Slice && table.extent[row] === NO_END && hasLater[track]) followed.add(row);
    hasLater[track] = true;
  }
  return followed;
}

import { RowKind } from '../batch/layout';
import { NO_END, type EventTable } from './event-table';
import { connectFlows, type Arrows, type ConnectedFlows } from './flows';
import { pairOpensWithCloses } from './pairing';
import { compareInTie, forEachTie, orderByTime, sortRange } from './time-order';
import { TimelineCursor, type OpenSlice, type TimelineCounts, type TimelineVisitor } from './timeline';

/** Draws the arrows of a whole trace. `order` has all rows in the order in which they are to be written. */
export type ConnectFlows = (table: EventTable, order: Uint32Array) => ConnectedFlows;

/** Rows in the order in which they must be written, with the arrows between them. */
export interface Arrangement extends Pick<TimelineCounts, 'unclosed' | 'unmatched' | 'flowsUndrawn'> {
  /** Slices, instants and counters. */
  order: Uint32Array;
  arrows: Arrows;
}

/** Tells a writer of rows that are in their order. */
export class ArrangedTimeline {
  readonly counts: TimelineCounts;
  readonly arrows: Arrows;
  readonly order: Uint32Array;
  /** The slices that nothing closed and that others follow on their track. */
  private readonly followed: ReadonlySet<number>;

  constructor(private readonly table: EventTable, arrangement: Arrangement) {
    const { order, arrows, unclosed, unmatched, flowsUndrawn } = arrangement;
    this.order = order;
    this.arrows = arrows;
    this.followed = unclosed === 0 ? new Set() : findFollowed(table, order);
    // The counts are asked for before anything is written.
    const cursor = new TimelineCursor(table, NOBODY, this.openSlice);
    for (const row of order) cursor.visit(row);
    const { slices, instants, counters, endless } = cursor.counts;
    this.counts = {
      slices,
      instants,
      counters,
      flows: arrows.count,
      lanes: cursor.lanes.extraLanes,
      unclosed: unclosed + endless,
      unmatched,
      flowsUndrawn,
    };
  }

  /**
   * Starts to tell `visitor` of the events. The returned function goes on with the next one, so that a writer
   * can pause between two; false after the last, with the ends of all slices.
   */
  visit(visitor: TimelineVisitor): () => boolean {
    const cursor = new TimelineCursor(this.table, visitor, this.openSlice);
    let position = 0;
    return () => {
      const isVisit = position < this.order.length;
      if (isVisit) cursor.visit(this.order[position++]);
      else cursor.endAllSlices();
      return isVisit;
    };
  }

  private readonly openSlice: OpenSlice = (lanes, row) => {
    const { table } = this;
    const track = table.track[row];
    const end = table.endOf(row);
    if (end === NO_END) return lanes.openUnclosed(track, table.time[row], this.followed.has(row));
    return lanes.open(track, table.time[row], end);
  };
}

/**
 * The events of a trace come in any order, as opens and closes, with flows that name each other by ids.
 * WholeTimeline brings all of them into the order in which they must be written: opens and closes paired,
 * flows connected, rows sorted, no two slices of one lane that overlap without nesting. The C++ twin is
 * binding/order/whole_timeline.cc; the vectors in test/fixtures/order hold the two equal.
 */
export class WholeTimeline extends ArrangedTimeline {
  /**
   * Pairs and sorts the events. It changes the table, which must get no more of them.
   *
   * @param leftOut a time of the table: its events are left out
   * @param connect draws the arrows
   */
  constructor(table: EventTable, leftOut?: number, connect: ConnectFlows = connectFlows) {
    super(table, arranged(table, leftOut, connect));
  }
}

function arranged(table: EventTable, leftOut: number | undefined, connect: ConnectFlows): Arrangement {
  const rows = orderByTime(table);
  const paired = pairOpensWithCloses(table, leftOut === undefined ? rows : rows.filter((row) => table.time[row] !== leftOut));
  const compare = compareInTie(table);
  forEachTie(table, paired.order, (begin, end) => sortRange(paired.order, begin, end, compare));
  const { order, arrows, undrawn } = connect(table, paired.order);
  return { order, arrows, ...paired.counts, flowsUndrawn: undrawn };
}

const NOBODY: TimelineVisitor = { begin() {}, end() {}, instant() {}, counter() {} };

/** The slices that nothing closed and that other slices or instants follow on their track. */
function findFollowed(table: EventTable, order: Uint32Array): Set<number> {
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

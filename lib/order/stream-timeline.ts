import { RowKind } from '../batch/layout';
import { TimelineCursor, type TimelineVisitor } from './cursor';
import { NO_END, type EventTable } from './event-table';
import { mergeArguments } from './merge-args';
import { OpenBegins } from './open-begins';
import { compareAtOneTime, endOfTie, merged, sortByTime, sortRange } from './sort';

/** How many slices may wait for earlier ones. */
export const WINDOW = 65_536;

/** Rows of any kind that may wait, for each slice that may. */
const ROWS_PER_SLICE = 4;

const NO_ROWS = new Uint32Array(0);

export interface StreamTimelineCounts {
  slices: number;
  instants: number;
  /** Counter samples. */
  counters: number;
  /** Lanes beside the tracks themselves, where slices overlap without nesting. */
  lanes: number;
  /** Slices that were begun and never ended; they stay open. */
  unclosed: number;
  /** Slices that came later than the window reaches back. */
  lateSlices: number;
}

/**
 * The order in which an endless trace must be written: of the rows that came last a window waits, so that
 * earlier ones can still come before them. When an eighth more wait, the oldest are released. What comes
 * after its time was released is late: it is written where it can be, else on a lane of its own.
 *
 * For each new row of the table call `add`; where that gives true, and after `flush`, call `next` until
 * it gives false. What is released depends on the rows alone, not on how they are batched. The C++ twin is
 * binding/order/timeline.cc; the vectors in test/fixtures/order hold the two equal.
 */
export class StreamTimeline {
  private readonly cursor: TimelineCursor;
  private readonly begins: OpenBegins[] = [];

  /** Rows sorted by time, then by arrival; those before `position` are released. */
  private order: Uint32Array = NO_ROWS;
  private position = 0;
  /** Until here those of one time are in the order in which they are released. */
  private tieEnd = 0;
  /** Rows that came since `order` was made. */
  private readonly arrived: number[] = [];

  /** Slices that wait when some are released. Few at a time cost more each time; many come late. */
  private readonly mostPending: number;
  private pendingSlices = 0;
  private pendingRows = 0;
  /** The release goes on while more than these are pending. */
  private keptSlices = Infinity;
  private keptRows = Infinity;

  constructor(
    private readonly table: EventTable,
    visitor: TimelineVisitor,
    private readonly window = WINDOW,
  ) {
    this.cursor = new TimelineCursor(table, visitor);
    this.mostPending = window + Math.ceil(window / 8);
  }

  get counts(): StreamTimelineCounts {
    const { slices, instants, counters, lateSlices } = this.cursor.counts;
    const unclosed = this.begins.reduce((sum, begins) => sum + begins.count, 0);
    return { slices, instants, counters, lanes: this.cursor.extraLanes, unclosed, lateSlices };
  }

  /** Takes in the next row of the table; true where a release is due. */
  add(row: number): boolean {
    const kind: RowKind = this.table.kind[row];
    if (kind === RowKind.End && !this.end(row)) return false;
    if (kind === RowKind.Begin) this.begin(row);
    if (isSlice(kind)) this.pendingSlices++;
    this.pendingRows++;
    this.arrived.push(row);
    if (this.pendingSlices < this.mostPending && this.pendingRows < ROWS_PER_SLICE * this.mostPending) return false;
    this.beginRelease(this.window, ROWS_PER_SLICE * this.window);
    return true;
  }

  /** Begins to release all rows. */
  flush(): void {
    this.beginRelease(0, 0);
  }

  /** Visits the next row of the release; false where it is over. */
  next(): boolean {
    if (this.pendingSlices <= this.keptSlices && this.pendingRows <= this.keptRows) {
      this.endRelease();
      return false;
    }
    if (this.position === this.tieEnd) {
      this.tieEnd = endOfTie(this.table, this.order, this.position);
      sortRange(this.order, this.position, this.tieEnd, compareAtOneTime(this.table));
    }
    this.visit(this.order[this.position++]);
    return true;
  }

  /** Ends all slices that have an end; after a flush. */
  endAllSlices(): void {
    this.cursor.endAllSlices();
  }

  /** Drops the released rows from the table where they are most of it. Between releases. */
  compact(): void {
    const { table, arrived, begins } = this;
    const released = table.rows - this.pendingRows;
    if (this.pendingRows > 0 && released < Math.max(this.pendingRows, begins.length)) return;
    const pending = this.order.subarray(this.position);
    const kept = new Uint32Array(this.pendingRows);
    kept.set(pending);
    kept.set(arrived, pending.length);
    kept.sort();
    if (kept.length > 0) {
      const newRows = new Uint32Array(table.rows);
      kept.forEach((row, newRow) => (newRows[row] = newRow));
      for (let i = 0; i < arrived.length; i++) arrived[i] = newRows[arrived[i]];
      begins.forEach((ofTrack) => ofTrack.renumber(newRows));
      this.order = pending.map((row) => newRows[row]);
    } else {
      this.order = NO_ROWS;
    }
    this.position = this.tieEnd = 0;
    table.keep(kept);
  }

  private begin(row: number): void {
    const track = this.table.track[row];
    this.beginsOf(track).push(row);
    this.cursor.lanesOf(track).lastHalf = this.table.time[row];
  }

  /** Gives whether the row has to be visited: a slice that is pending takes all that its End says. */
  private end(row: number): boolean {
    const { table } = this;
    const track = table.track[row];
    const time = table.time[row];
    const lanes = this.cursor.lanesOf(track);
    const begin = this.beginsOf(track).pop();
    if (begin === undefined) return false;
    lanes.lastHalf = time;
    if ('row' in begin) {
      table.extent[begin.row] = time - table.time[begin.row];
      mergeArguments(table, begin.row, row);
      return false;
    }
    table.lane[row] = begin.lane;
    lanes.at(begin.lane).setEnd(time);
    return true;
  }

  private beginsOf(track: number): OpenBegins {
    return (this.begins[track] ??= new OpenBegins());
  }

  private beginRelease(keptSlices: number, keptRows: number): void {
    this.keptSlices = keptSlices;
    this.keptRows = keptRows;
    const arrived = Uint32Array.from(this.arrived);
    this.arrived.length = 0;
    sortByTime(this.table, arrived);
    this.order = merged(this.table, this.order.subarray(this.position), arrived);
    this.position = this.tieEnd = 0;
  }

  /** Puts what is left of the last moment back in the order of arrival, to be sorted with later rows. */
  private endRelease(): void {
    sortRange(this.order, this.position, this.tieEnd, (a, b) => a - b);
    this.tieEnd = this.position;
  }

  private visit(row: number): void {
    const { table } = this;
    const kind: RowKind = table.kind[row];
    this.pendingRows--;
    if (isSlice(kind)) this.pendingSlices--;
    this.cursor.visit(row);
    if (kind === RowKind.Begin && table.endOf(row) === NO_END) this.beginsOf(table.track[row]).release(table.lane[row]);
  }
}

function isSlice(kind: RowKind): boolean {
  return kind === RowKind.Slice || kind === RowKind.Begin;
}

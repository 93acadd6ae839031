import { RowKind } from '../batch/layout';
import { BeginEndPairs } from './begin-end-pairs';
import { NO_END, type EventTable } from './event-table';
import type { Lane, Lanes } from './lanes';
import { compareInTie, endOfTie, mergeByTime, sortByTime, sortRange } from './time-order';
import { TimelineCursor, type TimelineCounts, type TimelineVisitor } from './timeline';

/** How many slices may wait for earlier ones. */
const WINDOW = 65_536;

/** Rows of any kind that may wait, for each slice that may. */
const ROWS_PER_SLICE = 4;

const NO_ROWS = new Uint32Array(0);

/** The counts of a stream: slices without end are those that were begun and never ended. */
export interface StreamTimelineCounts
  extends Pick<TimelineCounts, 'slices' | 'instants' | 'counters' | 'lanes' | 'unclosed'> {
  /** Slices that came later than the window reaches back. */
  lateSlices: number;
}

/**
 * An endless trace must be written while it comes, but its rows come out of order. StreamTimeline lets a
 * window of the latest rows wait, so that earlier ones can still come before them. When an eighth more
 * wait, it *releases* the oldest: visits them in the order in which they must be written. A late row comes
 * after its time was released: the next release visits it, and a late slice goes to the first lane that
 * accepts it.
 *
 * For each new row of the table call `add`; if that returns true, and after `flush`, call `next` until it
 * returns false. Which rows are released depends on the rows alone, not on how they are batched. The table
 * stays the caller's. The C++ twin is binding/order/stream_timeline.cc; the vectors in test/fixtures/order
 * hold the two equal.
 */
export class StreamTimeline {
  private readonly cursor: TimelineCursor;
  private readonly pairs: BeginEndPairs;

  /** Rows sorted by time, then by arrival; those before `position` are released. */
  private order: Uint32Array = NO_ROWS;
  private position = 0;
  /** Up to here each tie is in the order of its release. */
  private tieEnd = 0;
  /** Rows that came since `order` was made. */
  private readonly arrived: number[] = [];

  /** Slices that wait when some are released. Few at a time cost more each time; many come late. */
  private readonly mostWaiting: number;
  private waitingSlices = 0;
  private waitingRows = 0;
  /** The release goes on while more than these wait. */
  private keptSlices = Infinity;
  private keptRows = Infinity;

  constructor(
    private readonly table: EventTable,
    visitor: TimelineVisitor,
    private readonly window = WINDOW,
  ) {
    this.pairs = new BeginEndPairs(table);
    this.cursor = new TimelineCursor(table, visitor, (lanes, row) => this.openSlice(lanes, row));
    this.mostWaiting = window + Math.ceil(window / 8);
  }

  get counts(): StreamTimelineCounts {
    const { slices, instants, counters, endless, lateSlices } = this.cursor.counts;
    const unclosed = this.pairs.open + endless;
    return { slices, instants, counters, lanes: this.cursor.lanes.extraLanes, unclosed, lateSlices };
  }

  /** Adds the next row of the table; true if a release is due. */
  add(row: number): boolean {
    const kind: RowKind = this.table.kind[row];
    if (kind === RowKind.Begin) this.pairs.addBegin(row);
    else if (kind === RowKind.End && !this.pairs.addEnd(row, this.cursor.lanes)) return false;
    if (isSlice(kind)) this.waitingSlices++;
    this.waitingRows++;
    this.arrived.push(row);
    if (this.waitingSlices < this.mostWaiting && this.waitingRows < ROWS_PER_SLICE * this.mostWaiting) return false;
    this.beginRelease(this.window, ROWS_PER_SLICE * this.window);
    return true;
  }

  /** Begins to release all rows. */
  flush(): void {
    this.beginRelease(0, 0);
  }

  /** Visits the next row of the release; false when it is over. */
  next(): boolean {
    if (this.waitingSlices <= this.keptSlices && this.waitingRows <= this.keptRows) {
      this.endRelease();
      return false;
    }
    if (this.position === this.tieEnd) {
      this.tieEnd = endOfTie(this.table, this.order, this.position);
      sortRange(this.order, this.position, this.tieEnd, compareInTie(this.table));
    }
    this.visit(this.order[this.position++]);
    return true;
  }

  /** Ends all slices that have an end; after a flush. */
  endAllSlices(): void {
    this.cursor.endAllSlices();
  }

  /** Drops the released rows from the table if they are most of it. Between releases. */
  compact(): void {
    const { table, arrived, pairs } = this;
    const released = table.rows - this.waitingRows;
    if (this.waitingRows > 0 && released < Math.max(this.waitingRows, pairs.trackCount)) return;
    const waiting = this.order.subarray(this.position);
    const kept = new Uint32Array(this.waitingRows);
    kept.set(waiting);
    kept.set(arrived, waiting.length);
    kept.sort();
    if (kept.length > 0) {
      const newRows = new Uint32Array(table.rows);
      kept.forEach((row, newRow) => (newRows[row] = newRow));
      for (let i = 0; i < arrived.length; i++) arrived[i] = newRows[arrived[i]];
      pairs.renumber(newRows);
      this.order = waiting.map((row) => newRows[row]);
    } else {
      this.order = NO_ROWS;
    }
    this.position = this.tieEnd = 0;
    table.keep(kept);
  }

  private beginRelease(keptSlices: number, keptRows: number): void {
    this.keptSlices = keptSlices;
    this.keptRows = keptRows;
    const arrived = Uint32Array.from(this.arrived);
    this.arrived.length = 0;
    sortByTime(this.table, arrived);
    this.order = mergeByTime(this.table, this.order.subarray(this.position), arrived);
    this.position = this.tieEnd = 0;
  }

  /** Puts the rest of the last tie back in the order of arrival, to be sorted with later rows. */
  private endRelease(): void {
    sortRange(this.order, this.position, this.tieEnd, (a, b) => a - b);
    this.tieEnd = this.position;
  }

  private visit(row: number): void {
    const { table } = this;
    const kind: RowKind = table.kind[row];
    this.waitingRows--;
    if (isSlice(kind)) this.waitingSlices--;
    this.cursor.visit(row);
    if (kind === RowKind.Begin && table.extent[row] === NO_END) this.pairs.noteWritten(row);
  }

  /** Only a Begin whose End has not come is without an end here. */
  private openSlice(lanes: Lanes, row: number): Lane {
    const { table } = this;
    const track = table.track[row];
    const end = table.endOf(row);
    if (end === NO_END) return lanes.openBegin(track, table.time[row]);
    return lanes.open(track, table.time[row], end, this.pairs.knownUntil(track));
  }
}

function isSlice(kind: RowKind): boolean {
  return kind === RowKind.Slice || kind === RowKind.Begin;
}

import { RowKind } from '../batch/layout';
import { EndHeap } from './end-heap';
import { NO_END, type EventTable } from './event-table';
import type { Lane } from './lane';
import { TrackLanes } from './lanes';

/** Stands for no row. */
export const NO_ROW = -1;

/** Receives the events of a trace in the order in which they must be written. */
export interface TimelineVisitor {
  /** A slice begins on a lane of its track; lane 0 is the track itself. */
  begin(row: number, lane: number): void;
  /**
   * The innermost open slice of the lane ends. `time` is in ns since the table's origin; `row` is an End
   * with more arguments of the slice, or NO_ROW.
   */
  end(track: number, lane: number, time: number, row: number): void;
  instant(row: number): void;
  counter(row: number): void;
}

export interface CursorCounts {
  slices: number;
  instants: number;
  counters: number;
  /** Slices before the latest row that was visited before them. */
  lateSlices: number;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * Goes along a trace row by row, and puts the ends of slices between the rows where they belong. A
 * timeline has no complete slices, only begins and ends: an end comes before a begin of the same time.
 */
export class TimelineCursor {
  readonly counts: CursorCounts = { slices: 0, instants: 0, counters: 0, lateSlices: 0 };
  private readonly ends = new EndHeap();
  private readonly tracks: TrackLanes[] = [];
  private watermark = -Infinity;

  /** @param followed slices without end that others follow on their track */
  constructor(
    private readonly table: EventTable,
    private readonly visitor: TimelineVisitor,
    private readonly followed: ReadonlySet<number> = NONE,
  ) {}

  /** Lanes beyond each track's first. */
  get extraLanes(): number {
    return this.tracks.reduce((sum, lanes) => sum + lanes.extraLanes, 0);
  }

  lanesOf(track: number): TrackLanes {
    return (this.tracks[track] ??= new TrackLanes(track));
  }

  /** Visits a row, after the ends up to its time. Tells the table the lane of a slice. */
  visit(row: number): void {
    const { table, visitor, counts } = this;
    const time = table.time[row];
    this.endSlicesUntil(time);
    switch (table.kind[row] as RowKind) {
      case RowKind.Slice:
      case RowKind.Begin:
        if (time < this.watermark) counts.lateSlices++;
        this.begin(row);
        break;
      case RowKind.End:
        this.end(this.lanesOf(table.track[row]).at(table.lane[row]), time, row);
        break;
      case RowKind.Instant:
        counts.instants++;
        visitor.instant(row);
        break;
      default:
        counts.counters++;
        visitor.counter(row);
    }
    if (time > this.watermark) this.watermark = time;
  }

  endAllSlices(): void {
    this.endSlicesUntil(NO_END);
  }

  private begin(row: number): void {
    const { table } = this;
    const time = table.time[row];
    const end = table.endOf(row);
    const lane = this.laneFor(row, time, end);
    table.lane[row] = lane.number;
    this.counts.slices++;
    this.visitor.begin(row, lane.number);
    if (end === time) this.visitor.end(lane.track, lane.number, time, NO_ROW);
    else if (end !== NO_END) this.ends.push(end, lane);
  }

  private laneFor(row: number, time: number, end: number): Lane {
    const lanes = this.lanesOf(this.table.track[row]);
    if (end !== NO_END) return lanes.place(time, end);
    if (this.table.kind[row] === RowKind.Begin) return lanes.placeBegin(time);
    return lanes.placeEndless(time, this.followed.has(row));
  }

  private endSlicesUntil(time: number): void {
    const { ends } = this;
    while (ends.hasEndUntil(time)) {
      const end = ends.firstEnd;
      this.end(ends.pop(), end, NO_ROW);
    }
  }

  private end(lane: Lane, time: number, row: number): void {
    lane.end(time);
    this.visitor.end(lane.track, lane.number, time, row);
  }
}

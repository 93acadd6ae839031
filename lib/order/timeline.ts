import { RowKind } from '../batch/layout';
import { EndQueue } from './end-queue';
import { NEVER_ENDS, NO_ROW, type EventTable } from './event-table';
import { Lanes, type Lane } from './lanes';

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

/** The counts of a whole trace, which the exporter and the converter report. */
export interface TimelineCounts {
  slices: number;
  instants: number;
  /** Samples of counters. */
  counters: number;
  /** Arrows that are drawn. */
  flows: number;
  /** Lanes beyond each track's first. */
  lanes: number;
  /** Slices without end; they stay open. */
  unclosed: number;
  /** Closes without an open and without a length, written as instants. */
  unmatched: number;
  /** Arrows that lack an end, go back in time or close a circle. */
  flowsUndrawn: number;
}

/** The counts that the cursor keeps. */
export interface CursorCounts extends Pick<TimelineCounts, 'slices' | 'instants' | 'counters'> {
  /** Slices that never end (NEVER_ENDS). */
  endless: number;
  /** Slices before the latest row that was visited before them. */
  lateSlices: number;
}

/** Opens a slice on a lane of its track, by the rules of the timeline. */
export type OpenSlice = (lanes: Lanes, row: number) => Lane;

/**
 * A trace is written as begins and ends, and the order of those carries the nesting. The cursor visits rows
 * in their order and puts the ends of slices between them: an end before a begin of the same time. Whole
 * traces and streams share it; it owns the lanes and the ends that are to come.
 */
export class TimelineCursor {
  readonly counts: CursorCounts = { slices: 0, instants: 0, counters: 0, endless: 0, lateSlices: 0 };
  readonly lanes = new Lanes();
  private readonly ends = new EndQueue();
  private latest = -Infinity;

  constructor(
    private readonly table: EventTable,
    private readonly visitor: TimelineVisitor,
    private readonly openSlice: OpenSlice,
  ) {}

  /** Visits a row, after the ends up to its time. Tells the table the lane of a slice. */
  visit(row: number): void {
    const { table, visitor, counts } = this;
    const time = table.time[row];
    this.endSlicesUntil(time);
    switch (table.kind[row] as RowKind) {
      case RowKind.Slice:
      case RowKind.Begin:
        if (time < this.latest) counts.lateSlices++;
        this.begin(row);
        break;
      case RowKind.End:
        this.end(this.lanes.at(table.track[row], table.lane[row]), time, row);
        break;
      case RowKind.Instant:
        counts.instants++;
        visitor.instant(row);
        break;
      default:
        counts.counters++;
        visitor.counter(row);
    }
    if (time > this.latest) this.latest = time;
  }

  /** Ends all slices that have an end. */
  endAllSlices(): void {
    this.endSlicesUntil(NEVER_ENDS);
  }

  private begin(row: number): void {
    const { table, counts } = this;
    const time = table.time[row];
    const end = table.endOf(row);
    const lane = this.openSlice(this.lanes, row);
    table.lane[row] = lane.number;
    counts.slices++;
    this.visitor.begin(row, lane.number);
    if (end === time) this.visitor.end(lane.track, lane.number, time, NO_ROW);
    else if (end < NEVER_ENDS) this.ends.push(end, lane);
    else if (end === NEVER_ENDS) counts.endless++;
  }

  private endSlicesUntil(time: number): void {
    const { ends } = this;
    while (ends.hasEndUntil(time)) {
      const end = ends.firstEnd;
      this.end(ends.pop(), end, NO_ROW);
    }
  }

  private end(lane: Lane, time: number, row: number): void {
    lane.close(time);
    this.visitor.end(lane.track, lane.number, time, row);
  }
}

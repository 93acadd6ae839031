import { RowKind } from '../batch/layout';
import { NO_END, type EventTable } from './event-table';

/** trace_processor stops nesting at a depth of 512. */
export const MAX_OPEN_SLICES = 500;

interface Lane {
  /** The ends of its open slices, the outermost first; those that ended stay until the lane is looked at. */
  openEnds: number[];
  /** Holds a slice without end: nothing can come after it. */
  blocked: boolean;
}

export interface LaneAssignment {
  /** By row, for slices: the lane of its track; lane 0 is the track itself. */
  laneOf: Uint32Array;
  /** Lanes beyond lane 0, over all tracks. */
  extraLanes: number;
}

/**
 * Lays slices on lanes such that the slices of one lane nest. A slice gets the first lane of its track
 * that is empty when it starts or whose innermost open slice contains it. A slice without end keeps
 * its lane for good, so it gets one of its own where others follow it on the track. The C++ twin is
 * binding/encoder/lanes.cc.
 */
export function assignLanes(table: EventTable, order: Uint32Array): LaneAssignment {
  const laneOf = new Uint32Array(table.rows);
  const tracks: TrackLanes[] = [];
  const lastOfTrack = lastPositions(table, order);
  for (let position = 0; position < order.length; position++) {
    const row = order[position];
    if (table.kind[row] !== RowKind.Slice) continue;
    const track = table.track[row];
    const lanes = (tracks[track] ??= new TrackLanes());
    laneOf[row] =
      table.extent[row] === NO_END
        ? lanes.placeEndless(table.time[row], lastOfTrack[track] > position)
        : lanes.place(table.time[row], table.endOf(row));
  }
  return { laneOf, extraLanes: tracks.reduce((sum, lanes) => sum + lanes.extraLanes, 0) };
}

class TrackLanes {
  private readonly lanes: Lane[] = [{ openEnds: [], blocked: false }];

  get extraLanes(): number {
    return this.lanes.length - 1;
  }

  place(start: number, end: number): number {
    let index = 0;
    while (index < this.lanes.length && !hasRoom(this.lanes[index], start, end)) index++;
    const lane = this.lanes[index] ?? this.add();
    if (end > start) lane.openEnds.push(end);
    return index;
  }

  placeEndless(start: number, othersFollow: boolean): number {
    let index = othersFollow ? this.lanes.length : 0;
    while (index < this.lanes.length && !hasRoom(this.lanes[index], start, NO_END)) index++;
    const lane = this.lanes[index] ?? this.add();
    lane.blocked = true;
    return index;
  }

  private add(): Lane {
    const lane: Lane = { openEnds: [], blocked: false };
    this.lanes.push(lane);
    return lane;
  }
}

function hasRoom({ openEnds, blocked }: Lane, start: number, end: number): boolean {
  if (blocked) return false;
  while (openEnds.length > 0 && openEnds[openEnds.length - 1] <= start) openEnds.pop();
  const depth = openEnds.length;
  return depth === 0 || (depth < MAX_OPEN_SLICES && openEnds[depth - 1] >= end);
}

/** By track: the position of its last slice or instant. */
function lastPositions(table: EventTable, order: Uint32Array): number[] {
  const last: number[] = [];
  for (let position = 0; position < order.length; position++) {
    const row = order[position];
    if (table.kind[row] !== RowKind.Counter) last[table.track[row]] = position;
  }
  return last;
}

import type { EventTable } from './event-table';
import type { Lanes } from './lanes';
import { mergeArguments } from './pairing';

/**
 * A stream may send a slice as two rows: a Begin and an End, which ends the Begin of its track that came
 * last. BeginEndPairs joins them in the order in which they come. If the Begin still waits when its End
 * comes, it becomes a slice of known length with the arguments of both rows, and the End needs no visit.
 * If the Begin is written already, the End is visited and closes the slice on its lane.
 *
 * The Begins and Ends of a track must come in the order of time. The C++ twin is
 * binding/order/begin_end_pairs.cc.
 */
export class BeginEndPairs {
  private readonly tracks: TrackBegins[] = [];
  /** Begins whose End has not come. */
  open = 0;

  constructor(private readonly table: EventTable) {}

  /** How many tracks have state: renumbering goes over all of them. */
  get trackCount(): number {
    return this.tracks.length;
  }

  /** The time of the last Begin or End of a track: no Begin that is still open ends before. */
  knownUntil(track: number): number {
    return this.tracks[track]?.latest ?? -Infinity;
  }

  addBegin(row: number): void {
    const begins = this.begins(row);
    begins.stack.push(row);
    begins.latest = this.table.time[row];
    this.open++;
  }

  /** Joins an End with its Begin; returns whether the End has to be visited. An End without a Begin means nothing. */
  addEnd(row: number, lanes: Lanes): boolean {
    const { table } = this;
    const time = table.time[row];
    const begins = this.begins(row);
    const { stack } = begins;
    const begin = stack.pop();
    if (begin === undefined) return false;
    begins.latest = time;
    this.open--;
    if (stack.length >= begins.written) {
      table.extent[begin] = time - table.time[begin];
      mergeArguments(table, begin, row);
      return false;
    }
    begins.written--;
    table.lane[row] = begin;
    lanes.at(table.track[row], begin).tellEnd(time);
    return true;
  }

  /** A Begin was written before its End came. Those of a track are written in their order. */
  noteWritten(row: number): void {
    const begins = this.begins(row);
    begins.stack[begins.written++] = this.table.lane[row];
  }

  /** Rows have new numbers. */
  renumber(newRows: Uint32Array): void {
    this.tracks.forEach(({ stack, written }) => {
      for (let i = written; i < stack.length; i++) stack[i] = newRows[stack[i]];
    });
  }

  private begins(row: number): TrackBegins {
    return (this.tracks[this.table.track[row]] ??= { stack: [], written: 0, latest: -Infinity });
  }
}

/** The open Begins of one track. */
interface TrackBegins {
  /** The first `written` are lanes of slices that are written, the others rows that wait. */
  readonly stack: number[];
  written: number;
  /** The time of the last Begin or End. */
  latest: number;
}

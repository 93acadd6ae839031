import { RowKind } from '../batch/layout';
import { ArrowDrawer, type ArrowCounts, type FlowEvent } from './arrow-drawer';
import { NO_END, NO_ROW, type EventTable } from './event-table';
import { Arrows, putStartsFirst, type ConnectedFlows } from './flows';

/** A flow event on its track. */
export interface FlowPoint extends FlowEvent {
  /** It belongs to the next slice of its track, not to the one around it. */
  isNext: boolean;
  track: number;
  /** Where it stands in the file. */
  place: number;
}

/** Where slices stand in the file. Only the order of the places counts. */
export interface SlicePlaces {
  /** By row; of a slice that is two events, the place of the first. */
  begin: ArrayLike<number>;
  /** By row: of the second; 0 for none. */
  end: ArrayLike<number>;
}

/** The arrows of flow points that are no rows. */
export interface PointArrows extends ConnectedFlows {
  counts: ArrowCounts;
}

/**
 * Binds the flow events of a whole trace to slices, and draws their arrows. A start, a step, and an end with a binding point
 * belong to the innermost slice around them, which reaches to its end unless another begins there; other ends belong to the
 * next slice of their track. The C++ twin is binding/convert/linker.cc.
 *
 * @param points in the order of the file
 * @param order the rows, by time
 */
export function connectPoints(table: EventTable, order: Uint32Array, points: FlowPoint[], places: SlicePlaces): PointArrows {
  const slices = new PointBinder(table, points, places).bind(order);
  const arrows = new Arrows();
  const drawer = new ArrowDrawer(arrows, table.time);
  const byTime = Array.from(points.keys()).sort((a, b) => points[a].time - points[b].time);
  for (const point of byTime) drawer.add(points[point], slices[point]);
  const counts = drawer.finish();
  counts.backwards += putStartsFirst(table, order, arrows);
  return { order, arrows, undrawn: counts.startMissing + counts.endMissing + counts.backwards, counts };
}

/** A flow event whose slice may come later. */
interface WaitingPoint {
  point: number;
  time: number;
  /** The best slice so far, or NO_ROW. */
  slice: number;
}

/**
 * What happens on a track is a number: of a row that begins twice the row, of the end of that row one more, of a point
 * -1 - its index.
 */
type Happening = number;

/** Replays the tracks that have flow events. */
class PointBinder {
  private readonly sliceOf: number[];
  private open: number[] = [];
  private readonly waitingForNext: WaitingPoint[] = [];
  /** At one time, and not inside a slice: they bind to one that begins at that time, else to one that ended then. */
  private readonly waitingForBegin: WaitingPoint[] = [];
  /** By an end event: of those that ended at one time the innermost. */
  private lastEnded = NO_ROW;
  private lastEnd = NaN;

  constructor(
    private readonly table: EventTable,
    private readonly points: FlowPoint[],
    private readonly places: SlicePlaces,
  ) {
    this.sliceOf = points.map(() => NO_ROW);
  }

  /** Returns the slice of each point, or NO_ROW. */
  bind(order: Uint32Array): number[] {
    for (const happenings of this.happenings(order)) this.replay(happenings);
    return this.sliceOf;
  }

  /**
   * By track, in the order of time. Of one time, complete slices come first, the longest before others, wherever they stand in
   * the file.
   */
  private happenings(order: Uint32Array): Happening[][] {
    const { table, places, points } = this;
    const byTrack = new Map<number, Happening[]>();
    for (const { track } of points) byTrack.set(track, []);
    for (const row of order) {
      const happenings = byTrack.get(table.track[row]);
      if (happenings === undefined || table.kind[row] !== RowKind.Slice) continue;
      happenings.push(2 * row);
      if (places.end[row] !== 0) happenings.push(2 * row + 1);
    }
    points.forEach(({ track }, i) => byTrack.get(track)!.push(-1 - i));
    return [...byTrack.values()].map((happenings) => happenings.sort(this.compare));
  }

  private readonly compare = (a: Happening, b: Happening): number => {
    const { extent } = this.table;
    const isFirst = this.isComplete(a);
    const others = Number(this.isComplete(b)) - Number(isFirst);
    const difference = this.timeOf(a) - this.timeOf(b) || others;
    if (difference !== 0) return difference;
    if (isFirst && extent[a / 2] !== extent[b / 2]) return extent[b / 2] - extent[a / 2];
    return this.placeOf(a) - this.placeOf(b);
  };

  private timeOf(happening: Happening): number {
    if (happening < 0) return this.points[-1 - happening].time;
    const row = happening >> 1;
    return this.table.time[row] + (isEnd(happening) ? this.table.extent[row] : 0);
  }

  private placeOf(happening: Happening): number {
    if (happening < 0) return this.points[-1 - happening].place;
    return (isEnd(happening) ? this.places.end : this.places.begin)[happening >> 1];
  }

  /** Whether it is a slice that is one event. */
  private isComplete(happening: Happening): boolean {
    return happening >= 0 && !isEnd(happening) && this.isOneEvent(happening >> 1);
  }

  private isOneEvent(row: number): boolean {
    return this.places.end[row] === 0 && this.table.extent[row] !== NO_END;
  }

  /** The end of a complete slice; Infinity for one that an event ends. */
  private knownEnd(row: number): number {
    return this.isOneEvent(row) ? this.table.endOf(row) : Infinity;
  }

  private replay(happenings: Happening[]): void {
    this.open = [];
    this.lastEnd = NaN;
    for (const happening of happenings) {
      const time = this.timeOf(happening);
      if (happening < 0) this.bindPoint(-1 - happening, time);
      else if (isEnd(happening)) this.end(happening >> 1, time);
      else this.begin(happening >> 1, time);
    }
    this.settle(this.waitingForBegin);
    this.settle(this.waitingForNext);
  }

  private begin(row: number, time: number): void {
    const { open, table } = this;
    const place = this.places.begin[row];
    const isOver = (slice: number): boolean => {
      const end = this.knownEnd(slice);
      return end < time || (end === time && table.time[slice] < time);
    };
    while (open.length > 0 && isOver(open[open.length - 1])) open.pop();
    for (const waiting of this.waitingForBegin) if (waiting.time === time) waiting.slice = row;
    this.settle(this.waitingForBegin);
    for (const waiting of this.waitingForNext) {
      const { slice } = waiting;
      if (slice === NO_ROW || (table.time[slice] === time && place < this.places.begin[slice])) waiting.slice = row;
    }
    this.settle(this.waitingForNext);
    open.push(row);
  }

  private end(row: number, time: number): void {
    const { open } = this;
    if (this.lastEnd !== time || this.isInner(row, this.lastEnded)) this.lastEnded = row;
    this.lastEnd = time;
    open.splice(open.lastIndexOf(row), 1);
  }

  private isInner(row: number, other: number): boolean {
    return this.compare(2 * row, 2 * other) > 0;
  }

  private bindPoint(point: number, time: number): void {
    const { table, open, waitingForBegin } = this;
    if (waitingForBegin.length > 0 && waitingForBegin[0].time < time) this.settle(waitingForBegin);
    while (open.length > 0 && this.knownEnd(open[open.length - 1]) < time) open.pop();
    if (this.points[point].isNext) {
      this.waitingForNext.push({ point, time, slice: this.nextOf(point, time) });
      return;
    }
    const slice = this.innermostAt(time);
    const isOpen = slice !== NO_ROW && slice === open.at(-1);
    if (isOpen && (table.time[slice] === time || this.knownEnd(slice) > time)) this.sliceOf[point] = slice;
    else waitingForBegin.push({ point, time, slice });
  }

  /** Of the slices that begin at the time of a point, the first that stands behind it in the file. */
  private nextOf(point: number, time: number): number {
    const { open, table } = this;
    const places = this.places.begin;
    let next = NO_ROW;
    for (let i = open.length - 1; i >= 0 && table.time[open[i]] === time; i--) {
      const place = places[open[i]];
      if (place > this.points[point].place && (next === NO_ROW || place < places[next])) next = open[i];
    }
    return next;
  }

  /** The innermost slice around a time, also one that ends there. */
  private innermostAt(time: number): number {
    const open = this.open.at(-1) ?? NO_ROW;
    if (this.lastEnd !== time) return open;
    const isLast = open === NO_ROW || (this.knownEnd(open) === time && this.isInner(this.lastEnded, open));
    return isLast ? this.lastEnded : open;
  }

  private settle(waiting: WaitingPoint[]): void {
    for (const { point, slice } of waiting) this.sliceOf[point] = slice;
    waiting.length = 0;
  }
}

function isEnd(happening: Happening): boolean {
  return (happening & 1) === 1;
}

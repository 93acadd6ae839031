import { NO_END } from './event-table';

/** The most open slices of a lane: trace_processor stops nesting at a depth of 512. */
const MAX_OPEN_SLICES = 500;

/** How many busy segments a lane remembers; more are merged from the oldest on. */
const MAX_SEGMENTS = 5;

/**
 * A reader nests the slices of one lane by their times alone. A lane accepts a slice only if it provably
 * nests with all slices that the lane has.
 *
 * Most slices come in the order of time, and the open slices decide. A late slice begins before something
 * that is written already. The lane knows its *segments*: the outermost slices with all that is in them.
 * A late slice fits into a gap between two segments, or around some of them while nothing is open. A reader
 * reads an end at the time of a later begin after that begin, hence the strict comparisons. The C++ twins
 * are Lanes::Lane and binding/order/lane_history.cc.
 */
export class Lane {
  /** The ends of the open slices, the outermost first; NO_END for an end that is not known. */
  private readonly openEnds: number[] = [];
  /** The latest time at which anything was written. */
  private latest = -Infinity;
  /** The largest depth that there ever was. */
  private deepest = 0;
  private readonly segmentBegins: number[] = [];
  private readonly segmentEnds: number[] = [];

  /** @param number among the lanes of its track; lane 0 is the track itself */
  constructor(
    readonly track: number,
    readonly number: number,
  ) {}

  /**
   * Opens the slice, or returns false if it may not nest. A slice without length is closed at once.
   *
   * @param end NO_END if it is not known
   * @param knownUntil open slices whose end is not known last at least until then
   */
  open(start: number, end: number, knownUntil: number): boolean {
    const fits = this.latest <= start ? this.fitsInOrder(start, end, knownUntil) : this.fitsLate(start, end);
    if (!fits) return false;
    this.deepest = Math.max(this.deepest, this.openEnds.length + 1);
    if (end !== start) this.openEnds.push(end);
    this.latest = Math.max(this.latest, start);
    return true;
  }

  /** Closes the innermost open slice. */
  close(time: number): void {
    this.openEnds.pop();
    this.latest = Math.max(this.latest, time);
  }

  /** Tells the end of the innermost open slice whose end was not known. */
  tellEnd(end: number): void {
    const depth = this.openEnds.lastIndexOf(NO_END);
    this.openEnds[depth] = end;
    if (depth === 0) this.segmentEnds[this.segmentEnds.length - 1] = end;
  }

  /** Whether a slice fits that begins behind all that is written; notes its segment. */
  private fitsInOrder(start: number, end: number, knownUntil: number): boolean {
    const depth = this.openEnds.length;
    if (depth === 0) {
      this.addSegment(this.segmentBegins.length, start, end);
      return true;
    }
    const innermost = this.openEnds[depth - 1];
    return depth < MAX_OPEN_SLICES && end <= (innermost === NO_END ? knownUntil : innermost);
  }

  /** The same for a late slice. */
  private fitsLate(start: number, end: number): boolean {
    const { segmentBegins: begins, segmentEnds: ends } = this;
    const count = begins.length;
    let first = 0;
    while (first < count && begins[first] <= start) first++;
    // Behind the last segment a slice would be in order.
    if (end === NO_END || first === count || (first > 0 && ends[first - 1] > start)) return false;
    if (end < begins[first]) {
      this.addSegment(first, start, end);
      return true;
    }
    let next = first + 1;
    while (next < count && begins[next] <= end) next++;
    if (this.openEnds.length > 0 || this.deepest >= MAX_OPEN_SLICES || ends[next - 1] > end) return false;
    begins.splice(first, next - first, start);
    ends.splice(first, next - first, end);
    this.deepest++;
    return true;
  }

  private addSegment(index: number, begin: number, end: number): void {
    const { segmentBegins: begins, segmentEnds: ends } = this;
    const count = begins.length;
    for (let i = count; i > index; i--) {
      begins[i] = begins[i - 1];
      ends[i] = ends[i - 1];
    }
    begins[index] = begin;
    ends[index] = end;
    if (count < MAX_SEGMENTS) return;
    // The first two become one.
    for (let i = 1; i < count; i++) begins[i] = begins[i + 1];
    for (let i = 0; i < count; i++) ends[i] = ends[i + 1];
    begins.pop();
    ends.pop();
  }
}

/**
 * Slices of one track may overlap without nesting, which no reader can show on one line. Lanes opens each
 * slice on the first lane of its track that accepts it, else on a new one, so that the slices of one lane
 * nest and none is dropped. The C++ twin is binding/order/lanes.cc.
 */
export class Lanes {
  /** By track. */
  private readonly lanes: Lane[][] = [];
  /** Lanes beyond each track's first. */
  extraLanes = 0;

  at(track: number, number: number): Lane {
    return this.lanes[track][number];
  }

  /**
   * Opens a slice whose end is known, or that never ends (NEVER_ENDS).
   *
   * @param knownUntil open slices of the track whose end is not known last at least until then
   */
  open(track: number, start: number, end: number, knownUntil = -Infinity): Lane {
    return this.openFrom(0, track, start, end, knownUntil);
  }

  /** Opens a slice of a stream whose End has not come: the End of an enclosing Begin can only come later. */
  openBegin(track: number, start: number): Lane {
    return this.openFrom(0, track, start, NO_END, NO_END);
  }

  /**
   * Opens a slice that nothing closed. It keeps its lane for good, so it has a lane of its own if others
   * follow on its track.
   */
  openUnclosed(track: number, start: number, othersFollow: boolean): Lane {
    return this.openFrom(othersFollow ? this.ofTrack(track).length : 0, track, start, NO_END, -Infinity);
  }

  private openFrom(first: number, track: number, start: number, end: number, knownUntil: number): Lane {
    const lanes = this.ofTrack(track);
    for (let number = first; number < lanes.length; number++) {
      if (lanes[number].open(start, end, knownUntil)) return lanes[number];
    }
    const lane = new Lane(track, lanes.length);
    lanes.push(lane);
    this.extraLanes++;
    lane.open(start, end, knownUntil);
    return lane;
  }

  private ofTrack(track: number): Lane[] {
    return (this.lanes[track] ??= [new Lane(track, 0)]);
  }
}

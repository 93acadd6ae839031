import { NO_END } from './event-table';

/** trace_processor stops nesting at a depth of 512. */
export const MAX_OPEN_SLICES = 500;

/** How many busy segments a lane remembers; more are merged from the oldest on. */
const MAX_SEGMENTS = 5;

/**
 * One lane of a track: takes the slices that provably nest with all it has.
 *
 * Most slices come in order, and the open ones decide. A late one begins before something that was
 * written already. It fits into a gap between the outermost slices, or around some of them where none is
 * open: what it would be next to is known by its *segments*, the outermost slices with all that is in
 * them. An end at the time of a later begin would be read after it, hence the strict comparisons. The C++
 * twin is binding/order/lane_history.cc.
 */
export class Lane {
  /** The ends of the open slices, the outermost first; NO_END for one that is not known. */
  private readonly openEnds: number[] = [];
  /** The latest time at which anything was written. */
  private latest = -Infinity;
  /** The largest depth that there ever was. */
  private deepest = 0;
  private readonly segmentBegins: number[] = [];
  private readonly segmentEnds: number[] = [];

  /** @param number among the lanes of its track */
  constructor(
    readonly track: number,
    readonly number: number,
  ) {}

  /**
   * Takes the slice, or gives false where it may not nest.
   *
   * @param end NO_END where it is not known
   * @param knownUntil slices without a known end last at least until then
   */
  take(start: number, end: number, knownUntil: number): boolean {
    const fits = this.latest <= start ? this.takeInOrder(start, end, knownUntil) : this.takeLate(start, end);
    if (!fits) return false;
    this.deepest = Math.max(this.deepest, this.openEnds.length + 1);
    if (end !== start) this.openEnds.push(end);
    this.latest = Math.max(this.latest, start);
    return true;
  }

  /** Ends the innermost open slice. */
  end(time: number): void {
    this.openEnds.pop();
    this.latest = Math.max(this.latest, time);
  }

  /** Tells when the innermost open slice of unknown end will end. */
  setEnd(end: number): void {
    const depth = this.openEnds.lastIndexOf(NO_END);
    this.openEnds[depth] = end;
    if (depth === 0) this.segmentEnds[this.segmentEnds.length - 1] = end;
  }

  private takeInOrder(start: number, end: number, knownUntil: number): boolean {
    const depth = this.openEnds.length;
    if (depth === 0) {
      this.addSegment(this.segmentBegins.length, start, end);
      return true;
    }
    const innermost = this.openEnds[depth - 1];
    return depth < MAX_OPEN_SLICES && end <= (innermost === NO_END ? knownUntil : innermost);
  }

  private takeLate(start: number, end: number): boolean {
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

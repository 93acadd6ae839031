import { NO_END } from './event-table';
import { Lane } from './lane';

/**
 * Lays the slices of a track on lanes such that those of one lane nest: a slice gets the first lane that
 * takes it, else a new one. Lane 0 is the track itself. The C++ twin is binding/encoder/lanes.cc.
 */
export class TrackLanes {
  /**
   * The time of the track's last Begin or End: they come in order, so a slice whose End has not come
   * lasts at least until then.
   */
  lastHalf = -Infinity;
  private readonly lanes: Lane[] = [new Lane()];

  /** Lanes beyond lane 0. */
  get extraLanes(): number {
    return this.lanes.length - 1;
  }

  place(start: number, end: number): number {
    return this.firstThatTakes(0, start, end, this.lastHalf);
  }

  /** Places a slice whose End may yet come: in another such it ends before that. */
  placeBegin(start: number): number {
    return this.firstThatTakes(0, start, NO_END, NO_END);
  }

  /** Places a slice that never ends: it keeps its lane for good, so where others follow it gets its own. */
  placeEndless(start: number, othersFollow: boolean): number {
    return this.firstThatTakes(othersFollow ? this.lanes.length : 0, start, NO_END, -Infinity);
  }

  end(lane: number, time: number): void {
    this.lanes[lane].end(time);
  }

  /** Tells when the innermost slice of the lane without a known end will end. */
  setEnd(lane: number, end: number): void {
    this.lanes[lane].setEnd(end);
  }

  private firstThatTakes(first: number, start: number, end: number, knownUntil: number): number {
    let index = first;
    while (index < this.lanes.length && !this.lanes[index].take(start, end, knownUntil)) index++;
    if (index === this.lanes.length) {
      this.lanes.push(new Lane());
      this.lanes[index].take(start, end, knownUntil);
    }
    return index;
  }
}

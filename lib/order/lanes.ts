import { NO_END } from './event-table';
import { Lane } from './lane';

/**
 * Lays the slices of a track on lanes such that those of one lane nest: a slice gets the first lane that
 * takes it, else a new one. Lane 0 is the track itself. The C++ twin is binding/order/lanes.cc.
 */
export class TrackLanes {
  /**
   * The time of the track's last Begin or End: they come in order, so a slice whose End has not come
   * lasts at least until then.
   */
  lastHalf = -Infinity;
  private readonly lanes: Lane[];

  constructor(private readonly track: number) {
    this.lanes = [new Lane(track, 0)];
  }

  /** Lanes beyond lane 0. */
  get extraLanes(): number {
    return this.lanes.length - 1;
  }

  /** The lane of a number. */
  at(number: number): Lane {
    return this.lanes[number];
  }

  place(start: number, end: number): Lane {
    return this.firstThatTakes(0, start, end, this.lastHalf);
  }

  /** Places a slice whose End may yet come: in another such it ends before that. */
  placeBegin(start: number): Lane {
    return this.firstThatTakes(0, start, NO_END, NO_END);
  }

  /** Places a slice that never ends: it keeps its lane for good, so where others follow it gets its own. */
  placeEndless(start: number, othersFollow: boolean): Lane {
    return this.firstThatTakes(othersFollow ? this.lanes.length : 0, start, NO_END, -Infinity);
  }

  private firstThatTakes(first: number, start: number, end: number, knownUntil: number): Lane {
    for (let number = first; number < this.lanes.length; number++) {
      if (this.lanes[number].take(start, end, knownUntil)) return this.lanes[number];
    }
    const lane = new Lane(this.track, this.lanes.length);
    this.lanes.push(lane);
    lane.take(start, end, knownUntil);
    return lane;
  }
}

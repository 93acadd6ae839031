import type { Arrows } from './arrows';
import type { EventTable } from './event-table';
import { forEachTie } from './sort';

/**
 * Where an arrow leaves and arrives at one time, moves its start before its end in `order`; each
 * track keeps its own order. Arrows that go round in a circle at one time cannot all be written:
 * takes those that close a circle out of `arrows` and returns how many.
 */
export function putStartsFirst(table: EventTable, order: Uint32Array, arrows: Arrows): number {
  const moments = new Set<number>();
  for (const arrow of arrows.numbers()) {
    const time = table.time[arrows.start(arrow)];
    if (time === table.time[arrows.end(arrow)]) moments.add(time);
  }
  if (moments.size === 0) return 0;
  const cut: number[] = [];
  forEachTie(table, order, (begin, end) => {
    if (moments.has(table.time[order[begin]])) new Moment(table, order.subarray(begin, end), arrows, cut).arrange();
  });
  arrows.remove(cut);
  return cut.length;
}

const enum State {
  New,
  /** On the stack: to be written after what is above it. */
  Open,
  Written,
}

const NONE = -1;
const PREVIOUS_ON_TRACK = -1;

/**
 * The events of one time. Their order is a depth-first visit: what must come before an event is
 * written before it. The stack is an array, since chains of arrows can be longer than a call stack.
 */
class Moment {
  private readonly rows: Uint32Array;
  private readonly positionOf = new Map<number, number>();
  private readonly state: Uint8Array;
  /** By position: the event before it on its track. */
  private readonly previous: Int32Array;
  /** How many events of a track are open. */
  private readonly openOnTrack = new Map<number, number>();
  private readonly stack: number[] = [];
  /** For each event on the stack: which of its arrivals comes next. */
  private readonly nextArrival: number[] = [];

  constructor(
    private readonly table: EventTable,
    private readonly target: Uint32Array,
    private readonly arrows: Arrows,
    private readonly cut: number[],
  ) {
    this.rows = target.slice();
    this.state = new Uint8Array(target.length);
    this.previous = new Int32Array(target.length);
    const lastOfTrack = new Map<number, number>();
    this.rows.forEach((row, position) => {
      const track = table.track[row];
      this.previous[position] = lastOfTrack.get(track) ?? NONE;
      lastOfTrack.set(track, position);
      this.positionOf.set(row, position);
    });
  }

  arrange(): void {
    let written = 0;
    for (let position = 0; position < this.rows.length; position++) {
      this.enter(position);
      while (this.stack.length > 0) {
        const top = this.stack.length - 1;
        const current = this.stack[top];
        const next = this.nextArrival[top]++;
        const arrivals = this.arrows.to(this.rows[current]);
        if (next === PREVIOUS_ON_TRACK) this.enter(this.previous[current]);
        else if (next < arrivals.length) this.enterStartOf(arrivals[next]);
        else this.target[written++] = this.leave();
      }
    }
  }

  private enterStartOf(arrow: number): void {
    const start = this.positionOf.get(this.arrows.start(arrow));
    if (start === undefined || this.state[start] === State.Written) return;
    // The open events of a track are its first that are not written: the start is one of them, or
    // comes after them.
    if (this.openCount(start) > 0) this.cut.push(arrow);
    else this.enter(start);
  }

  private enter(position: number): void {
    if (position === NONE || this.state[position] !== State.New) return;
    this.state[position] = State.Open;
    this.changeOpenCount(position, 1);
    this.stack.push(position);
    this.nextArrival.push(PREVIOUS_ON_TRACK);
  }

  private leave(): number {
    const position = this.stack.pop()!;
    this.nextArrival.pop();
    this.state[position] = State.Written;
    this.changeOpenCount(position, -1);
    return this.rows[position];
  }

  private openCount(position: number): number {
    return this.openOnTrack.get(this.table.track[this.rows[position]]) ?? 0;
  }

  private changeOpenCount(position: number, change: number): void {
    this.openOnTrack.set(this.table.track[this.rows[position]], this.openCount(position) + change);
  }
}

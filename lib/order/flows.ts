import { AttrType, Channel, RowKind } from '../batch/layout';
import type { Integer } from '../values';
import { NO_ROW, type EventTable } from './event-table';
import { forEachTie } from './time-order';

/** A flow attribute: one end of an arrow. */
interface FlowEnd {
  readonly time: number;
  /** The slice or instant that the end is at; NO_ROW for none. */
  row: number;
  readonly arrives: boolean;
  readonly flow: Flow;
}

/** The starts of one flow, that is of one type and id, up to now. */
class Flow {
  latest = NO_ROW;
  latestIsUsed = true;
  /**
   * The latest start that is not at the event of `latest`: an event in the middle of a chain ends one
   * arrow and starts the next.
   */
  previous = NO_ROW;
  previousIsUsed = true;
  unusedStarts = 0;
  lonelyEnds = 0;

  addStart(row: number): void {
    if (row === NO_ROW) {
      this.unusedStarts++;
      return;
    }
    if (row === this.latest) {
      if (!this.latestIsUsed) this.unusedStarts++;
    } else {
      if (!this.previousIsUsed) this.unusedStarts++;
      this.previous = this.latest;
      this.previousIsUsed = this.latestIsUsed;
    }
    this.latest = row;
    this.latestIsUsed = false;
  }

  /** The start row of the arrow that ends at `row`; NO_ROW for none. */
  startFor(row: number): number {
    return this.latest === row ? this.previous : this.latest;
  }

  markUsed(start: number): void {
    if (start === this.latest) this.latestIsUsed = true;
    else this.previousIsUsed = true;
  }

  get undrawn(): number {
    const unused = this.unusedStarts + (this.latestIsUsed ? 0 : 1) + (this.previousIsUsed ? 0 : 1);
    return Math.max(unused, this.lonelyEnds);
  }
}

export interface ConnectedFlows {
  /** The order without FlowPoint rows; the start of an arrow comes before its end. */
  order: Uint32Array;
  arrows: Arrows;
  /** Arrows that lack an end, go back in time or close a circle. */
  undrawn: number;
}

/**
 * Makes arrows of the flow attributes of slices, instants and FlowPoint rows, and removes the FlowPoint
 * rows from `order`, the order in which the events are to be written. In a tie, moves the start of an arrow
 * before its end. The C++ twin is binding/order/flows.cc.
 */
export function connectFlows(table: EventTable, order: Uint32Array): ConnectedFlows {
  const connector = new FlowConnector(table);
  if (table.hasFlows) connector.connect(order);
  const { arrows } = connector;
  const events = table.hasFlowPoints ? order.filter((row) => table.kind[row] !== RowKind.FlowPoint) : order;
  const cut = putStartsFirst(table, events, arrows);
  return { order: events, arrows, undrawn: connector.undrawn + cut };
}

class FlowConnector {
  readonly arrows = new Arrows();
  private readonly flows = new Map<number, Map<Integer, Flow>>();
  /** In the order of time. */
  private readonly ends: FlowEnd[] = [];

  constructor(private readonly table: EventTable) {}

  connect(order: Uint32Array): void {
    const binder = new FlowPointBinder(this.table);
    for (const row of order) {
      const kind = this.table.kind[row];
      if (kind === RowKind.Counter) continue;
      if (kind === RowKind.Slice && this.table.hasFlowPoints) binder.beginSlice(row);
      this.collectEnds(row, binder);
    }
    this.drawArrows();
  }

  get undrawn(): number {
    let undrawn = 0;
    for (const ofType of this.flows.values()) for (const flow of ofType.values()) undrawn += flow.undrawn;
    return undrawn;
  }

  private collectEnds(row: number, binder: FlowPointBinder): void {
    const { table } = this;
    for (let attr = table.attrBegin[row]; attr < table.attrEnd[row]; attr++) {
      const type = table.attrType(attr);
      if (type !== AttrType.FlowOut && type !== AttrType.FlowIn) continue;
      const flow = this.flowOf(table.attrKey(attr), table.attrInteger(attr));
      const end: FlowEnd = { time: table.time[row], row, arrives: type === AttrType.FlowIn, flow };
      this.ends.push(end);
      if (table.kind[row] === RowKind.FlowPoint) binder.bind(end);
    }
  }

  private flowOf(type: number, id: Integer): Flow {
    let ofType = this.flows.get(type);
    if (ofType === undefined) this.flows.set(type, (ofType = new Map<Integer, Flow>()));
    let flow = ofType.get(id);
    if (flow === undefined) ofType.set(id, (flow = new Flow()));
    return flow;
  }

  /** Goes through the ends in the order of time; in a tie those that leave come first. */
  private drawArrows(): void {
    const { ends } = this;
    let drawn = 0;
    for (let i = 0; i < ends.length; i++) {
      const { time, row, arrives, flow } = ends[i];
      if (!arrives) flow.addStart(row);
      if (time === ends[i + 1]?.time) continue;
      for (; drawn <= i; drawn++) if (ends[drawn].arrives) this.draw(ends[drawn]);
    }
  }

  private draw({ flow, row }: FlowEnd): void {
    const { time } = this.table;
    const start = flow.startFor(row);
    if (row === NO_ROW || start === NO_ROW || time[start] > time[row]) {
      flow.lonelyEnds++;
      return;
    }
    flow.markUsed(start);
    this.arrows.add(start, row);
  }
}

/** Finds the slices of FlowPoint rows by replaying each track. */
class FlowPointBinder {
  /** By track: slices in the order of their starts; those that ended may linger below later ones. */
  private readonly open: number[][] = [];
  /** By track: flow ends that bind to the next slice. */
  private readonly waiting: FlowEnd[][] = [];

  constructor(private readonly table: EventTable) {}

  beginSlice(row: number): void {
    const track = this.table.track[row];
    for (const end of this.waiting[track]?.splice(0) ?? []) end.row = row;
    if (this.table.extent[row] !== 0) this.openAt(track, this.table.time[row]).push(row);
  }

  /** Moves an end from its FlowPoint row to the slice. */
  bind(end: FlowEnd): void {
    const point = end.row;
    const track = this.table.track[point];
    if (this.table.channel[point] === Channel.None) {
      end.row = this.openAt(track, end.time).at(-1) ?? NO_ROW;
    } else {
      end.row = NO_ROW;
      (this.waiting[track] ??= []).push(end);
    }
  }

  private openAt(track: number, time: number): number[] {
    const open = (this.open[track] ??= []);
    while (open.length > 0 && this.table.endOf(open[open.length - 1]) <= time) open.pop();
    return open;
  }
}

const NO_ARROWS = new Uint32Array(0);

/**
 * The arrows of a trace: each leaves at one row and arrives at another. They have numbers from 1, in
 * the order in which their arrivals happen; a removed arrow leaves its number unused.
 */
export class Arrows {
  private readonly startRow: number[] = [0];
  private readonly endRow: number[] = [0];
  private readonly removed = new Set<number>();
  private departures?: ArrowsByRow;
  private arrivals?: ArrowsByRow;

  add(startRow: number, endRow: number): void {
    this.startRow.push(startRow);
    this.endRow.push(endRow);
    this.departures = this.arrivals = undefined;
  }

  remove(arrows: Iterable<number>): void {
    for (const arrow of arrows) this.removed.add(arrow);
    this.departures = this.arrivals = undefined;
  }

  get count(): number {
    return this.startRow.length - 1 - this.removed.size;
  }

  start(arrow: number): number {
    return this.startRow[arrow];
  }

  end(arrow: number): number {
    return this.endRow[arrow];
  }

  /** The numbers of all arrows, in ascending order. */
  *numbers(): Generator<number> {
    for (let arrow = 1; arrow < this.startRow.length; arrow++) if (!this.removed.has(arrow)) yield arrow;
  }

  /** The arrows that leave at a row, in ascending order. */
  from(row: number): Uint32Array {
    if (this.count === 0) return NO_ARROWS;
    this.departures ??= new ArrowsByRow(this.startRow, this.removed);
    return this.departures.at(row);
  }

  /** The arrows that arrive at a row, in ascending order. */
  to(row: number): Uint32Array {
    if (this.count === 0) return NO_ARROWS;
    this.arrivals ??= new ArrowsByRow(this.endRow, this.removed);
    return this.arrivals.at(row);
  }
}

/** Arrow numbers grouped by row: those of row r lie from first[r] to first[r + 1]. */
class ArrowsByRow {
  private readonly first: Uint32Array;
  private readonly arrow: Uint32Array;

  constructor(rowOf: readonly number[], removed: ReadonlySet<number>) {
    let rows = 0;
    for (const row of rowOf) rows = Math.max(rows, row + 1);
    this.first = new Uint32Array(rows + 1);
    this.arrow = new Uint32Array(rowOf.length);
    const arrows = rowOf.map((_, arrow) => arrow).filter((arrow) => arrow !== 0 && !removed.has(arrow));
    for (const arrow of arrows) this.first[rowOf[arrow] + 1]++;
    for (let row = 0; row < rows; row++) this.first[row + 1] += this.first[row];
    const next = this.first.slice();
    for (const arrow of arrows) this.arrow[next[rowOf[arrow]]++] = arrow;
  }

  at(row: number): Uint32Array {
    const first = this.first[row];
    const end = this.first[row + 1];
    return end === undefined || first === end ? NO_ARROWS : this.arrow.subarray(first, end);
  }
}

/**
 * Moves the start of each arrow before its end in `order` if both are in one tie; each track keeps its own
 * order. Arrows that go round in a circle within a tie cannot all be written: removes those that close a
 * circle from `arrows` and returns how many.
 */
export function putStartsFirst(table: EventTable, order: Uint32Array, arrows: Arrows): number {
  const times = new Set<number>();
  for (const arrow of arrows.numbers()) {
    const time = table.time[arrows.start(arrow)];
    const isOne = arrows.start(arrow) === arrows.end(arrow);
    if (!isOne && time === table.time[arrows.end(arrow)]) times.add(time);
  }
  if (times.size === 0) return 0;
  const cut: number[] = [];
  forEachTie(table, order, (begin, end) => {
    if (times.has(table.time[order[begin]])) new Tie(table, order.subarray(begin, end), arrows, cut).arrange();
  });
  arrows.remove(cut);
  return cut.length;
}

const enum State {
  New,
  /** On the stack: to be written after all that is above it. */
  Open,
  Written,
}

const PREVIOUS_ON_TRACK = -1;

/**
 * The events of a tie that has arrows within it. A depth-first visit orders them: it writes all that must
 * come before an event, then the event. The stack is an array, since chains of arrows can be longer than a
 * call stack.
 */
class Tie {
  private readonly rows: Uint32Array;
  private readonly state = new Map<number, State>();
  /** The event before each on its track. */
  private readonly previous = new Map<number, number>();
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
    const lastOfTrack = new Map<number, number>();
    for (const row of this.rows) {
      const track = table.track[row];
      this.previous.set(row, lastOfTrack.get(track) ?? NO_ROW);
      lastOfTrack.set(track, row);
      this.state.set(row, State.New);
    }
  }

  arrange(): void {
    let written = 0;
    for (const row of this.rows) {
      this.enter(row);
      while (this.stack.length > 0) {
        const top = this.stack.length - 1;
        const current = this.stack[top];
        const next = this.nextArrival[top]++;
        const arrivals = this.arrows.to(current);
        if (next === PREVIOUS_ON_TRACK) this.enter(this.previous.get(current)!);
        else if (next < arrivals.length) this.enterStartOf(arrivals[next]);
        else this.target[written++] = this.leave();
      }
    }
  }

  private enterStartOf(arrow: number): void {
    const start = this.arrows.start(arrow);
    if (start === this.arrows.end(arrow)) return;
    const state = this.state.get(start);
    if (state === undefined || state === State.Written) return;
    // The open events of a track are its first unwritten ones: the start is one of them or comes later.
    if (this.openCount(start) > 0) this.cut.push(arrow);
    else this.enter(start);
  }

  private enter(row: number): void {
    if (this.state.get(row) !== State.New) return;
    this.state.set(row, State.Open);
    this.changeOpenCount(row, 1);
    this.stack.push(row);
    this.nextArrival.push(PREVIOUS_ON_TRACK);
  }

  private leave(): number {
    const row = this.stack.pop()!;
    this.nextArrival.pop();
    this.state.set(row, State.Written);
    this.changeOpenCount(row, -1);
    return row;
  }

  private openCount(row: number): number {
    return this.openOnTrack.get(this.table.track[row]) ?? 0;
  }

  private changeOpenCount(row: number, change: number): void {
    this.openOnTrack.set(this.table.track[row], this.openCount(row) + change);
  }
}

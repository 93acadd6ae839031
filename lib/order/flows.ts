import { AttrType, Channel, RowKind } from '../batch/layout';
import type { Integer } from '../values';
import { Arrows } from './arrows';
import type { EventTable } from './event-table';

const NO_ROW = -1;

/** The flow attributes of a trace on their way to arrows, in the order of time: columns by number. */
class FlowEnds {
  readonly time: number[] = [];
  /** The slice or instant that it is at; NO_ROW where there is none. */
  readonly row: number[] = [];
  readonly arrives: boolean[] = [];
  readonly flow: Flow[] = [];

  add(time: number, row: number, arrives: boolean, flow: Flow): number {
    this.row.push(row);
    this.arrives.push(arrives);
    this.flow.push(flow);
    return this.time.push(time) - 1;
  }
}

/** What one identity, a flow type and an id, has seen so far. */
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

  /** The row where the arrow starts that ends at `row`; NO_ROW for none. */
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
  /** The order without FlowPoint rows. */
  order: Uint32Array;
  arrows: Arrows;
  /** Arrows that lack an end or go back in time. */
  undrawn: number;
}

/**
 * Makes arrows of the flow attributes of slices, instants and FlowPoint rows, and takes the FlowPoint
 * rows out of `order`, which is the order in which the events are to be written. The C++ twin is
 * binding/order/flows.cc.
 */
export function connectFlows(table: EventTable, order: Uint32Array): ConnectedFlows {
  const connector = new FlowConnector(table);
  if (table.hasFlows) connector.connect(order);
  const events = table.hasFlowPoints ? order.filter((row) => table.kind[row] !== RowKind.FlowPoint) : order;
  return { order: events, arrows: connector.arrows, undrawn: connector.undrawn };
}

class FlowConnector {
  readonly arrows = new Arrows();
  private readonly flows = new Map<number, Map<Integer, Flow>>();
  private readonly ends = new FlowEnds();

  constructor(private readonly table: EventTable) {}

  connect(order: Uint32Array): void {
    const binder = new FlowPointBinder(this.table, this.ends);
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
      const end = this.ends.add(table.time[row], row, type === AttrType.FlowIn, flow);
      if (table.kind[row] === RowKind.FlowPoint) binder.bind(end, row);
    }
  }

  private flowOf(type: number, id: Integer): Flow {
    let ofType = this.flows.get(type);
    if (ofType === undefined) this.flows.set(type, (ofType = new Map<Integer, Flow>()));
    let flow = ofType.get(id);
    if (flow === undefined) ofType.set(id, (flow = new Flow()));
    return flow;
  }

  /** Takes the ends in the order of time; at one time those that leave come first. */
  private drawArrows(): void {
    const { time, row, arrives, flow } = this.ends;
    for (let begin = 0; begin < time.length; ) {
      let last = begin;
      for (; last < time.length && time[last] === time[begin]; last++) {
        if (!arrives[last]) flow[last].addStart(row[last]);
      }
      for (let end = begin; end < last; end++) if (arrives[end]) this.draw(flow[end], row[end]);
      begin = last;
    }
  }

  private draw(flow: Flow, row: number): void {
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
  private readonly waiting: number[][] = [];

  constructor(
    private readonly table: EventTable,
    private readonly ends: FlowEnds,
  ) {}

  beginSlice(row: number): void {
    const track = this.table.track[row];
    const waiting = this.waiting[track];
    while (waiting !== undefined && waiting.length > 0) this.ends.row[waiting.pop()!] = row;
    if (this.table.extent[row] !== 0) this.openAt(track, this.table.time[row]).push(row);
  }

  bind(end: number, point: number): void {
    const track = this.table.track[point];
    if (this.table.channel[point] === Channel.None) {
      this.ends.row[end] = this.openAt(track, this.table.time[point]).at(-1) ?? NO_ROW;
    } else {
      this.ends.row[end] = NO_ROW;
      (this.waiting[track] ??= []).push(end);
    }
  }

  private openAt(track: number, time: number): number[] {
    const open = (this.open[track] ??= []);
    while (open.length > 0 && this.table.endOf(open[open.length - 1]) <= time) open.pop();
    return open;
  }
}

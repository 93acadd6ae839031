import { AttrType, RowKind } from '../../batch/layout';
import type { EventTable } from '../../order/event-table';
import type { Arrows } from '../../order/flows';
import type { ArrangedTimeline } from '../../order/whole-timeline';
import type { Integer } from '../../values';

/** How the flows of one event are written. */
export interface EventFlows {
  /**
   * Whether the event must keep its place among those of its time: it is written as `B` or `i`, since
   * readers move every `X` to the front.
   */
  staysInPlace: boolean;
  /** Members of the event itself: its `bind_id`, if it has one. */
  bound: string;
  /** How `s`, `t` and `f` events begin that follow the event and bind to it, up to their place and time. */
  detached: readonly string[];
}

export interface FlowSource {
  /** The flows of a row; asked for once, when the row is written. */
  of(row: number): EventFlows;
}

const NO_FLOWS: EventFlows = { staysInPlace: false, bound: '', detached: [] };

/** How an event of a flow begins: `s` starts it, `t` goes on, `f` ends it. */
function detachedFlow(phase: 's' | 't' | 'f', id: number): string {
  const binding = phase === 'f' ? ',"bp":"e"' : '';
  return `{"ph":"${phase}"${binding},"cat":"flow","name":"flow","id":${id},`;
}

export function hasNoLength(table: EventTable, row: number): boolean {
  return table.kind[row] === RowKind.Instant || table.extent[row] === 0;
}

const IN_PLACE: EventFlows = { ...NO_FLOWS, staysInPlace: true };

/** The events of one track and time. */
interface Tie {
  isInFileOrder: boolean;
  /** The arrows of its events that have no length. */
  readonly arrowsWithoutLength: number[];
}

/**
 * The flows of a whole trace: arrows whose two ends are known. JSON has two forms of an arrow, and neither can hold
 * all of them; this class chooses one for each.
 *
 * An arrow is *bound* if it can be: its two slices carry the same `bind_id`, one with `flow_out`, the other
 * with `flow_in`. An event has one `bind_id`, so an arrow is *detached*, a pair of `s` and `f` events, if
 * its end has other arrows too; so is one whose ends have the same time, since readers look at the longer
 * `X` first.
 *
 * `s` and `f` bind to the event that began last on their thread before them, in the order of the file. But
 * in a *tie*, here the rows of one track and time, readers move every `X` before everything else. So a tie
 * with a detached arrow is written in *file order*: as `B` and `i`, which stay where they are.
 */
export class ArrowFlows implements FlowSource {
  private readonly arrows: Arrows;
  private readonly detached = new Set<number>();
  /** By track and time: the ties that matter. Empty if no arrow is detached. */
  private readonly ties: Map<number, Tie>[] = [];

  constructor(
    private readonly table: EventTable,
    { arrows }: ArrangedTimeline,
  ) {
    this.arrows = arrows;
    const unbindable = [...arrows.numbers()].filter((arrow) => !this.canBeBound(arrow));
    if (unbindable.length > 0) this.detach(unbindable);
  }

  of(row: number): EventFlows {
    const { table, arrows } = this;
    const staysInPlace = this.ties[table.track[row]]?.get(table.time[row])?.isInFileOrder ?? false;
    const arriving = arrows.to(row);
    const leaving = arrows.from(row);
    if (arriving.length === 0 && leaving.length === 0) return staysInPlace ? IN_PLACE : NO_FLOWS;
    const detached: string[] = [];
    const isOwn = (arrow: number): boolean => arrows.start(arrow) === arrows.end(arrow);
    for (const arrow of arriving) if (this.detached.has(arrow) && !isOwn(arrow)) detached.push(detachedFlow('f', arrow));
    for (const arrow of leaving) if (this.detached.has(arrow)) detached.push(detachedFlow('s', arrow));
    for (const arrow of leaving) if (this.detached.has(arrow) && isOwn(arrow)) detached.push(detachedFlow('f', arrow));
    return { staysInPlace, bound: this.bound(arriving, leaving), detached };
  }

  /** An event with bound arrows has either ones that leave, of one `bind_id`, or one that arrives. */
  private bound(arriving: Uint32Array, leaving: Uint32Array): string {
    const departure = leaving.find(this.isBound);
    const bound = departure ?? arriving.find(this.isBound);
    if (bound === undefined) return '';
    return `,"bind_id":${this.bindId(bound)},"flow_${departure === undefined ? 'in' : 'out'}":true`;
  }

  /**
   * The `bind_id` of a bound arrow that leaves where `arrow` does. trace_processor numbers detached
   * arrows from 0 and looks those numbers and `bind_id` up in one table, so `bind_id` begins above.
   */
  private bindId(arrow: number): number {
    const first = this.arrows.from(this.arrows.start(arrow)).find(this.isBound);
    return this.detached.size + (first ?? arrow);
  }

  private readonly isBound = (arrow: number): boolean => !this.detached.has(arrow);

  private canBeBound(arrow: number): boolean {
    const { arrows } = this;
    const { time } = this.table;
    const end = arrows.end(arrow);
    return arrows.to(end).length === 1 && arrows.from(end).length === 0 && time[arrows.start(arrow)] < time[end];
  }

  /** Only an `X` can be bound without a length, and there is none in file order: such arrows are detached too. */
  private detach(toDetach: number[]): void {
    const { arrows } = this;
    const endsOf = (arrow: number): number[] => [arrows.start(arrow), arrows.end(arrow)];
    for (const arrow of arrows.numbers()) {
      for (const row of endsOf(arrow)) if (hasNoLength(this.table, row)) this.tieOf(row).arrowsWithoutLength.push(arrow);
    }
    for (let arrow = toDetach.pop(); arrow !== undefined; arrow = toDetach.pop()) {
      this.detached.add(arrow);
      for (const row of endsOf(arrow)) {
        const tie = this.tieOf(row);
        tie.isInFileOrder = true;
        for (const other of tie.arrowsWithoutLength.splice(0)) toDetach.push(other);
      }
    }
  }

  private tieOf(row: number): Tie {
    const { track, time } = this.table;
    const ties = (this.ties[track[row]] ??= new Map<number, Tie>());
    let tie = ties.get(time[row]);
    if (tie === undefined) ties.set(time[row], (tie = { isInFileOrder: false, arrowsWithoutLength: [] }));
    return tie;
  }
}

/** The most flows that are open at one time; beyond them the one that was not seen for the longest is forgotten. */
const MAX_OPEN_FLOWS = 65_536;

interface OpenFlow {
  /** Its id in the file: ids of the trace may come again after their flow has ended. */
  number: number;
  /** When it started. */
  start: number;
}

/**
 * The flows of a stream: ids that events have in common, seen one event at a time.
 *
 * Readers must be told whether an event starts a flow, goes on with it or ends it. They keep flows of
 * `bind_id` and flows of `s`, `t` and `f` apart, an event cannot have several `bind_id`, and the later events
 * of a flow are not known when it starts. So all flows are `s`, `t` and `f` events.
 */
export class FlowIds implements FlowSource {
  /** The flow that was seen last is the last. */
  private readonly open = new Map<Integer, OpenFlow>();
  private started = 0;

  constructor(private readonly table: EventTable) {}

  of(row: number): EventFlows {
    const { table } = this;
    if (!table.hasFlowIds) return NO_FLOWS;
    let flows = NO_FLOWS;
    for (let attr = table.attrBegin[row]; attr < table.attrEnd[row]; attr++) {
      const type = table.attrType(attr);
      if (type !== AttrType.Flow && type !== AttrType.TerminatingFlow) continue;
      const event = this.eventOf(table.attrInteger(attr), type === AttrType.TerminatingFlow, table.time[row]);
      if (event !== undefined) flows = { ...flows, detached: [...flows.detached, event] };
    }
    return flows;
  }

  /** Undefined if readers could not draw it: before the start of the flow, or its end without any start. */
  private eventOf(id: Integer, ends: boolean, time: number): string | undefined {
    const flow = this.open.get(id);
    if (flow === undefined) return ends ? undefined : this.start(id, time);
    if (time < flow.start) return undefined;
    this.open.delete(id);
    if (ends) return detachedFlow('f', flow.number);
    this.open.set(id, flow);
    return detachedFlow('t', flow.number);
  }

  private start(id: Integer, time: number): string {
    const flow: OpenFlow = { number: ++this.started, start: time };
    this.open.set(id, flow);
    if (this.open.size > MAX_OPEN_FLOWS) this.open.delete(this.open.keys().next().value!);
    return detachedFlow('s', flow.number);
  }
}

import { AttrType } from '../../batch/layout';
import type { Integer } from '../../values';
import type { EventTable } from '../../order/event-table';
import { detachedFlow, NO_FLOWS, type EventFlows, type FlowSource } from './event-flows';

/** Flows that are open at one time; with more, those that were not seen for the longest time are forgotten. */
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
 * Readers want to be told whether an event starts a flow, goes on with it or ends it. They keep flows of
 * `bind_id` and flows of `s`, `t` and `f` apart, and what a flow meets later is not known when it starts:
 * an event with several flows cannot have a `bind_id` for each. So all flows are `s`, `t` and `f` events.
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

  /** Undefined for what readers could not draw: before the start of the flow, or its end without any start. */
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

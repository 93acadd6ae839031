import type { EventTable } from '../../order/event-table';
import type { WholeTimeline } from '../../order/whole-timeline';
import { detachedFlow, NO_FLOWS, type EventFlows, type FlowSource } from './event-flows';
import { FlowForms } from './flow-forms';

const IN_PLACE: EventFlows = { ...NO_FLOWS, staysInPlace: true };

/** The flows of a whole trace: arrows whose two ends are known. */
export class ArrowFlows implements FlowSource {
  private readonly forms: FlowForms;
  private readonly hasArrows: boolean;

  constructor(
    table: EventTable,
    private readonly timeline: WholeTimeline,
  ) {
    this.forms = new FlowForms(table, timeline);
    this.hasArrows = timeline.arrows.count > 0;
  }

  of(row: number): EventFlows {
    if (!this.hasArrows) return NO_FLOWS;
    const { arrows } = this.timeline;
    const staysInPlace = this.forms.isInFileOrder(row);
    const arriving = arrows.to(row);
    const leaving = arrows.from(row);
    if (arriving.length === 0 && leaving.length === 0) return staysInPlace ? IN_PLACE : NO_FLOWS;
    const detached: string[] = [];
    for (const arrow of arriving) if (this.forms.isDetached(arrow)) detached.push(detachedFlow('f', arrow));
    for (const arrow of leaving) if (this.forms.isDetached(arrow)) detached.push(detachedFlow('s', arrow));
    return { staysInPlace, bound: this.bound(arriving, leaving), detached };
  }

  /** An event with bound arrows has either ones that leave, of one `bind_id`, or one that arrives. */
  private bound(arriving: Uint32Array, leaving: Uint32Array): string {
    const isBound = (arrow: number): boolean => !this.forms.isDetached(arrow);
    const departure = leaving.find(isBound);
    const bound = departure ?? arriving.find(isBound);
    if (bound === undefined) return '';
    return `,"bind_id":${this.forms.bindId(bound)},"flow_${departure === undefined ? 'in' : 'out'}":true`;
  }
}

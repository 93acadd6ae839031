import { AttrType, RowKind } from '../batch/layout';
import type { ChromeTrack } from '../chrome-json/read/chrome-tracks';
import { Criteria } from '../filter/criteria';
import { EventPlan, PlanDecision, type PlannedEvent } from '../filter/event-plan';
import { NamedTimes } from '../filter/named-times';
import type { TimeOverview } from '../filter/parts';
import { isUniqueArg } from '../filter/unique-args';
import { EVER, FOREVER, Windows } from '../filter/windows';
import { NEVER_ENDS, NO_END, type EventTable } from '../order/event-table';
import { Arrows } from '../order/flows';
import { mergeByTime } from '../order/time-order';
import { ArrangedTimeline, type WholeTimeline } from '../order/whole-timeline';
import { normalized, type Exact } from '../protobuf/field-reader';
import type { FilterWishes } from './options';
import { ownerOf } from './owners';

const KINDS: Readonly<Partial<Record<RowKind, PlannedEvent['kind']>>> = {
  [RowKind.Slice]: 'slice',
  [RowKind.Instant]: 'instant',
};

/** The columns that a part of the trace changes. */
const CHANGED = ['time', 'extent', 'attrBegin', 'attrEnd'] as const;

/** Chooses parts of a trace that is in memory. The addon does the same in binding/convert. */
export class TableFilter {
  private readonly criteria: Criteria;
  private readonly isOwnerAccepted: boolean[];
  private readonly isNameAccepted = new Map<number, boolean>();
  private readonly whole: Pick<EventTable, (typeof CHANGED)[number]>;
  private readonly attrs: number;
  /** The time of the trace at 0 of the table. */
  private readonly base: bigint;

  constructor(
    private readonly table: EventTable,
    private readonly timeline: WholeTimeline,
    private readonly filters: FilterWishes,
    tracks: readonly ChromeTrack[],
    shift: bigint,
  ) {
    this.criteria = new Criteria(filters);
    this.isOwnerAccepted = tracks.map((track) => this.criteria.acceptsOwner(ownerOf(track)));
    this.base = table.origin + shift;
    this.attrs = table.attrs;
    const { time, extent, attrBegin, attrEnd } = table;
    this.whole = { time: time.slice(), extent: extent.slice(), attrBegin: attrBegin.slice(), attrEnd: attrEnd.slice() };
  }

  overview(): TimeOverview {
    const { table, timeline } = this;
    const named = new NamedTimes(this.filters);
    let end = -Infinity;
    for (const row of timeline.order) {
      const event = this.planned(row);
      const last = event.kind === 'slice' && event.end !== Infinity ? event.end : event.begin;
      if (last > end) end = last;
      const name = table.strings[table.name[row]];
      if (event.kind === 'counter' || !named.isWanted(name)) continue;
      const to = event.kind === 'instant' ? event.begin : event.end;
      named.add(name, this.exact(event.begin), to === Infinity ? undefined : this.exact(to));
    }
    const [first] = timeline.order;
    if (first === undefined) return { end: 0, named };
    return { start: this.exact(table.time[first]), end: this.exact(end), named };
  }

  /** The plan of a part, and its rows; the part before it is no more. */
  part(windows: Windows | null): { plan: EventPlan; timeline: ArrangedTimeline } {
    const { table, timeline, filters } = this;
    for (const column of CHANGED) table[column].set(this.whole[column]);
    table.attrs = this.attrs;
    const { minDuration = 0, maxDepth = Infinity } = filters;
    const plan = new EventPlan(windows && this.inTable(windows), {
      minDuration, maxDepth, followsArrows: filters.steps.length > 0 || filters.splitSteps,
    });
    if (windows !== null && timeline.arrows.count > 0) for (const row of timeline.order) plan.look(this.planned(row));
    for (const row of timeline.order) plan.add(this.planned(row));
    plan.finish();
    return { plan, timeline: this.arrange(plan) };
  }

  private arrange(plan: EventPlan): ArrangedTimeline {
    const { table, timeline } = this;
    const arrows = new Arrows();
    for (const arrow of timeline.arrows.numbers()) {
      if (plan.hasArrow(arrow)) arrows.add(timeline.arrows.start(arrow), timeline.arrows.end(arrow));
    }
    const kept: number[] = [];
    const late: number[] = [];
    let unclosed = 0;
    for (const [index, row] of timeline.order.entries()) {
      const decision = plan.decision(index);
      if (decision === PlanDecision.drop) continue;
      if (table.kind[row] === RowKind.Slice) {
        if (table.extent[row] === NO_END) unclosed++;
        this.cut(row, index, plan);
      }
      if (table.kind[row] !== RowKind.Counter) this.chooseArgs(row, decision, arrows);
      ((decision & PlanDecision.cutBegin) === 0 ? kept : late).push(row);
    }
    late.sort((a, b) => table.time[a] - table.time[b]);
    const { unmatched, flowsUndrawn } = timeline.counts;
    const order = mergeByTime(table, Uint32Array.from(late), Uint32Array.from(kept));
    return new ArrangedTimeline(table, { order, arrows, unclosed, unmatched, flowsUndrawn });
  }

  private cut(row: number, index: number, plan: EventPlan): void {
    const { table } = this;
    const end = table.endOf(row);
    table.time[row] = plan.beginOf(index, table.time[row]);
    if (end < NEVER_ENDS) table.extent[row] = plan.endOf(index, end) - table.time[row];
  }

  private chooseArgs(row: number, decision: number, arrows: Arrows): void {
    const { table, filters } = this;
    const isCut = decision !== PlanDecision.keep;
    if (filters.args === 'all' && !isCut) return;
    const begin = table.attrs;
    const hasArrow = arrows.from(row).length > 0 || arrows.to(row).length > 0;
    if (filters.args === 'all') table.copyAttrs(table.attrBegin[row], table.attrEnd[row]);
    else if (filters.args === 'lean') this.copyLean(row, hasArrow);
    if (isCut) {
      const isBoth = (decision & PlanDecision.cutBegin) !== 0 && (decision & PlanDecision.cutEnd) !== 0;
      table.appendText('trimmed', isBoth ? 'begin and end' : (decision & PlanDecision.cutBegin) !== 0 ? 'begin' : 'end');
    }
    table.attrBegin[row] = begin;
    table.attrEnd[row] = table.attrs;
  }

  private copyLean(row: number, hasArrow: boolean): void {
    const { table } = this;
    const last = table.attrEnd[row];
    for (let attr = table.attrBegin[row]; attr < last; ) {
      let depth = 0;
      let end = attr;
      do {
        const type = table.attrType(end++);
        if (type === AttrType.Dict || type === AttrType.Array) depth++;
        else if (type === AttrType.End) depth--;
      } while (depth > 0);
      if (!isUniqueArg(table.strings[table.attrKey(attr)], hasArrow)) table.copyAttrs(attr, end);
      attr = end;
    }
  }

  private planned(row: number): PlannedEvent {
    const { table, timeline } = this;
    const kind = KINDS[table.kind[row] as RowKind] ?? 'counter';
    const end = table.endOf(row);
    const arrows = [...timeline.arrows.from(row), ...timeline.arrows.to(row)];
    const isAccepted = this.isOwnerAccepted[table.track[row]] && (kind === 'counter' || this.acceptsTexts(row));
    return { kind, isAccepted, track: table.track[row], begin: table.time[row], end: end >= NEVER_ENDS ? Infinity : end, arrows };
  }

  private acceptsTexts(row: number): boolean {
    const { table, criteria } = this;
    if (criteria.asksNames) {
      const name = table.name[row];
      let accepted = this.isNameAccepted.get(name);
      if (accepted === undefined) this.isNameAccepted.set(name, (accepted = criteria.acceptsName(table.strings[name])));
      if (!accepted) return false;
    }
    if (!criteria.asksCategories) return true;
    if (table.category[row] === 0) return !criteria.needsCategory;
    const category = table.strings[table.category[row]];
    return !criteria.excludesCategory(category) && (!criteria.needsCategory || criteria.includesCategory(category));
  }

  private exact(time: number): Exact {
    return normalized(this.base + BigInt(time));
  }

  /** The same parts of the time in the table's own. */
  private inTable({ list }: Windows): Windows {
    const edge = (time: Exact) => (time === EVER || time === FOREVER ? time : Number(BigInt(time) - this.base));
    return new Windows(list.map(({ from, to }) => ({ from: edge(from), to: edge(to) })));
  }
}

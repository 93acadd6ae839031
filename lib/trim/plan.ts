import type { Exact } from '../protobuf/field-reader';
import { Criteria } from '../filter/criteria';
import type { PlanCounts as EventPlanCounts } from '../filter/event-plan';
import type { CheckedFilterOptions } from '../filter/options';
import { Decision, Decisions } from './decisions';
import { SliceStacks, type LateTracks, type OpenSlice, type PlacedEvent, type SliceEnd } from './slice-stacks';
import type { Flow, TrackEventFacts } from './track-event';
import { difference, type Tracks } from './tracks';
import type { WalkedPacket } from './walk';
import type { Windows } from '../filter/windows';

/** Arrows are counted where they are written anew. */
export type PlanCounts = Omit<EventPlanCounts, 'flows' | 'flowsCut'>;

/** Which ids of arrows are met in the windows, and when first. */
export class FlowsInside {
  private readonly times = new Map<Exact, Exact>();
  private readonly stacks: SliceStacks;
  private events = 0;

  constructor(
    private readonly windows: Windows,
    late: LateTracks,
  ) {
    this.stacks = new SliceStacks(late, ({ begin, flows }, end) => {
      if (flows.length > 0 && windows.touches(begin, end?.time ?? null)) this.note(flows, begin);
    });
  }

  add({ event, time }: WalkedPacket): void {
    if (event === undefined || time === null || this.stacks.add(event, this.events++, time)) return;
    if (event.kind === 'instant' && this.windows.has(time)) this.note(event.flows, time);
  }

  finish(): void {
    this.stacks.finish();
  }

  /** Whether one of these arrows leads into a window from `begin`, or, with `alsoOut`, from one to it. */
  reach(flows: readonly Flow[], begin: Exact, alsoOut: boolean): boolean {
    return flows.some(({ id }) => {
      const time = this.times.get(id);
      return time !== undefined && (alsoOut || begin < time);
    });
  }

  private note(flows: readonly Flow[], time: Exact): void {
    for (const { id } of flows) {
      const known = this.times.get(id);
      if (known === undefined || time > known) this.times.set(id, time);
    }
  }
}

/** Decides about each event, in the order of the file. */
export class Plan {
  readonly decisions = new Decisions();
  readonly counts: PlanCounts = {
    slices: 0, instants: 0, counters: 0, cut: 0, droppedSlices: 0, droppedInstants: 0, droppedCounters: 0,
  };
  private readonly stacks: SliceStacks;
  private readonly criteria: Criteria;
  private readonly followsFlows: boolean;
  /** Where a slice is cut elsewhere than at the edge of a window: only around what stays for its arrows. */
  private readonly beginEdges = new Map<number, Exact>();
  private readonly endEdges = new Map<number, Exact>();
  private events = 0;

  constructor(
    options: CheckedFilterOptions,
    private readonly windows: Windows | null,
    private readonly flows: FlowsInside | null,
    private readonly tracks: Tracks,
    late: LateTracks,
  ) {
    this.criteria = new Criteria(options);
    this.followsFlows = options.steps.length > 0 || options.splitSteps;
    this.stacks = new SliceStacks(
      late,
      (slice, end, parent) => this.decideSlice(slice, end, parent),
      (end) => this.decideEnd(end),
    );
  }

  add({ event, time }: WalkedPacket): void {
    if (event === undefined) return;
    const index = this.events++;
    // What has no time, or none that is known, is left to the reader of the trace.
    if (time === null) return this.decisions.set(index, Decision.keep);
    if (this.stacks.add(event, index, time)) return;
    const stays = event.kind === 'counter' ? this.keepsCounter(event, time) : this.keepsInstant(event, time);
    if (stays) this.decisions.set(index, Decision.keep);
    if (event.kind === 'counter') this.counts[stays ? 'counters' : 'droppedCounters']++;
    else if (event.kind === 'instant') this.counts[stays ? 'instants' : 'droppedInstants']++;
  }

  finish(): void {
    this.stacks.finish();
  }

  private keepsCounter({ track, pid }: TrackEventFacts, time: Exact): boolean {
    return (this.windows?.has(time) ?? true) && this.criteria.acceptsOwner(this.tracks.ownerOf(track, pid));
  }

  private keepsInstant({ name = '', categories, flows, track, pid }: TrackEventFacts, time: Exact): boolean {
    const isInside = this.windows?.has(time) ?? true;
    if (!isInside && !this.isReached(flows, time)) return false;
    return this.criteria.accepts({ name, categories, owner: this.tracks.ownerOf(track, pid) });
  }

  /** The time at which a slice that is cut begins; for its beginning by number. */
  beginEdge(index: number, begin: Exact): Exact {
    return this.beginEdges.get(index) ?? this.windows!.cutBegin(begin);
  }

  endEdge(index: number, end: Exact): Exact {
    return this.endEdges.get(index) ?? this.windows!.cutEnd(end);
  }

  private decideSlice(slice: OpenSlice, end: SliceEnd | undefined, parent: OpenSlice | undefined): void {
    const { begin, name, categories, depth, track, pid, flows } = slice;
    const isInside = this.windows?.touches(begin, end?.time ?? null) ?? true;
    // Without a part in the windows it stays whole: because of its arrows, or because it lies around what stays for them.
    const isWhole = this.windows !== null && (this.isReached(flows, begin) || (!isInside && slice.needs !== undefined));
    if (isWhole) need(slice, begin, end?.time ?? begin);
    if (slice.needs !== undefined && parent !== undefined) need(parent, slice.needs.from, slice.needs.to);
    const duration = end === undefined ? undefined : Number(difference(end.time, begin));
    const accepted = this.criteria.accepts({ name, categories, depth, duration, owner: this.tracks.ownerOf(track, pid) });
    if (!accepted || !(isInside || isWhole)) {
      this.counts.droppedSlices++;
      return;
    }
    const decision = this.windows === null || isWhole ? Decision.keep : this.cut(slice, end, this.windows);
    this.counts.slices++;
    if (decision !== Decision.keep) this.counts.cut++;
    this.decisions.set(slice.index, decision);
    if (end !== undefined) this.decisions.set(end.index, decision);
  }

  /** An end of nothing ends nothing in what is left either, but may have values of counters. */
  private decideEnd({ event, index, time }: PlacedEvent): void {
    if (this.keepsCounter(event, time)) this.decisions.set(index, Decision.keep);
  }

  private cut({ index, begin, needs }: OpenSlice, end: SliceEnd | undefined, windows: Windows): number {
    let decision: number = Decision.keep;
    let from = windows.cutBegin(begin);
    if (needs !== undefined && needs.from < from) this.beginEdges.set(index, (from = needs.from));
    if (from !== begin) decision |= Decision.cutBegin;
    if (end === undefined) return decision;
    let to = windows.cutEnd(end.time);
    if (needs !== undefined && needs.to > to) this.endEdges.set(end.index, (to = needs.to));
    return to === end.time ? decision : decision | Decision.cutEnd;
  }

  private isReached(flows: readonly Flow[], time: Exact): boolean {
    return flows.length > 0 && (this.flows?.reach(flows, time, this.followsFlows) ?? false);
  }
}

function need(slice: OpenSlice, from: Exact, to: Exact): void {
  const { needs } = slice;
  slice.needs = {
    from: needs !== undefined && needs.from < from ? needs.from : from,
    to: needs !== undefined && needs.to > to ? needs.to : to,
  };
}

import type { Windows } from './windows';

/** What a plan asks about an event. */
export interface PlannedEvent {
  kind: 'slice' | 'instant' | 'counter';
  /** By its name and category, and by its process and thread. */
  isAccepted: boolean;
  track: number;
  begin: number;
  /** Of a slice; Infinity where nothing ends it. */
  end: number;
  /** The arrows from and to it, by number. Each arrow joins two events. */
  arrows: readonly number[];
}

export interface PlanOptions {
  /** Of slices, ns. */
  minDuration: number;
  maxDepth: number;
  /** What the arrows of slices in the windows lead to stays as well. */
  followsArrows: boolean;
}

/** What stays and what goes, in counts. */
export interface PlanCounts {
  slices: number;
  instants: number;
  counters: number;
  /** Arrows of which both ends stay. */
  flows: number;
  /** Of `slices`, those that were cut at an edge of the time that stays. */
  cut: number;
  droppedSlices: number;
  droppedInstants: number;
  droppedCounters: number;
  /** Arrows of which one end stays. */
  flowsCut: number;
}

/** What becomes of an event; several bits. */
export const PlanDecision = { drop: 0, keep: 1, cutBegin: 2, cutEnd: 4 } as const;

interface Slice {
  index: number;
  event: PlannedEvent;
  isReached: boolean;
  depth: number;
  /** What must lie in it, since slices in it stay wherever they lie. */
  needs?: { from: number; to: number };
}

/** As in the lanes of a trace that is written. */
const MAX_OPEN_SLICES = 500;

/**
 * Whether an event stays depends on others: a kernel that stays keeps its launch, and that the slices around it. An EventPlan
 * sees all events in the order of time, twice, and decides about each. The C++ twin is binding/filter/event_plan.cc.
 */
export class EventPlan {
  readonly counts: PlanCounts = {
    slices: 0, instants: 0, counters: 0, flows: 0, cut: 0, droppedSlices: 0, droppedInstants: 0, droppedCounters: 0, flowsCut: 0,
  };
  private readonly decisions: number[] = [];
  /** By arrow: the times of its ends in the windows. */
  private readonly inside = new Map<number, number[]>();
  /** By arrow: how many of its ends stay. */
  private readonly staying = new Map<number, number>();
  /** The slices of one time, of which the longest lies around the others. */
  private waiting: Slice[] = [];
  /** By track: slices that overlap without nesting lie on lanes. */
  private readonly tracks = new Map<number, Slice[][]>();
  /** Where a slice is cut elsewhere than at the edge of a window: only around what stays for its arrows. */
  private readonly begins = new Map<number, number>();
  private readonly ends = new Map<number, number>();

  constructor(
    private readonly windows: Windows | null,
    private readonly options: PlanOptions,
  ) {}

  /** For the first reading: notes which arrows reach into the windows. */
  look(event: PlannedEvent): void {
    if (event.arrows.length === 0 || !this.isInside(event)) return;
    for (const arrow of event.arrows) {
      const times = this.inside.get(arrow);
      if (times === undefined) this.inside.set(arrow, [event.begin]);
      else times.push(event.begin);
    }
  }

  /** For the second. */
  add(event: PlannedEvent): void {
    const index = this.decisions.push(PlanDecision.drop) - 1;
    const isReached = this.isReached(event);
    if (event.kind === 'slice') {
      if (this.waiting.length > 0 && this.waiting[0].event.begin !== event.begin) this.openWaiting();
      this.waiting.push({ index, event, isReached, depth: 0 });
      return;
    }
    const stays = event.isAccepted && (isReached || this.isInside(event));
    if (stays) this.keep(index, PlanDecision.keep, event.arrows);
    if (event.kind === 'instant') this.counts[stays ? 'instants' : 'droppedInstants']++;
    else this.counts[stays ? 'counters' : 'droppedCounters']++;
  }

  finish(): void {
    this.openWaiting();
    for (const lanes of this.tracks.values()) {
      for (const lane of lanes) while (lane.length > 0) this.closeInnermost(lane);
    }
    for (const ends of this.staying.values()) this.counts[ends > 1 ? 'flows' : 'flowsCut']++;
  }

  /** After finish(). Of the event that was added as the `index`-th. */
  decision(index: number): number {
    return this.decisions[index];
  }

  /** The time at which a slice begins, and ends, when it is cut. */
  beginOf(index: number, begin: number): number {
    if ((this.decisions[index] & PlanDecision.cutBegin) === 0) return begin;
    return this.begins.get(index) ?? Number(this.windows!.cutBegin(begin));
  }

  endOf(index: number, end: number): number {
    if ((this.decisions[index] & PlanDecision.cutEnd) === 0) return end;
    return this.ends.get(index) ?? Number(this.windows!.cutEnd(end));
  }

  /** Whether both ends of it stay. */
  hasArrow(arrow: number): boolean {
    return this.staying.get(arrow) === 2;
  }

  private isInside({ kind, begin, end }: PlannedEvent): boolean {
    if (this.windows === null) return true;
    return kind === 'slice' ? this.windows.touches(begin, end === Infinity ? null : end) : this.windows.has(begin);
  }

  /** Whether an arrow leads from the event into the windows or, if arrows are followed, comes from there. */
  private isReached({ arrows, begin }: PlannedEvent): boolean {
    return arrows.some((arrow) => {
      const times = this.inside.get(arrow);
      return times !== undefined && (this.options.followsArrows || times.some((time) => begin < time));
    });
  }

  private openWaiting(): void {
    this.waiting.sort((a, b) => (a.event.end === b.event.end ? 0 : b.event.end - a.event.end));
    for (const slice of this.waiting) this.open(slice);
    this.waiting = [];
  }

  private open(slice: Slice): void {
    const { track, begin, end } = slice.event;
    let lanes = this.tracks.get(track);
    if (lanes === undefined) this.tracks.set(track, (lanes = []));
    for (const lane of lanes) {
      while (lane.length > 0 && lane.at(-1)!.event.end <= begin) this.closeInnermost(lane);
      if (lane.length > 0 && (lane.at(-1)!.event.end < end || lane.length >= MAX_OPEN_SLICES)) continue;
      slice.depth = lane.length;
      lane.push(slice);
      return;
    }
    lanes.push([slice]);
  }

  private closeInnermost(lane: Slice[]): void {
    this.decide(lane.pop()!, lane.at(-1));
  }

  private decide(slice: Slice, parent: Slice | undefined): void {
    const { index, event, isReached, depth } = slice;
    const { begin, end, isAccepted } = event;
    const { minDuration, maxDepth } = this.options;
    const isInside = this.isInside(event);
    // Without a part in the windows it stays whole: because of its arrows, or because it lies around what stays for them.
    const isWhole = this.windows !== null && (isReached || (!isInside && slice.needs !== undefined));
    if (isWhole) need(slice, begin, end === Infinity ? begin : end);
    if (slice.needs !== undefined && parent !== undefined) need(parent, slice.needs.from, slice.needs.to);
    if (!isAccepted || end - begin < minDuration || depth >= maxDepth || !(isInside || isWhole)) {
      this.counts.droppedSlices++;
      return;
    }
    const decision = this.windows === null || isWhole ? PlanDecision.keep : this.cut(slice, this.windows);
    this.counts.slices++;
    if (decision !== PlanDecision.keep) this.counts.cut++;
    this.keep(index, decision, event.arrows);
  }

  private cut({ index, event: { begin, end }, needs }: Slice, windows: Windows): number {
    let decision: number = PlanDecision.keep;
    let from = Number(windows.cutBegin(begin));
    if (needs !== undefined && needs.from < from) this.begins.set(index, (from = needs.from));
    if (from !== begin) decision |= PlanDecision.cutBegin;
    if (end === Infinity) return decision;
    let to = Number(windows.cutEnd(end));
    if (needs !== undefined && needs.to > to) this.ends.set(index, (to = needs.to));
    return to === end ? decision : decision | PlanDecision.cutEnd;
  }

  private keep(index: number, decision: number, arrows: readonly number[]): void {
    this.decisions[index] = decision;
    for (const arrow of arrows) this.staying.set(arrow, (this.staying.get(arrow) ?? 0) + 1);
  }
}

function need(slice: Slice, from: number, to: number): void {
  const { needs } = slice;
  slice.needs = { from: Math.min(needs?.from ?? from, from), to: Math.max(needs?.to ?? to, to) };
}

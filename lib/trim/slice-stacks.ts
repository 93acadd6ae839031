import { addExact, type Exact } from '../protobuf/field-reader';
import type { TrackKey } from './sequence';
import type { Flow, TrackEventFacts } from './track-event';

/** A slice whose end has not come, and later the whole of it. */
export interface OpenSlice {
  /** Of its beginning among all events. */
  index: number;
  track: TrackKey;
  /** The process of the track, where its events alone tell it. */
  pid?: number;
  name: string;
  categories: readonly string[];
  flows: readonly Flow[];
  begin: Exact;
  depth: number;
  /** Of a complete one. */
  end?: Exact;
  /** What must lie in it, since slices in it stay wherever they lie. */
  needs?: { from: Exact; to: Exact };
}

/** Where a slice ends: the number of the event and the time. */
export interface SliceEnd {
  index: number;
  time: Exact;
}

/** An event among all events. */
export interface PlacedEvent {
  event: TrackEventFacts;
  index: number;
  time: Exact;
}

/** Told of each slice behind those in it; without an end what nothing ends, without a parent what lies in no other. */
type OnSlice = (slice: OpenSlice, end: SliceEnd | undefined, parent: OpenSlice | undefined) => void;

/**
 * The tracks whose slices the file has not in the order of time. They are known behind the first pass that meets them,
 * which must be done again then.
 */
export type LateTracks = Set<TrackKey>;

/** Puts the beginnings and ends of each track together, in the order of time, as readers of the trace do. */
export class SliceStacks {
  private readonly stacks = new Map<TrackKey, OpenSlice[]>();
  private readonly last = new Map<TrackKey, Exact>();
  private readonly waiting: PlacedEvent[] = [];

  constructor(
    private readonly late: LateTracks,
    private readonly onSlice: OnSlice,
    /** Told of an end of nothing. */
    private readonly onEnd: (end: PlacedEvent) => void = () => undefined,
  ) {}

  /** Takes the events in the order of the file; false for one that neither begins nor ends a slice. */
  add(event: TrackEventFacts, index: number, time: Exact): boolean {
    const { kind, track } = event;
    if (kind !== 'begin' && kind !== 'end' && kind !== 'complete') return false;
    if (this.late.has(track)) {
      this.waiting.push({ event, index, time });
      return true;
    }
    const last = this.last.get(track);
    if (last !== undefined && time < last) this.late.add(track);
    else this.last.set(track, time);
    this.feed({ event, index, time });
    return true;
  }

  /** Tells of those that are still open, inner ones first. */
  finish(): void {
    this.waiting.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const waiting of this.waiting) this.feed(waiting);
    for (const stack of this.stacks.values()) {
      while (stack.length > 0) this.closeTop(stack);
    }
  }

  private feed({ event, index, time }: PlacedEvent): void {
    const stack = this.stackAt(event.track, time);
    if (event.kind === 'end') return this.end(event, index, time, stack);
    const { track, pid, name = '', categories, flows } = event;
    const end = event.kind === 'complete' ? addExact(time, event.duration) : undefined;
    stack.push({ index, track, pid, name, categories, flows, begin: time, depth: stack.length, end });
  }

  private end(event: TrackEventFacts, index: number, time: Exact, stack: OpenSlice[]): void {
    // An end with a name ends the innermost slice of that name.
    const at = stack.findLastIndex(({ name, end }) => end === undefined && (event.name === undefined || name === event.name));
    if (at < 0) return this.onEnd({ event, index, time });
    this.onSlice(stack[at], { index, time }, stack[at - 1]);
    stack.splice(at, 1);
  }

  private closeTop(stack: OpenSlice[]): void {
    const slice = stack.pop()!;
    this.onSlice(slice, slice.end === undefined ? undefined : { index: slice.index, time: slice.end }, stack.at(-1));
  }

  /** What is open on a track at a time: complete slices that have ended are told. */
  private stackAt(track: TrackKey, time: Exact): OpenSlice[] {
    let stack = this.stacks.get(track);
    if (stack === undefined) this.stacks.set(track, (stack = []));
    for (let last = stack.at(-1); last?.end !== undefined && last.end <= time; last = stack.at(-1)) this.closeTop(stack);
    return stack;
  }
}

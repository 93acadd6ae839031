import type { Exact } from '../protobuf/field-reader';
import type { TrackKey } from './sequence';
import type { Flow, TrackEventFacts } from './track-event';

/** A slice whose end has not come, and later the whole of it. */
export interface OpenSlice {
  /** Of its beginning among all events. */
  index: number;
  track: TrackKey;
  name: string;
  categories: readonly string[];
  flows: readonly Flow[];
  begin: Exact;
  depth: number;
  parent?: OpenSlice;
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

/**
 * Puts the beginnings and ends of each track together. Slices must come in the order of time within a track, as readers
 * of the trace get them after sorting.
 */
export class SliceStacks {
  private readonly stacks = new Map<TrackKey, OpenSlice[]>();

  /** `onSlice` is told each slice behind those in it; without an end what nothing ends, when all are read. */
  constructor(private readonly onSlice: (slice: OpenSlice, end?: SliceEnd) => void) {}

  begin(event: TrackEventFacts, index: number, time: Exact): void {
    const stack = this.stackAt(event.track, time);
    stack.push(openSlice(event, index, time, stack));
  }

  /** A slice that says its end with its beginning. */
  complete(event: TrackEventFacts, index: number, time: Exact, end: Exact): void {
    const stack = this.stackAt(event.track, time);
    stack.push({ ...openSlice(event, index, time, stack), end });
  }

  /** False for an end of nothing. */
  end(event: TrackEventFacts, index: number, time: Exact): boolean {
    const stack = this.stackAt(event.track, time);
    // An end with a name ends the innermost slice of that name.
    const at = stack.findLastIndex(({ name, end }) => end === undefined && (event.name === undefined || name === event.name));
    if (at < 0) return false;
    const [slice] = stack.splice(at, 1);
    this.onSlice(slice, { index, time });
    return true;
  }

  /** Tells those that are still open, inner ones first. */
  finish(): void {
    for (const stack of this.stacks.values()) {
      while (stack.length > 0) this.close(stack.pop()!);
    }
  }

  private close(slice: OpenSlice): void {
    this.onSlice(slice, slice.end === undefined ? undefined : { index: slice.index, time: slice.end });
  }

  /** What is open on a track at a time: complete slices that have ended are told. */
  private stackAt(track: TrackKey, time: Exact): OpenSlice[] {
    let stack = this.stacks.get(track);
    if (stack === undefined) this.stacks.set(track, (stack = []));
    for (let last = stack.at(-1); last?.end !== undefined && last.end <= time; last = stack.at(-1)) {
      stack.pop();
      this.close(last);
    }
    return stack;
  }
}

function openSlice(event: TrackEventFacts, index: number, begin: Exact, stack: OpenSlice[]): OpenSlice {
  const { track, name = '', categories, flows } = event;
  return { index, track, name, categories, flows, begin, depth: stack.length, parent: stack.at(-1) };
}

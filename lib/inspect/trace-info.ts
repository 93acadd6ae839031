import type { Exact } from '../protobuf/field-reader';

/** The contents of a trace file. */
export interface TraceInfo {
  path: string;
  kind: 'perfetto' | 'chrome-json' | 'cpu-profile';
  /** Chrome JSON only: an array of events, an object with `traceEvents`, or events one behind the other, as on lines. */
  form?: 'array' | 'object' | 'lines';
  /** Whether the file is gzipped. */
  gzip: boolean;
  /** Size of the file. */
  bytes: number;
  /** Packets of a native trace, or entries of the array of a JSON trace. */
  records: number;
  /** The same by what they carry: the payload's field name in TracePacket, or the phase letter, or `other`. */
  recordKinds: Record<string, number>;
  events: EventCounts;
  tracks: TrackInfo[];
  /** From the first event to the end of the last; null where nothing has a time. */
  time: TimeRange | null;
  /** Parts of the file that were not understood or are lost: sentences, or findings in the words of the conversion. */
  warnings: string[];
}

export interface EventCounts {
  slices: number;
  instants: number;
  /** Samples of counters. */
  counters: number;
  /** Places where arrows begin, pass or end. */
  flowPoints: number;
  /** Samples of CPU profiles, where there are some. */
  samples?: number;
}

export type TrackType = 'process' | 'thread' | 'counter' | 'other';

export interface TrackInfo {
  type: TrackType;
  /** Empty if the trace has none. A process or thread without one is named by its id, if a native trace cannot have that. */
  name: string;
  /** The names of the tracks above it, outermost first. */
  path: string[];
  /** Chrome JSON may have text for an id. */
  pid?: number | string;
  tid?: number | string;
  unit?: string;
  /** Slices, instants and counter samples on it. */
  events: number;
  /** How many tracks of the file are listed as this one: siblings of one name, which viewers show as one. */
  lanes: number;
}

/** Nanoseconds. */
export interface TimeRange {
  first: bigint;
  last: bigint;
  length: bigint;
}

export function noEvents(): EventCounts {
  return { slices: 0, instants: 0, counters: 0, flowPoints: 0 };
}

/** Collects the first and last of many times. */
export class TimeSpan {
  private first: Exact | undefined;
  private last: Exact | undefined;

  include(time: Exact): void {
    // Numbers and bigints compare exactly with each other.
    if (this.first === undefined || time < this.first) this.first = time;
    if (this.last === undefined || time > this.last) this.last = time;
  }

  range(): TimeRange | null {
    if (this.first === undefined || this.last === undefined) return null;
    const [first, last] = [BigInt(this.first), BigInt(this.last)];
    return { first, last, length: last - first };
  }
}

/** Lists tracks in the order in which they come; those of one key as one track. */
export class TrackList {
  private readonly byKey = new Map<string, TrackInfo>();

  add(key: string, track: Omit<TrackInfo, 'lanes'>): void {
    const known = this.byKey.get(key);
    if (known === undefined) {
      this.byKey.set(key, { ...track, lanes: 1 });
    } else {
      known.events += track.events;
      known.lanes++;
    }
  }

  get tracks(): TrackInfo[] {
    return [...this.byKey.values()];
  }
}

export function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

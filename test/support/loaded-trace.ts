/**
 * A trace as trace_processor loaded it. Chrome JSON and native traces come out in the same words, so that they can be
 * compared: a slice is at a place, which is a path of names, and its arguments have no prefix.
 */
import { ERROR_STATS, queryJson } from './trace-processor';

export interface LoadedSlice {
  name: string;
  category: string | null;
  ts: bigint;
  dur: bigint;
  depth: number;
  /** See `Places`. */
  place: string;
  /** Of the thread, where it is on one. */
  pid: number | null;
  tid: number | null;
  /** Whether it is on a lane beside its thread, which the place does not tell. */
  isOnLane: boolean;
  /** By key: type and value, as in `int 5`. */
  args: Map<string, string>;
  threadTs: bigint | null;
}

export interface LoadedCounter {
  place: string;
  ts: bigint;
  value: number;
}

export interface LoadedProcess {
  pid: number;
  name: string;
  labels: string[];
}

export interface LoadedTrace {
  slices: LoadedSlice[];
  /** Arrows. */
  flows: [from: LoadedSlice, to: LoadedSlice][];
  counters: LoadedCounter[];
  processes: LoadedProcess[];
  /** Of processes and threads, by the id in the trace. */
  threads: { pid: number | null; tid: number; name: string }[];
  /** What trace_processor held against it: empty for a good one. */
  errors: string[];
}

type SliceRow = ['slice', number, string, string, number, string | null, string | null, number, number | null, string | null];
type ArgRow = ['arg', number, string, string, string];
type FlowRow = ['flow', number, number];
type CounterRow = ['counter', number, string, string];
type TrackRow = ['track', number, string | null, string, number | null, number | null, number | null];
type ProcessRow = ['process', number, number, string | null, string | null];
type ThreadRow = ['thread', number, number, string | null, number | null];
type ErrorRow = ['error', string, number];
type AnyRow = SliceRow | ArgRow | FlowRow | CounterRow | TrackRow | ProcessRow | ThreadRow | ErrorRow;

/** One statement for all, since every query loads the trace again. 64-bit integers and doubles come as text. */
const EVERYTHING = `
  SELECT json_array('track', t.id, t.name, t.type, t.parent_id, extract_arg(t.dimension_arg_set_id, 'utid'),
    extract_arg(t.dimension_arg_set_id, 'upid')) AS json FROM track t
  UNION ALL SELECT json_array('process', upid, pid, name,
    (SELECT group_concat(string_value, char(10)) FROM args a
      WHERE a.arg_set_id = p.arg_set_id AND a.flat_key = 'chrome.process_label')) FROM process p
  UNION ALL SELECT json_array('thread', utid, tid, name, upid) FROM thread
  UNION ALL SELECT json_array('slice', id, CAST(ts AS TEXT), CAST(dur AS TEXT), depth, name, category, track_id,
    arg_set_id, CAST(thread_ts AS TEXT)) FROM slice
  UNION ALL SELECT json_array('arg', arg_set_id, key, value_type,
    CASE value_type WHEN 'string' THEN string_value WHEN 'real' THEN printf('%!.17g', real_value)
      ELSE CAST(int_value AS TEXT) END)
    FROM args WHERE (key GLOB 'args.*' OR key GLOB 'debug.*') AND arg_set_id IN (SELECT arg_set_id FROM slice)
  UNION ALL SELECT json_array('flow', slice_out, slice_in) FROM flow
  UNION ALL SELECT json_array('counter', track_id, CAST(ts AS TEXT), printf('%!.17g', value)) FROM counter
  UNION ALL SELECT json_array('error', name, value) FROM ${ERROR_STATS}`;

/** How an id of a process or thread is written in a place. */
export type IdText = (id: number) => string;

/** Ids that the converter gives are from 1,000,000,000 on, and none that a test may rely on. */
const SUBSTITUTE = '~';
const isSubstitute = (id: number): boolean => id <= 0 || id >= 1_000_000_000;

export function loadTrace(path: string, idText: IdText = (id) => (isSubstitute(id) ? SUBSTITUTE : String(id))): LoadedTrace {
  const rows = queryJson<AnyRow>(path, EVERYTHING);
  const of = <T extends AnyRow>(kind: T[0]): T[] => rows.filter((row): row is T => row[0] === kind);
  const places = new Places(of<TrackRow>('track'), of<ProcessRow>('process'), of<ThreadRow>('thread'), idText);
  const args = new Map<number, Map<string, string>>();
  for (const [, set, key, type, value] of of<ArgRow>('arg')) {
    let ofSet = args.get(set);
    if (ofSet === undefined) args.set(set, (ofSet = new Map<string, string>()));
    // SQLite writes a double with more digits than it needs.
    ofSet.set(key.slice(key.indexOf('.') + 1), `${type} ${type === 'real' ? Number(value) : value}`);
  }
  const byId = new Map<number, LoadedSlice>();
  for (const [, id, ts, dur, depth, name, category, track, argSet, threadTs] of of<SliceRow>('slice')) {
    byId.set(id, {
      // What the JSON importer says for none.
      name: name === '[No name]' ? '' : (name ?? ''),
      category,
      ts: BigInt(ts),
      dur: BigInt(dur),
      depth,
      place: places.of(track),
      ...places.threadOf(track),
      isOnLane: places.isLane(track),
      args: args.get(argSet ?? -1) ?? new Map<string, string>(),
      threadTs: threadTs === null ? null : BigInt(threadTs),
    });
  }
  return {
    slices: [...byId.values()],
    flows: of<FlowRow>('flow').map(([, from, to]) => [byId.get(from)!, byId.get(to)!]),
    counters: of<CounterRow>('counter').map(([, track, ts, value]) => ({
      place: places.of(track),
      ts: BigInt(ts),
      value: Number(value),
    })),
    // The first of each is the system's own idle one.
    processes: of<ProcessRow>('process')
      .filter(([, upid]) => upid !== 0)
      .map(([, , pid, name, labels]) => ({ pid, name: name ?? '', labels: labels?.split('\n') ?? [] })),
    threads: of<ThreadRow>('thread')
      .filter(([, utid]) => utid !== 0)
      .map(([, , tid, name, upid]) => ({ tid, name: name ?? '', pid: places.pidOf(upid) })),
    errors: of<ErrorRow>('error').map(([, name, value]) => `${name}: ${value}`),
  };
}

/**
 * Where tracks are: `app(7) > main(8)` for a thread, `app(7) > mem used` for a track of a process, `GPU 0 > Stream 7`
 * for tracks of their own. What has no name is `(7)` and `(8)` alone.
 */
class Places {
  private readonly tracks: Map<number, TrackRow>;
  private readonly processes: Map<number, ProcessRow>;
  private readonly threads: Map<number, ThreadRow>;
  private readonly known = new Map<number, string>();

  constructor(tracks: TrackRow[], processes: ProcessRow[], threads: ThreadRow[], private readonly idText: IdText) {
    this.tracks = new Map(tracks.map((row) => [row[1], row]));
    this.processes = new Map(processes.map((row) => [row[1], row]));
    this.threads = new Map(threads.map((row) => [row[1], row]));
  }

  of(track: number): string {
    let place = this.known.get(track);
    if (place === undefined) this.known.set(track, (place = this.find(track)));
    return place;
  }

  /** A lane of a thread is a child of the thread's track with the thread's name. */
  isLane(track: number): boolean {
    const [, , , type, , utid] = this.tracks.get(track)!;
    return utid !== null && type !== 'thread_execution';
  }

  threadOf(track: number): { pid: number | null; tid: number | null } {
    const [, , , , , utid] = this.tracks.get(track)!;
    if (utid === null) return { pid: null, tid: null };
    const [, , tid, , upid] = this.threads.get(utid)!;
    return { pid: this.pidOf(upid), tid };
  }

  pidOf(upid: number | null): number | null {
    return upid === null ? null : this.processes.get(upid)![2];
  }

  private find(track: number): string {
    const [, , name, , parent, utid, upid] = this.tracks.get(track)!;
    if (utid !== null) {
      const [, , tid, threadName, upidOfThread] = this.threads.get(utid)!;
      return join(this.process(upidOfThread), `${threadName ?? ''}(${this.idText(tid)})`);
    }
    return join(parent === null ? this.process(upid) : this.of(parent), name ?? '');
  }

  private process(upid: number | null): string {
    if (upid === null) return '';
    const [, , pid, name] = this.processes.get(upid)!;
    return `${name ?? ''}(${this.idText(pid)})`;
  }
}

function join(parent: string, name: string): string {
  return [parent, name].filter((part) => part !== '').join(' > ');
}

import { MAX_UINT32 } from '../../limits';
import { TrackKind } from '../../batch/layout';
import type { EventTable, Track } from '../../order/event-table';
import type { Integer } from '../../values';
import { doubleText, quoted, type Fragment } from './byte-writer';

/** A process that stands in for tracks that are below none. */
const ROOT_NAME = 'Trace';

/**
 * Chrome JSON has no tracks but processes, threads and counters by name. TrackTable maps tracks and their
 * lanes to those, and describes each in metadata once.
 */
export class TrackTable {
  private readonly ids: TrackIds;
  /** How many tracks are described. */
  private described = 0;
  private isRootDescribed = false;
  private readonly positions: number[] = [];
  private readonly threads: Thread[][] = [];
  private readonly counters: string[] = [];
  private readonly countersOfName = new Map<string, number>();

  /** @param firstFreshId the search for ids of tracks that have none to keep starts here */
  constructor(
    private readonly table: EventTable,
    firstFreshId: number,
  ) {
    this.ids = new TrackIds(table, firstFreshId);
  }

  /** Metadata events for the processes that are new, and for the threads, also those without events. */
  describeNew(): string[] {
    const { tracks } = this.table;
    const first = this.described;
    const events: string[] = [];
    this.ids.addTracks(first);
    // Sorted among themselves, behind all from before.
    inOrderOfTree(this.table, first).forEach((track, index) => (this.positions[track] = first + index + 1));
    let root: number | undefined;
    for (; this.described < tracks.length; this.described++) {
      const track = this.described;
      const { kind, parent, name, sortIndex, labels } = tracks[track];
      if (kind === TrackKind.Thread) events.push(...this.thread(track, 0).metadata.splice(0));
      if (kind === TrackKind.Process) events.push(...describe('process', `"pid":${this.ids.pid(track)}`, name, sortIndex, labels));
      else if (parent === undefined) root ??= track;
    }
    if (root !== undefined && !this.isRootDescribed) {
      this.isRootDescribed = true;
      events.push(...describe('process', `"pid":${this.ids.pid(root)}`, ROOT_NAME));
    }
    return events;
  }

  /** Forgets the fragments of all threads. */
  forgetFragments(): void {
    for (const lanes of this.threads) for (const thread of lanes ?? []) thread.starts = [];
  }

  /** Each lane is a thread of its own with the name of the track. */
  thread(track: number, lane: number): Thread {
    const lanes = (this.threads[track] ??= []);
    return (lanes[lane] ??= this.newThread(track, lane));
  }

  /** `"pid":1,"name":"...","ts":` for the samples of a counter. */
  counter(track: number): string {
    return (this.counters[track] ??= this.newCounter(track));
  }

  private newThread(track: number, lane: number): Thread {
    const { kind, sortIndex } = this.table.tracks[track];
    const ids = `"pid":${this.ids.pid(track)},"tid":${lane === 0 ? this.ids.tid(track) : this.ids.fresh()}`;
    // Readers put 0 for threads that say nothing, so tracks that are no threads come below them.
    const position = sortIndex ?? (kind === TrackKind.Plain ? this.positions[track] : undefined);
    return new Thread(`${ids},"ts":`, describe('thread', ids, displayName(this.table, track), position));
  }

  /** A counter belongs to a process by its name alone; an id tells those of one name apart. */
  private newCounter(track: number): string {
    const pid = this.ids.pid(track);
    const name = quoted(displayName(this.table, track));
    const key = `${pid} ${name}`;
    const same = (this.countersOfName.get(key) ?? 0) + 1;
    this.countersOfName.set(key, same);
    const id = same === 1 ? '' : `,"id":"${same}"`;
    return `"pid":${pid},"name":${name}${id},"ts":`;
  }
}

/** Metadata events of a process or thread: what is known of it. */
function describe(
  kind: 'process' | 'thread',
  ids: string,
  name: string,
  sortIndex?: Integer,
  labels: readonly string[] = [],
): string[] {
  const events: string[] = [];
  const add = (what: string, value: string): void => {
    events.push(`{"ph":"M",${ids},"name":"${kind}_${what}","args":{"${what}":${value}}}`);
  };
  if (name !== '') add('name', quoted(name));
  if (sortIndex !== undefined) add('sort_index', String(sortIndex));
  if (labels.length > 0) add('labels', quoted(labels.join(',')));
  return events;
}

/** Of a slice that was written as `X`: its end is written with it. */
const COMPLETE = -Infinity;

/**
 * The thread that one lane of a track is written to, and the rules that keep the order of its events.
 *
 * Readers sort by time. If there is any `X`, they sort events of one time too: each `E`, then each `X` with
 * the longest first, then all others in the order of the file. So an event whose place among those of its
 * time matters must not be an `X`, and an `E` must not have the time of its own `B`.
 */
export class Thread {
  /** By phase: the beginning of an event on this thread, once it was needed. */
  starts: Fragment[] = [];
  /** For each open slice: the time of its `B`, or COMPLETE. */
  private readonly open: number[] = [];
  private latest = -Infinity;
  private latestWithFlows = -Infinity;
  /** Between these times lie ends that had to be put off; a later `B` comes after them. */
  private crowdedFrom = -Infinity;
  private crowdedUntil = -Infinity;

  /**
   * @param place `"pid":1,"tid":2,"ts":`, the members of an event before its time
   * @param metadata events that describe the thread; taken when they are written
   */
  constructor(
    readonly place: string,
    readonly metadata: string[],
  ) {}

  /**
   * Whether an event must not be an `X`: an open `B` of its time would become its child, or it would come
   * between an event of its time and the `s`, `t` and `f` that bind to that one.
   */
  hasToStay(time: number, hasFlows: boolean): boolean {
    if (hasFlows && time <= this.latest) return true;
    if (time === this.latestWithFlows) return true;
    const { length } = this.open;
    if (length === 0) return false;
    const innermost = this.open[length - 1];
    return innermost >= time && innermost <= this.afterCrowd(time);
  }

  /** An event was written. */
  note(time: number, hasFlows: boolean): void {
    if (time > this.latest) this.latest = time;
    if (hasFlows) this.latestWithFlows = time;
  }

  beginComplete(): void {
    this.open.push(COMPLETE);
  }

  /** Begins a slice with a `B`, and returns the time to write. */
  begin(time: number): number {
    const written = this.afterCrowd(time);
    this.open.push(written);
    return written;
  }

  /** Ends the innermost open slice; returns the time of its `E`, or undefined if it needs none. */
  end(time: number): number | undefined {
    const begin = this.open.pop()!;
    if (begin === COMPLETE) return undefined;
    const written = Math.max(time, begin + 1);
    if (written > time) this.crowd(time, written);
    return written;
  }

  private afterCrowd(time: number): number {
    return time >= this.crowdedFrom && time < this.crowdedUntil ? this.crowdedUntil : time;
  }

  private crowd(from: number, until: number): void {
    if (from < this.crowdedFrom || from >= this.crowdedUntil) this.crowdedFrom = from;
    this.crowdedUntil = Math.max(this.crowdedUntil, until);
  }
}

/**
 * The values of counters for JSON, which knows neither multipliers nor differences: of an incremental
 * counter the sum up to the sample is written, exact up to 2^53.
 */
export class CounterSums {
  /** By track of an incremental counter. */
  private readonly sums: number[] = [];

  constructor(private readonly table: EventTable) {}

  /** The value to write for a sample; asked for once, in the order of the file. */
  valueOf(row: number): string {
    const { table } = this;
    const { isIncremental, unitMultiplier } = table.tracks[table.track[row]];
    const integer = table.counterInteger(row);
    if (isIncremental !== true && unitMultiplier === undefined) {
      return integer === undefined ? doubleText(table.extent[row]) : String(integer);
    }
    let value = (integer === undefined ? table.extent[row] : Number(integer)) * Number(unitMultiplier ?? 1);
    if (isIncremental === true) value = this.sums[table.track[row]] = (this.sums[table.track[row]] ?? 0) + value;
    return doubleText(value);
  }
}

/**
 * The pids and tids of a trace. Readers know a thread by its tid alone, take pid 0 and tid 0 for the
 * idle process, and a thread whose tid is a pid for the main thread of that process. So every tid is
 * unique over all processes, none is 0, and none is the pid of another process. Ids that obey this are
 * kept, the others become the smallest number that is free.
 */
class TrackIds {
  private readonly pids = new Map<number, number>();
  private readonly tids = new Map<number, number>();
  private readonly used = new Set<number>();
  private readonly withMainThread = new Set<number>();
  private rootPid?: number;

  /** @param next the search for a free number starts here, beyond the ids that later tracks may ask for */
  constructor(
    private readonly table: EventTable,
    private next: number,
  ) {}

  /** Reserves the ids that the tracks from a number on ask for. */
  addTracks(first: number): void {
    const { tracks } = this.table;
    for (let number = first; number < tracks.length; number++) {
      const { kind, pid } = tracks[number];
      if (kind === TrackKind.Process && this.reserve(pid)) this.pids.set(number, Number(pid));
    }
    for (let number = first; number < tracks.length; number++) {
      const { kind, tid } = tracks[number];
      if (kind === TrackKind.Thread && this.reserveTid(number, tid)) this.tids.set(number, Number(tid));
    }
  }

  /** The pid of the process that a track belongs to; a stand-in for tracks that belong to none. */
  pid(track: number): number {
    const process = processOf(this.table.tracks, track);
    if (process === undefined) return (this.rootPid ??= this.fresh());
    let pid = this.pids.get(process);
    if (pid === undefined) this.pids.set(process, (pid = this.fresh()));
    return pid;
  }

  /** The tid of lane 0 of a track: the thread's own if it can be kept. */
  tid(track: number): number {
    return this.tids.get(track) ?? this.fresh();
  }

  /** An id that nothing has. */
  fresh(): number {
    while (this.used.has(this.next)) this.next++;
    this.used.add(this.next);
    return this.next;
  }

  private reserveTid(track: number, tid: Integer | undefined): boolean {
    const process = processOf(this.table.tracks, track);
    const ownPid = process === undefined ? undefined : this.pids.get(process);
    if (ownPid === undefined || tid !== ownPid || this.withMainThread.has(ownPid)) return this.reserve(tid);
    this.withMainThread.add(ownPid);
    return true;
  }

  private reserve(id: Integer | undefined): boolean {
    if (typeof id !== 'number' || id < 1 || id > MAX_UINT32 || this.used.has(id)) return false;
    this.used.add(id);
    return true;
  }
}

/** The number of the process that a track is, or is below; undefined for none. */
function processOf(tracks: readonly Track[], track: number): number | undefined {
  let current: number | undefined = track;
  while (current !== undefined && tracks[current].kind !== TrackKind.Process) current = tracks[current].parent;
  return current;
}

const SEPARATOR = ' / ';

/**
 * JSON has processes and their threads, no deeper tree: a track below those gets the names on the way
 * to it, such as `GPU 0 / Stream 7`.
 */
function displayName(table: EventTable, track: number): string {
  const names: string[] = [];
  for (let current: number | undefined = track; current !== undefined; current = table.tracks[current].parent) {
    const { kind, name } = table.tracks[current];
    if (kind === TrackKind.Process && current !== track) break;
    names.unshift(name);
    if (kind === TrackKind.Thread && current === track) break;
  }
  return names.filter((name) => name !== '').join(SEPARATOR);
}

/** Perfetto's ChildTracksOrdering. */
const enum ChildOrdering {
  ByName = 1,
  ByRank = 3,
}

/**
 * The tracks from a number on in the order of the tree as a native trace shows it: siblings in the order
 * that their parent asks for, a parent before its children, before all of them those whose parent is not
 * among these tracks.
 */
function inOrderOfTree({ tracks }: EventTable, first: number): number[] {
  const roots: number[] = [];
  const children = new Map<number, number[]>();
  for (let number = first; number < tracks.length; number++) {
    const { parent } = tracks[number];
    if (parent === undefined || parent < first) roots.push(number);
    else if (!children.get(parent)?.push(number)) children.set(parent, [number]);
  }
  for (const [parent, siblings] of children) sortSiblings(tracks, tracks[parent], siblings);

  const order: number[] = [];
  const stack = roots.reverse();
  for (let track = stack.pop(); track !== undefined; track = stack.pop()) {
    order.push(track);
    for (const child of children.get(track)?.reverse() ?? []) stack.push(child);
  }
  return order;
}

function sortSiblings(tracks: readonly Track[], parent: Track, siblings: number[]): void {
  if (Number(parent.childOrdering) === ChildOrdering.ByRank) {
    siblings.sort((a, b) => Number(tracks[a].rank ?? 0) - Number(tracks[b].rank ?? 0));
  } else if (Number(parent.childOrdering) === ChildOrdering.ByName) {
    siblings.sort((a, b) => (tracks[a].name < tracks[b].name ? -1 : 1));
  }
}

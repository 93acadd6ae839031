import { TrackKind } from '../../batch/layout';
import type { EventTable, Track } from '../../order/event-table';
import { quoted } from './json-strings';
import { Thread } from './thread';
import { TrackIds } from './track-ids';
import { displayName, inOrderOfTree } from './track-names';

/** A process that stands in for tracks that are below none. */
const ROOT_NAME = 'Trace';

/** Maps tracks and their lanes to the processes, threads and counters of Chrome JSON. */
export class TrackTable {
  private readonly ids: TrackIds;
  /** How many tracks are described. */
  private described = 0;
  private isRootDescribed = false;
  private readonly positions: number[] = [];
  private readonly threads: Thread[][] = [];
  private readonly counters: string[] = [];
  private readonly countersOfName = new Map<string, number>();

  /** @param firstFreshId where to look for ids for what has none that can be kept */
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
      const { kind, parent } = tracks[track];
      if (kind === TrackKind.Thread) events.push(...this.thread(track, 0).metadata.splice(0));
      if (kind === TrackKind.Process) events.push(...describeProcess(tracks[track], this.ids.pid(track)));
      else if (parent === undefined) root ??= track;
    }
    if (root !== undefined && !this.isRootDescribed) {
      this.isRootDescribed = true;
      events.push(metadata(`"pid":${this.ids.pid(root)}`, 'process_name', `"name":${quoted(ROOT_NAME)}`));
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
    const name = displayName(this.table, track);
    // Readers put 0 for threads that say nothing, so tracks that are no threads come below them.
    const position = sortIndex ?? (kind === TrackKind.Plain ? this.positions[track] : undefined);
    const events: string[] = [];
    if (name !== '') events.push(metadata(ids, 'thread_name', `"name":${quoted(name)}`));
    if (position !== undefined) events.push(metadata(ids, 'thread_sort_index', `"sort_index":${position}`));
    return new Thread(`${ids},"ts":`, events);
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

function describeProcess({ name, sortIndex, labels }: Track, pid: number): string[] {
  const events: string[] = [];
  const ids = `"pid":${pid}`;
  if (name !== '') events.push(metadata(ids, 'process_name', `"name":${quoted(name)}`));
  if (sortIndex !== undefined) events.push(metadata(ids, 'process_sort_index', `"sort_index":${sortIndex}`));
  if (labels.length > 0) events.push(metadata(ids, 'process_labels', `"labels":${quoted(labels.join(','))}`));
  return events;
}

function metadata(ids: string, name: string, args: string): string {
  return `{"ph":"M",${ids},"name":"${name}","args":{${args}}}`;
}

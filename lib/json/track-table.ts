import { TrackKind } from '../batch/layout';
import type { EventTable } from '../order/event-table';
import type { Fragment } from './byte-writer';
import { quoted } from './json-strings';
import { TrackIds } from './track-ids';
import { displayName, positionsInTree } from './track-names';

/** Where the events of one lane of a track go. */
export interface Thread {
  /** `"pid":1,"tid":2,"ts":`, the part of an event that says where and begins to say when. */
  place: string;
  /** The same with what comes before it, by phase, once it was needed. */
  starts: Fragment[];
  /** Metadata events that describe the thread; empty once they are written. */
  metadata: string[];
}

/** A process that stands in for tracks that are below none. */
const ROOT_NAME = 'Trace';

/** Maps tracks and their lanes to the processes, threads and counters of Chrome JSON. */
export class TrackTable {
  private readonly ids: TrackIds;
  private readonly positions: readonly number[];
  private readonly threads: Thread[][] = [];
  private readonly counters: string[] = [];
  private readonly countersOfName = new Map<string, number>();

  constructor(private readonly table: EventTable) {
    this.ids = new TrackIds(table);
    this.positions = positionsInTree(table);
  }

  /** Metadata events for the processes, and for the threads that have no events as well. */
  describeAll(): string[] {
    const { tracks, strings } = this.table;
    const events: string[] = [];
    tracks.forEach(({ kind, name, sortIndex, labels }, track) => {
      if (kind === TrackKind.Thread) events.push(...this.thread(track, 0).metadata.splice(0));
      if (kind !== TrackKind.Process) return;
      const ids = `"pid":${this.ids.pid(track)}`;
      if (strings[name] !== '') events.push(metadata(ids, 'process_name', `"name":${quoted(strings[name])}`));
      if (sortIndex !== undefined) events.push(metadata(ids, 'process_sort_index', `"sort_index":${sortIndex}`));
      if (labels.length > 0) {
        const text = labels.map((label) => strings[label]).join(',');
        events.push(metadata(ids, 'process_labels', `"labels":${quoted(text)}`));
      }
    });
    const root = tracks.findIndex(({ kind, parent }) => kind !== TrackKind.Process && parent === undefined);
    if (root !== -1) {
      events.push(metadata(`"pid":${this.ids.pid(root)}`, 'process_name', `"name":${quoted(ROOT_NAME)}`));
    }
    return events;
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
    return { place: `${ids},"ts":`, starts: [], metadata: events };
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

function metadata(ids: string, name: string, args: string): string {
  return `{"ph":"M",${ids},"name":"${name}","args":{${args}}}`;
}

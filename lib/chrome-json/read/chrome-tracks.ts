import type { EventBatch } from '../../batch/batch';
import { AttrType, TrackKind, TrackProperty } from '../../batch/layout';
import { MAX_INT32 } from '../../limits';
import { argsOf, textOf, type ChromeEvent } from './chrome-event';

/** What metadata events say about a process or thread. */
interface Description {
  name?: string;
  sortIndex?: number;
  labels: string[];
}

interface Process {
  track: number;
  id: unknown;
  threads: Map<string, { track: number; id: unknown; key: string }>;
}

/** Where ids begin that stand in for those that a native trace cannot have. */
const FIRST_SUBSTITUTE_ID = 1_000_000_000;

/**
 * The processes and threads of a Chrome trace. They have their numbers at once and are defined at the end,
 * since what names them may stand anywhere in the file. Ids that Perfetto has no place for (0, which means
 * the idle process, text, and what is beyond int32) are replaced; the original stays in the name or in a
 * label.
 */
export class ChromeTracks {
  private readonly processDescriptions = new Map<string, Description>();
  private readonly threadDescriptions = new Map<string, Description>();
  private readonly processes = new Map<string, Process>();
  private readonly named = new Map<string, number>();
  private readonly usedIds = new Set<number>();
  private nextSubstitute = FIRST_SUBSTITUTE_ID;

  constructor(private readonly batch: EventBatch) {}

  /** Learns from a metadata event and from the ids of any event. */
  learn(event: ChromeEvent): void {
    for (const id of [event.pid, event.tid]) if (isNativeId(id)) this.usedIds.add(id);
    if (event.ph !== 'M') return;
    const args = argsOf(event) ?? {};
    switch (event.name) {
      case 'process_name':
        describe(this.processDescriptions, idKey(event.pid)).name = textOf(args.name);
        break;
      case 'process_sort_index':
        describe(this.processDescriptions, idKey(event.pid)).sortIndex = sortIndexOf(args.sort_index);
        break;
      case 'process_labels':
        describe(this.processDescriptions, idKey(event.pid)).labels.push(textOf(args.labels));
        break;
      case 'thread_name':
        describe(this.threadDescriptions, threadKey(event)).name = textOf(args.name);
        break;
      case 'thread_sort_index':
        describe(this.threadDescriptions, threadKey(event)).sortIndex = sortIndexOf(args.sort_index);
        break;
    }
  }

  /** The track of the event's process. */
  process(event: ChromeEvent): number {
    return this.processOf(event.pid).track;
  }

  /** The track of the event's thread; without a tid that of the process's main thread. */
  thread(event: ChromeEvent): number {
    const { threads } = this.processOf(event.pid);
    const id = event.tid ?? event.pid;
    const key = idKey(id);
    let thread = threads.get(key);
    if (thread === undefined) {
      threads.set(key, (thread = { track: this.batch.numberTrack(), id, key: threadKey(event) }));
    }
    return thread.track;
  }

  /** A plain track below the event's process, or below none. */
  plain(key: string, name: string, parent: number | undefined): number {
    const known = this.named.get(key);
    if (known !== undefined) return known;
    const track = this.batch.beginTrack(TrackKind.Plain, parent, name);
    this.batch.commit();
    this.named.set(key, track);
    return track;
  }

  counter(event: ChromeEvent, name: string): number {
    const parent = this.process(event);
    const key = `counter ${parent} ${name}`;
    const known = this.named.get(key);
    if (known !== undefined) return known;
    const track = this.batch.beginTrack(TrackKind.Counter, parent, name);
    this.batch.commit();
    this.named.set(key, track);
    return track;
  }

  /** Defines the processes and threads; after all events. */
  define(): void {
    for (const [key, process] of this.processes) {
      this.defineProcess(process, this.processDescriptions.get(key));
      for (const { track, id, key } of process.threads.values()) {
        const { name, sortIndex } = this.threadDescriptions.get(key) ?? {};
        const isNative = isNativeId(id);
        this.batch.beginTrackOf(track, TrackKind.Thread, process.track, name ?? (isNative ? '' : textOf(id)));
        this.batch.attr(TrackProperty.Tid, AttrType.Int, isNative ? id : this.substitute());
        if (sortIndex !== undefined) this.batch.attr(TrackProperty.SortIndex, AttrType.Int, sortIndex);
        this.batch.commit();
      }
    }
  }

  private defineProcess({ track, id }: Process, description: Description | undefined): void {
    const { name, sortIndex, labels = [] } = description ?? {};
    const isNative = isNativeId(id);
    this.batch.beginTrackOf(track, TrackKind.Process, undefined, name ?? (isNative ? '' : textOf(id)));
    this.batch.attr(TrackProperty.Pid, AttrType.Int, isNative ? id : this.substitute());
    if (sortIndex !== undefined) this.batch.attr(TrackProperty.SortIndex, AttrType.Int, sortIndex);
    for (const label of labels) this.batch.attr(TrackProperty.Label, AttrType.Text, this.batch.text(label));
    if (!isNative && name !== undefined) {
      this.batch.attr(TrackProperty.Label, AttrType.Text, this.batch.text(`pid ${textOf(id)}`));
    }
    this.batch.commit();
  }

  private processOf(pid: unknown): Process {
    const key = idKey(pid);
    let process = this.processes.get(key);
    if (process === undefined) {
      this.processes.set(key, (process = { track: this.batch.numberTrack(), id: pid, threads: new Map() }));
    }
    return process;
  }

  private substitute(): number {
    while (this.usedIds.has(this.nextSubstitute)) this.nextSubstitute++;
    return this.nextSubstitute++;
  }
}

function isNativeId(id: unknown): id is number {
  return typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= MAX_INT32;
}

/** Ids of one spelling are one process: the number 7 and the text "7" are not told apart. */
function idKey(id: unknown): string {
  return textOf(id);
}

function threadKey(event: ChromeEvent): string {
  return `${idKey(event.pid)} ${idKey(event.tid ?? event.pid)}`;
}

function describe(descriptions: Map<string, Description>, key: string): Description {
  let description = descriptions.get(key);
  if (description === undefined) descriptions.set(key, (description = { labels: [] }));
  return description;
}

function sortIndexOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= MAX_INT32 ? value : undefined;
}

import { MAX_INT32, MAX_INT64 } from '../../limits';
import { numberOf, readId, textOf, type ChromeEvent, type ChromeId, type Time } from './chrome-event';

/** Something that a trace shows in a row of its own. */
export interface ChromeTrack {
  kind: 'process' | 'thread' | 'async' | 'counter' | 'global';
  /** In the order in which the tracks appeared, from 0. */
  index: number;
  /** The process that it is below; undefined for a process, and for the track of the whole trace. */
  process?: ChromeTrack;
  /** The pid or tid as it is written; of other tracks empty. */
  id: string;
  /** The pid or tid where it is an integer, as a number or as a text that spells one. */
  number?: number;
  name: string;
  labels: string[];
  sortIndex?: number;
  /** Of an async track: the time of the event that named it. */
  since?: Time;
}

/** A number with as few digits as it takes, and exact as a double where it matters: ids have 31 bits. */
const DECIMAL = /^(?:0|-?[1-9]\d{0,17})$/;
const FIRST_SUBSTITUTE_ID = 1_000_000_000;

/**
 * The tracks that the events of a Chrome trace name, in the order in which they first appear, and what metadata events
 * say about them, wherever in the file. A number and a text that spells it are one id.
 */
export class ChromeTracks {
  readonly list: ChromeTrack[] = [];
  private readonly byKey = new Map<string, ChromeTrack>();

  process(pid: unknown): ChromeTrack {
    return this.identified('process', undefined, pid);
  }

  /** Without a tid it is the process's main thread, whose tid is the pid. */
  thread({ pid, tid }: ChromeEvent): ChromeTrack {
    return this.identified('thread', this.process(pid), tid ?? pid);
  }

  /** Of async events of one category and id, below the process of the earliest, which also names it. */
  async(key: string, process: ChromeTrack, isOfProcess: boolean, name: string, time: Time): ChromeTrack {
    const track = this.track('async', isOfProcess ? process : undefined, key, { name, since: time, process });
    if (time < track.since!) Object.assign(track, { name, since: time, process });
    return track;
  }

  counter(process: ChromeTrack, name: string): ChromeTrack {
    return this.track('counter', process, name, { name });
  }

  /** Of instants that concern the whole trace. */
  global(): ChromeTrack {
    return this.track('global', undefined, '', { name: 'Global instants' });
  }

  /** Learns from a metadata event; the last of a kind that says something counts. Other kinds mean nothing. */
  learn(event: ChromeEvent, args: Readonly<Record<string, unknown>>): void {
    switch (event.name) {
      case 'process_name':
        return setName(this.process(event.pid), args.name);
      case 'process_sort_index':
        return setSortIndex(this.process(event.pid), args.sort_index);
      case 'process_labels': {
        const label = textOf(args.labels);
        const { labels } = this.process(event.pid);
        if (label !== '') labels.push(label);
        return;
      }
      case 'thread_name':
        return setName(this.thread(event), args.name);
      case 'thread_sort_index':
        return setSortIndex(this.thread(event), args.sort_index);
    }
  }

  private identified(kind: 'process' | 'thread', process: ChromeTrack | undefined, value: unknown): ChromeTrack {
    const id = textOf(value);
    const known = this.byKey.get(keyOf(kind, process, id));
    return known ?? this.track(kind, process, id, { id, number: integerOf(readId(value)) });
  }

  private track(kind: ChromeTrack['kind'], process: ChromeTrack | undefined, key: string, more: Partial<ChromeTrack>): ChromeTrack {
    const whole = keyOf(kind, process, key);
    let track = this.byKey.get(whole);
    if (track === undefined) {
      track = { kind, index: this.list.length, process, id: '', name: '', labels: [], ...more };
      this.list.push(track);
      this.byKey.set(whole, track);
    }
    return track;
  }
}

function keyOf(kind: string, process: ChromeTrack | undefined, key: string): string {
  return `${kind} ${process?.index ?? ''} ${key}`;
}

function integerOf(id: ChromeId | undefined): number | undefined {
  const isInteger = (typeof id === 'bigint' && id <= MAX_INT64) || (typeof id === 'string' && DECIMAL.test(id));
  return isInteger ? Number(id) : undefined;
}

function setName(track: ChromeTrack, name: unknown): void {
  track.name = textOf(name) || track.name;
}

function setSortIndex(track: ChromeTrack, value: unknown): void {
  const index = numberOf(value);
  if (index !== undefined && Math.abs(index) <= MAX_INT32) track.sortIndex = Math.trunc(index);
}

/** Whether a native trace can have the id: 0 means the idle process there, and ids are int32. */
export function hasNativeId({ number }: Pick<ChromeTrack, 'number'>): boolean {
  return number !== undefined && number > 0 && number <= MAX_INT32;
}

/** The ids of processes and threads: their own, or ones that nothing else has in the place of those that cannot be. */
export function nativeIds(tracks: readonly ChromeTrack[]): Map<ChromeTrack, number> {
  const used = new Set(tracks.map(({ number }) => number));
  const ids = new Map<ChromeTrack, number>();
  let next = FIRST_SUBSTITUTE_ID;
  for (const kind of ['process', 'thread']) {
    for (const track of tracks) {
      if (track.kind !== kind) continue;
      while (used.has(next)) next++;
      ids.set(track, hasNativeId(track) ? track.number! : next++);
    }
  }
  return ids;
}

/** The name of a process or thread: its own, or its id where a native trace cannot have that. */
export function shownName(track: Pick<ChromeTrack, 'kind' | 'id' | 'number' | 'name'>): string {
  if (track.name !== '' || hasNativeId(track)) return track.name;
  return track.kind === 'thread' && track.number !== undefined ? `tid ${track.id}` : track.id;
}

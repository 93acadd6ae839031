import { TrackKind } from '../../batch/layout';
import { MAX_UINT32 } from '../../limits';
import type { Integer } from '../../values';
import type { EventTable } from '../../order/event-table';
import type { Track } from '../../order/track';

const MAX_ID = MAX_UINT32;

/**
 * The pids and tids of a trace. Readers know a thread by its tid alone, take pid 0 and tid 0 for the
 * idle process, and a thread whose tid is a pid for the main thread of that process. So every tid is
 * unique over all processes, none is 0, and none is the pid of another process. Ids that are none of
 * this are kept, the others get the smallest number that is free.
 */
export class TrackIds {
  private readonly pids = new Map<number, number>();
  private readonly tids = new Map<number, number>();
  private readonly used = new Set<number>();
  private readonly withMainThread = new Set<number>();
  private rootPid?: number;

  /** @param next where the search for a free number starts: beyond what tracks to come may ask for */
  constructor(
    private readonly table: EventTable,
    private next: number,
  ) {}

  /** Takes the ids that the tracks from a number on ask for. */
  addTracks(first: number): void {
    const { tracks } = this.table;
    for (let number = first; number < tracks.length; number++) {
      const { kind, pid } = tracks[number];
      if (kind === TrackKind.Process && this.take(pid)) this.pids.set(number, Number(pid));
    }
    for (let number = first; number < tracks.length; number++) {
      const { kind, tid } = tracks[number];
      if (kind === TrackKind.Thread && this.takeTid(number, tid)) this.tids.set(number, Number(tid));
    }
  }

  /** The pid of the process that a track belongs to; one that stands in where it belongs to none. */
  pid(track: number): number {
    const process = processOf(this.table.tracks, track);
    if (process === undefined) return (this.rootPid ??= this.fresh());
    let pid = this.pids.get(process);
    if (pid === undefined) this.pids.set(process, (pid = this.fresh()));
    return pid;
  }

  /** The tid of lane 0 of a track: the thread's own where it can be kept. */
  tid(track: number): number {
    return this.tids.get(track) ?? this.fresh();
  }

  /** An id that nothing has. */
  fresh(): number {
    while (this.used.has(this.next)) this.next++;
    this.used.add(this.next);
    return this.next;
  }

  private takeTid(track: number, tid: Integer | undefined): boolean {
    const process = processOf(this.table.tracks, track);
    const ownPid = process === undefined ? undefined : this.pids.get(process);
    if (ownPid === undefined || tid !== ownPid || this.withMainThread.has(ownPid)) return this.take(tid);
    this.withMainThread.add(ownPid);
    return true;
  }

  private take(id: Integer | undefined): boolean {
    if (typeof id !== 'number' || id < 1 || id > MAX_ID || this.used.has(id)) return false;
    this.used.add(id);
    return true;
  }
}

/** The number of the process that a track is, or is below; undefined for none. */
export function processOf(tracks: readonly Track[], track: number): number | undefined {
  let current: number | undefined = track;
  while (current !== undefined && tracks[current].kind !== TrackKind.Process) current = tracks[current].parent;
  return current;
}

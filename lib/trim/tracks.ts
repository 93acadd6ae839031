import type { Owner } from '../filter/criteria';
import { addExact, type Exact, type FieldReader, type Fields } from '../protobuf/field-reader';
import type { TrackKey } from './sequence';

interface Descriptor {
  uuid: Exact;
  parent: Exact;
  pid?: number;
  tid?: number;
  processName?: string;
  threadName?: string;
  isIncremental: number;
}

const DESCRIPTOR: Fields<Partial<Descriptor>> = { 1: ['uuid', 'integer'], 5: ['parent', 'integer'] };
const PROCESS: Fields<Partial<Descriptor>> = { 1: ['pid', 'signed'], 6: ['processName', 'text'] };
const THREAD: Fields<Partial<Descriptor>> = { 1: ['pid', 'signed'], 2: ['tid', 'signed'], 5: ['threadName', 'text'] };
const COUNTER: Fields<Partial<Descriptor>> = { 5: ['isIncremental', 'number'] };

/** A chain of parents that is longer is taken for a circle. */
const MAX_DEPTH = 64;

/** The tracks of a trace, as their descriptors say. */
export class Tracks {
  private readonly tracks = new Map<Exact, Partial<Descriptor>>();
  private readonly processNames = new Map<number, string>();
  private readonly threadNames = new Map<string, string>();
  private readonly owners = new Map<TrackKey, Owner>();

  learn(descriptor: FieldReader): void {
    const found: Partial<Descriptor> = {};
    while (descriptor.next()) {
      if (descriptor.field === 3) descriptor.message().into(found, PROCESS);
      else if (descriptor.field === 4) descriptor.message().into(found, THREAD);
      else if (descriptor.field === 8) descriptor.message().into(found, COUNTER);
      else descriptor.valueInto(found, DESCRIPTOR);
    }
    const uuid = found.uuid ?? 0;
    this.tracks.set(uuid, { ...this.tracks.get(uuid), ...found });
    this.learnNames(found);
  }

  /** Learns from a ProcessDescriptor or ThreadDescriptor that is a packet of its own. */
  learnProcess(descriptor: FieldReader): void {
    this.learnNames(descriptor.into({}, PROCESS));
  }

  learnThread(descriptor: FieldReader): void {
    this.learnNames(descriptor.into({}, THREAD));
  }

  /** Whether the values of a counter are differences from the one before. */
  isIncremental(track: TrackKey): boolean {
    return typeof track !== 'string' && (this.tracks.get(track)?.isIncremental ?? 0) !== 0;
  }

  /** Must not be called before all descriptors were read. `pid` is that of a track that has no descriptor. */
  ownerOf(track: TrackKey, pid?: number): Owner {
    let owner = this.owners.get(track);
    if (owner === undefined) this.owners.set(track, (owner = this.findOwner(track, pid)));
    return owner;
  }

  private learnNames({ pid, tid, processName, threadName }: Partial<Descriptor>): void {
    if (pid === undefined) return;
    if (processName) this.processNames.set(pid, processName);
    if (tid !== undefined && threadName) this.threadNames.set(`${pid} ${tid}`, threadName);
  }

  private findOwner(track: TrackKey, known: number | undefined): Owner {
    const ids = typeof track === 'string' ? (idsInText(track) ?? { pid: known }) : this.idsOf(track);
    const { pid, tid } = ids;
    return {
      ...ids,
      process: pid === undefined ? '' : (this.processNames.get(pid) ?? ''),
      thread: pid === undefined || tid === undefined ? '' : (this.threadNames.get(`${pid} ${tid}`) ?? ''),
    };
  }

  private idsOf(uuid: Exact): { pid?: number; tid?: number } {
    let at = this.tracks.get(uuid);
    let tid: number | undefined;
    for (let depth = 0; at !== undefined && depth < MAX_DEPTH; depth++) {
      tid ??= at.tid;
      if (at.pid !== undefined) return { pid: at.pid, tid };
      at = at.parent === undefined ? undefined : this.tracks.get(at.parent);
    }
    return {};
  }
}

function idsInText(track: string): { pid: number; tid?: number } | undefined {
  const [, pid, tid] = /^thread (-?\d+) (-?\d+)$/.exec(track) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), tid: Number(tid) };
}

/** a - b, exactly. */
export function difference(a: Exact, b: Exact): Exact {
  return addExact(a, -b);
}

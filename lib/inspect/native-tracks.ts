import type { Exact, FieldReader } from '../protobuf/field-reader';
import type { TrackInfo, TrackType } from './trace-info';

/** perfetto.protos.TrackDescriptor and what it holds. */
const TrackDescriptor = {
  uuid: 1,
  name: 2,
  process: 3,
  thread: 4,
  parentUuid: 5,
  counter: 8,
  staticName: 10,
  atraceName: 13,
} as const;
const ProcessDescriptor = { pid: 1, name: 6 } as const;
const ThreadDescriptor = { pid: 1, tid: 2, name: 5 } as const;
const CounterDescriptor = { unit: 3, unitName: 6 } as const;
const UNITS = ['', 'ns', 'count', 'bytes'];

/** A chain of parents that is longer is taken for a circle. */
const MAX_DEPTH = 64;

interface Track {
  type: TrackType;
  name: string;
  parent: Exact;
  pid?: number;
  tid?: number;
  unit?: string;
  events: number;
}

/** The tracks of a native trace, by uuid: what descriptors say, and how many events each has. */
export class NativeTracks {
  private readonly tracks = new Map<Exact, Track>();

  countEvent(uuid: Exact): void {
    this.of(uuid).events++;
  }

  /** Learns from a TrackDescriptor; a later one adds to what an earlier one of that uuid said. */
  learn(descriptor: FieldReader): void {
    let uuid: Exact = 0;
    const found: Partial<Track> = {};
    while (descriptor.next()) {
      switch (descriptor.field) {
        case TrackDescriptor.uuid:
          uuid = descriptor.integer();
          break;
        case TrackDescriptor.parentUuid:
          found.parent = descriptor.integer();
          break;
        case TrackDescriptor.name:
        case TrackDescriptor.staticName:
        case TrackDescriptor.atraceName:
          found.name = descriptor.text();
          break;
        case TrackDescriptor.process:
          readProcess(descriptor.message(), found);
          break;
        case TrackDescriptor.thread:
          readThread(descriptor.message(), found);
          break;
        case TrackDescriptor.counter:
          readCounter(descriptor.message(), found);
          break;
      }
    }
    Object.assign(this.of(uuid), found);
  }

  /** In the order in which they appeared, lanes of one track as one. */
  list(): TrackInfo[] {
    const shown = new Map<string, TrackInfo>();
    for (const [uuid, track] of this.tracks) {
      // Events of uuid 0 are on the root, which belongs to no process.
      const { type, name, events } = uuid === 0 && track.name === '' ? { ...track, name: 'Global' } : track;
      const key = this.laneKey(uuid, track);
      const known = shown.get(key);
      if (known !== undefined) {
        known.events += events;
        known.lanes++;
        continue;
      }
      const { pid, tid, unit } = track;
      const ids = { ...(pid !== undefined && { pid }), ...(tid !== undefined && { tid }), ...(unit !== undefined && { unit }) };
      shown.set(key, { type, name, path: this.pathOf(track), ...ids, events, lanes: 1 });
    }
    return [...shown.values()];
  }

  private of(uuid: Exact): Track {
    let track = this.tracks.get(uuid);
    if (track === undefined) this.tracks.set(uuid, (track = { type: 'other', name: '', parent: 0, events: 0 }));
    return track;
  }

  /** Equal for tracks that a viewer shows as one: siblings of one name, and a thread's children of its name. */
  private laneKey(uuid: Exact, track: Track): string {
    if (track.type !== 'other' || track.name === '') return `track ${uuid}`;
    const parent = this.tracks.get(track.parent);
    if (parent?.type === 'thread' && parent.name === track.name) return `track ${track.parent}`;
    return `named ${track.parent} ${track.name}`;
  }

  private pathOf(track: Track): string[] {
    const path: string[] = [];
    let above = this.parentOf(track);
    while (above !== undefined && path.length < MAX_DEPTH) {
      path.unshift(above.name);
      above = this.parentOf(above);
    }
    return path;
  }

  private parentOf(track: Track): Track | undefined {
    if (track.parent !== 0) return this.tracks.get(track.parent);
    // A thread belongs to its process also where no parent_uuid says so.
    if (track.type !== 'thread') return undefined;
    for (const other of this.tracks.values()) if (other.type === 'process' && other.pid === track.pid) return other;
    return undefined;
  }
}

function readProcess(fields: FieldReader, track: Partial<Track>): void {
  track.type = 'process';
  while (fields.next()) {
    if (fields.field === ProcessDescriptor.pid) track.pid = fields.signed();
    else if (fields.field === ProcessDescriptor.name) track.name = fields.text();
  }
}

function readThread(fields: FieldReader, track: Partial<Track>): void {
  track.type = 'thread';
  while (fields.next()) {
    if (fields.field === ThreadDescriptor.pid) track.pid = fields.signed();
    else if (fields.field === ThreadDescriptor.tid) track.tid = fields.signed();
    else if (fields.field === ThreadDescriptor.name) track.name = fields.text();
  }
}

function readCounter(fields: FieldReader, track: Partial<Track>): void {
  track.type = 'counter';
  while (fields.next()) {
    if (fields.field === CounterDescriptor.unit) track.unit ??= UNITS[fields.number()] || undefined;
    else if (fields.field === CounterDescriptor.unitName) track.unit = fields.text();
  }
}

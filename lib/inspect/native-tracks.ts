import type { Exact, FieldReader, Fields } from '../protobuf/field-reader';
import { TrackList, type TrackInfo, type TrackType } from './trace-info';

/** The values of a TrackDescriptor and of the descriptors in it. */
interface Descriptor {
  uuid: Exact;
  parent: Exact;
  name: string;
  pid: number;
  tid: number;
  unitNumber: number;
  unit: string;
}

const DESCRIPTOR: Fields<Partial<Descriptor>> = {
  1: ['uuid', 'integer'],
  2: ['name', 'text'],
  5: ['parent', 'integer'],
  10: ['name', 'text'],
  13: ['name', 'text'],
};
/** The descriptors in it, which say of what type the track is. */
const INNER: Readonly<Record<number, readonly [TrackType, Fields<Partial<Descriptor>>]>> = {
  3: ['process', { 1: ['pid', 'signed'], 6: ['name', 'text'] }],
  4: ['thread', { 1: ['pid', 'signed'], 2: ['tid', 'signed'], 5: ['name', 'text'] }],
  8: ['counter', { 3: ['unitNumber', 'number'], 6: ['unit', 'text'] }],
};
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
    const found: Partial<Descriptor> & { type?: TrackType } = {};
    while (descriptor.next()) {
      const inner = INNER[descriptor.field];
      if (inner === undefined) {
        descriptor.valueInto(found, DESCRIPTOR);
      } else {
        found.type = inner[0];
        descriptor.message().into(found, inner[1]);
      }
    }
    const { uuid = 0, unitNumber = 0, ...said } = found;
    if (UNITS[unitNumber]) said.unit ??= UNITS[unitNumber];
    Object.assign(this.of(uuid), said);
  }

  /** In the order in which they appeared, lanes of one track as one. */
  list(): TrackInfo[] {
    const list = new TrackList();
    for (const [uuid, track] of this.tracks) {
      const { type, name, parent, events, ...ids } = track;
      // Events of uuid 0 are on the root, which belongs to no process.
      const shown = name === '' && uuid === 0 ? 'Global' : name;
      list.add(this.laneKey(uuid, track), { type, name: shown, path: this.pathOf(track), ...ids, events });
    }
    return list.tracks;
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
    for (let above = this.parentOf(track); above !== undefined && path.length < MAX_DEPTH; above = this.parentOf(above)) {
      path.unshift(above.name);
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

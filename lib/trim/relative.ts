import { addExact, type Exact } from '../protobuf/field-reader';
import type { Sequence, TrackKey } from './sequence';
import type { Tracks } from './tracks';
import { contentOf, Payload, type WalkedPacket } from './walk';

/** perfetto.protos.TrackEvent: the fields that count from the event before. */
interface Relative {
  microseconds?: number;
  threadMicroseconds?: number;
  instructions?: number;
  /** Differences of incremental counters, in the order of their fields. */
  counters: CounterStep[];
}

interface CounterStep {
  field: number;
  track: TrackKey;
  value: number | bigint;
}

/** What the packets of a sequence that went would have added to what comes next. */
class Gone {
  readonly clocks = new Map<number, Exact>();
  microseconds = 0;
  threadMicroseconds = 0;
  instructions = 0;
  readonly counters = new Map<TrackKey, number | bigint>();
}

/** The new values of fields that count from a packet that went; undefined: as they are. */
export interface Rebased {
  timestamp?: Exact;
  microseconds?: number;
  threadMicroseconds?: number;
  instructions?: number;
  /** By field, where any value of it changes: all of them. */
  counters?: Map<number, (number | bigint)[]>;
}

/**
 * Times and counters that count from the packet before change their meaning when that goes. This sums up what went, for
 * the next packet that stays: nothing else has to be written anew.
 */
export class RelativeValues {
  private readonly gone = new Map<Sequence, Gone>();

  constructor(private readonly tracks: Tracks) {}

  /** Must be called for each packet, before the others. */
  begin(packet: WalkedPacket, isCleared: boolean): void {
    const gone = this.of(packet.sequence);
    if (isCleared) gone.counters.clear();
    if (packet.payload === Payload.threadDescriptor) {
      gone.microseconds = gone.threadMicroseconds = gone.instructions = 0;
    } else if (packet.payload === Payload.clockSnapshot) {
      for (const id of clockIds(packet)) gone.clocks.delete(id);
    }
  }

  /** A packet goes, or stays with other times: what it says of them is kept for the next one. */
  dropTimes(packet: WalkedPacket): void {
    const gone = this.of(packet.sequence);
    const { timestamp } = packet.head;
    if (timestamp !== undefined && isIncremental(packet)) {
      gone.clocks.set(packet.clockId, addExact(gone.clocks.get(packet.clockId) ?? 0, timestamp));
    }
    gone.microseconds += packet.event?.deltaMicroseconds ?? 0;
  }

  dropValues(packet: WalkedPacket): void {
    if (packet.event === undefined) return;
    const gone = this.of(packet.sequence);
    const { threadMicroseconds = 0, instructions = 0, counters } = this.read(packet);
    gone.threadMicroseconds += threadMicroseconds;
    gone.instructions += instructions;
    this.dropCounters(gone, counters);
  }

  private dropCounters(gone: Gone, counters: readonly CounterStep[]): void {
    for (const { track, value } of counters) {
      if (this.tracks.isIncremental(track)) gone.counters.set(track, sum(gone.counters.get(track), value));
    }
  }

  keepTimes(packet: WalkedPacket): Rebased {
    const gone = this.of(packet.sequence);
    const rebased: Rebased = {};
    const { timestamp } = packet.head;
    const clock = gone.clocks.get(packet.clockId);
    if (clock !== undefined && timestamp !== undefined && isIncremental(packet)) {
      rebased.timestamp = addExact(timestamp, clock);
      gone.clocks.delete(packet.clockId);
    }
    const delta = packet.event?.deltaMicroseconds;
    if (delta !== undefined && gone.microseconds !== 0) {
      rebased.microseconds = delta + gone.microseconds;
      gone.microseconds = 0;
    }
    return rebased;
  }

  /** The values of an event that stays; of one that is moved to another time its counters go, which it has there no more. */
  keepValues(packet: WalkedPacket, isMoved: boolean): Rebased {
    const gone = this.of(packet.sequence);
    const rebased: Rebased = {};
    const isClean = gone.threadMicroseconds === 0 && gone.instructions === 0 && gone.counters.size === 0;
    if (packet.event === undefined || (isClean && !isMoved)) return rebased;
    const { threadMicroseconds, instructions, counters } = this.read(packet);
    if (threadMicroseconds !== undefined && gone.threadMicroseconds !== 0) {
      rebased.threadMicroseconds = threadMicroseconds + gone.threadMicroseconds;
      gone.threadMicroseconds = 0;
    }
    if (instructions !== undefined && gone.instructions !== 0) {
      rebased.instructions = instructions + gone.instructions;
      gone.instructions = 0;
    }
    if (isMoved) this.dropCounters(gone, counters);
    if (isMoved || !counters.some(({ track }) => gone.counters.has(track))) return rebased;
    rebased.counters = new Map();
    for (const { field, track, value } of counters) {
      const values = rebased.counters.get(field) ?? [];
      values.push(gone.counters.has(track) ? sum(gone.counters.get(track), value) : value);
      rebased.counters.set(field, values);
      gone.counters.delete(track);
    }
    return rebased;
  }

  /** The microseconds that samples of a sequence which went would have added. */
  takeMicroseconds(sequence: Sequence): number {
    const gone = this.of(sequence);
    const { microseconds } = gone;
    gone.microseconds = 0;
    return microseconds;
  }

  addMicroseconds(sequence: Sequence, microseconds: number): void {
    this.of(sequence).microseconds += microseconds;
  }

  private read(packet: WalkedPacket): Relative {
    const { sequence, event } = packet;
    const found: Relative = { counters: [] };
    let tracks: TrackKey[] = [];
    let doubleTracks: TrackKey[] = [];
    const values: bigint[] = [];
    const doubles: number[] = [];
    const fields = contentOf(packet);
    while (fields.next()) {
      switch (fields.field) {
        case 2:
          found.threadMicroseconds = fields.signed();
          break;
        case 8:
          found.instructions = fields.signed();
          break;
        case 12:
          for (const value of fields.integers()) values.push(BigInt.asIntN(64, BigInt(value)));
          break;
        case 30:
          found.counters.push({ field: 30, track: event!.track, value: BigInt.asIntN(64, BigInt(fields.integer())) });
          break;
        case 31:
          tracks = [...tracks, ...fields.integers()];
          break;
        case 44:
          found.counters.push({ field: 44, track: event!.track, value: fields.doubles()[0] });
          break;
        case 45:
          doubleTracks = [...doubleTracks, ...fields.integers()];
          break;
        case 46:
          doubles.push(...fields.doubles());
          break;
      }
    }
    // What the event says of its tracks goes before the defaults of the sequence.
    if (tracks.length === 0) tracks = sequence.defaultCounters;
    if (doubleTracks.length === 0) doubleTracks = sequence.defaultDoubleCounters;
    for (const [i, value] of values.entries()) found.counters.push({ field: 12, track: tracks[i] ?? '', value });
    for (const [i, value] of doubles.entries()) found.counters.push({ field: 46, track: doubleTracks[i] ?? '', value });
    return found;
  }

  private of(sequence: Sequence): Gone {
    let gone = this.gone.get(sequence);
    if (gone === undefined) this.gone.set(sequence, (gone = new Gone()));
    return gone;
  }
}

function isIncremental({ sequence, clockId }: WalkedPacket): boolean {
  return sequence.clocks.get(clockId)?.isIncremental ?? false;
}

function* clockIds(packet: WalkedPacket): Generator<number> {
  const snapshot = contentOf(packet);
  while (snapshot.next()) {
    if (snapshot.field === 1) yield snapshot.message().into({ id: 0 }, { 1: ['id', 'number'] }).id;
  }
}

function sum(a: number | bigint | undefined, b: number | bigint): number | bigint {
  if (a === undefined) return b;
  return typeof a === 'bigint' && typeof b === 'bigint' ? BigInt.asIntN(64, a + b) : Number(a) + Number(b);
}

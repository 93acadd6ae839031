import type { Exact, FieldReader, Fields } from '../protobuf/field-reader';
import { INCREMENTAL_STATE_CLEARED, NEEDS_INCREMENTAL_STATE, type PacketHead } from '../protobuf/packets';
import type { SequenceClocks } from '../protobuf/trace-clocks';

const DEFAULTS: Fields<{ clock?: number; trackEvent?: FieldReader }> = { 11: ['trackEvent', 'message'], 58: ['clock', 'number'] };
const ENTRY: Fields<{ iid: Exact; text: string }> = { 1: ['iid', 'integer'], 2: ['text', 'text'] };
const THREAD: Fields<{ pid: number; tid: number; us: number }> = { 1: ['pid', 'signed'], 2: ['tid', 'signed'], 6: ['us', 'signed'] };

/** A track: its uuid, or a text for those that older events name by thread or by id. */
export type TrackKey = Exact | string;

/** What the packets of one writer have said so far and later ones rely on. */
export class Sequence {
  readonly clocks: SequenceClocks = new Map();
  readonly categories = new Map<Exact, string>();
  readonly names = new Map<Exact, string>();
  readonly argNames = new Map<Exact, string>();
  /** Whether it was begun, and no packets were lost since. */
  private hasState = false;
  defaultClock = 0;
  defaultTrack: TrackKey;
  defaultCounters: Exact[] = [];
  defaultDoubleCounters: Exact[] = [];
  /** The time of the last event that says only how much later it is, in microseconds; see ThreadDescriptor. */
  microseconds = 0;
  pid?: number;

  constructor(readonly id: number) {
    this.defaultTrack = `sequence ${id}`;
  }

  /** Whether the packet begins the sequence's state anew. */
  static isCleared(head: PacketHead): boolean {
    return head.incrementalStateCleared !== 0 || (head.sequenceFlags & INCREMENTAL_STATE_CLEARED) !== 0;
  }

  /** Must be called before anything else of the packet is read. */
  learnHead(head: PacketHead): void {
    const isCleared = Sequence.isCleared(head);
    if (isCleared) this.hasState = true;
    else if (head.previousPacketDropped !== 0) this.hasState = false;
    if (isCleared) {
      this.categories.clear();
      this.names.clear();
      this.argNames.clear();
    }
    if (!isCleared && head.defaults === undefined) return;
    const { clock, trackEvent } = head.defaults?.into({}, DEFAULTS) ?? {};
    this.defaultClock = clock ?? 0;
    this.defaultTrack = `sequence ${this.id}`;
    this.defaultCounters = [];
    this.defaultDoubleCounters = [];
    while (trackEvent?.next()) {
      if (trackEvent.field === 11) this.defaultTrack = trackEvent.integer();
      else if (trackEvent.field === 31) this.defaultCounters.push(...trackEvent.integers());
      else if (trackEvent.field === 45) this.defaultDoubleCounters.push(...trackEvent.integers());
    }
  }

  /** Whether readers skip the packet, since it needs what was lost; but what it says beside its content they learn. */
  skips(head: PacketHead): boolean {
    return !this.hasState && (head.sequenceFlags & NEEDS_INCREMENTAL_STATE) !== 0;
  }

  learnInterned(data: FieldReader): void {
    while (data.next()) {
      const map = data.field === 1 ? this.categories : data.field === 2 ? this.names : data.field === 3 ? this.argNames : null;
      if (map === null) continue;
      const { iid, text } = data.message().into({ iid: 0, text: '' }, ENTRY);
      map.set(iid, text);
    }
  }

  /** Learns the thread that events without a track belong to, and where their relative times begin. */
  learnThread(descriptor: FieldReader): void {
    const { pid, tid, us } = descriptor.into({ pid: 0, tid: 0, us: 0 }, THREAD);
    this.microseconds = us;
    this.pid = pid;
    this.defaultTrack = `thread ${pid} ${tid}`;
  }

  /** The times of samples count from the events before, and those behind from them. */
  learnSamples(profile: FieldReader): void {
    while (profile.next()) {
      if (profile.field !== 2) continue;
      for (const step of profile.integers()) this.microseconds += Number(BigInt.asIntN(64, BigInt(step)));
    }
  }
}

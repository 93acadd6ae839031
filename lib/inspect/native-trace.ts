import { inflateSync } from 'node:zlib';
import { unreadable } from '../input/trace-file';
import { MAX_TIME } from '../limits';
import { addExact, DamagedMessage, FieldReader, type Exact, type Fields } from '../protobuf/field-reader';
import {
  INCREMENTAL_STATE_CLEARED,
  MAX_PACKET_BYTES,
  PacketSplitter,
  payloadName,
  readHead,
  TracePacket,
  TrackEvent,
  TrackEventType,
  type PacketHead,
} from '../protobuf/packets';
import { NativeTracks } from './native-tracks';
import { TraceClocks, type SequenceClocks } from '../protobuf/trace-clocks';
import { count, noEvents, TimeSpan, type TraceInfo } from './trace-info';

const DEFAULTS: Fields<{ clock?: number; trackEvent?: FieldReader }> = { 11: ['trackEvent', 'message'], 58: ['clock', 'number'] };
const TRACK_EVENT_DEFAULTS: Fields<{ track?: Exact }> = { 11: ['track', 'integer'] };
const LEGACY_EVENT: Fields<{ phase?: number; microseconds?: number }> = { 2: ['phase', 'number'], 3: ['microseconds', 'number'] };
const RENDER_STAGE: Fields<{ duration?: Exact }> = { 2: ['duration', 'integer'] };

/** What holds for the packets of one writer. */
interface Sequence {
  clocks: SequenceClocks;
  defaultClock: number;
  defaultTrack: Exact;
}

type Findings = Pick<TraceInfo, 'kind' | 'records' | 'recordKinds' | 'events' | 'tracks' | 'time' | 'warnings'>;

/** Reads a native trace packet by packet, in memory for one packet and the tracks. */
export async function readNativeTrace(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  onChunk: () => void,
): Promise<Findings> {
  const reader = new NativeTraceReader();
  const splitter = new PacketSplitter();
  const readable = () => `the ${splitter.offset} bytes before it are readable, with ${reader.packets} packets`;
  try {
    for await (const chunk of chunks) {
      onChunk();
      for (const packet of splitter.push(chunk)) reader.add(packet);
    }
  } catch (error) {
    if (!(error instanceof DamagedMessage)) throw error;
    throw unreadable(path, `at byte ${splitter.offset}: ${error.message}; ${readable()}`, error);
  }
  if (splitter.pending > 0) {
    const { offset, pending } = splitter;
    throw unreadable(path, `it is cut off: it ends ${pending} bytes into the packet at byte ${offset}; ${readable()}`);
  }
  return reader.findings();
}

class NativeTraceReader {
  packets = 0;
  private readonly kinds: Record<string, number> = {};
  private readonly events = noEvents();
  private readonly tracks = new NativeTracks();
  private readonly clocks = new TraceClocks();
  private readonly sequences = new Map<number, Sequence>();
  private readonly span = new TimeSpan();
  private unknownTimes = 0;
  private losses = 0;
  private zstdPackets = 0;

  add(packet: Uint8Array): void {
    this.packets++;
    const head = readHead(packet);
    const sequence = this.sequenceOf(head);
    const fields = new FieldReader(packet);
    let time: Exact | null = null;
    let payload: string | null = null;
    // The clock must run before the payload is looked at, wherever in the packet its time stands.
    if (head.clockSnapshot !== undefined) this.clocks.learn(head.clockSnapshot, sequence.clocks);
    if (head.timestamp !== undefined) {
      time = this.clocks.resolve(head.timestamp, head.clockId ?? sequence.defaultClock, sequence.clocks);
      if (time === null || time < 0 || time > MAX_TIME) {
        this.unknownTimes++;
        time = null;
      }
    }
    while (fields.next()) {
      const name = payloadName(fields.field);
      if (name === null) continue;
      payload = name;
      if (fields.field === TracePacket.trackEvent) this.addTrackEvent(fields.message(), sequence, time);
      else if (fields.field === TracePacket.trackDescriptor) this.tracks.learn(fields.message());
      else if (fields.field === TracePacket.gpuRenderStageEvent) this.addRenderStage(fields.message(), time);
      else if (fields.field === TracePacket.compressedPackets) this.addCompressed(fields.data());
      else if (name === 'zstd_compressed_packets') this.zstdPackets++;
    }
    count(this.kinds, payload ?? 'no payload');
  }

  findings(): Findings {
    return {
    kind: 'perfetto',
      records: this.packets,
      recordKinds: this.kinds,
      events: this.events,
      tracks: this.tracks.list(),
      time: this.span.range(),
      warnings: this.warnings(),
    };
  }

  private addTrackEvent(event: FieldReader, sequence: Sequence, time: Exact | null): void {
    let type = 0;
    let track = sequence.defaultTrack;
    let legacy: FieldReader | undefined;
    while (event.next()) {
      switch (event.field) {
        case TrackEvent.type:
          type = event.number();
          break;
        case TrackEvent.trackUuid:
          track = event.integer();
          break;
        case TrackEvent.legacyEvent:
          legacy = event.message();
          break;
        case TrackEvent.extraCounterValues:
        case TrackEvent.extraDoubleCounterValues:
          this.events.counters++;
          break;
        case TrackEvent.flowIds:
        case TrackEvent.flowIdsOld:
        case TrackEvent.terminatingFlowIds:
        case TrackEvent.terminatingFlowIdsOld:
          this.events.flowPoints++;
          break;
      }
    }
    const { phase = 0, microseconds } = legacy?.into({}, LEGACY_EVENT) ?? {};
    type ||= TYPES_BY_PHASE[String.fromCharCode(phase)] ?? 0;
    if (time !== null) {
      this.span.include(time);
      if (microseconds !== undefined) this.span.include(addExact(time, microseconds * 1000));
    }
    if (type === TrackEventType.sliceBegin) this.events.slices++;
    else if (type === TrackEventType.instant) this.events.instants++;
    else if (type === TrackEventType.counter) this.events.counters++;
    else return; // the end of a slice that was counted when it began
    this.tracks.countEvent(track);
  }

  private addRenderStage(stage: FieldReader, time: Exact | null): void {
    this.events.slices++;
    if (time === null) return;
    this.span.include(time);
    const { duration } = stage.into({}, RENDER_STAGE);
    if (duration !== undefined) this.span.include(addExact(time, duration));
  }

  private addCompressed(data: Uint8Array): void {
    let packets: Buffer;
    try {
      packets = inflateSync(data, { maxOutputLength: MAX_PACKET_BYTES });
    } catch (error) {
      throw new DamagedMessage(`compressed packets that cannot be inflated: ${(error as Error).message}`);
    }
    const splitter = new PacketSplitter();
    for (const packet of splitter.push(packets)) this.add(packet);
    if (splitter.pending > 0) throw new DamagedMessage('compressed packets that are cut off');
  }

  private sequenceOf(head: PacketHead): Sequence {
    let sequence = this.sequences.get(head.sequenceId);
    if (sequence === undefined) {
      sequence = { clocks: new Map(), defaultClock: 0, defaultTrack: 0 };
      this.sequences.set(head.sequenceId, sequence);
    }
    const isCleared = head.incrementalStateCleared !== 0 || (head.sequenceFlags & INCREMENTAL_STATE_CLEARED) !== 0;
    if (isCleared || head.defaults !== undefined) {
      const { clock, trackEvent } = head.defaults?.into({}, DEFAULTS) ?? {};
      sequence.defaultClock = clock ?? 0;
      sequence.defaultTrack = trackEvent?.into({}, TRACK_EVENT_DEFAULTS).track ?? 0;
    }
    // The first packet of a sequence has nothing before it that could have been lost.
    if (head.previousPacketDropped !== 0 && sequence.clocks.size > 0) this.losses++;
    return sequence;
  }

  private warnings(): string[] {
    const warnings: string[] = [];
    if (this.unknownTimes > 0) {
      warnings.push(`${this.unknownTimes} packets have times that no clock snapshot relates to the trace's clock`);
    }
    if (this.losses > 0) warnings.push(`packets were lost while it was recorded, at ${this.losses} places`);
    if (this.zstdPackets > 0) warnings.push(`${this.zstdPackets} packets are compressed with zstd and were not read`);
    const ftrace = this.kinds.ftrace_events ?? 0;
    if (ftrace > 0) warnings.push(`the events in ${ftrace} packets of the kernel's ftrace are not counted`);
    return warnings;
  }
}

/** Events of Chrome's older tracing say what they are by a phase letter. */
const TYPES_BY_PHASE: Readonly<Record<string, number>> = {
  X: TrackEventType.sliceBegin,
  B: TrackEventType.sliceBegin,
  b: TrackEventType.sliceBegin,
  S: TrackEventType.sliceBegin,
  i: TrackEventType.instant,
  I: TrackEventType.instant,
  R: TrackEventType.instant,
  n: TrackEventType.instant,
  C: TrackEventType.counter,
};

import { inflateSync } from 'node:zlib';
import { addExact, DamagedMessage, FieldReader, type Exact, type Fields } from '../protobuf/field-reader';
import { MAX_PACKET_BYTES, PacketSplitter, payloadName, readHead, type PacketHead } from '../protobuf/packets';
import { TraceClocks } from '../protobuf/trace-clocks';
import { Sequence } from './sequence';
import { readTrackEvent, type TrackEventFacts } from './track-event';

export const Payload = {
  ftraceEvents: 1,
  clockSnapshot: 6,
  trackEvent: 11,
  processDescriptor: 43,
  threadDescriptor: 44,
  compressedPackets: 50,
  gpuRenderStageEvent: 53,
  streamingProfilePacket: 54,
  trackDescriptor: 60,
  zstdCompressedPackets: 133,
} as const;

/**
 * Contents that describe the trace and hold no event: they stay wherever their time lies, since others rely on them.
 */
const DESCRIPTIONS: ReadonlySet<number> = new Set([
  0, 2, 6, 33, 34, 35, 36, 43, 44, 45, 47, 51, 60, 61, 64, 67, 69, 70, 72, 78, 82, 83, 89, 105, 122, 123, 124, 126, 128, 130,
]);

export function isDescription(payload: number): boolean {
  return DESCRIPTIONS.has(payload);
}

const MONOTONIC = 3;
const STAGE: Fields<{ duration: Exact }> = { 2: ['duration', 'integer'] };

/** A packet with what later passes ask of it. */
export interface WalkedPacket {
  bytes: Uint8Array;
  head: PacketHead;
  sequence: Sequence;
  /** The field of its content; 0: none. */
  payload: number;
  content?: FieldReader;
  /** Of the trace's clock, ns; null where it has none, or one that nothing relates to the trace's. */
  time: Exact | null;
  /** The clock that its timestamp counts on; 0: the trace's own. */
  clockId: number;
  /** Of what has a duration beside it. */
  duration: Exact;
  event?: TrackEventFacts;
  /** Whether readers of the trace skip it, as if its content were not there. */
  isSkipped: boolean;
}

/** Reads packets in the order of the file, and keeps what they say about those that follow. */
export class PacketWalker {
  readonly clocks = new TraceClocks();
  private readonly sequences = new Map<number, Sequence>();

  /** Calls visit for each packet, those in compressed ones included. @throws DamagedMessage */
  walk(bytes: Uint8Array, visit: (packet: WalkedPacket) => void): void {
    const head = readHead(bytes);
    const sequence = this.sequenceOf(head.sequenceId);
    sequence.learnHead(head);
    if (head.clockSnapshot !== undefined) this.clocks.learn(head.clockSnapshot, sequence.clocks);
    const packet: WalkedPacket = { bytes, head, sequence, payload: 0, time: null, clockId: 0, duration: 0, isSkipped: false };
    const fields = new FieldReader(bytes);
    while (fields.next()) {
      if (fields.field === 12) sequence.learnInterned(fields.message());
      else if (payloadName(fields.field) !== null) {
        packet.payload = fields.field;
        if (fields.isDelimited) packet.content = fields.message();
        if (fields.field === Payload.compressedPackets) return this.walkCompressed(fields.data(), visit);
        if (fields.field === Payload.zstdCompressedPackets) {
          throw new DamagedMessage('its packets are compressed with zstd, which this version cannot read');
        }
      }
    }
    if (packet.payload !== Payload.clockSnapshot && sequence.skips(head)) {
      packet.isSkipped = true;
      return visit(packet);
    }
    if (packet.payload === Payload.threadDescriptor) sequence.learnThread(contentOf(packet));
    if (packet.payload === Payload.trackEvent) packet.event = readTrackEvent(contentOf(packet), sequence);
    if (packet.payload === Payload.gpuRenderStageEvent) packet.duration = contentOf(packet).into({ duration: 0 }, STAGE).duration;
    if (packet.payload === Payload.streamingProfilePacket) sequence.learnSamples(contentOf(packet));
    this.resolveTime(packet);
    visit(packet);
  }

  private resolveTime(packet: WalkedPacket): void {
    const { head, sequence, event } = packet;
    packet.clockId = head.clockId ?? sequence.defaultClock;
    if (head.timestamp !== undefined) packet.time = this.clocks.resolve(head.timestamp, packet.clockId, sequence.clocks);
    if (event === undefined) return;
    packet.duration = event.duration;
    if (event.deltaMicroseconds !== undefined) {
      sequence.microseconds += event.deltaMicroseconds;
      packet.time = this.fromMicroseconds(sequence.microseconds, sequence);
    } else if (event.absoluteMicroseconds !== undefined) {
      packet.time = this.fromMicroseconds(event.absoluteMicroseconds, sequence);
    }
  }

  /** The trace's time of one in microseconds, which is monotonic. */
  fromMicroseconds(microseconds: number, sequence: Sequence): Exact {
    const time = addExact(microseconds * 1000, 0);
    return this.clocks.resolve(time, MONOTONIC, sequence.clocks) ?? time;
  }

  private walkCompressed(data: Uint8Array, visit: (packet: WalkedPacket) => void): void {
    let packets: Buffer;
    try {
      packets = inflateSync(data, { maxOutputLength: MAX_PACKET_BYTES });
    } catch (error) {
      throw new DamagedMessage(`compressed packets that cannot be inflated: ${(error as Error).message}`);
    }
    const splitter = new PacketSplitter();
    for (const packet of splitter.push(packets)) this.walk(packet, visit);
    if (splitter.pending > 0) throw new DamagedMessage('compressed packets that are cut off');
  }

  private sequenceOf(id: number): Sequence {
    let sequence = this.sequences.get(id);
    if (sequence === undefined) this.sequences.set(id, (sequence = new Sequence(id)));
    return sequence;
  }
}

/** A reader at the start of the packet's content. */
export function contentOf(packet: WalkedPacket): FieldReader {
  return packet.content?.restarted() ?? new FieldReader(new Uint8Array());
}

import { DamagedMessage, FieldReader, type Exact, type Fields } from './field-reader';

/** The fields of perfetto.protos.TracePacket and of the messages in it that are looked at. */

export const TracePacket = { trackEvent: 11, compressedPackets: 50, gpuRenderStageEvent: 53, trackDescriptor: 60 } as const;

export const TrackEvent = {
  legacyEvent: 6,
  type: 9,
  trackUuid: 11,
  extraCounterValues: 12,
  extraDoubleCounterValues: 46,
  flowIdsOld: 36,
  terminatingFlowIdsOld: 42,
  flowIds: 47,
  terminatingFlowIds: 48,
} as const;
export const TrackEventType = { sliceBegin: 1, sliceEnd: 2, instant: 3, counter: 4 } as const;

/** Fields of a packet that stand beside its payload. */
const ENVELOPE: ReadonlySet<number> = new Set([3, 8, 10, 12, 13, 41, 42, 58, 59, 79, 87, 98]);

/** Payloads by field, as the proto file names them. */
const PAYLOADS: Readonly<Record<number, string>> = {
  1: 'ftrace_events',
  2: 'process_tree',
  5: 'chrome_events',
  6: 'clock_snapshot',
  9: 'process_stats',
  11: 'track_event',
  33: 'trace_config',
  34: 'ftrace_stats',
  35: 'trace_stats',
  36: 'synchronization_marker',
  37: 'profile_packet',
  38: 'battery',
  39: 'android_log',
  40: 'power_rails',
  43: 'process_descriptor',
  44: 'thread_descriptor',
  45: 'system_info',
  46: 'trigger',
  50: 'compressed_packets',
  51: 'chrome_metadata',
  52: 'gpu_counter_event',
  53: 'gpu_render_stage_event',
  54: 'streaming_profile_packet',
  56: 'heap_graph',
  60: 'track_descriptor',
  61: 'module_symbols',
  65: 'vulkan_api_event',
  66: 'perf_sample',
  67: 'cpu_info',
  68: 'smaps_packet',
  69: 'service_event',
  70: 'initial_display_state',
  71: 'gpu_mem_total_event',
  72: 'extension_descriptor',
  76: 'frame_timeline_event',
  78: 'ui_state',
  88: 'network_packet',
  89: 'trace_uuid',
  103: 'v8_code_move',
  107: 'remote_clock_sync',
  124: 'trace_provenance',
  126: 'trace_attributes',
  128: 'gpu_info',
  129: 'generic_gpu_frequency_event',
  133: 'zstd_compressed_packets',
};

/** The name of a payload field; null for a field that is none. */
export function payloadName(field: number): string | null {
  return ENVELOPE.has(field) ? null : (PAYLOADS[field] ?? `field ${field}`);
}

/** The part of a packet that must be known before its payload is read, since fields come in any order. */
export interface PacketHead {
  sequenceId: number;
  timestamp?: Exact;
  clockId?: number;
  /** Bits of SequenceFlags. */
  sequenceFlags: number;
  incrementalStateCleared: number;
  previousPacketDropped: number;
  defaults?: FieldReader;
  clockSnapshot?: FieldReader;
}

export const INCREMENTAL_STATE_CLEARED = 1;
export const NEEDS_INCREMENTAL_STATE = 2;

const HEAD: Fields<PacketHead> = {
  6: ['clockSnapshot', 'message'],
  8: ['timestamp', 'integer'],
  10: ['sequenceId', 'number'],
  13: ['sequenceFlags', 'number'],
  41: ['incrementalStateCleared', 'number'],
  42: ['previousPacketDropped', 'number'],
  58: ['clockId', 'number'],
  59: ['defaults', 'message'],
};

export function readHead(packet: Uint8Array): PacketHead {
  const head: PacketHead = { sequenceId: 0, sequenceFlags: 0, incrementalStateCleared: 0, previousPacketDropped: 0 };
  return new FieldReader(packet).into(head, HEAD);
}

/** The tag of `Trace.packet`: field 1, length-delimited. */
export const PACKET_TAG = 0x0a;

/** A packet beyond this is taken for damage: it would have to be held in memory whole. */
export const MAX_PACKET_BYTES = 64 * 2 ** 20;

/** Cuts a stream of chunks into packets, and holds no more than one packet and one chunk. */
export class PacketSplitter {
  /** The place where the next packet begins, in bytes from the start of the stream. */
  offset = 0;
  /** Bytes of a packet that is not complete. */
  pending = 0;
  private parts: Uint8Array[] = [];
  /** How many bytes that packet has, with its length; 0 while the length is not complete. */
  private needed = 0;

  /** The packets that are complete with this chunk, of which they are parts. @throws DamagedMessage where none begins */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.parts.push(chunk);
    this.pending += chunk.length;
    if (this.pending < this.needed) return;
    const bytes = this.parts.length === 1 ? chunk : Buffer.concat(this.parts);
    let start = 0;
    let packet = findPacket(bytes, start);
    while (packet !== null && packet.end <= bytes.length) {
      yield bytes.subarray(packet.start, packet.end);
      this.offset += packet.end - start;
      start = packet.end;
      packet = findPacket(bytes, start);
    }
    this.parts = [bytes.subarray(start)];
    this.pending = bytes.length - start;
    this.needed = packet === null ? 0 : packet.end - start;
  }
}

/** Reads the tag and length of a packet; null where they are not complete. */
function findPacket(bytes: Uint8Array, position: number): { start: number; end: number } | null {
  if (position >= bytes.length) return null;
  if (bytes[position++] !== PACKET_TAG) throw new DamagedMessage('no packet begins there');
  let length = 0;
  for (let scale = 1; position < bytes.length; scale *= 128) {
    const byte = bytes[position++];
    length += (byte & 0x7f) * scale;
    if (length > MAX_PACKET_BYTES) throw new DamagedMessage(`the packet there would be longer than ${MAX_PACKET_BYTES} bytes`);
    if (byte < 0x80) return { start: position, end: position + length };
    if (scale > MAX_PACKET_BYTES) throw new DamagedMessage('the packet there has no valid length');
  }
  return null;
}

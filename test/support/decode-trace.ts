/** Decodes native traces with protobufjs, which shares no code with the encoder. */
import * as protobuf from 'protobufjs';

/** The part of Perfetto's trace format that the encoder writes. */
const SCHEMA = `
syntax = "proto2";
message Trace { repeated TracePacket packet = 1; }
message TracePacket {
  optional uint64 timestamp = 8;
  optional uint32 trusted_packet_sequence_id = 10;
  optional TrackEvent track_event = 11;
  optional InternedData interned_data = 12;
  optional uint32 sequence_flags = 13;
  optional ClockSnapshot clock_snapshot = 6;
  optional TracePacketDefaults trace_packet_defaults = 59;
  optional TrackDescriptor track_descriptor = 60;
  optional uint32 timestamp_clock_id = 58;
  optional bytes compressed_packets = 50;
  optional GpuRenderStageEvent gpu_render_stage_event = 53;
  optional bytes trace_attributes = 126;
  optional bytes gpu_info = 128;
}
message GpuRenderStageEvent {
  optional uint64 event_id = 1;
  optional uint64 duration = 2;
  optional int32 gpu_id = 11;
  optional uint64 hw_queue_iid = 13;
  optional uint64 stage_iid = 14;
  optional uint64 name_iid = 20;
}
message TracePacketDefaults {
  optional TrackEventDefaults track_event_defaults = 11;
  optional uint32 timestamp_clock_id = 58;
}
message TrackEventDefaults { optional uint64 track_uuid = 11; }
message ClockSnapshot {
  message Clock { optional uint32 clock_id = 1; optional uint64 timestamp = 2; optional bool is_incremental = 3; }
  repeated Clock clocks = 1;
}
message TrackDescriptor {
  optional uint64 uuid = 1;
  optional uint64 parent_uuid = 5;
  optional string name = 2;
  optional ProcessDescriptor process = 3;
  optional ThreadDescriptor thread = 4;
  optional bytes counter = 8;
}
message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }
message ThreadDescriptor { optional int32 pid = 1; optional int64 tid = 2; optional string thread_name = 5; }
message TrackEvent {
  repeated uint64 category_iids = 3;
  repeated DebugAnnotation debug_annotations = 4;
  optional uint32 type = 9;
  optional uint64 name_iid = 10;
  optional uint64 track_uuid = 11;
  optional int64 counter_value = 30;
  optional double double_counter_value = 44;
  repeated fixed64 flow_ids = 47;
  repeated fixed64 terminating_flow_ids = 48;
  optional uint64 callstack_iid = 56;
}
message DebugAnnotation {
  optional uint64 name_iid = 1;
  optional bool bool_value = 2;
  optional uint64 uint_value = 3;
  optional int64 int_value = 4;
  optional double double_value = 5;
  optional string string_value = 6;
  optional uint64 pointer_value = 7;
  repeated DebugAnnotation dict_entries = 11;
  repeated DebugAnnotation array_values = 12;
  optional uint64 string_value_iid = 17;
}
message InternedData {
  message Name { optional uint64 iid = 1; optional string name = 2; }
  message Text { optional uint64 iid = 1; optional bytes str = 2; }
  message Frame {
    optional uint64 iid = 1;
    optional uint64 function_name_id = 2;
    optional uint64 rel_pc = 4;
    optional uint64 source_path_iid = 5;
    optional uint32 line_number = 6;
  }
  message Callstack { optional uint64 iid = 1; repeated uint64 frame_ids = 2; }
  repeated Name event_categories = 1;
  repeated Name event_names = 2;
  repeated Name debug_annotation_names = 3;
  repeated Text function_names = 5;
  repeated Frame frames = 6;
  repeated Callstack callstacks = 7;
  repeated Text source_paths = 18;
  repeated Name gpu_specifications = 24;
  repeated Text debug_annotation_string_values = 29;
}
`;

/** The messages, for other decoders. */
export const Trace = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('Trace');

/** An event packet with its interned strings and its time resolved. */
export interface DecodedEvent {
  time: bigint;
  type: 'begin' | 'end' | 'instant' | 'counter';
  track: bigint;
  name: string | undefined;
  category: string | undefined;
  value: number | undefined;
  leaving: bigint[];
  arriving: bigint[];
  args: [string, unknown][];
}

export interface DecodedTrack {
  uuid: bigint;
  parent: bigint;
  name: string;
}

export interface DecodedTrace {
  events: DecodedEvent[];
  tracks: DecodedTrack[];
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access,
   @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-call -- decoded messages have no static types */

const TYPES = ['', 'begin', 'end', 'instant', 'counter'] as const;
const big = (value: any): bigint => BigInt(value?.toString() ?? 0);

export function decodeTrace(bytes: Uint8Array): DecodedTrace {
  const trace: DecodedTrace = { events: [], tracks: [] };
  const interned = { name: new Map(), category: new Map(), argument: new Map(), value: new Map() };
  let now = 0n;
  let defaultTrack: unknown;
  const message: any = Trace.decode(bytes);
  for (const packet of message.packet) {
    for (const clock of packet.clock_snapshot?.clocks ?? []) if (clock.is_incremental) now = big(clock.timestamp);
    if (packet.trace_packet_defaults) defaultTrack = packet.trace_packet_defaults.track_event_defaults?.track_uuid;
    const data = packet.interned_data;
    for (const { iid, name } of data?.event_names ?? []) interned.name.set(String(iid), name);
    for (const { iid, name } of data?.event_categories ?? []) interned.category.set(String(iid), name);
    for (const { iid, name } of data?.debug_annotation_names ?? []) interned.argument.set(String(iid), name);
    for (const { iid, str } of data?.debug_annotation_string_values ?? []) {
      interned.value.set(String(iid), Buffer.from(str).toString());
    }
    const descriptor = packet.track_descriptor;
    if (descriptor) {
      trace.tracks.push({ uuid: big(descriptor.uuid), parent: big(descriptor.parent_uuid), name: descriptor.name });
    }
    const event = packet.track_event;
    if (!event) continue;
    // A packet that comes late names the trace's own clock, and counts from its start.
    const isLate = has(packet, 'timestamp_clock_id');
    if (!isLate) now += big(packet.timestamp);
    const resolve = (map: Map<string, string>, iid: any): string | undefined => {
      if (!iid || big(iid) === 0n) return undefined;
      const text = map.get(String(iid));
      if (text === undefined) throw new Error(`iid ${iid} was not interned before its use`);
      return text;
    };
    const valueOf = (annotation: any): unknown => {
      if (annotation.dict_entries.length > 0) return Object.fromEntries(annotation.dict_entries.map(argOf));
      if (annotation.array_values.length > 0) return annotation.array_values.map(valueOf);
      if (has(annotation, 'string_value')) return annotation.string_value;
      if (has(annotation, 'string_value_iid')) return resolve(interned.value, annotation.string_value_iid);
      if (has(annotation, 'bool_value')) return annotation.bool_value;
      if (has(annotation, 'double_value')) return annotation.double_value;
      for (const field of ['int_value', 'uint_value', 'pointer_value']) if (has(annotation, field)) return big(annotation[field]);
      return undefined;
    };
    const argOf = (annotation: any): [string, unknown] => [
      resolve(interned.argument, annotation.name_iid) ?? '',
      valueOf(annotation),
    ];
    trace.events.push({
      time: isLate ? big(packet.timestamp) : now,
      type: TYPES[event.type] as DecodedEvent['type'],
      track: big(has(event, 'track_uuid') ? event.track_uuid : defaultTrack),
      name: resolve(interned.name, event.name_iid),
      category: resolve(interned.category, event.category_iids[0]),
      value: has(event, 'counter_value')
        ? Number(event.counter_value)
        : has(event, 'double_counter_value')
          ? event.double_counter_value
          : undefined,
      leaving: event.flow_ids.map(big),
      arriving: event.terminating_flow_ids.map(big),
      args: event.debug_annotations.map(argOf),
    });
  }
  return trace;
}

function has(message: any, field: string): boolean {
  return Object.hasOwn(message, field);
}

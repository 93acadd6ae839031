'use strict';

/**
 * The part of Perfetto's schema that the benchmark writes and reads, and the packets that come
 * before the events, as messages.
 */
const protobuf = require('protobufjs');

const { root } = protobuf.parse(`
  syntax = "proto2";

  message Trace { repeated TracePacket packet = 1; }

  message TracePacket {
    optional ClockSnapshot clock_snapshot = 6;
    optional uint64 timestamp = 8;
    optional uint32 trusted_packet_sequence_id = 10;
    optional TrackEvent track_event = 11;
    optional InternedData interned_data = 12;
    optional uint32 sequence_flags = 13;
    optional TracePacketDefaults trace_packet_defaults = 59;
    optional TrackDescriptor track_descriptor = 60;
    optional bool first_packet_on_sequence = 87;
  }

  message TracePacketDefaults { optional uint32 timestamp_clock_id = 58; }

  message ClockSnapshot {
    message Clock {
      optional uint32 clock_id = 1;
      optional uint64 timestamp = 2;
      optional bool is_incremental = 3;
    }
    repeated Clock clocks = 1;
    optional uint32 primary_trace_clock = 2;
  }

  message TrackDescriptor {
    optional uint64 uuid = 1;
    optional string name = 2;
    optional ProcessDescriptor process = 3;
    optional uint64 parent_uuid = 5;
    optional uint32 child_ordering = 11;
    optional int32 sibling_order_rank = 12;
  }

  message ProcessDescriptor { optional int32 pid = 1; optional string process_name = 6; }

  message TrackEvent {
    repeated uint64 category_iids = 3;
    repeated DebugAnnotation debug_annotations = 4;
    optional uint32 type = 9;
    optional uint64 name_iid = 10;
    optional uint64 track_uuid = 11;
  }

  message DebugAnnotation {
    optional uint64 name_iid = 1;
    optional int64 int_value = 4;
    optional string string_value = 6;
    optional uint64 pointer_value = 7;
    optional uint64 string_value_iid = 17;
  }

  message InternedEntry { optional uint64 iid = 1; optional string text = 2; }

  message InternedData {
    repeated InternedEntry event_categories = 1;
    repeated InternedEntry event_names = 2;
    repeated InternedEntry debug_annotation_names = 3;
    repeated InternedEntry debug_annotation_string_values = 29;
  }
`);

const TracePacket = root.lookupType('TracePacket');

/** Trace.packet: field 1, with a length. */
const PACKET_TAG = 10;
const SEQUENCE_ID = 1;
const SequenceFlags = { incrementalStateCleared: 1, needsIncrementalState: 2 };
const TrackEventType = { sliceBegin: 1, sliceEnd: 2, instant: 3 };

const BOOTTIME = 6;
const INCREMENTAL_CLOCK = 64;
const EXPLICIT_ORDER = 3;
// Beyond every uuid that (deviceId << 32) | streamId gives.
const PROCESS_UUID = 2 ** 40;
const FIRST_DEVICE_UUID = 2 ** 41;
const UUID_INSTEAD_OF_0 = 2 ** 42;

/** Writes a packet of the sequence. */
function writePacket(writer, message) {
  message.trustedPacketSequenceId = SEQUENCE_ID;
  TracePacket.encode(message, writer.uint32(PACKET_TAG).fork()).ldelim();
}

/** Writes what the sequence begins with: the incremental clock, and the process that owns the GPUs. */
function writeSequenceStart(writer, firstTime) {
  writePacket(writer, {
    sequenceFlags: SequenceFlags.incrementalStateCleared,
    firstPacketOnSequence: true,
    tracePacketDefaults: { timestampClockId: INCREMENTAL_CLOCK },
  });
  writePacket(writer, {
    clockSnapshot: {
      clocks: [
        { clockId: BOOTTIME, timestamp: firstTime },
        { clockId: INCREMENTAL_CLOCK, timestamp: firstTime, isIncremental: true },
      ],
      primaryTraceClock: BOOTTIME,
    },
  });
  writePacket(writer, {
    trackDescriptor: {
      uuid: PROCESS_UUID,
      process: { pid: 1, processName: 'GPU trace' },
      childOrdering: EXPLICIT_ORDER,
    },
  });
}

/** Writes the entries that are new and empties the list. */
function writeInterned(writer, pending) {
  const internedData = {};
  for (const { field, iid, text } of pending) (internedData[field] ??= []).push({ iid, text });
  pending.length = 0;
  writePacket(writer, { sequenceFlags: SequenceFlags.needsIncrementalState, internedData });
}

/** Gives streams their uuids and describes each at its first use, and its device. */
class Tracks {
  constructor(writer) {
    this.writer = writer;
    this.devices = new Set();
    this.uuids = new Map();
  }

  uuid(deviceId, streamId) {
    const wanted = deviceId * 2 ** 32 + streamId;
    return this.uuids.get(wanted) ?? this.add(wanted, deviceId, streamId);
  }

  add(wanted, deviceId, streamId) {
    const parent = FIRST_DEVICE_UUID + deviceId;
    if (!this.devices.has(deviceId)) {
      this.devices.add(deviceId);
      this.describe(parent, `GPU ${deviceId}`, PROCESS_UUID, deviceId);
    }
    const uuid = wanted === 0 ? UUID_INSTEAD_OF_0 : wanted; // 0 is the root of all tracks
    this.describe(uuid, `Stream ${streamId}`, parent, streamId);
    this.uuids.set(wanted, uuid);
    return uuid;
  }

  describe(uuid, name, parentUuid, siblingOrderRank) {
    writePacket(this.writer, {
      trackDescriptor: { uuid, name, parentUuid, siblingOrderRank, childOrdering: EXPLICIT_ORDER },
    });
  }
}

module.exports = {
  root,
  PACKET_TAG,
  SEQUENCE_ID,
  SequenceFlags,
  TrackEventType,
  Tracks,
  writePacket,
  writeSequenceStart,
  writeInterned,
};

'use strict';

/**
 * The same packets as in protobufjs.js, with the hot ones written field by field on protobufjs's
 * Writer: about the fastest that protobufjs, or any encoder in JavaScript, gets. No message objects
 * are made, tracks and launch configurations are encoded once and copied, and numbers below 2^32 go
 * through uint32, which gives the same bytes as uint64 and makes no object.
 */
const { Writer } = require('protobufjs');
const { EndQueue } = require('./end-queue');
const { Interning } = require('./interning');
const {
  PACKET_TAG,
  SEQUENCE_ID,
  SequenceFlags,
  TrackEventType,
  Tracks,
  writeSequenceStart,
  writeInterned,
} = require('./perfetto-messages');

const VARINT = 0;
const DELIMITED = 2;
const tag = (field, wireType) => (field << 3) | wireType;

const TracePacket = {
  timestamp: tag(8, VARINT),
  sequenceId: tag(10, VARINT),
  trackEvent: tag(11, DELIMITED),
  sequenceFlags: tag(13, VARINT),
};
const TrackEvent = {
  categoryIids: tag(3, VARINT),
  debugAnnotations: tag(4, DELIMITED),
  type: tag(9, VARINT),
  nameIid: tag(10, VARINT),
  trackUuid: tag(11, VARINT),
};
const DebugAnnotation = {
  nameIid: tag(1, VARINT),
  intValue: tag(4, VARINT),
  stringValue: tag(6, DELIMITED),
  pointerValue: tag(7, VARINT),
  stringValueIid: tag(17, VARINT),
};

class TraceEncoder {
  /** @param {number} firstTime what the incremental clock starts from */
  constructor(firstTime) {
    this.writer = Writer.create();
    this.lastTime = firstTime;
    this.interning = new Interning();
    this.tracks = new Tracks(this.writer);
    this.trackFields = new Map();
    this.ends = new EndQueue();
    writeSequenceStart(this.writer, firstTime);
  }

  /** @param {object} event */
  add(event) {
    const { name, timestamp, duration, correlationId, threadId, kernelParams, memoryParams, metadata } = event;
    const { interning, writer } = this;
    this.endSlicesUntil(timestamp);

    // Interned strings need a packet of their own, so ids are asked for before a packet begins.
    const track = this.trackField(this.tracks.uuid(event.deviceId, event.streamId));
    const nameIid = interning.names.iid(name);
    const categoryIid = interning.category(event.type);
    const launch = kernelParams === undefined ? undefined : interning.launch(name, kernelParams, this.prepareLaunch);
    const texts = metadata === undefined ? undefined : this.internTexts(metadata);
    if (interning.pending.length > 0) writeInterned(writer, interning.pending);

    this.begin(timestamp, duration === undefined ? TrackEventType.instant : TrackEventType.sliceBegin, track);
    writer.uint32(TrackEvent.nameIid).uint32(nameIid).uint32(TrackEvent.categoryIids).uint32(categoryIid);
    if (correlationId !== undefined) this.integer(interning.correlationId, DebugAnnotation.intValue, correlationId);
    if (threadId !== undefined) this.integer(interning.threadId, DebugAnnotation.intValue, threadId);
    if (launch !== undefined) writer.raw(launch);
    if (memoryParams !== undefined) {
      const { sizeBytes, srcAddress, dstAddress } = memoryParams;
      this.integer(interning.sizeBytes, DebugAnnotation.intValue, sizeBytes);
      if (srcAddress !== undefined) this.integer(interning.srcAddress, DebugAnnotation.pointerValue, srcAddress);
      this.integer(interning.dstAddress, DebugAnnotation.pointerValue, dstAddress);
    }
    if (texts !== undefined) for (const { nameIid, iid, text } of texts) this.text(nameIid, iid, text);
    writer.ldelim().ldelim();
    if (duration !== undefined) this.ends.push(timestamp + duration, track);
  }

  /** @returns {Uint8Array} */
  finish() {
    this.endSlicesUntil(Number.MAX_VALUE);
    return this.writer.finish();
  }

  endSlicesUntil(time) {
    const { ends } = this;
    while (ends.firstEnd() <= time) {
      const end = ends.firstEnd();
      this.begin(end, TrackEventType.sliceEnd, ends.pop()).ldelim().ldelim();
    }
  }

  /** Begins an event's packet and leaves its TrackEvent open. */
  begin(time, type, track) {
    const writer = this.writer.uint32(PACKET_TAG).fork();
    const delta = time - this.lastTime;
    this.lastTime = time;
    this.integerField(TracePacket.timestamp, delta);
    writer.uint32(TracePacket.sequenceId).uint32(SEQUENCE_ID);
    writer.uint32(TracePacket.sequenceFlags).uint32(SequenceFlags.needsIncrementalState);
    writer.uint32(TracePacket.trackEvent).fork();
    return writer.uint32(TrackEvent.type).uint32(type).raw(track);
  }

  integerField(field, value) {
    if (value < 2 ** 32) this.writer.uint32(field).uint32(value);
    else this.writer.uint32(field).uint64(value);
  }

  integer(nameIid, field, value) {
    this.writer.uint32(TrackEvent.debugAnnotations).fork().uint32(DebugAnnotation.nameIid).uint32(nameIid);
    this.integerField(field, value);
    this.writer.ldelim();
  }

  text(nameIid, iid, text) {
    const writer = this.writer.uint32(TrackEvent.debugAnnotations).fork();
    writer.uint32(DebugAnnotation.nameIid).uint32(nameIid);
    if (iid === 0) writer.uint32(DebugAnnotation.stringValue).string(text);
    else writer.uint32(DebugAnnotation.stringValueIid).uint32(iid);
    writer.ldelim();
  }

  internTexts(metadata) {
    const texts = [];
    for (const key in metadata) {
      const text = metadata[key];
      texts.push({ nameIid: this.interning.keys.iid(key), iid: this.interning.values.iidAfterFirstUse(text), text });
    }
    return texts;
  }

  /** The encoded track_uuid field. */
  trackField(uuid) {
    let field = this.trackFields.get(uuid);
    if (field === undefined) {
      field = Writer.create().uint32(TrackEvent.trackUuid).uint64(uuid).finish();
      this.trackFields.set(uuid, field);
    }
    return field;
  }

  prepareLaunch = ({ gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemBytes, registersPerThread }) => {
    const { interning } = this;
    const writer = Writer.create();
    const add = (nameIid, field, value) => {
      writer.uint32(TrackEvent.debugAnnotations).fork();
      writer.uint32(DebugAnnotation.nameIid).uint32(nameIid).uint32(field).uint32(value).ldelim();
    };
    const { stringValueIid, intValue } = DebugAnnotation;
    add(interning.gridDim, stringValueIid, interning.values.iid(`[${gridX},${gridY},${gridZ}]`));
    add(interning.blockDim, stringValueIid, interning.values.iid(`[${blockX},${blockY},${blockZ}]`));
    add(interning.sharedMemBytes, intValue, sharedMemBytes);
    add(interning.registersPerThread, intValue, registersPerThread);
    return writer.finish();
  };
}

/**
 * @param {object[]} events sorted by time
 * @returns {Uint8Array}
 */
function encodeWithWriter(events) {
  const encoder = new TraceEncoder(events.length === 0 ? 0 : events[0].timestamp);
  for (let i = 0; i < events.length; i++) encoder.add(events[i]);
  return encoder.finish();
}

module.exports = { encodeWithWriter };

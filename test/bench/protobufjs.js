'use strict';

/**
 * The second rival: the packets that the native encoder writes, written with protobufjs as its
 * documentation teaches: plain objects and the generated encode() of each type. (`pbjs --target
 * static` gives the same code as the types that are made at run time here, so the speed is the same.)
 *
 * A careful user of it: one Writer for the whole trace, no create() and no verify(), all the savings
 * of the native encoder (interning, the incremental clock, each launch configuration prepared once).
 * What the workload does not need is left out: checks of the input, lanes for overlaps, pairing,
 * flows. protobufjs-writer.js is the faster way that gives up the types.
 */
const { Writer } = require('protobufjs');
const { EndQueue } = require('./end-queue');
const { Interning } = require('./interning');
const {
  SEQUENCE_ID,
  SequenceFlags,
  TrackEventType,
  Tracks,
  writePacket,
  writeSequenceStart,
  writeInterned,
} = require('./perfetto-messages');

class TraceEncoder {
  /** @param {number} firstTime what the incremental clock starts from */
  constructor(firstTime) {
    this.writer = Writer.create();
    this.lastTime = firstTime;
    this.interning = new Interning();
    this.tracks = new Tracks(this.writer);
    this.ends = new EndQueue();
    writeSequenceStart(this.writer, firstTime);
  }

  /** @param {object} event */
  add(event) {
    const { name, timestamp, duration } = event;
    this.endSlicesUntil(timestamp);
    const trackUuid = this.tracks.uuid(event.deviceId, event.streamId);
    this.write(timestamp, {
      type: duration === undefined ? TrackEventType.instant : TrackEventType.sliceBegin,
      trackUuid,
      nameIid: this.interning.names.iid(name),
      categoryIids: [this.interning.category(event.type)],
      debugAnnotations: this.annotationsOf(event),
    });
    if (duration !== undefined) this.ends.push(timestamp + duration, trackUuid);
  }

  /** @returns {Uint8Array} */
  finish() {
    this.endSlicesUntil(Number.MAX_VALUE);
    return this.writer.finish();
  }

  /** Ends the slices that end first, so that packets are in the order of time. */
  endSlicesUntil(time) {
    const { ends } = this;
    while (ends.firstEnd() <= time) {
      const end = ends.firstEnd();
      this.write(end, { type: TrackEventType.sliceEnd, trackUuid: ends.pop() });
    }
  }

  write(time, trackEvent) {
    if (this.interning.pending.length > 0) writeInterned(this.writer, this.interning.pending);
    writePacket(this.writer, {
      timestamp: time - this.lastTime,
      trustedPacketSequenceId: SEQUENCE_ID, // already here, so that all packets of events have one shape
      sequenceFlags: SequenceFlags.needsIncrementalState,
      trackEvent,
    });
    this.lastTime = time;
  }

  annotationsOf(event) {
    const { interning } = this;
    const { correlationId, threadId, kernelParams, memoryParams, metadata } = event;
    const annotations = [];
    if (correlationId !== undefined) annotations.push({ nameIid: interning.correlationId, intValue: correlationId });
    if (threadId !== undefined) annotations.push({ nameIid: interning.threadId, intValue: threadId });
    if (kernelParams !== undefined) annotations.push(...interning.launch(event.name, kernelParams, this.prepareLaunch));
    if (memoryParams !== undefined) {
      const { sizeBytes, srcAddress, dstAddress } = memoryParams;
      annotations.push({ nameIid: interning.sizeBytes, intValue: sizeBytes });
      if (srcAddress !== undefined) annotations.push({ nameIid: interning.srcAddress, pointerValue: srcAddress });
      annotations.push({ nameIid: interning.dstAddress, pointerValue: dstAddress });
    }
    if (metadata !== undefined) {
      for (const key in metadata) {
        const nameIid = interning.keys.iid(key);
        const stringValueIid = interning.values.iidAfterFirstUse(metadata[key]);
        annotations.push(stringValueIid === 0 ? { nameIid, stringValue: metadata[key] } : { nameIid, stringValueIid });
      }
    }
    return annotations;
  }

  prepareLaunch = ({ gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemBytes, registersPerThread }) => {
    const { interning } = this;
    return [
      { nameIid: interning.gridDim, stringValueIid: interning.values.iid(`[${gridX},${gridY},${gridZ}]`) },
      { nameIid: interning.blockDim, stringValueIid: interning.values.iid(`[${blockX},${blockY},${blockZ}]`) },
      { nameIid: interning.sharedMemBytes, intValue: sharedMemBytes },
      { nameIid: interning.registersPerThread, intValue: registersPerThread },
    ];
  };
}

/**
 * @param {object[]} events sorted by time
 * @returns {Uint8Array}
 */
function encodeWithProtobufjs(events) {
  const encoder = new TraceEncoder(events.length === 0 ? 0 : events[0].timestamp);
  for (let i = 0; i < events.length; i++) encoder.add(events[i]);
  return encoder.finish();
}

module.exports = { encodeWithProtobufjs };

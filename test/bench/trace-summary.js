'use strict';

/**
 * What a native trace holds, read packet by packet: enough to see that two rivals have written the
 * same, without a trace processor.
 */
const { Reader } = require('protobufjs');
const { root, TrackEventType } = require('./perfetto-messages');

/**
 * @typedef {object} Summary
 * @property {number} slices
 * @property {number} instants
 * @property {number} duration sum over all slices, in ns
 * @property {number} arguments of all events
 */

const { timestamp: TIMESTAMP, trackEvent: TRACK_EVENT } = root.lookupType('TracePacket').fields;
const TrackEvent = root.lookupType('TrackEvent');

/** @param {Uint8Array} bytes @returns {Summary} */
function summarizeTrace(bytes) {
  const reader = Reader.create(bytes);
  const summary = { slices: 0, instants: 0, duration: 0, arguments: 0 };
  /** Starts of the open slices, by track. */
  const open = new Map();
  let time = 0;
  while (reader.pos < reader.len) {
    reader.uint32(); // Trace has no field but its packets
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) {
      const tag = reader.uint32();
      // The incremental clock: each timestamp is the difference to the one before. The sum starts at
      // 0 instead of the clock snapshot's time, so that it stays exact in a number.
      if (tag >>> 3 === TIMESTAMP.id) time += Number(reader.uint64());
      else if (tag >>> 3 === TRACK_EVENT.id) addEvent(summary, open, time, TrackEvent.decode(reader, reader.uint32()));
      else reader.skipType(tag & 7);
    }
  }
  return summary;
}

function addEvent(summary, open, time, { type, trackUuid, debugAnnotations }) {
  summary.arguments += debugAnnotations.length;
  const track = trackUuid.toString();
  if (type === TrackEventType.instant) {
    summary.instants++;
  } else if (type === TrackEventType.sliceBegin) {
    summary.slices++;
    if (!open.has(track)) open.set(track, []);
    open.get(track).push(time);
  } else {
    summary.duration += time - open.get(track).pop();
  }
}

module.exports = { summarizeTrace };

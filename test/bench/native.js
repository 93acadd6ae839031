'use strict';

/** The native export as users call it, and its C++ part alone. */
const { PerfettoProtoExporter } = require('../../dist');
const { EventBatch } = require('../../dist/batch/batch');
const { GpuEventPacker } = require('../../dist/export/gpu-events');
const { GpuTracks } = require('../../dist/export/gpu-tracks');
const { Format } = require('../../dist/output/format');
const { openMemory } = require('../../dist/sinks/open');

/** @param {object[]} events @returns {Uint8Array} */
function exportNative(events) {
  return new PerfettoProtoExporter().exportToProto(events);
}

/** Fills batches with the events as the exporter does, and hands them to a sink. */
function pack(events, sink) {
  const batch = new EventBatch(sink);
  const packer = new GpuEventPacker(batch, new GpuTracks(batch, 'GPU trace', new Map()));
  for (let i = 0; i < events.length; i++) packer.add(events[i]);
  batch.flush();
}

/**
 * The batches of an export, kept: an EventBatch is filled again as soon as its sink returns, so its
 * columns are copied.
 * @param {object[]} events
 * @returns {object[]}
 */
function recordBatches(events) {
  const batches = [];
  pack(events, {
    append(batch) {
      const copy = {};
      for (const [name, value] of Object.entries(batch)) copy[name] = ArrayBuffer.isView(value) ? value.slice() : value;
      batches.push(copy);
    },
  });
  return batches;
}

/**
 * What an export costs once its events are packed: taking the batches over, encoding, and copying
 * the trace into one array.
 * @param {object[]} batches
 * @returns {Uint8Array}
 */
function encodeBatches(batches) {
  const sink = openMemory(Format.PROTOBUF, 0);
  for (const batch of batches) sink.append(batch);
  sink.finishSync();
  return sink.bytes();
}

module.exports = { exportNative, recordBatches, encodeBatches };

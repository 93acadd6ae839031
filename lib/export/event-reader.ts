import type { TraceEvent } from './events';

/** Takes the fields of an event. */
export interface EventFields {
  write(
    type: TraceEvent['type'],
    name: TraceEvent['name'],
    timestamp: TraceEvent['timestamp'],
    duration: TraceEvent['duration'],
    deviceId: TraceEvent['deviceId'],
    streamId: TraceEvent['streamId'],
    correlationId: TraceEvent['correlationId'],
    threadId: TraceEvent['threadId'],
    kernelParams: TraceEvent['kernelParams'],
    memoryParams: TraceEvent['memoryParams'],
    metadata: TraceEvent['metadata'],
    flow: TraceEvent['flow'],
    callStack: TraceEvent['callStack'],
  ): void;
}

/** V8 reads a property within a few instructions where it has met at most this many shapes. */
const FAST_SHAPES = 4;
/** An export looks at one event of this many to learn whether its events have more shapes than that. */
const SAMPLE_INTERVAL = 64;

/** Readers of their own, and the shapes of each. One less than are fast: two shapes may have the same hash. */
const READERS = 4;
const SHAPES_PER_READER = FAST_SHAPES - 1;
const ANY_READER = READERS + 1;

/** Hashes of shapes are below this. */
const HASHES = 4096;

/**
 * Reads events of many shapes fast. The shape of an object is the list of its keys in their order; a program that
 * builds events in several places makes several shapes. Code that has met more than four of them reads each property
 * through a table, which takes about three times as long.
 *
 * This class promises that every event is read by the same statements, whatever its shape: each field once, in one
 * order, own or inherited. Only their copy differs: each copy reads few shapes. The lengths of the keys decide
 * between the copies, since they can be had without reading a property.
 *
 * An export owns one of these. V8 learns about code for the whole thread: which copy reads which shape is known to the
 * module.
 */
export class EventReader {
  private hasManyShapes = false;
  private count = 0;
  private readonly sampled = new Set<number>();

  read(event: TraceEvent, to: EventFields): void {
    if (this.count++ % SAMPLE_INTERVAL === 0) this.sample(event);
    if (this.hasManyShapes) readByShape(event, to);
    else readAny(event, to);
  }

  private sample(event: TraceEvent): void {
    if (this.hasManyShapes) return;
    this.sampled.add(hashOf(event));
    this.hasManyShapes = this.sampled.size > FAST_SHAPES;
  }
}

/** By hash of a shape: the number of its reader, from 1 to ANY_READER; 0 for a shape that has not come yet. */
const readerOf = new Uint8Array(HASHES);
let shapes = 0;

function addShape(hash: number): number {
  const reader = shapes < READERS * SHAPES_PER_READER ? (shapes % READERS) + 1 : ANY_READER;
  shapes++;
  return (readerOf[hash] = reader);
}

function hashOf(event: TraceEvent): number {
  // The keys of these are numbers, of which there may be millions. They are no events, and will be refused.
  if (Array.isArray(event) || ArrayBuffer.isView(event)) return 0;
  let hash = 0;
  for (const key in event) hash = (hash * 5 + key.length) | 0;
  return hash & (HASHES - 1);
}

function readByShape(event: TraceEvent, to: EventFields): void {
  const hash = hashOf(event);
  // Not an array of functions: V8 puts functions that it knows by name here, instead of calling them.
  switch (readerOf[hash] || addShape(hash)) {
    case 1:
      return read1(event, to);
    case 2:
      return read2(event, to);
    case 3:
      return read3(event, to);
    case 4:
      return read4(event, to);
    default:
      return readAny(event, to);
  }
}

// The same statements five times: V8 keeps for each place in the code which shapes it has met there.

function readAny(event: TraceEvent, to: EventFields): void {
  const { type, name, timestamp, duration, deviceId, streamId } = event;
  const { correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack } = event;
  to.write(type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack);
}

function read1(event: TraceEvent, to: EventFields): void {
  const { type, name, timestamp, duration, deviceId, streamId } = event;
  const { correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack } = event;
  to.write(type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack);
}

function read2(event: TraceEvent, to: EventFields): void {
  const { type, name, timestamp, duration, deviceId, streamId } = event;
  const { correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack } = event;
  to.write(type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack);
}

function read3(event: TraceEvent, to: EventFields): void {
  const { type, name, timestamp, duration, deviceId, streamId } = event;
  const { correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack } = event;
  to.write(type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack);
}

function read4(event: TraceEvent, to: EventFields): void {
  const { type, name, timestamp, duration, deviceId, streamId } = event;
  const { correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack } = event;
  to.write(type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack);
}

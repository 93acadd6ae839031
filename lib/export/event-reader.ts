import type { TraceEvent } from './events';

/** V8 reads a property within a few instructions where it has met at most this many shapes. */
const FAST_SHAPES = 4;
/** An export looks at one event of this many to learn whether its events have more shapes than that. */
const SAMPLE_INTERVAL = 256;

/**
 * Reads the fields of events. The shape of an object is the list of its keys in their order; a program that builds
 * events in several places makes several shapes. Code that has met more than four of them looks each property up in a
 * table, which is a quarter of the time of an export. So events of many shapes are read by four copies of the same
 * statements, each of which meets few shapes: eight shapes take 0.83 of the time.
 *
 * The first key decides between the copies, since it can be had without reading a property. Objects that V8 keeps as
 * tables, such as those with a deleted property, pay 300 ns for it: so only many shapes make it worth asking.
 *
 * Every event is read the same, whatever its shape: each field once, in one order, own or inherited.
 */
export class EventReader {
  private count = 0;
  private hasManyShapes = false;
  private readonly shapes = new Set<string>();

  read(event: TraceEvent): TraceEvent {
    // The keys of these are numbers, of which there may be millions. They are no events, and will be refused.
    if (Array.isArray(event) || ArrayBuffer.isView(event)) return readAny(event);
    if (this.hasManyShapes) return readByFirstKey(event);
    if (this.count++ % SAMPLE_INTERVAL === 0) {
      this.shapes.add(Object.keys(event).join());
      this.hasManyShapes = this.shapes.size > FAST_SHAPES;
    }
    return readAny(event);
  }
}

function readByFirstKey(event: TraceEvent): TraceEvent {
  for (const first in event) {
    if (first === 'type') return readTypeFirst(event);
    if (first === 'name') return readNameFirst(event);
    if (first === 'timestamp') return readTimeFirst(event);
    break;
  }
  return readOthers(event);
}

// The same statements five times: V8 keeps for each place in the code which shapes it has met there.

function readAny({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack }: TraceEvent): TraceEvent {
  return { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack };
}

function readTypeFirst({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack }: TraceEvent): TraceEvent {
  return { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack };
}

function readNameFirst({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack }: TraceEvent): TraceEvent {
  return { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack };
}

function readTimeFirst({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack }: TraceEvent): TraceEvent {
  return { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack };
}

function readOthers({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack }: TraceEvent): TraceEvent {
  return { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack };
}

/** Refuses events with fields that do not exist, such as misspelled ones, which would be lost without a word. */
import { FRAME_NAMES } from '../batch/call-stack';
import { KnownNames } from '../batch/known-names';
import { LAUNCH_NAMES } from '../batch/launch';
import type { Reject } from '../checks';
import type { CounterEvent, TraceEvent } from './events';

const EVENT = new KnownNames([
  'type', 'name', 'timestamp', 'duration', 'deviceId', 'streamId', 'correlationId', 'threadId',
  'kernelParams', 'memoryParams', 'metadata', 'flow', 'callStack',
]);
const MEMORY = new KnownNames(['srcAddress', 'dstAddress', 'sizeBytes']);
const FLOW = new KnownNames(['id', 'type', 'isStart']);
const COUNTER = new KnownNames(['timestamp', 'deviceId', 'trackId', 'counterName', 'value', 'unit']);

/** So many events are all looked at. */
const FIRST = 1024;
/** Of the later ones one of so many that have the same fields. */
const INTERVAL = 32;
/** The sets of ten optional fields. */
const SETS = 1 << 10;

/**
 * Chooses the events whose names of fields are looked at. To look at all of them takes an eighth of the time of an
 * export, and names are misspelled by code, which makes many events. So the first ones are looked at, and of later ones
 * those with a set of fields that is new, and now and then one of each set.
 */
export class FieldSampler {
  private count = 0;
  /** By set of fields: how many events. */
  private readonly counts = new Uint32Array(SETS);

  /** Takes an event as it was read. Each has the fields that are not asked for. */
  takes({ duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack }: TraceEvent): boolean {
    let set = 0;
    if (duration !== undefined) set |= 1;
    if (deviceId !== undefined) set |= 2;
    if (streamId !== undefined) set |= 4;
    if (correlationId !== undefined) set |= 8;
    if (threadId !== undefined) set |= 16;
    if (kernelParams !== undefined) set |= 32;
    if (memoryParams !== undefined) set |= 64;
    if (metadata !== undefined) set |= 128;
    if (flow !== undefined) set |= 256;
    if (callStack !== undefined) set |= 512;
    return this.counts[set]++ % INTERVAL === 0 || this.count++ < FIRST;
  }
}

/** @throws as `reject` does, for an event with a field that does not exist */
export function checkFields(event: TraceEvent, reject: Reject): void {
  EVENT.check(event, '', reject);
}

/** The same for the objects in an event, once they are known to be objects. */
export function checkNestedFields({ kernelParams, memoryParams, flow, callStack }: TraceEvent, reject: Reject): void {
  if (kernelParams !== undefined) LAUNCH_NAMES.check(kernelParams, 'kernelParams', reject);
  if (memoryParams !== undefined) MEMORY.check(memoryParams, 'memoryParams', reject);
  if (flow !== undefined) FLOW.check(flow, 'flow', reject);
  callStack?.forEach((frame, i) => FRAME_NAMES.check(frame, `callStack[${i}]`, reject));
}

export function checkCounterFields(counter: CounterEvent, reject: Reject): void {
  COUNTER.check(counter, '', reject);
}

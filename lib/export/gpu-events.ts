import { TraceSmithError } from '../errors';
import type { Args, Integer, KernelParams, StackFrame } from '../values';
import { EventType, type CounterEvent, type Flow, type MemoryParams, type TraceEvent } from './events';
import type { EventBatch } from '../batch/batch';
import { checkDuration, checkString, checkTime, checkUint32, checkUint64, unexpected, type Reject } from '../checks';
import { writeArgs } from '../batch/args';
import { writeCallStack } from '../batch/call-stack';
import { writeLaunch } from '../batch/launch';
import { AttrType, Channel, RowKind } from '../batch/layout';
import { EventReader, type EventFields } from './event-reader';
import type { GpuTracks } from './gpu-tracks';

/** How events of a type are written. */
interface Mapping {
  category: string;
  /** The kind of row of an event with a duration, and of one without. */
  timed: RowKind;
  untimed: RowKind;
  channel: Channel;
}

const moment = (category: string): Mapping => ({
  category,
  timed: RowKind.Instant,
  untimed: RowKind.Instant,
  channel: Channel.None,
});
const span = (category: string): Mapping => ({ ...moment(category), timed: RowKind.Slice });
const opening = (category: string, channel: Channel): Mapping => ({
  category,
  timed: RowKind.Slice,
  untimed: RowKind.Open,
  channel,
});
const closing = (category: string, channel: Channel): Mapping => ({
  category,
  timed: RowKind.Close,
  untimed: RowKind.Close,
  channel,
});

/** By event type; the categories are TraceSmith's, prefixed. */
const MAPPINGS: readonly (Mapping | undefined)[] = mappings();

function mappings(): (Mapping | undefined)[] {
  const table: (Mapping | undefined)[] = new Array<Mapping | undefined>(256).fill(undefined);
  table[EventType.Unknown] = moment('gpu_other');
  table[EventType.KernelLaunch] = opening('gpu_kernel', Channel.Kernel);
  table[EventType.KernelComplete] = closing('gpu_kernel', Channel.Kernel);
  table[EventType.MemcpyH2D] = span('gpu_memory');
  table[EventType.MemcpyD2H] = span('gpu_memory');
  table[EventType.MemcpyD2D] = span('gpu_memory');
  table[EventType.MemsetDevice] = span('gpu_memory');
  table[EventType.StreamSync] = span('gpu_stream');
  table[EventType.DeviceSync] = span('gpu_sync');
  table[EventType.EventRecord] = moment('gpu_sync');
  table[EventType.EventSync] = span('gpu_sync');
  table[EventType.StreamCreate] = moment('gpu_stream');
  table[EventType.StreamDestroy] = moment('gpu_stream');
  table[EventType.ContextCreate] = moment('gpu_other');
  table[EventType.ContextDestroy] = moment('gpu_other');
  table[EventType.MemAlloc] = moment('gpu_memory');
  table[EventType.MemFree] = moment('gpu_memory');
  table[EventType.Marker] = moment('gpu_other');
  table[EventType.RangeStart] = opening('gpu_other', Channel.Range);
  table[EventType.RangeEnd] = closing('gpu_other', Channel.Range);
  table[EventType.NCCLStart] = opening('gpu_kernel', Channel.Collective);
  table[EventType.NCCLComplete] = closing('gpu_kernel', Channel.Collective);
  table[EventType.Custom] = moment('gpu_other');
  return table;
}

/**
 * Writes GPU events into a batch, one at a time, and refuses what cannot be written with the
 * event's index and field.
 */
export class GpuEventPacker implements EventFields {
  /** The index of the next event, for error texts. */
  index = 0;

  private readonly reader = new EventReader();
  private readonly categoryIds = new Uint32Array(MAPPINGS.length);
  private readonly threadIdKey: number;
  private readonly durationKey: number;
  private readonly sizeKey: number;
  private readonly sourceKey: number;
  private readonly destinationKey: number;

  constructor(
    private readonly batch: EventBatch,
    private readonly tracks: GpuTracks,
  ) {
    this.threadIdKey = batch.text('thread_id');
    this.durationKey = batch.text('duration_ns');
    this.sizeKey = batch.text('size_bytes');
    this.sourceKey = batch.text('src_address');
    this.destinationKey = batch.text('dst_address');
  }

  add(event: TraceEvent): void {
    if (typeof event !== 'object' || event === null) this.notAnEvent(event);
    this.reader.read(event, this);
  }

  /** Writes an event whose fields were read. */
  write(
    type: EventType,
    name: string,
    timestamp: Integer,
    duration: Integer | undefined,
    deviceId: number | undefined,
    streamId: number | undefined,
    correlationId: Integer | undefined,
    threadId: Integer | undefined,
    kernelParams: KernelParams | undefined,
    memoryParams: MemoryParams | undefined,
    metadata: Args | undefined,
    flow: Flow | undefined,
    callStack: readonly StackFrame[] | undefined,
  ): void {
    const mapping = MAPPINGS[type];
    if (mapping === undefined || typeof type !== 'number') this.reject('type', 'one of EventType', type);
    if (typeof name !== 'string') this.reject('name', 'a string', name);
    if (!isUnsigned(timestamp)) checkTime(timestamp, 'timestamp', this.reject);
    if (deviceId !== undefined) checkUint32(deviceId, 'deviceId', this.reject);
    if (streamId !== undefined) checkUint32(streamId, 'streamId', this.reject);

    const batch = this.batch;
    if (batch.rows >= batch.fullAt) batch.flush();
    const track = this.tracks.stream(deviceId ?? 0, streamId ?? 0);
    const kind = duration === undefined ? mapping.untimed : mapping.timed;
    const category = this.categoryIds[type] || this.addCategory(type, mapping);
    batch.begin(kind, mapping.channel, track, batch.text(name), category, timestamp);
    if (correlationId !== undefined) this.addUint64(0, AttrType.Correlation, correlationId, 'correlationId');
    if (duration !== undefined) {
      if (!isUnsigned(duration) || typeof timestamp !== 'number') checkDuration(duration, timestamp, 'duration', this.reject);
      if (kind !== RowKind.Instant) batch.setExtent(duration);
      // A moment has no length to draw; what the event said is kept all the same.
      else batch.attrInteger(this.durationKey, AttrType.Int, duration);
    }
    if (threadId !== undefined) this.addUint64(this.threadIdKey, AttrType.Int, threadId, 'threadId');
    if (kernelParams !== undefined) writeLaunch(batch, kernelParams, 'kernelParams', this.reject);
    if (memoryParams !== undefined) this.addMemory(memoryParams);
    if (metadata !== undefined) {
      if (typeof metadata !== 'object' || metadata === null) this.reject('metadata', 'an object', metadata);
      writeArgs(batch, metadata, 'metadata', this.reject);
    }
    if (flow !== undefined) this.addFlow(flow);
    if (callStack !== undefined) writeCallStack(batch, callStack, 'callStack', this.reject);
    batch.commit();
    this.index++;
  }

  private readonly reject: Reject = (field, expected, received) => {
    throw new TraceSmithError('INVALID_EVENT', unexpected(`Event ${this.index}`, field, expected, received));
  };

  private notAnEvent(received: unknown): never {
    throw new TraceSmithError('INVALID_EVENT', unexpected('Events', `event ${this.index}`, 'a TraceEvent object', received));
  }

  private addCategory(type: EventType, mapping: Mapping): number {
    return (this.categoryIds[type] = this.batch.text(mapping.category));
  }

  private addMemory(params: MemoryParams): void {
    if (typeof params !== 'object' || params === null) this.reject('memoryParams', 'an object', params);
    const { srcAddress, dstAddress, sizeBytes } = params;
    if (sizeBytes !== undefined) this.addUint64(this.sizeKey, AttrType.Int, sizeBytes, 'memoryParams.sizeBytes');
    if (srcAddress !== undefined) this.addUint64(this.sourceKey, AttrType.Pointer, srcAddress, 'memoryParams.srcAddress');
    if (dstAddress !== undefined) this.addUint64(this.destinationKey, AttrType.Pointer, dstAddress, 'memoryParams.dstAddress');
  }

  private addUint64(key: number, type: AttrType, value: Integer, field: string): void {
    if (isUnsigned(value)) {
      this.batch.attr(key, type, value);
    } else {
      checkUint64(value, field, this.reject);
      this.batch.attrInteger(key, type, value);
    }
  }

  private addFlow(flow: Flow): void {
    if (typeof flow !== 'object' || flow === null) this.reject('flow', 'an object', flow);
    const { id, type, isStart } = flow;
    if (type === 0) return; // FlowType.None
    if (typeof type !== 'number' || type >>> 0 !== type || type > 255) this.reject('flow.type', 'one of FlowType', type);
    this.addUint64(type, isStart ? AttrType.FlowOut : AttrType.FlowIn, id, 'flow.id');
  }
}

/** Most integers are safe and not negative. This is asked first, since V8 puts so short a function where it is called. */
function isUnsigned(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value);
}

/** Writes counter samples. Needs them all at once: a track's name depends on whether another has it too. */
export function packCounters(batch: EventBatch, tracks: GpuTracks, counters: Iterable<CounterEvent>): void {
  const samples: CounterEvent[] = [];
  const trackIds = new Map<string, Set<number>>();
  for (const sample of counters) {
    checkCounter(sample, samples.length);
    const name = `${sample.deviceId ?? 0} ${sample.counterName}`;
    const ids = trackIds.get(name);
    if (ids === undefined) trackIds.set(name, new Set([sample.trackId ?? 0]));
    else ids.add(sample.trackId ?? 0);
    samples.push(sample);
  }
  for (const { timestamp, deviceId = 0, trackId = 0, counterName, value, unit } of samples) {
    const isAmbiguous = trackIds.get(`${deviceId} ${counterName}`)!.size > 1;
    const track = tracks.counter(deviceId, isAmbiguous ? `${counterName} [${trackId}]` : counterName, unit);
    batch.begin(RowKind.Counter, Channel.None, track, 0, 0, timestamp);
    batch.setExtent(value);
    batch.commit();
  }
}

function checkCounter(sample: CounterEvent, index: number): void {
  const reject: Reject = (field, expected, received) => {
    throw new TraceSmithError('INVALID_EVENT', unexpected(`Counter ${index}`, field, expected, received));
  };
  if (typeof sample !== 'object' || sample === null) {
    throw new TraceSmithError('INVALID_EVENT', unexpected('Counters', `counter ${index}`, 'a CounterEvent object', sample));
  }
  const { timestamp, deviceId, trackId, counterName, value, unit } = sample;
  checkTime(timestamp, 'timestamp', reject);
  if (deviceId !== undefined) checkUint32(deviceId, 'deviceId', reject);
  if (trackId !== undefined) checkUint32(trackId, 'trackId', reject);
  checkString(counterName, 'counterName', reject);
  const isInt64 = typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
  // Neither the UI nor JSON has a place for NaN and infinities.
  if (!isInt64 && !Number.isFinite(value)) reject('value', 'a finite number, or a bigint of at most 64 bits', value);
  if (unit !== undefined) checkString(unit, 'unit', reject);
}

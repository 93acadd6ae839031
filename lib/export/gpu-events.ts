import { TraceSmithError } from '../errors';
import type { Integer } from '../values';
import { checkCounterFields, checkFields, checkNestedFields, FieldSampler } from './event-fields';
import { EventReader } from './event-reader';
import { EventType, type CounterEvent, type Flow, type MemoryParams, type TraceEvent } from './events';
import type { EventBatch } from '../batch/batch';
import { checkCounterValue, checkDuration, checkString, checkTime, checkUint32, checkUint64, unexpected, type Reject } from '../checks';
import { namedArgs, writeArgs } from '../batch/args';
import { writeCallStack } from '../batch/call-stack';
import { writeLaunch } from '../batch/launch';
import { AttrType, Channel, RowKind } from '../batch/layout';
import type { GpuTracks } from './gpu-tracks';

/** How events of a type are written. */
interface Mapping {
  category: string;
  /** The kind of row of an event with a duration, and of one without. */
  timed: RowKind;
  untimed: RowKind;
  channel: Channel;
}

/** By event type; the categories are TraceSmith's, prefixed. */
const MAPPINGS = new Array<Mapping | undefined>(256).fill(undefined);

function map(category: string, timed: RowKind, untimed: RowKind, channel: Channel, ...types: EventType[]): void {
  for (const type of types) MAPPINGS[type] = { category, timed, untimed, channel };
}

function mapMoments(category: string, ...types: EventType[]): void {
  map(category, RowKind.Instant, RowKind.Instant, Channel.None, ...types);
}

function mapSpans(category: string, ...types: EventType[]): void {
  map(category, RowKind.Slice, RowKind.Instant, Channel.None, ...types);
}

function mapPair(category: string, channel: Channel, opens: EventType, closes: EventType): void {
  map(category, RowKind.Slice, RowKind.Open, channel, opens);
  map(category, RowKind.Close, RowKind.Close, channel, closes);
}

mapMoments('gpu_other', EventType.Unknown, EventType.ContextCreate, EventType.ContextDestroy, EventType.Marker, EventType.Custom);
mapMoments('gpu_stream', EventType.StreamCreate, EventType.StreamDestroy);
mapMoments('gpu_memory', EventType.MemAlloc, EventType.MemFree);
mapMoments('gpu_sync', EventType.EventRecord);
mapSpans('gpu_memory', EventType.MemcpyH2D, EventType.MemcpyD2H, EventType.MemcpyD2D, EventType.MemsetDevice);
mapSpans('gpu_stream', EventType.StreamSync);
mapSpans('gpu_sync', EventType.DeviceSync, EventType.EventSync);
mapPair('gpu_kernel', Channel.Kernel, EventType.KernelLaunch, EventType.KernelComplete);
mapPair('gpu_kernel', Channel.Collective, EventType.NCCLStart, EventType.NCCLComplete);
mapPair('gpu_other', Channel.Range, EventType.RangeStart, EventType.RangeEnd);

/**
 * Writes GPU events into a batch, one at a time, and refuses what cannot be written with the
 * event's index and field.
 */
export class GpuEventPacker {
  /** The index of the next event, for error texts. */
  index = 0;

  private readonly reader = new EventReader();
  private readonly sampler = new FieldSampler();
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
    const fields = this.reader.read(event);
    const isSampled = this.sampler.takes(fields);
    if (isSampled) checkFields(event, this.reject);
    const { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata, flow, callStack } = fields;
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
      writeArgs(batch, namedArgs(metadata, 'metadata', this.reject), 'metadata', this.reject);
    }
    if (flow !== undefined) this.addFlow(flow);
    if (callStack !== undefined) writeCallStack(batch, callStack, 'callStack', this.reject);
    if (isSampled) checkNestedFields(fields, this.reject);
    batch.commit();
    this.index++;
  }

  private readonly reject: Reject = (field, expected, received, hint) => {
    throw new TraceSmithError('INVALID_EVENT', unexpected(`Event ${this.index}`, field, expected, received, hint));
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
  const reject: Reject = (field, expected, received, hint) => {
    throw new TraceSmithError('INVALID_EVENT', unexpected(`Counter ${index}`, field, expected, received, hint));
  };
  if (typeof sample !== 'object' || sample === null) {
    throw new TraceSmithError('INVALID_EVENT', unexpected('Counters', `counter ${index}`, 'a CounterEvent object', sample));
  }
  checkCounterFields(sample, reject);
  const { timestamp, deviceId, trackId, counterName, value, unit } = sample;
  checkTime(timestamp, 'timestamp', reject);
  if (deviceId !== undefined) checkUint32(deviceId, 'deviceId', reject);
  if (trackId !== undefined) checkUint32(trackId, 'trackId', reject);
  checkString(counterName, 'counterName', reject);
  checkCounterValue(value, 'value', reject);
  if (unit !== undefined) checkString(unit, 'unit', reject);
}

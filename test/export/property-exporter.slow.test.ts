/**
 * Whatever events the exporter is given, each of them is in the trace once, with its exact times, names, arguments and
 * their types, on its track. The trace is read by test/support/read-trace.ts, which shares no code with the encoder.
 */
import * as fc from 'fast-check';
import { EventType, isSDKAvailable, PerfettoProtoExporter, TraceSmithError, type CounterEvent, type TraceEvent } from '../../lib';
import {
  argEntries, args, asLines, callStack, counterValue, frames, integerUpTo, launch, launchEntries, MAX_TIME, parameters, period, text, uint64, unsigned,
  wellFormed,
} from '../support/arbitraries';
import { readTrace, type ReadEvent, type ReadTrace } from '../support/read-trace';

const describeNative = isSDKAvailable() ? describe : describe.skip;

/** With a duration they are slices, without one moments. */
const SPANS = [EventType.MemcpyH2D, EventType.MemcpyD2H, EventType.MemcpyD2D, EventType.MemsetDevice, EventType.StreamSync, EventType.DeviceSync, EventType.EventSync];
const MOMENTS = [EventType.Unknown, EventType.Marker, EventType.MemAlloc, EventType.MemFree, EventType.StreamCreate, EventType.ContextDestroy, EventType.Custom];
const OPENS = [EventType.KernelLaunch, EventType.RangeStart, EventType.NCCLStart];
const CLOSES = [EventType.KernelComplete, EventType.RangeEnd, EventType.NCCLComplete];

const device = fc.oneof(fc.nat(2), fc.constantFrom(100, 2 ** 31, 2 ** 32 - 1));
const details = fc.record(
  {
    deviceId: device,
    streamId: device,
    correlationId: integerUpTo(2n ** 64n - 2n).map((id) => (typeof id === 'number' ? id + 1 : id + 1n)),
    threadId: uint64,
    metadata: args,
    kernelParams: launch,
    memoryParams: fc.record({ srcAddress: uint64, dstAddress: uint64, sizeBytes: uint64 }, { requiredKeys: [] }),
    callStack,
  },
  { requiredKeys: [] },
);

const eventOf = (types: EventType[], isTimed: fc.Arbitrary<boolean>): fc.Arbitrary<TraceEvent> =>
  fc.tuple(fc.constantFrom(...types), text, period, isTimed, details).map(([type, name, [timestamp, duration], timed, more]) => ({
    type, name, timestamp, ...(timed && { duration }), ...more,
  }));
/** Events whose slices do not depend on others. */
const alone = fc.oneof(
  eventOf(SPANS, fc.boolean()),
  eventOf(MOMENTS, fc.boolean()),
  eventOf(OPENS, fc.constant(true)),
);
const counter: fc.Arbitrary<CounterEvent> = fc.record(
  {
    timestamp: period.map(([time]) => time),
    counterName: text,
    value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    deviceId: device,
    unit: text,
  },
  { requiredKeys: ['timestamp', 'counterName', 'value'] },
);
// The name is one that no device has: that would read as a lane.
const options = fc.record({ processName: text.map((name) => `process ${name}`), deviceNames: fc.dictionary(device.map(String), text, { maxKeys: 2 }) });
const trace = (event: fc.Arbitrary<TraceEvent>) => fc.tuple(fc.array(event, { maxLength: 40 }), fc.array(counter, { maxLength: 5 }), options);
type Given = [TraceEvent[], CounterEvent[], { processName: string; deviceNames: Record<string, string> }];

const encode = ([events, counters, more]: Given): Uint8Array => new PerfettoProtoExporter().exportToProto(events, { ...more, counters });

function devicePath([, , { processName, deviceNames }]: Given, deviceId = 0): string[] {
  return [processName, deviceNames[deviceId] ?? `GPU ${deviceId}`].map(wellFormed);
}

const CATEGORIES: Partial<Record<EventType, string>> = {
  [EventType.MemcpyH2D]: 'gpu_memory', [EventType.MemcpyD2H]: 'gpu_memory', [EventType.MemcpyD2D]: 'gpu_memory',
  [EventType.MemsetDevice]: 'gpu_memory', [EventType.MemAlloc]: 'gpu_memory', [EventType.MemFree]: 'gpu_memory',
  [EventType.StreamSync]: 'gpu_stream', [EventType.StreamCreate]: 'gpu_stream', [EventType.DeviceSync]: 'gpu_sync',
  [EventType.EventSync]: 'gpu_sync', [EventType.KernelLaunch]: 'gpu_kernel', [EventType.NCCLStart]: 'gpu_kernel',
};

/** What docs/export.md says of an event that no other one closes. */
function expected(event: TraceEvent, given: Given): ReadEvent {
  const isMoment = MOMENTS.includes(event.type);
  const { correlationId, threadId, kernelParams, memoryParams = {}, duration } = event;
  const { sizeBytes, srcAddress, dstAddress } = memoryParams;
  const said: ReadEvent['args'] = [
    ...(correlationId === undefined ? [] : [['correlation_id', unsigned(correlationId)] as [string, string]]),
    ...(duration !== undefined && isMoment ? [['duration_ns', `int ${duration}`] as [string, string]] : []),
    ...(threadId === undefined ? [] : [['thread_id', unsigned(threadId)] as [string, string]]),
    ...(kernelParams === undefined ? [] : launchEntries(kernelParams)),
    ...(sizeBytes === undefined ? [] : [['size_bytes', unsigned(sizeBytes)] as [string, string]]),
    ...(srcAddress === undefined ? [] : [['src_address', `pointer ${srcAddress}`] as [string, string]]),
    ...(dstAddress === undefined ? [] : [['dst_address', `pointer ${dstAddress}`] as [string, string]]),
    ...argEntries(event.metadata ?? {}),
  ];
  return {
    path: [...devicePath(given, event.deviceId), `Stream ${event.streamId ?? 0}`],
    name: wellFormed(event.name),
    category: CATEGORIES[event.type] ?? 'gpu_other',
    begin: BigInt(event.timestamp),
    end: isMoment || duration === undefined ? undefined : BigInt(event.timestamp) + BigInt(duration),
    args: said,
    flows: [],
    terminatingFlows: [],
    callStack: frames(event.callStack ?? []),
  };
}

function expectCounters(read: ReadTrace, given: Given): void {
  const meant = given[1].map(({ timestamp, counterName, value, deviceId }) => ({
    path: [...devicePath(given, deviceId), wellFormed(counterName)], time: BigInt(timestamp), value: counterValue(value),
  }));
  expect(asLines(read.counters)).toEqual(asLines(meant));
}

describeNative('a native export of random events', () => {
  test('01 holds each of them once, exactly as it is', () => {
    fc.assert(
      fc.property(trace(alone), (given: Given) => {
        const read = readTrace(encode(given));
        const meant = given[0].map((event) => expected(event, given));
        expect(asLines([...read.slices, ...read.instants])).toEqual(asLines(meant));
        expect(read.slices.length).toBe(given[0].filter(({ type, duration }) => duration !== undefined && !MOMENTS.includes(type)).length);
        expectCounters(read, given);
      }),
      parameters(150),
    );
  });

  test('02 loses nothing where launches and completions pair', () => {
    const pairing = fc.oneof(eventOf(OPENS, fc.boolean()), eventOf(CLOSES, fc.boolean()), alone);
    const flowing = fc
      .tuple(pairing, fc.option(fc.record({ id: fc.nat(3), type: fc.constantFrom(0, 1, 2, 255), isStart: fc.boolean() }), { nil: undefined }))
      .map(([event, flow]): TraceEvent => ({ ...event, ...(flow && { flow }) }));
    fc.assert(
      fc.property(trace(flowing), (given: Given) => {
        const read = readTrace(encode(given));
        const all = [...read.slices, ...read.instants];
        const lines = new Set(asLines(all.map(identity)));
        // An end may have become that of a beginning, but whatever begins is there with its own time and name.
        const begun = given[0].filter(({ type }) => !CLOSES.includes(type)).map((event) => identity(expected(event, given)));
        expect(asLines(begun).filter((line) => !lines.has(line))).toEqual([]);
        expect(all.length).toBeGreaterThanOrEqual(begun.length);
        expect(all.length).toBeLessThanOrEqual(given[0].length);
        // Arrows have both ends, the start first.
        const leaving = new Map(all.flatMap(({ flows, begin }) => flows.map((flow) => [flow, begin])));
        for (const { terminatingFlows, begin } of all) {
          for (const flow of terminatingFlows) expect(leaving.get(flow)! <= begin).toBe(true);
        }
      }),
      parameters(150),
    );
  });

  test('03 has the same bytes for the same events', () => {
    fc.assert(
      fc.property(trace(fc.oneof(alone, eventOf(OPENS, fc.boolean()), eventOf(CLOSES, fc.boolean()))), (given: Given) => {
        expect(Buffer.from(encode(given)).equals(encode(given))).toBe(true);
        const json = (): Buffer => new PerfettoProtoExporter().exportToJSON(near(given[0]), { counters: [] });
        expect(json().equals(json())).toBe(true);
      }),
      parameters(50),
    );
  });
});

const identity = ({ path, name, begin }: ReadEvent): unknown => [path, name, begin];

/** With times that JSON can hold: within days. */
function near(events: TraceEvent[]): TraceEvent[] {
  return events.map((event) => ({
    ...event,
    timestamp: Number(BigInt(event.timestamp) % 2n ** 50n),
    ...(event.duration !== undefined && { duration: Number(BigInt(event.duration) % 2n ** 50n) }),
  }));
}

describe('a JSON export of random events', () => {
  interface JsonEvent { ph: string; name?: string; ts?: number; dur?: number; args?: Record<string, unknown> }
  const parsed = (json: Buffer): { baseTimeNanoseconds: number; traceEvents: JsonEvent[] } =>
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as never;

  test('04 holds each of them once, with its name, time and length', () => {
    fc.assert(
      fc.property(fc.array(alone, { maxLength: 40 }), (given) => {
        const events = near(given);
        const { traceEvents, baseTimeNanoseconds } = parsed(new PerfettoProtoExporter().exportToJSON(events));
        const read = traceEvents.filter(({ ph }) => 'XBi'.includes(ph)).map(({ name, ts }) => [wellFormed(name ?? ''), Math.round(ts! * 1000) + baseTimeNanoseconds]);
        expect(asLines(read)).toEqual(asLines(events.map(({ name, timestamp }) => [wellFormed(name), timestamp])));
        const ends = traceEvents.filter(({ ph }) => ph === 'E').length;
        expect(ends).toBe(traceEvents.filter(({ ph }) => ph === 'B').length);
        const lengths = traceEvents.filter(({ ph }) => ph === 'X').map(({ dur }) => Math.round(dur! * 1000));
        const meant = events.filter(({ type }) => !MOMENTS.includes(type)).map(({ duration }) => duration as number);
        for (const length of lengths) expect(meant).toContain(length);
      }),
      parameters(100),
    );
  });
});

describe('a bad event among random ones', () => {
  /** A field and values that it cannot have. */
  const BAD: Record<string, unknown[]> = {
    type: [undefined, -1, 22, 256, 1.5, '1', null],
    name: [undefined, null, 5, {}, Symbol('x')],
    timestamp: [undefined, -1, -1n, 1.5, NaN, 2 ** 53, MAX_TIME + 1n, '1'],
    duration: [null, -1, 0.5, Infinity, MAX_TIME + 1n, '1'],
    deviceId: [null, -1, 0.5, 2 ** 32, 1n],
    streamId: [null, -1, 2 ** 32, '1'],
    correlationId: [null, -1, 2n ** 64n, 'x'],
    threadId: [null, -1n, 0.1],
    metadata: [null, 5, { a: 2n ** 64n }, { a: () => 1 }, { a: [Symbol('x')] }],
    kernelParams: [null, 5, { gridX: -1 }, { registersPerThread: 2 ** 32 }],
    memoryParams: [null, { sizeBytes: -1 }],
    flow: [null, { id: -1, type: 1 }, { id: 1, type: 256 }],
    callStack: [null, [null], [{ address: -1 }], [{ lineNumber: 1.5 }], {}],
  };
  const bad = fc.constantFrom(...Object.keys(BAD)).chain((field) => fc.tuple(fc.constant(field), fc.constantFrom(...BAD[field])));
  const formats = [...(isSDKAvailable() ? (['exportToProto'] as const) : []), 'exportToJSON' as const];

  test.each(formats)('05 is an INVALID_EVENT that names its index and field: %s', (method) => {
    fc.assert(
      fc.property(fc.array(alone, { maxLength: 5 }), alone, bad, (before, event, [field, wrong]) => {
        const events = [...before, { ...event, [field]: wrong }] as TraceEvent[];
        let failure: unknown;
        try {
          new PerfettoProtoExporter()[method](events);
        } catch (error) {
          failure = error;
        }
        expect(failure).toBeInstanceOf(TraceSmithError);
        expect(failure).toMatchObject({ code: 'INVALID_EVENT', message: expect.stringMatching(`^Event ${before.length}: expected ${field}`) as string });
      }),
      parameters(150),
    );
  });
});

/**
 * How an event's object is made does not matter: events of many shapes have the bytes of the tidy ones. There are
 * enough of them for the exporter to notice the shapes (lib/export/event-reader.ts).
 */
import * as fc from 'fast-check';
import { EventType, FlowType, isSDKAvailable, PerfettoProtoExporter, type TraceEvent } from '../../lib';
import { args, callStack, launch, parameters, text, uint64 } from '../support/arbitraries';

const FIELDS = [
  'type', 'name', 'timestamp', 'duration', 'deviceId', 'streamId', 'correlationId', 'threadId',
  'kernelParams', 'memoryParams', 'metadata', 'flow', 'callStack',
] as const satisfies readonly (keyof TraceEvent)[];

/** Enough for the exporter to notice that there are more than four shapes. */
const COUNT = 4000;

type Entries = [string, unknown][];
const defined = (value: unknown, enumerable: boolean): PropertyDescriptor => ({ value, enumerable });

/** Ways to make an object of the same content. They take the fields that have a value, in some order. */
const WAYS: Record<string, (entries: Entries) => object> = {
  literal: (entries) => Object.fromEntries(entries),
  undefinedFirst: (entries) => Object.fromEntries([...FIELDS.map((key): [string, unknown] => [key, undefined]), ...entries]),
  undefinedLast: (entries) => ({ ...Object.fromEntries(entries), ...Object.fromEntries(missing(entries).map((key) => [key, undefined])) }),
  zeros: (entries) => {
    const zeros: Partial<TraceEvent> = { flow: { id: 0, type: FlowType.None, isStart: false }, deviceId: 0, streamId: 0 };
    return { ...zeros, ...Object.fromEntries(entries) };
  },
  getters: (entries) =>
    Object.defineProperties<object>({}, Object.fromEntries(entries.map(([key, value]) => [key, { get: () => value, enumerable: true }]))),
  inherited: (entries) => Object.create(Object.fromEntries(entries)) as object,
  halfInherited: (entries) => Object.assign(Object.create(Object.fromEntries(entries.slice(3))) as object, Object.fromEntries(entries.slice(0, 3))),
  classGetters: (entries) => {
    class Recorded {}
    for (const [key, value] of entries) Object.defineProperty(Recorded.prototype, key, { get: () => value });
    return new Recorded();
  },
  notEnumerable: (entries) => Object.defineProperties<object>({}, Object.fromEntries(entries.map(([key, value], i) => [key, defined(value, i % 2 === 0)]))),
  withoutPrototype: (entries) => Object.assign(Object.create(null) as object, Object.fromEntries(entries)),
  withOthersInherited: (entries) => Object.assign(Object.create({ unknown: 1, length: 5, 7: 'x' }) as object, Object.fromEntries(entries)),
  withOthersNotEnumerable: (entries) => Object.defineProperties(Object.fromEntries(entries), { unknown: defined(1, false), 7: defined('x', false) }),
  deleted: (entries) => {
    const made: Record<string, unknown> = { gone: 1, ...Object.fromEntries(entries) };
    delete made.gone;
    return made;
  },
  frozen: (entries) => Object.freeze(Object.fromEntries(entries)),
  proxy: (entries) => new Proxy({}, { get: (_target, key) => new Map<unknown, unknown>(entries).get(key) }),
};

function missing(entries: Entries): string[] {
  return FIELDS.filter((key) => !entries.some(([other]) => other === key));
}

const time = fc.nat(1_000_000_000);
const event = fc.record(
  {
    type: fc.constantFrom(...Object.values(EventType).filter((type): type is EventType => typeof type === 'number')),
    name: text,
    timestamp: fc.oneof(time, time.map(BigInt)),
    duration: fc.oneof(fc.nat(1000), fc.nat(1000).map(BigInt)),
    deviceId: fc.nat(3),
    streamId: fc.nat(100),
    correlationId: uint64,
    threadId: uint64,
    kernelParams: launch,
    memoryParams: fc.record({ srcAddress: uint64, dstAddress: uint64, sizeBytes: uint64 }, { requiredKeys: [] }),
    metadata: args,
    flow: fc.record({ id: fc.nat(9), type: fc.constantFrom(FlowType.None, FlowType.FwdBwd, FlowType.Custom), isStart: fc.boolean() }),
    callStack,
  },
  { requiredKeys: ['type', 'name', 'timestamp'] },
);
const events = fc.array(event, { minLength: 1, maxLength: 12 });
const orders = fc.array(fc.shuffledSubarray([...FIELDS], { minLength: FIELDS.length }), { minLength: 8, maxLength: 8 });
const ways = fc.array(fc.constantFrom(...Object.keys(WAYS)), { minLength: 10, maxLength: 10 });

/** The same events again and again, each time made in another way. */
function made(given: TraceEvent[], keys: readonly (typeof FIELDS)[number][][], how: readonly string[]): TraceEvent[] {
  return Array.from({ length: COUNT }, (_, i) => {
    const tidy = given[i % given.length];
    const entries = keys[i % keys.length].filter((key) => tidy[key] !== undefined).map((key): [string, unknown] => [key, tidy[key]]);
    return WAYS[how[i % how.length]](entries) as TraceEvent;
  });
}

// Both read events by the same code; the native one is several times as fast.
const method = isSDKAvailable() ? 'exportToProto' : 'exportToJSON';
const bytes = (given: TraceEvent[]): Uint8Array => new PerfettoProtoExporter()[method](given);

describe('events of many shapes', () => {

  it('01 have the bytes of the tidy ones', () => {
    fc.assert(
      fc.property(events, orders, ways, (given, keys, how) => {
        const tidy = Array.from({ length: COUNT }, (_, i) => given[i % given.length]);
        expect(Buffer.from(bytes(made(given, keys, how))).equals(bytes(tidy))).toBe(true);
      }),
      parameters(15),
    );
  });

  it.each(Object.keys(WAYS))('02 have them when they are made in one way: %s', (way) => {
    fc.assert(
      fc.property(events, orders, (given, keys) => {
        const tidy = Array.from({ length: COUNT }, (_, i) => given[i % given.length]);
        expect(Buffer.from(bytes(made(given, keys, [way]))).equals(bytes(tidy))).toBe(true);
      }),
      parameters(3),
    );
  });

  it('03 are refused with their index and field', () => {
    fc.assert(
      fc.property(events, orders, ways, (given, keys, how) => {
        const all = made(given, keys, how);
        const at = COUNT - 5;
        all[at] = { threadId: 'x' as never, name: 'n', type: EventType.Marker, timestamp: 1, deviceId: -1 };
        expect(() => bytes(all)).toThrow(`Event ${at}: expected deviceId to be an integer from 0 to 2^32 - 1 but received the number -1`);
      }),
      parameters(5),
    );
  });

  it('04 are read once, field by field in one order', () => {
    const read: string[] = [];
    const watched = (entries: Entries): object => new Proxy(Object.fromEntries(entries), {
      get: (target, key) => {
        read.push(String(key));
        return Reflect.get(target, key) as unknown;
      },
    });
    const all = made([{ type: EventType.Marker, name: 'm', timestamp: 1, metadata: {} }], FIELDS.map((key) => [key, ...FIELDS.filter((other) => other !== key)]), ['literal', 'zeros']);
    const at = COUNT - 1;
    all[at] = watched([['timestamp', 5], ['name', 'n'], ['type', EventType.Custom]]) as TraceEvent;
    bytes(all);
    expect(read).toEqual(FIELDS.slice(0, 6).concat(['correlationId', 'threadId', 'kernelParams', 'memoryParams', 'metadata', 'flow', 'callStack']));
  });

  it('05 are refused if they have a field that does not exist, where it has not been so before', () => {
    const tidy = Array.from({ length: COUNT }, (_, i): TraceEvent => ({ type: EventType.Custom, name: 'x', timestamp: i, duration: 1 }));
    const message = (at: number) => new RegExp(`^Event ${at}: expected every field to be one of type, name, .*callStack but received the string "durration"; did you mean duration\\?$`);
    for (const at of [0, 1, 1000, COUNT - 1]) {
      const misspelled = { type: EventType.Custom, name: 'x', timestamp: at, durration: 1 };
      expect(() => bytes(tidy.with(at, misspelled))).toThrow(message(at));
    }
    // Beside all the right ones: found among the first, and of many.
    const beside = (i: number) => ({ ...tidy[i], durration: 1 });
    expect(() => bytes(tidy.with(1000, beside(1000)))).toThrow(message(1000));
    expect(() => bytes(tidy.map((one, i) => (i < 2000 ? one : beside(i))))).toThrow(/^Event 20[0-3]\d: expected every field/);
  });
});

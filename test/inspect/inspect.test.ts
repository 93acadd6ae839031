/** What inspectTrace finds in bytes made by hand, and in files of the exporter. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { EventType, isSDKAvailable, PerfettoProtoExporter, type TraceEvent } from '../../lib';
import { inspectTrace } from '../../lib/inspect';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const inspect = (content: Uint8Array | string, name = 'trace') => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return inspectTrace(file);
};

// The smallest protobuf writer that will do: fields as [number, value], nested for messages.
type Value = number | bigint | string | Buffer | Field[];
type Field = readonly [number: number, value: Value];

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function message(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === 'number' || typeof value === 'bigint') {
        return Buffer.concat([varint(number << 3), varint(value)]);
      }
      const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.isBuffer(value) ? value : message(value);
      return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
    }),
  );
}

const trace = (...packets: Field[][]) => message(packets.map((packet) => [1, packet] as const));

const SEQUENCE = 10;
const TIMESTAMP = 8;
const CLOCK = 58;
const BEGIN = 1;
const INSTANT = 3;
const COUNTER = 4;
const event = (time: number | bigint, type: number, track: number | bigint, ...more: Field[]): Field[] => [
  [TIMESTAMP, time],
  [11, [[9, type], [11, track]]],
  [SEQUENCE, 1],
  ...more,
];
const clock = (id: number, time: number | bigint, ...more: Field[]): Field => [1, [[1, id], [2, time], ...more]];
const incremental: Field = [3, 1];

describe('a native trace', () => {
  it('is counted, with its tracks', async () => {
    const info = await inspect(
      trace(
        [[60, [[1, 10], [3, [[1, 99], [6, 'worker']]]]]],
        [[60, [[1, 11], [5, 10], [4, [[1, 99], [2, 100], [5, 'main']]]]]],
        [[60, [[1, 12], [5, 11], [2, 'main']]]],
        [[60, [[1, 13], [5, 10], [2, 'Memory'], [8, [[3, 3]]]]]],
        [[60, [[1, 14], [2, 'Stream 7']]]],
        event(1000, BEGIN, 11),
        event(1500, BEGIN, 12),
        event(1800, 2, 12),
        event(1700, COUNTER, 13),
        event(2000, 2, 11),
        event(1600, INSTANT, 14),
        event(1650, INSTANT, 0),
      ),
    );
    expect(info).toMatchObject({
      kind: 'perfetto',
      gzip: false,
      records: 12,
      recordKinds: { track_descriptor: 5, track_event: 7 },
      events: { slices: 2, instants: 2, counters: 1, flowPoints: 0 },
      time: { first: 1000n, last: 2000n, length: 1000n },
      warnings: [],
    });
    expect(info.tracks).toEqual([
      { type: 'process', name: 'worker', path: [], pid: 99, events: 0, lanes: 1 },
      // The child of the same name is a lane.
      { type: 'thread', name: 'main', path: ['worker'], pid: 99, tid: 100, events: 2, lanes: 2 },
      { type: 'counter', name: 'Memory', path: ['worker'], unit: 'bytes', events: 1, lanes: 1 },
      { type: 'other', name: 'Stream 7', path: [], events: 1, lanes: 1 },
      { type: 'other', name: 'Global', path: [], events: 1, lanes: 1 },
    ]);
  });

  it('may have times up to 2^63 - 1', async () => {
    const info = await inspect(trace(event(2n ** 53n + 1n, INSTANT, 1), event(2n ** 63n - 1n, INSTANT, 1)));
    expect(info.time).toEqual({ first: 2n ** 53n + 1n, last: 2n ** 63n - 1n, length: 2n ** 63n - 2n ** 53n - 2n });
  });

  it('may count its times from packet to packet, on a clock of its sequence', async () => {
    const start = 2n ** 60n + 1n;
    const delta = (sequence: number, time: number): Field[] => [
      [11, [[9, INSTANT]]],
      [TIMESTAMP, time],
      [SEQUENCE, sequence],
    ];
    const begin = (sequence: number, time: number | bigint, multiplier: Field[] = []): Field[] => [
      [SEQUENCE, sequence],
      [13, 1],
      [59, [[CLOCK, 64], [11, [[11, 5]]]]],
      [6, [clock(6, time), clock(64, 0, incremental, ...multiplier)]],
    ];
    const info = await inspect(
      trace(
        begin(1, start),
        begin(2, start + 500n, [[4, 1000]]),
        delta(1, 10),
        delta(2, 3),
        delta(1, 0),
        // Absolute, and earlier: the incremental clock does not move.
        [...delta(1, 0).slice(0, 1), [SEQUENCE, 1], [CLOCK, 6], [TIMESTAMP, start + 2n]],
        delta(1, 10),
        delta(2, 2),
      ),
    );
    expect(info.time).toEqual({ first: start + 2n, last: start + 500n + 5000n, length: 5498n });
    expect(info.tracks).toMatchObject([{ events: 6 }]);
  });

  it('may have times on a clock that a snapshot relates to its own', async () => {
    const onMonotonic: Field = [CLOCK, 3];
    const info = await inspect(
      trace(
        event(50, INSTANT, 1, onMonotonic),
        [[6, [clock(6, 1_000_000), clock(3, 400)]]],
        event(450, INSTANT, 1, onMonotonic),
      ),
    );
    expect(info.time).toEqual({ first: 1_000_050n, last: 1_000_050n, length: 0n });
    expect(info.warnings).toEqual([expect.stringContaining('1 packets have times')]);
  });

  it('may be compressed in parts', async () => {
    const inner = trace(event(7, BEGIN, 1), event(9, 2, 1));
    const info = await inspect(trace([[50, deflateSync(inner)]], event(11, INSTANT, 1)));
    expect(info).toMatchObject({ events: { slices: 1, instants: 1 }, time: { first: 7n, last: 11n } });
  });

  it('may have counters beside a slice, arrows, render stages, and unknown payloads', async () => {
    const info = await inspect(
      trace(
        [[TIMESTAMP, 5], [11, [[9, BEGIN], [11, 1], [31, 8], [12, 42], [36, 1], [42, 2]]]],
        [[TIMESTAMP, 10], [53, [[1, 0], [2, 90]]]],
        [[TIMESTAMP, 3], [1999, 'unheard of']],
      ),
    );
    expect(info.events).toEqual({ slices: 2, instants: 0, counters: 1, flowPoints: 2 });
    expect(info.time).toMatchObject({ first: 5n, last: 100n });
    expect(info.recordKinds).toEqual({ track_event: 1, gpu_render_stage_event: 1, 'field 1999': 1 });
  });

  it('is read across chunks', async () => {
    const large: Field[] = [[1999, Buffer.alloc(3 << 20, 1)]];
    const info = await inspect(trace(event(1, INSTANT, 1), large, event(2, INSTANT, 1), large, event(3, INSTANT, 1)));
    expect(info).toMatchObject({ records: 5, events: { instants: 3 } });
  });

  it('is told by its content, not by its name', async () => {
    expect(await inspect(trace(event(1, INSTANT, 1)), 'trace.json')).toMatchObject({ kind: 'perfetto' });
    expect(await inspect('[]', 'trace.pftrace')).toMatchObject({ kind: 'chrome-json', records: 0, time: null });
  });

  it('may be gzipped, in several members', async () => {
    const parts = [1, 2, 3].map((time) => gzipSync(trace(event(time, INSTANT, 1))));
    const info = await inspect(Buffer.concat(parts));
    expect(info).toMatchObject({ kind: 'perfetto', gzip: true, records: 3, time: { first: 1n, last: 3n } });
    expect(info.bytes).toBe(Buffer.concat(parts).length);
  });

  const packet = trace(event(1, INSTANT, 1));
  const broken: [what: string, bytes: Buffer, message: RegExp][] = [
    ['ends within a packet', Buffer.concat([packet, packet.subarray(0, 5)]), new RegExp(`cut off.*at byte ${packet.length};.*with 1 packets`)],
    ['ends within a length', Buffer.concat([packet, Buffer.from([0x0a, 0x80])]), /cut off/],
    ['goes on with something else', Buffer.concat([packet, Buffer.from('junk')]), new RegExp(`at byte ${packet.length}: no packet`)],
    ['has a packet beyond all sizes', Buffer.concat([packet, Buffer.from('0affffffff0f', 'hex')]), /would be longer than/],
    ['has a field that is too long', Buffer.concat([packet, Buffer.from('0a020a7f', 'hex')]), /longer than what holds it/],
    ['has a field of no type', Buffer.concat([packet, Buffer.from('0a010f', 'hex')]), /wire type 7/],
    ['has a varint without end', Buffer.concat([packet, Buffer.from(`0a0c40${'ff'.repeat(11)}`, 'hex')]), /more than ten bytes/],
    ['has text where a number belongs', Buffer.concat([packet, trace([[8, 'soon']])]), /field 8 has wire type 2/],
    ['is compressed badly', trace([[50, Buffer.from('nonsense')]]), /cannot be inflated/],
    ['is compressed and cut off', trace([[50, deflateSync(packet.subarray(0, 4))]]), /compressed packets that are cut off/],
  ];
  it.each(broken)('that %s is refused', async (_, bytes, text) => {
    await expect(inspect(bytes)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(text) as string });
  });

  it('is refused where it has no end to its gzip', async () => {
    const whole = gzipSync(Buffer.concat(Array.from({ length: 1000 }, (_, i) => trace(event(i * i * 7919, INSTANT, 1)))));
    await expect(inspect(whole.subarray(0, whole.length - 20))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/cut off: \d+ bytes could be inflated/) as string,
    });
  });
});

describe('a JSON trace', () => {
  const events = [
    { ph: 'M', name: 'process_name', pid: 7, args: { name: 'python' } },
    { ph: 'M', name: 'thread_name', pid: 7, tid: 8, args: { name: 'main' } },
    { ph: 'X', name: 'op', pid: 7, tid: 8, ts: 10.5, dur: 2.25 },
    { ph: 'B', name: 'range', pid: 7, tid: 8, ts: 11 },
    { ph: 'E', pid: 7, tid: 8, ts: 20.001 },
    { ph: 'i', name: 'mark', pid: 7, tid: 8, ts: 12 },
    { ph: 'i', name: 'window', pid: 7, tid: 8, ts: 12, s: 'g' },
    { ph: 'b', name: 'request', cat: 'net', id: 1, pid: 7, ts: 13 },
    { ph: 'b', name: 'request', cat: 'net', id: 2, pid: 7, ts: 13 },
    { ph: 'e', name: 'request', cat: 'net', id: 1, pid: 7, ts: 14 },
    { ph: 'C', name: 'memory', pid: 7, ts: 15, args: { used: 5, free: 6, note: 'text' } },
    { ph: 's', name: 'ac2g', cat: 'ac2g', id: 3, pid: 7, tid: 8, ts: 11 },
    { ph: 'f', name: 'ac2g', cat: 'ac2g', id: 3, pid: 7, tid: 8, ts: 12 },
    { ph: 'X', name: 'never', pid: 7, tid: 8, dur: 1 },
    'no event',
  ];
  const expected = {
    kind: 'chrome-json',
    records: 15,
    events: { slices: 4, instants: 2, counters: 2, flowPoints: 2 },
    time: { first: 10_500n, last: 20_001n, length: 9501n },
    warnings: [
      expect.stringMatching(/^damaged: line 1, byte \d+: a value that is no event stands among the events: "no event"/),
      expect.stringMatching(/^dropped: line 1, byte \d+: no ts: \{"ph":"X","name":"never"/),
      expect.stringMatching(/^repaired: line 1, byte \d+: values of a counter that are no numbers/),
    ],
  };

  it('is read as an array', async () => {
    const info = await inspect(JSON.stringify(events));
    expect(info).toMatchObject({ ...expected, form: 'array', gzip: false });
    expect(info.recordKinds).toMatchObject({ M: 2, X: 2, b: 2, C: 1 });
    expect(info.tracks).toEqual([
      { type: 'process', name: 'python', path: [], pid: 7, events: 0, lanes: 1 },
      { type: 'thread', name: 'main', path: ['python'], pid: 7, tid: 8, events: 3, lanes: 1 },
      { type: 'other', name: 'Global', path: [], events: 1, lanes: 1 },
      { type: 'other', name: 'request', path: ['python'], pid: 7, events: 2, lanes: 2 },
      { type: 'counter', name: 'memory used', path: ['python'], pid: 7, events: 1, lanes: 1 },
      { type: 'counter', name: 'memory free', path: ['python'], pid: 7, events: 1, lanes: 1 },
    ]);
  });

  it('is read as an object, gzipped', async () => {
    const text = JSON.stringify({ schemaVersion: 1, traceEvents: events });
    expect(await inspect(gzipSync(text))).toMatchObject({ ...expected, form: 'object', gzip: true });
  });

  // Kineto begins with a line break, which is also how a packet begins.
  it.each(['\n{\n  "schemaVersion": 1, "traceEvents": []\n}', '\n\n[ ]', ' \t[\n{"ph": "N"}]'])('may begin %j', async (text) => {
    expect(await inspect(text)).toMatchObject({ kind: 'chrome-json' });
  });

  it('keeps the nanoseconds of today', async () => {
    const info = await inspect('[{"ph":"X","pid":1,"tid":1,"name":"op","ts":1712195495406752.797,"dur":0.001}]');
    expect(info.time).toEqual({ first: 1712195495406752797n, last: 1712195495406752798n, length: 1n });
  });

  it.each([
    ['{"traceEvents": [{"ph": "X", ', /the text ends inside an event|no object in it has a phase/],
    ['{"name": "a package", "version": "1.0.0"}', /no array traceEvents/],
  ])('%s is refused', async (text, message) => {
    await expect(inspect(text)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(message) as string });
  });
});

describe('what is no trace', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['an empty file', '', /is empty$/],
    ['an empty gzip file', gzipSync(''), /is empty$/],
    ['text', 'hello', /text that begins with "hello"/],
    ['text behind a line break', '\nhello world', /text that begins with "\\nhello world"/],
    ['binary data', Buffer.from('7f454c4602010100', 'hex'), /the bytes 7f 45 4c 46/],
    ['a line break and zeros', Buffer.from('0a0500000000000a', 'hex'), /binary data that begins with the bytes 0a 05/],
  ])('%s is refused', async (_, content, message) => {
    await expect(inspect(content)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(message) as string });
  });

  it('a folder is refused', async () => {
    await expect(inspectTrace(folder)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('folder') as string });
  });

  it('a missing file is an IO error', async () => {
    await expect(inspectTrace(join(folder, 'none'))).rejects.toMatchObject({ code: 'IO', systemCode: 'ENOENT' });
  });

  it('nothing is read for an aborted signal', async () => {
    const reason = new Error('enough');
    await expect(inspectTrace(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe.each([
  { name: 'native', file: 'gpu.perfetto-trace', enabled: isSDKAvailable() },
  { name: 'native, gzipped,', file: 'gpu.pftrace.gz', enabled: isSDKAvailable() },
  { name: 'JSON', file: 'gpu.json', enabled: true },
])('a $name file of the exporter', ({ file, enabled }) => {
  const test = enabled ? it : it.skip;

  test('holds what the exporter says', async () => {
    const events: TraceEvent[] = Array.from({ length: 500 }, (_, i) => ({
      type: i % 5 === 0 ? EventType.Marker : EventType.KernelLaunch,
      name: `kernel ${i % 7}`,
      timestamp: (i * 7919) % 100_000,
      ...(i % 5 === 0 ? {} : { duration: 1 + ((i * 31) % 400) }),
      deviceId: i % 2,
      streamId: i % 3,
    }));
    const counters = [{ timestamp: 5, counterName: 'load', value: 0.5, unit: '%' }];
    const path = join(folder, file);
    const result = await new PerfettoProtoExporter().exportToFile(events, path, { counters });
    const info = await inspectTrace(path);
    const { slices, instants, counters: samples, bytes } = result;
    expect(info).toMatchObject({ bytes, gzip: result.compressed, events: { slices, instants, counters: samples } });
    const ends = events.map(({ timestamp, duration = 0 }) => Number(timestamp) + Number(duration));
    const length = Math.max(...ends) - Math.min(...events.map(({ timestamp }) => Number(timestamp)));
    expect(info.time?.length).toBe(BigInt(length)); // the fallback moves all times
    expect(info.warnings).toEqual([]);
  });
});

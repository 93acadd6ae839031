/** One suite over both backends: what each must do with events, whatever it writes. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  EventType,
  FlowType,
  Format,
  isSDKAvailable,
  PerfettoProtoExporter,
  TraceSmithError,
  type ExportResult,
  type TraceEvent,
} from '../../lib';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const example = JSON.parse(readFileSync(join(__dirname, '../fixtures/design-example.json'), 'utf8')) as TraceEvent[];

const launch = (timestamp: number, extra: Partial<TraceEvent> = {}): TraceEvent => ({
  type: EventType.KernelLaunch,
  name: 'launch',
  timestamp,
  ...extra,
});
const complete = (timestamp: number, extra: Partial<TraceEvent> = {}): TraceEvent => ({
  type: EventType.KernelComplete,
  name: 'complete',
  timestamp,
  ...extra,
});
const copy = (timestamp: number, duration: number, extra: Partial<TraceEvent> = {}): TraceEvent => ({
  type: EventType.MemcpyH2D,
  name: 'copy',
  timestamp,
  duration,
  ...extra,
});

const backends = [
  { name: 'native', format: Format.PROTOBUF, file: 'trace.perfetto-trace', enabled: isSDKAvailable() },
  { name: 'JSON', format: Format.JSON, file: 'trace.json', enabled: true },
];

describe.each(backends)('exporting to $name', ({ format, file, enabled }) => {
  const test = enabled ? it : it.skip;
  const exporter = new PerfettoProtoExporter(format);
  const counted = async (events: TraceEvent[], options = {}): Promise<Partial<ExportResult>> => {
    const { slices, instants, flows, flowsUndrawn, counters, lanes, unclosed, unmatched } = await exporter.exportToFile(
      events,
      join(folder, file),
      options,
    );
    return { slices, instants, flows, flowsUndrawn, counters, lanes, unclosed, unmatched };
  };
  const none = { slices: 0, instants: 0, flows: 0, flowsUndrawn: 0, counters: 0, lanes: 0, unclosed: 0, unmatched: 0 };

  test('01 writes the example of the design', async () => {
    const result = await exporter.exportToFile(example, join(folder, file));
    expect(result).toMatchObject({ format, fallback: false, compressed: false, ...none, slices: 3, instants: 1 });
    expect(result.bytes).toBe(readFileSync(join(folder, file)).length);
  });

  test('02 writes an empty trace', async () => {
    expect(await counted([])).toEqual(none);
  });

  test('03 gives the same bytes for the same events, by every way', async () => {
    const inMemory = format === Format.PROTOBUF ? exporter.exportToProto(example) : exporter.exportToJSON(example);
    await exporter.exportToFile(example, join(folder, `a-${file}`));
    exporter.exportToFileSync(example, join(folder, `b-${file}`));
    expect(readFileSync(join(folder, `a-${file}`)).equals(inMemory)).toBe(true);
    expect(readFileSync(join(folder, `b-${file}`)).equals(inMemory)).toBe(true);
  });

  test('04 compresses behind .gz, with the same bytes sync and async', async () => {
    const result = await exporter.exportToFile(example, join(folder, `a-${file}.gz`));
    exporter.exportToFileSync(example, join(folder, `b-${file}.gz`));
    const bytes = readFileSync(join(folder, `a-${file}.gz`));
    expect(result).toMatchObject({ compressed: true, bytes: bytes.length });
    expect(bytes.equals(readFileSync(join(folder, `b-${file}.gz`)))).toBe(true);
    exporter.exportToFileSync(example, join(folder, file));
    expect(gunzipSync(bytes).equals(readFileSync(join(folder, file)))).toBe(true);
  });

  test('05 takes arrays, iterables and async iterables', async () => {
    function* some() {
      yield* example;
    }
    // eslint-disable-next-line @typescript-eslint/require-await -- the point is the async iterable
    async function* later() {
      yield* example;
    }
    await exporter.exportToFile(example, join(folder, `a-${file}`));
    await exporter.exportToFile(some(), join(folder, `b-${file}`));
    await exporter.exportToFile(later(), join(folder, `c-${file}`));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => readFileSync(join(folder, `${name}-${file}`)));
    expect(a.equals(b)).toBe(true);
    expect(a.equals(c)).toBe(true);
  });

  describe('pairs', () => {
    test('06 a completion with the launch of its correlation id', async () => {
      const events = [
        launch(10, { correlationId: 1 }),
        launch(20, { correlationId: 2 }),
        complete(30, { correlationId: 1 }),
        complete(40, { correlationId: 2 }),
      ];
      expect(await counted(events)).toEqual({ ...none, slices: 2, lanes: 1 });
    });
    test('07 a completion without an id with the latest launch of its stream', async () => {
      const events = [launch(10), launch(20), launch(15, { streamId: 3 }), complete(30), complete(40), complete(50, { streamId: 3 })];
      expect(await counted(events)).toEqual({ ...none, slices: 3 });
    });
    test('08 no completion with a launch that had a duration', async () => {
      const events = [launch(10, { correlationId: 1, duration: 5 }), complete(15, { correlationId: 1 })];
      expect(await counted(events)).toEqual({ ...none, slices: 1 });
    });
    test('09 a lone completion with a duration becomes a slice, one without an instant', async () => {
      expect(await counted([complete(10, { duration: 5 })])).toEqual({ ...none, slices: 1 });
      expect(await counted([complete(10)])).toEqual({ ...none, instants: 1, unmatched: 1 });
    });
    test('10 ranges and collectives with the latest of their stream', async () => {
      const at = (type: EventType, timestamp: number): TraceEvent => ({ type, name: 'r', timestamp });
      const events = [
        at(EventType.RangeStart, 10),
        at(EventType.NCCLStart, 20),
        at(EventType.RangeEnd, 30),
        at(EventType.NCCLComplete, 40),
        at(EventType.RangeEnd, 50),
      ];
      expect(await counted(events)).toEqual({ ...none, slices: 2, lanes: 1, instants: 1, unmatched: 1 });
    });
    test('11 a launch that nothing closes stays open, on a lane of its own where others follow', async () => {
      expect(await counted([launch(10)])).toEqual({ ...none, slices: 1, unclosed: 1 });
      expect(await counted([launch(10), copy(20, 5)])).toEqual({ ...none, slices: 2, unclosed: 1, lanes: 1 });
    });
  });

  test('12 puts slices that overlap on lanes and drops none', async () => {
    expect(await counted([copy(10, 10), copy(15, 10), copy(18, 20), copy(25, 1)])).toEqual({ ...none, slices: 4, lanes: 2 });
  });

  test('13 draws arrows by type and id, and counts those that cannot be', async () => {
    const events = [
      copy(10, 5, { flow: { id: 1, type: FlowType.AsyncCpuGpu, isStart: true } }),
      copy(20, 5, { flow: { id: 1, type: FlowType.AsyncCpuGpu } }),
      copy(30, 5, { flow: { id: 1, type: FlowType.FwdBwd } }),
      copy(40, 5, { flow: { id: 2, type: FlowType.FwdBwd, isStart: true } }),
      copy(50, 5, { flow: { id: 3, type: FlowType.Custom } }),
      copy(60, 5, { flow: { id: 3, type: FlowType.Custom, isStart: true } }),
      copy(70, 5, { flow: { id: 9, type: FlowType.None, isStart: true } }),
    ];
    expect(await counted(events)).toEqual({ ...none, slices: 7, flows: 1, flowsUndrawn: 3 });
  });

  test('14 writes counters, from an option or from the constructor', async () => {
    const counters = [
      { timestamp: 1, counterName: 'memory', value: 1.5, unit: 'bytes' },
      { timestamp: 2, counterName: 'memory', value: 2n ** 40n, unit: 'bytes' },
    ];
    expect(await counted([], { counters })).toEqual({ ...none, counters: 2 });
    const own = new PerfettoProtoExporter({ format, counters });
    expect((await own.exportToFile([], join(folder, file))).counters).toBe(2);
  });

  test('15 takes times from 0 to the last below 2^63', async () => {
    const last = 2n ** 63n - 1n;
    const latest = { ...copy(0, 0), timestamp: last, duration: 0n };
    expect(await counted([latest, { ...latest, timestamp: last - 1_000_000n, duration: 1_000_000n }])).toEqual({ ...none, slices: 2 });
    const both = [copy(0, 1), latest];
    if (format === Format.PROTOBUF) expect(await counted(both)).toEqual({ ...none, slices: 2 });
    // Readers of JSON would lose the later one.
    else await expect(counted(both)).rejects.toMatchObject({ code: 'INVALID_EVENT', message: expect.stringContaining('285 years') as string });
  });

  test('16 leaves the old file whole and nothing else when an event is bad', async () => {
    const path = join(folder, file);
    writeFileSync(path, 'old');
    await expect(exporter.exportToFile([example[0], {} as TraceEvent], path)).rejects.toMatchObject({ code: 'INVALID_EVENT' });
    expect(() => exporter.exportToFileSync([{} as TraceEvent], path)).toThrow(TraceSmithError);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual([file]);
  });

  test('17 reports what the system says of a file that cannot be written', async () => {
    const path = join(folder, 'missing', file);
    await expect(exporter.exportToFile(example, path)).rejects.toMatchObject({ code: 'IO', systemCode: 'ENOENT' });
    expect(() => exporter.exportToFileSync(example, path)).toThrow(/ENOENT/);
    await expect(exporter.exportToFile(example, folder)).rejects.toMatchObject({ code: 'IO' });
  });

  test('18 stops at a signal and leaves the old file', async () => {
    const path = join(folder, file);
    writeFileSync(path, 'old');
    const controller = new AbortController();
    const reason = new Error('enough');
    async function* endless() {
      for (let i = 0; ; i++) {
        if (i === 10_000) controller.abort(reason);
        yield await Promise.resolve(copy(i, 1));
      }
    }
    await expect(exporter.exportToFile(endless(), path, { signal: controller.signal })).rejects.toBe(reason);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual([file]);
  });

  test('19 writes through a link and keeps it one', () => {
    symlinkSync(join(folder, file), join(folder, `link-${file}`));
    writeFileSync(join(folder, file), 'old');
    exporter.exportToFileSync(example, join(folder, `link-${file}`));
    expect(lstatSync(join(folder, `link-${file}`)).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, file), 'utf8')).not.toBe('old');
  });

  test('20 orders events that come in any order', async () => {
    const shuffled = [...example].reverse();
    const a = await counted(shuffled);
    expect(a).toEqual(await counted(example));
  });

  test('21 keeps the event loop turning while it packs', async () => {
    const events = Array.from({ length: 300_000 }, (_, i) => copy(i * 10, 5));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await exporter.exportToFile(events, join(folder, file));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });
});

describe('refusing events', () => {
  const exporter = new PerfettoProtoExporter(Format.JSON);
  const good = copy(1, 1);
  const cases: [string, unknown, RegExp][] = [
    ['null', null, /event 1 to be a TraceEvent object but received null/],
    ['a number', 7, /event 1 to be a TraceEvent object but received the number 7/],
    ['no type', { name: 'x', timestamp: 1 }, /Event 1: expected type to be one of EventType but received undefined/],
    ['an unknown type', { ...good, type: 99 }, /expected type .* the number 99/],
    ['no name', { ...good, name: undefined }, /expected name to be a string but received undefined/],
    ['no timestamp', { ...good, timestamp: undefined }, /expected timestamp .* received undefined/],
    ['a negative timestamp', { ...good, timestamp: -1 }, /expected timestamp .* the number -1/],
    ['a fraction', { ...good, timestamp: 1.5 }, /expected timestamp .* the number 1.5/],
    ['NaN', { ...good, timestamp: NaN }, /expected timestamp .* the number NaN/],
    ['an unsafe integer', { ...good, timestamp: 2 ** 53 }, /expected timestamp to be a safe integer .* or a bigint/],
    ['a time of 2^63', { ...good, timestamp: 2n ** 63n }, /expected timestamp .* the bigint 9223372036854775808n/],
    ['a negative duration', { ...good, duration: -5 }, /expected duration .* the number -5/],
    ['an end of 2^63', { ...good, timestamp: 2n ** 63n - 1n }, /expected duration to be a length that ends before 2\^63/],
    ['a device id beyond uint32', { ...good, deviceId: 2 ** 32 }, /expected deviceId .* the number 4294967296/],
    ['a negative stream id', { ...good, streamId: -1 }, /expected streamId .* the number -1/],
    ['a correlation id of text', { ...good, correlationId: '7' }, /expected correlationId .* the string "7"/],
    ['a thread id beyond 64 bits', { ...good, threadId: 2n ** 64n }, /expected threadId .* the bigint/],
    ['a function in metadata', { ...good, metadata: { f: () => 1 } }, /expected metadata\.f .* received a function/],
    ['a symbol in metadata', { ...good, metadata: { a: [1, Symbol('s')] } }, /expected metadata\.a\.1 .* a symbol/],
    ['a bigint beyond 64 bits', { ...good, metadata: { b: 2n ** 64n } }, /expected metadata\.b .* the bigint/],
    ['metadata of text', { ...good, metadata: 'x' }, /expected metadata to be an object/],
    ['a grid of text', { ...good, kernelParams: { gridX: 'x' } }, /expected kernelParams\.gridX/],
    ['a negative size', { ...good, memoryParams: { sizeBytes: -1 } }, /expected memoryParams\.sizeBytes/],
    ['a flow without an id', { ...good, flow: { type: 1 } }, /expected flow\.id/],
    ['a flow of an unknown type', { ...good, flow: { id: 1, type: 'x' } }, /expected flow\.type/],
    ['a call stack of text', { ...good, callStack: 'main' }, /expected callStack to be an array of frames/],
    ['a misspelled field', { ...good, timestmp: 5 }, /Event 1: expected every field to be one of type, name, .* "timestmp"; did you mean timestamp\?/],
    ['a field of another name', { ...good, colour: 'red' }, /Event 1: expected every field .* received the string "colour"$/],
    ['a field without a value', { ...good, stream: undefined }, /expected every field .* "stream"/],
    ['a misspelled launch', { ...good, kernelParams: { gridx: 1 } }, /every field of kernelParams to be one of gridX, .* "gridx"; did you mean gridX\?/],
    ['misspelled memory', { ...good, memoryParams: { size: 1 } }, /every field of memoryParams to be one of srcAddress, .* "size"/],
    ['a misspelled flow', { ...good, flow: { id: 1, type: 1, isstart: true } }, /every field of flow .* did you mean isStart\?/],
    ['a misspelled frame', { ...good, callStack: [{}, { line: 1 }] }, /every field of callStack\[1\] .* "line"/],
    ['a frame with a bad line', { ...good, callStack: [{ lineNumber: -1 }] }, /expected callStack\[0\]\.lineNumber/],
  ];
  it.each(cases)('%s', (_name, event, message) => {
    expect(() => exporter.exportToJSON([good, event as TraceEvent])).toThrow(message);
    expect(() => exporter.exportToJSON([good, event as TraceEvent])).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }) as Error);
  });

  it('metadata that nests too deep or in a circle', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(() => exporter.exportToJSON([{ ...good, metadata: circle }])).toThrow(/64 levels of nesting/);
  });

  it('counters without a name, time or finite value', () => {
    const counter = { timestamp: 1, counterName: 'c', value: 1 };
    for (const [field, value] of [['counterName', 1], ['timestamp', -1], ['value', NaN], ['value', '1'], ['unit', 5]]) {
      const counters = [counter, { ...counter, [field as string]: value }] as never;
      expect(() => exporter.exportToJSON([], { counters })).toThrow(new RegExp(`Counter 1: expected ${field}`));
    }
    const misspelled = [counter, { ...counter, units: 'ns' }] as never;
    expect(() => exporter.exportToJSON([], { counters: misspelled })).toThrow(/Counter 1: expected every field .* did you mean unit\?/);
  });
});

describe('refusing arguments', () => {
  it.each([
    ['an unknown format', () => new PerfettoProtoExporter(5 as never), /Expected format/],
    ['a misspelt option', () => new PerfettoProtoExporter({ procesName: 'x' } as never), /Unknown option procesName/],
    ['a fallback', () => new PerfettoProtoExporter({ fallback: 'x' as never }), /Expected fallback/],
    ['device names', () => new PerfettoProtoExporter({ deviceNames: { x: 'y' } as never }), /key of deviceNames/],
    ['events', () => new PerfettoProtoExporter().exportToJSON(5 as never), /Expected events/],
    ['a path', () => new PerfettoProtoExporter().exportToFileSync([], ''), /Expected path/],
  ])('%s', (_name, call, message) => {
    expect(call).toThrow(message);
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
  });
});

describe('choosing the format', () => {
  it.each([
    ['x.json', Format.PROTOBUF, Format.JSON],
    ['x.JSON.GZ', Format.PROTOBUF, Format.JSON],
    ['x.pftrace', Format.JSON, Format.PROTOBUF],
    ['x.perfetto-trace.gz', Format.JSON, Format.PROTOBUF],
    ['x.pb', Format.JSON, Format.PROTOBUF],
    ['x.trace', Format.JSON, Format.JSON],
  ])('%s from an exporter of format %d is format %d', (name, own, expected) => {
    if (expected === Format.PROTOBUF && !isSDKAvailable()) return;
    const result = new PerfettoProtoExporter(own).exportToFileSync(example, join(folder, name));
    expect(result.format).toBe(expected);
    expect(existsSync(join(folder, name))).toBe(true);
  });
});

/** Everything that a user of a TraceWriter may get wrong: the text of the error, and a trace that goes on. */
import { PassThrough } from 'node:stream';
import { TraceSmithError } from '../../lib/errors';
import { Format } from '../../lib/output/format';
import { TraceWriter } from '../../lib/writer/trace-writer';
import type { Track } from '../../lib/writer/track';
import { RecordingBackend } from '../support/recorded-rows';

let mockBackend: RecordingBackend;
jest.mock('../../lib/sinks/open', () => ({
  nameOf: (target: unknown) => (typeof target === 'string' ? target : 'the stream'),
  openStream: (target: unknown) => ({ sink: mockBackend, name: typeof target === 'string' ? target : 'the stream', format: Format.PROTOBUF, fallback: false, compression: 'none' }),
}));

let trace: TraceWriter;
let main: Track;
beforeEach(async () => {
  mockBackend = new RecordingBackend();
  trace = await TraceWriter.open('trace.pftrace');
  main = trace.track({ name: 'main' });
});
afterEach(() => trace.abort());

/** The warnings of a test. */
let warned: string[];
beforeEach(() => {
  warned = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)));
});
afterEach(() => jest.restoreAllMocks());

/** Any wrong type: what TypeScript would refuse, JavaScript passes on. */
const wrong = (value: unknown) => value as never;
const coded = (code: string) => expect.objectContaining({ code }) as Error;

describe('arguments', () => {
  const cases: [string, (track: Track) => unknown, RegExp | string][] = [
    ['01 a name', (t) => t.slice(wrong(5), 1, 1), 'Track "main": expected name to be a string but received the number 5'],
    ['02 a name with options', (t) => t.instant(wrong(undefined), 1, {}), /expected name to be a string .* undefined/],
    ['03 a fraction as time', (t) => t.slice('x', 1.5, 1), /expected ts to be nanoseconds from 0 to 2\^63 - 1.* the number 1.5/],
    ['04 a negative time', (t) => t.begin('x', -1), /Track "main": expected ts .* the number -1/],
    ['05 an unsafe integer', (t) => t.instant('x', 2 ** 53), /expected ts to be a safe integer .* or a bigint/],
    ['06 a time of 2^63', (t) => t.instant('x', 2n ** 63n), /expected ts .* the bigint 9223372036854775808n/],
    ['07 no time', (t) => t.instant('x', wrong(undefined)), /expected ts .* received undefined/],
    ['08 a negative length', (t) => t.slice('x', 1, -1), /expected dur .* the number -1/],
    ['09 NaN as length', (t) => t.slice('x', 1, NaN), /expected dur .* the number NaN/],
    ['10 an end of 2^63', (t) => t.slice('x', 1, 2n ** 63n - 1n), /expected dur to be a length that ends before 2\^63/],
    ['11 options that are none', (t) => t.slice('x', 1, 1, wrong(null)), /expected options to be an object but received null/],
    [
      '12 an unknown option',
      (t) => t.slice('x', 1, 1, wrong({ arg: {} })),
      'Track "main": expected every option to be one of category, args, flows, terminatingFlows, correlationId, ' +
        'callStack, launch but received the string "arg"',
    ],
    ['13 a category', (t) => t.instant('x', 1, wrong({ category: 1 })), /expected category to be a string/],
    ['14 args of text', (t) => t.begin('x', 1, wrong({ args: 'x' })), /expected args to be an object/],
    ['15 args in an array', (t) => t.begin('x', 1, wrong({ args: [1] })), /expected args to be an object but received an array/],
    ['16 a function in args', (t) => t.slice('x', 1, 1, wrong({ args: { a: [() => 1] } })), /expected args\.a\.0 .* a function/],
    ['19 flows that are no array', (t) => t.slice('x', 1, 1, wrong({ flows: 7 })), /expected flows to be an array/],
    ['20 a flow of text', (t) => t.slice('x', 1, 1, wrong({ flows: [1, '2'] })), /expected flows\[1\] to be a number or bigint/],
    [
      '21 a terminating flow of null',
      (t) => t.slice('x', 1, 1, wrong({ terminatingFlows: [null] })),
      /expected terminatingFlows\[0\] .* received null/,
    ],
    ['22 a correlation id', (t) => t.slice('x', 1, 1, { correlationId: -1 }), /expected correlationId .* the number -1/],
    ['23 a call stack', (t) => t.slice('x', 1, 1, wrong({ callStack: 'x' })), /expected callStack to be an array of frames/],
    [
      '24 a frame',
      (t) => t.slice('x', 1, 1, { callStack: [{}, { lineNumber: -1 }] }),
      /expected callStack\[1\]\.lineNumber .* the number -1/,
    ],
    ['25 a name in a launch', (t) => t.slice('x', 1, 1, { launch: { gridx: 1 } as never }), /every field of launch .* did you mean gridX\?/],
    ['25 a name in a frame', (t) => t.slice('x', 1, 1, { callStack: [{ name: 'f' }] as never }), /every field of callStack\[0\] .* "name"/],
    ['25 a launch', (t) => t.slice('x', 1, 1, { launch: { gridY: 0.5 } }), /expected launch\.gridY .* the number 0.5/],
    ['26 options of an end', (t) => t.end(9, wrong({ category: 'x' })), /expected every option to be one of args/],
    ['27 args of an end', (t) => t.end(9, wrong({ args: null })), /expected args to be an object/],
    ['28 a span of no function', (t) => t.span('x', wrong(5)), /expected fn to be a function/],
    ['29 a span with an unknown option', (t) => t.span('x', () => 1, wrong({ a: 1 })), /expected every option/],
    ['30 a span without a name', (t) => t.span(wrong(null), () => 1), /expected name to be a string/],
  ];
  test.each(cases)('%s', async (_name, call, message) => {
    main.begin('open', 0);
    const before = mockBackend.rows.length;
    expect(() => call(main)).toThrow(message);
    expect(() => call(main)).toThrow(coded('INVALID_ARGUMENT'));
    expect(() => call(main)).toThrow(TraceSmithError);
    main.slice('good', 5, 1, { args: { n: 1 } });
    main.end(10);
    await trace.flush();
    expect(mockBackend.rows.slice(before)).toEqual([
      { kind: 'begin', track: 0, name: 'open', ts: 0 },
      { kind: 'slice', track: 0, name: 'good', ts: 5, extent: 1, args: { n: 1 } },
      { kind: 'end', track: 0, ts: 10 },
    ]);
  });

  test('31 values of a counter', () => {
    const counter = trace.counter({ name: 'c' });
    expect(() => counter.record(1, wrong('5'))).toThrow('Counter "c": expected value to be a finite number, or a bigint');
    expect(() => counter.record(1, wrong(undefined))).toThrow(coded('INVALID_ARGUMENT'));
    expect(() => counter.record(-1, 5)).toThrow(/Counter "c": expected ts/);
  });

  test('32 metadata', () => {
    expect(() => trace.metadata(wrong('x'))).toThrow('The trace: expected metadata to be an object');
    expect(() => trace.metadata(wrong({ f: () => 1 }))).toThrow(/expected metadata\.f .* a function/);
  });
});

describe('values that only a run of the program brings', () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const graph: Record<string, unknown> = {};
  graph.a = graph.b = graph;
  const getter = { get bad(): number { throw new Error('boom'); } };
  const lost: [string, object, RegExp][] = [
    ['84 a bigint beyond 64 bits', { b: 2n ** 64n }, /expected args\.b .* at most 64 bits/],
    ['85 a circle', circle, /64 levels of nesting/],
    ['86 a graph without end', graph, /within the 1048576 values of one event|64 levels of nesting/],
    ['87 a getter that throws', getter, /the arguments cannot be read: boom/],
    ['88 a toJSON that throws', { x: { toJSON: () => { throw new Error('no'); } } }, /cannot be read: no/],
    ['89 a toJSON that gives a function', { x: { toJSON: () => () => 1 } }, /expected args\.x .* a function/],
    ['90 a revoked proxy', { x: revoked() }, /cannot be read/],
    ['91 a text that is too long', { text: 'x'.repeat(2 ** 24 + 1) }, /can have 16777216 UTF-16 units/],
  ];
  test.each(lost)('%s costs the event, no more', async (_name, args, message) => {
    main.slice('x', 1, 1, { args });
    main.instant('x', 1, { args });
    expect(main.span('x', () => 7, { args })).toBe(7);
    await expect(main.span('x', () => Promise.resolve(8), { args })).resolves.toBe(8);
    expect(main.asyncSpan('x', () => 9, { args })).toBe(9);
    main.startSpan('x').end(args);
    main.begin('lost', 5, { args });
    main.begin('kept', 6);
    main.end(7);
    main.end(8);
    main.begin('ended', 9);
    main.end(10, { args });
    main.slice('good', 20, 1, { args: { n: 1 } });
    await trace.flush();
    const rows = mockBackend.rows.map(({ kind, name, ts, args: written }) => ({ kind, name, ts, args: written }));
    expect(rows).toEqual([
      { kind: 'begin', name: 'kept', ts: 6 },
      { kind: 'end', ts: 7 },
      { kind: 'begin', name: 'ended', ts: 9 },
      { kind: 'end', ts: 10 },
      { kind: 'slice', name: 'good', ts: 20, args: { n: 1 } },
    ]);
    expect(trace.notWritten).toBe(8);
    expect(warned).toEqual([expect.stringMatching(message)]);
  });

  test('92 a counter without a number', () => {
    const counter = trace.counter({ name: 'c' });
    for (const value of [NaN, Infinity, -Infinity, 2n ** 63n]) counter.record(1, value);
    expect(trace.notWritten).toBe(4);
    expect(warned).toEqual([expect.stringContaining('Counter "c": expected value to be a finite number, or a bigint')]);
  });

  test('93 metadata', () => {
    trace.metadata({ n: 2n ** 64n });
    expect(trace.notWritten).toBe(1);
  });

  function revoked(): object {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }
});

describe('what a span refuses before its function runs', () => {
  const cases: [string, object][] = [
    ['94 a function', { args: { f: () => 1 } }],
    ['95 a symbol', { args: { deep: [{ s: Symbol('x') }] } }],
    ['96 arguments that are none', { args: 5 }],
    ['97 an unknown option', { arg: {} }],
    ['98 a category', { category: 5 }],
  ];
  test.each(cases)('%s', (_name, options) => {
    let ran = false;
    const fn = () => (ran = true);
    expect(() => main.span('x', fn, wrong(options))).toThrow(coded('INVALID_ARGUMENT'));
    expect(() => main.asyncSpan('x', fn, wrong(options))).toThrow(coded('INVALID_ARGUMENT'));
    expect(() => main.startSpan('x', wrong(options))).toThrow(coded('INVALID_ARGUMENT'));
    expect(ran).toBe(false);
    expect(trace.notWritten).toBe(0);
  });
});

describe('tracks', () => {
  const ID = /from 1 to 2\^31 - 1 \(0 means the idle process in a Perfetto trace\)/;
  const cases: [string, () => unknown, RegExp | string][] = [
    ['33 a process without options', () => trace.process(wrong(undefined)), /The trace: expected options to be an object/],
    ['34 an unknown option', () => trace.process(wrong({ pid: 1, nam: 'x' })), /every option to be one of pid, name, labels/],
    ['35 pid 0', () => trace.process({ pid: 0, name: 'x' }), ID],
    ['36 a pid beyond int32', () => trace.process({ pid: 2 ** 31, name: 'x' }), ID],
    ['37 a pid of text', () => trace.process({ pid: wrong('1'), name: 'x' }), /expected pid .* the string "1"/],
    ['38 a process without a name', () => trace.process(wrong({ pid: 1 })), /expected name to be a string but received undefined/],
    ['39 labels', () => trace.process({ pid: 1, name: 'x', labels: wrong('a') }), /expected labels to be an array of strings/],
    ['40 a label', () => trace.process({ pid: 1, name: 'x', labels: wrong(['a', 1]) }), /expected labels\[1\] to be a string/],
    ['41 a command line', () => trace.process({ pid: 1, name: 'x', commandLine: wrong([{}]) }), /expected commandLine\[0\]/],
    ['42 a sort index', () => trace.process({ pid: 1, name: 'x', sortIndex: 0.5 }), /expected sortIndex .* from -2\^31/],
    ['43 tid 0', () => trace.process({ pid: 9, name: 'p' }).thread({ tid: 0, name: 'x' }), ID],
    ['44 a thread of text', () => trace.process({ pid: 9, name: 'p' }).thread(wrong('x')), /Track "p": expected options/],
    ['45 a negative GPU', () => trace.gpu({ id: -1 }), /expected id to be an integer from 0 to 2\^31 - 1/],
    ['46 a vendor', () => trace.gpu({ id: 1, vendor: wrong(1) }), /expected vendor to be a string/],
    ['47 a stream', () => trace.gpu({ id: 1 }).stream(1.5), /Track "GPU 1": expected the stream to be an integer/],
    ['48 a name of a stream', () => trace.gpu({ id: 1 }).stream(1, { name: wrong(1) }), /expected name to be a string/],
    ['49 a track without a name', () => main.track(wrong({})), /Track "main": expected name to be a string/],
    ['50 a child ordering', () => main.track({ name: 'x', childOrdering: wrong('toString') }), /one of "lexicographic", "chr/],
    ['51 a rank', () => main.track({ name: 'x', rank: 2 ** 31 }), /expected rank .* the number 2147483648/],
    ['52 a parent that is no track', () => main.track({ name: 'x', parent: wrong({}) }), /expected parent to be a track/],
    ['53 a counter as parent', () => main.track({ name: 'x', parent: wrong(trace.counter({ name: 'c' })) }), /to be a track/],
    ['54 a unit', () => main.counter({ name: 'x', unit: wrong('W') }), /one of "ns", "count", "bytes" \(others as unitName\)/],
    ['55 two units', () => main.counter({ name: 'x', unit: 'ns', unitName: 'W' }), /expected unitName to be absent/],
    ['56 a multiplier of 0', () => main.counter({ name: 'x', multiplier: 0n }), /expected multiplier .* but 0/],
    ['57 a multiplier of 1.5', () => main.counter({ name: 'x', multiplier: 1.5 }), /expected multiplier/],
    ['58 incremental', () => main.counter({ name: 'x', incremental: wrong(1) }), /expected incremental to be a boolean/],
    ['59 an axis', () => main.counter({ name: 'x', shareYAxisKey: wrong(1) }), /expected shareYAxisKey to be a string/],
  ];
  test.each(cases)('%s', (_name, call, message) => {
    expect(call).toThrow(message);
  });

  test('60 ids that are taken, with both names', () => {
    const app = trace.process({ pid: 1, name: 'app' });
    app.thread({ tid: 1, name: 'main' });
    trace.gpu({ id: 0, name: 'H100' }).stream(7);
    const taken: [() => unknown, string][] = [
      [() => trace.process({ pid: 1, name: 'new' }), 'expected pid to be new for "new", since "app" has it, but received the number 1'],
      [() => app.thread({ tid: 1, name: 'new' }), 'Track "app": expected tid to be new for "new", since "main" has it'],
      [() => trace.gpu({ id: 0 }), 'expected id to be new for "GPU 0", since "H100" has it'],
      [() => trace.gpu({ id: 1 }).stream(7) && trace.gpu({ id: 1, name: 'x' }), 'new for "x", since "GPU 1" has it'],
    ];
    for (const [call, message] of taken) expect(call).toThrow(message);
    const gpu = trace.gpu({ id: 2 });
    gpu.stream(7);
    expect(() => gpu.stream(7, { name: 'copies' })).toThrow('the stream to be new for "copies", since "Stream 7" has it');
  });

  test('61 a refused track leaves its id free', () => {
    expect(() => trace.process({ pid: 5, name: 'x', sortIndex: NaN })).toThrow(/sortIndex/);
    expect(() => trace.process({ pid: 5, name: 'x' })).not.toThrow();
  });
});

describe('states', () => {
  test('62 an end without a begin', () => {
    expect(() => main.end(5)).toThrow('Track "main": end() at 5, but no slice is open');
    main.begin('x', 1);
    main.end(2);
    expect(() => main.end(3n)).toThrow(coded('INVALID_STATE'));
    expect(() => trace.track({ name: 'other' }).end(5)).toThrow('Track "other": end() at 5');
  });

  test('63 a begin or end before the one that came last', async () => {
    main.begin('a', 10);
    expect(() => main.begin('b', 9)).toThrow('Track "main": begin() at 9 is before the begin or end at 10 that came last');
    expect(() => main.end(9n)).toThrow('Track "main": end() at 9 is before');
    main.end(2n ** 60n);
    expect(() => main.begin('b', 20)).toThrow(coded('INVALID_STATE'));
    await trace.flush();
    expect(mockBackend.rows.map(({ kind }) => kind)).toEqual(['begin', 'end']);
  });

  test('64 a begin that was refused opens nothing', () => {
    expect(() => main.begin('a', 10, { correlationId: -1 })).toThrow(coded('INVALID_ARGUMENT'));
    expect(() => main.end(20)).toThrow(coded('INVALID_STATE'));
    main.begin('a', 5);
    expect(() => main.end(20, { args: wrong({ f: () => 1 }) })).toThrow(coded('INVALID_ARGUMENT'));
    main.end(6);
  });

  test('65 a parent of another trace', async () => {
    const other = await TraceWriter.open('other.pftrace');
    const parent = other.track({ name: 'stranger' });
    const message = 'Track "main": expected parent to be a track of this trace, but "stranger" is one of another';
    expect(() => main.track({ name: 'x', parent })).toThrow(message);
    expect(() => main.track({ name: 'x', parent })).toThrow(coded('INVALID_STATE'));
    await other.abort();
  });

  test('66 any call after the end', async () => {
    const app = trace.process({ pid: 1, name: 'app' });
    const gpu = trace.gpu({ id: 1 });
    const counter = gpu.counter({ name: 'c' });
    main.begin('x', 1);
    const closed = trace.close();
    let ran = false;
    // Those that define tracks are no events.
    const calls: (() => unknown)[] = [
      () => main.slice('x', 1, 1),
      () => main.slice('x', 1, 1, {}),
      () => main.instant('x', 1),
      () => main.begin('x', 1),
      () => main.end(1),
      () => main.span('x', () => (ran = true)),
      () => main.track({ name: 'x' }),
      () => main.counter({ name: 'x' }),
      () => app.thread({ tid: 1, name: 'x' }),
      () => gpu.stream(1),
      () => counter.record(1, 1),
      () => trace.process({ pid: 2, name: 'x' }),
      () => trace.gpu({ id: 2 }),
      () => trace.metadata({}),
    ];
    for (const call of calls) expect(call).not.toThrow();
    await closed;
    for (const call of calls.slice(0, 6)) expect(call).not.toThrow();
    expect(ran).toBe(true);
    expect(trace.notWritten).toBe(8 + 6);
    expect(warned).toEqual([expect.stringMatching(/^An event was not written\. Track "main": trace\.pftrace is closed\./)]);
    await expect(trace.flush()).rejects.toThrow('flush(): trace.pftrace is closed');
    await expect(trace.ready()).rejects.toMatchObject({ code: 'INVALID_STATE' });
    expect(mockBackend.rows).toHaveLength(1);
  });
});

describe('options', () => {
  const cases: [string, () => Promise<unknown>, RegExp | string][] = [
    ['67 no target', () => TraceWriter.open(wrong(undefined)), /Expected the target to be the path of a file or a stream\.Writable/],
    ['68 an empty path', () => TraceWriter.open(''), /Expected the target/],
    ['69 an object', () => TraceWriter.open(wrong({ write() {} })), /Expected the target .* received an object/],
    ['70 options of text', () => TraceWriter.open('x', wrong('x')), /Expected options to be an object/],
    ['71 a misspelt option', () => TraceWriter.open('x', wrong({ compresion: 1 })), /Unknown option compresion; there are format, /],
    ['72 a format', () => TraceWriter.open('x', { format: wrong(7) }), /Expected format to be Format\.JSON or Format\.PROTOBUF/],
    ['73 a fallback', () => TraceWriter.open('x', { fallback: wrong('no') }), /Expected fallback to be one of "json", "error"/],
    ['74 a compression', () => TraceWriter.open('x', { compression: wrong('zip') }), /one of "none", "gzip", "packets"/],
    ['75 a level of 0', () => TraceWriter.open('x', { level: 0 }), /Expected level to be an integer from 1 to 9/],
    ['76 a clock', () => TraceWriter.open('x', { clock: wrong('wall') }), /Expected clock to be one of "boottime"/],
    ['77 a window of 0', () => TraceWriter.open('x', { reorderWindow: 0 }), /Expected reorderWindow .* from 1 to 16777216/],
    ['78 a window of half', () => TraceWriter.open('x', { reorderWindow: 0.5 }), /Expected reorderWindow/],
    ['79 GPU events', () => TraceWriter.open('x', { gpuEvents: wrong('all') }), /Expected gpuEvents to be one of "tracks"/],
    ['80 a signal', () => TraceWriter.open('x', { signal: wrong({}) }), /Expected signal to be an AbortSignal/],
  ];
  test.each(cases)('%s', async (_name, call, message) => {
    await expect(call()).rejects.toThrow(message);
    await expect(call()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('backpressure', () => {
  test('81 a Writable past 16 MiB refuses rows until ready(), and drops none', async () => {
    const stream = await TraceWriter.open(new PassThrough());
    const track = stream.track({ name: 't' });
    for (let i = 0; i < 4095; i++) track.slice('x', i, 1);
    mockBackend.queuedBytes = (16 << 20) + 1;
    const message =
      'Track "t": 16777217 bytes wait for the stream, more than the 16777216 that may. ' +
      'The row was not written; await ready() and write it again.';
    expect(() => track.slice('x', 5000, 1)).toThrow(message);
    expect(() => track.instant('x', 5000, {})).toThrow(coded('BACKPRESSURE'));
    expect(() => track.track({ name: 'x' })).toThrow(coded('BACKPRESSURE'));
    expect(track.span('x', () => 1)).toBe(1);
    expect(stream.notWritten).toBe(1);
    await stream.ready();
    mockBackend.queuedBytes = 0;
    track.slice('x', 5000, 1);
    await stream.close();
    expect(mockBackend.rows.map(({ ts }) => ts)).toEqual([...Array.from({ length: 4095 }, (_, i) => i), 5000]);
  });

  test('82 a path is never refused: the backend makes its caller wait', async () => {
    mockBackend.queuedBytes = 1 << 30;
    for (let i = 0; i < 5000; i++) main.slice('x', i, 1);
    await trace.close();
    expect(mockBackend.rows).toHaveLength(5000);
  });

  test('83 a failed output costs rows, once the batch is full, and ends no program', async () => {
    const failure = new TraceSmithError('IO', 'the disk is full');
    mockBackend.failure = failure;
    for (let i = 0; i < 4095; i++) main.slice('x', i, 1);
    expect(trace.notWritten).toBe(0);
    main.slice('x', 1, 1);
    main.begin('x', 1);
    main.end(2);
    expect(trace.notWritten).toBe(4095 + 3);
    expect(warned).toEqual([expect.stringMatching(/^An event was not written\. Track "main": the disk is full\. Later ones/)]);
    await expect(trace.flush()).rejects.toBe(failure);
  });
});

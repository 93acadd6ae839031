/** span(), asyncSpan() and startSpan(): what they give the program, on which lanes, and what a disabled trace costs it. */
import { TraceSmithError } from '../../lib/errors';
import { Format } from '../../lib/output/format';
import { TraceWriter } from '../../lib/writer/trace-writer';
import type { OpenSpan, Track } from '../../lib/writer/track';
import { RecordingBackend } from '../support/recorded-rows';

let mockBackend: RecordingBackend;
jest.mock('../../lib/sinks/open', () => ({
  openStream: () => ({ sink: mockBackend, name: 'trace.pftrace', format: Format.PROTOBUF, fallback: false, compression: 'none' }),
}));

let trace: TraceWriter;
let track: Track;
let warned: string[];
beforeEach(async () => {
  warned = [];
  jest.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)));
  mockBackend = new RecordingBackend();
  trace = await TraceWriter.open('trace.pftrace');
  track = trace.track({ name: 'requests' });
});
afterEach(async () => {
  await trace.abort();
  jest.restoreAllMocks();
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Ways for a trace to be of no use, each with what has to be in the warning. */
const broken: [string, () => unknown, RegExp][] = [
  ['closed', () => trace.close(), /trace\.pftrace is closed/],
  ['aborted', () => trace.abort(), /trace\.pftrace is aborted/],
  [
    'failed',
    () => {
      mockBackend.failure = new TraceSmithError('IO', 'the disk is full');
      return trace.flush().catch(() => undefined);
    },
    /the disk is full/,
  ],
];

describe.each(broken)('a trace that is %s', (_name, spoil, message) => {
  test('01 runs functions and returns their results', async () => {
    await spoil();
    expect(track.span('x', () => 1)).toBe(1);
    expect(track.asyncSpan('x', () => 2)).toBe(2);
    await expect(track.span('x', () => Promise.resolve(3))).resolves.toBe(3);
    await expect(track.asyncSpan('x', () => Promise.resolve(4))).resolves.toBe(4);
    const failure = new Error('mine');
    const fail = () => {
      throw failure;
    };
    expect(() => track.span('x', fail)).toThrow(failure);
    expect(() => track.asyncSpan('x', fail)).toThrow(failure);
    await expect(track.span('x', () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(track.asyncSpan('x', () => Promise.reject(failure))).rejects.toBe(failure);
    track.startSpan('x').end();
    expect(trace.notWritten).toBe(9);
    expect(warned).toEqual([expect.stringMatching(message)]);
  });

  test('02 takes all other calls, once and again', async () => {
    const counter = trace.counter({ name: 'c' });
    track.begin('open', 1);
    await spoil();
    for (let i = 0; i < 3; i++) {
      track.slice('x', 1, 1, { args: { i } });
      track.instant('x', 1);
      track.begin('x', 2);
      track.end(3);
      track.end(4);
      counter.record(1, 1);
      trace.metadata({ i });
      trace.process({ pid: 10 + i, name: 'late' }).thread({ tid: 1, name: 'late' }).instant('x', 1);
    }
    expect(warned).toHaveLength(1);
    expect(trace.notWritten).toBeGreaterThanOrEqual(24);
  });
});

describe('a span that is open when the trace ends', () => {
  test('03 gives its result, and is counted by close()', async () => {
    const open: (() => void)[] = [];
    const wait = () => new Promise<void>((resolve) => open.push(resolve));
    const spans = [track.span('a', wait), track.asyncSpan('b', wait)];
    const begun = track.startSpan('c');
    const { notWritten } = await trace.close();
    expect(notWritten).toBe(3);
    open.forEach((resolve) => resolve());
    await expect(Promise.all(spans)).resolves.toEqual([undefined, undefined]);
    begun.end();
  });

  test('04 may be the one that closes it', async () => {
    const result = await track.span('all', () => trace.close());
    expect(result.notWritten).toBe(1);
  });
});

describe('results', () => {
  test('05 are returned whatever they are', () => {
    const getter = Object.defineProperty({}, 'then', { get: () => { throw new Error('never'); } });
    const values: unknown[] = [undefined, null, 0, 'x', Symbol('x'), {}, [], () => 1, getter, Object.create(null)];
    for (const value of values) {
      expect(track.span('x', () => value)).toBe(value);
      expect(track.asyncSpan('x', () => value)).toBe(value);
    }
    expect(warned).toEqual([]);
  });

  test.each([[Object.create(null)], [undefined], ['text'], [{ message: 5 }], [new Proxy({}, { get: () => { throw new Error('no'); } })]])(
    '06 whatever is thrown is thrown on: %#',
    async (thrown: unknown) => {
      let caught: unknown = 'nothing';
      try {
        track.span('x', () => {
          throw thrown;
        });
      } catch (error) {
        caught = error;
      }
      expect(Object.is(caught, thrown)).toBe(true);
      await trace.flush();
      expect(mockBackend.rows).toMatchObject([{ kind: 'slice', name: 'x', args: { error: expect.any(String) as string } }]);
    },
  );
});

describe('arguments of a span', () => {
  test('07 are those of the options, what the function adds, and the error', async () => {
    track.span('a', (span) => span.addArgs({ rows: 5 }));
    track.span('b', (span) => span.addArgs({ rows: 6 }), { args: { rows: 1, query: 'q' }, category: 'db' });
    await track.span('c', async (span) => {
      span.addArgs({ first: 1 });
      await turn();
      span.addArgs(new Map([['second', 2]]));
    });
    expect(() => track.span('d', (span) => {
      span.addArgs({ status: 500 });
      throw new Error('boom');
    }, { args: { url: '/' } })).toThrow('boom');
    await trace.flush();
    expect(mockBackend.rows.map(({ name, args, category }) => ({ name, args, category }))).toEqual([
      { name: 'a', args: { rows: 5 } },
      { name: 'b', args: { rows: 6, query: 'q' }, category: 'db' },
      { name: 'c', args: { first: 1, second: 2 } },
      { name: 'd', args: { url: '/', status: 500, error: 'boom' } },
    ]);
  });

  test('08 that cannot be written cost the slice alone', async () => {
    const wrong: unknown[] = [null, 5, 'x', [1], () => 1, new Date(0), { f: () => 1 }, { s: Symbol('x') }, { b: 2n ** 64n }];
    for (const value of wrong) expect(track.span('x', (span) => (span.addArgs(value as object), 7))).toBe(7);
    expect(trace.notWritten).toBe(wrong.length);
    await trace.flush();
    expect(mockBackend.rows).toEqual([]);
    expect(warned).toHaveLength(1);
  });
});

describe('lanes', () => {
  /** The numbers of the tracks that slices of a name are on. */
  const lanesOf = (name: string) => mockBackend.rows.filter((row) => row.name === name).map((row) => row.track);

  test('09 no two spans that run at once are on one, and they are used again', async () => {
    const [a, b] = [track.startSpan('a'), track.startSpan('b')];
    a.end();
    const c = track.startSpan('c');
    b.end();
    c.end();
    await trace.flush();
    const [[laneA], [laneB], [laneC]] = [lanesOf('a'), lanesOf('b'), lanesOf('c')];
    expect(laneA).not.toBe(laneB);
    expect(laneC).toBe(laneA);
    expect(mockBackend.tracks).toEqual([
      { kind: 'plain', name: 'requests', properties: {} },
      { kind: 'plain', name: 'requests', parent: 0, properties: {} },
      { kind: 'plain', name: 'requests', parent: 0, properties: {} },
    ]);
  });

  test('10 are as many as run at once, for 100,000 requests', async () => {
    const AT_ONCE = 50;
    const open: OpenSpan[] = [];
    for (let i = 0; i < 100_000; i++) {
      // In an order that is neither first come nor last come.
      if (open.length === AT_ONCE) open.splice((i * 7919) % AT_ONCE, 1)[0].end();
      open.push(track.startSpan('request'));
    }
    for (const span of open) span.end();
    const { slices, notWritten } = await trace.close();
    expect({ slices, notWritten }).toEqual({ slices: 100_000, notWritten: 0 });
    expect(mockBackend.tracks).toHaveLength(1 + AT_ONCE);
    const ends = new Map<number, bigint>();
    for (const { track: lane, ts, extent } of mockBackend.rows.toSorted((x, y) => Number(BigInt(x.ts!) - BigInt(y.ts!)))) {
      expect(BigInt(ts!) >= (ends.get(lane!) ?? 0n)).toBe(true);
      ends.set(lane!, BigInt(ts!) + BigInt(extent!));
    }
  });

  test('11 have tracks, for what is to nest; lanes of lanes are used again too', async () => {
    for (let i = 0; i < 100; i++) {
      await track.asyncSpan('request', async (request) => {
        expect(request.track).toBe(request.track);
        request.track.span('query', () => 1);
        await Promise.all([1, 2].map((n) => request.track.asyncSpan('fetch', () => Promise.resolve(n))));
      });
    }
    await trace.flush();
    expect(new Set(lanesOf('query'))).toEqual(new Set(lanesOf('request')));
    expect(mockBackend.tracks).toHaveLength(1 + 1 + 2);
  });

  test('12 a span ends once, also by "using"', async () => {
    const span = track.startSpan('a');
    span.end({ status: 200 });
    span.end({ status: 500 });
    span[Symbol.dispose]();
    span.addArgs({ late: 1 });
    await trace.flush();
    expect(mockBackend.rows).toMatchObject([{ name: 'a', args: { status: 200 } }]);
    expect(mockBackend.rows).toHaveLength(1);
  });

  test('13 an error becomes an argument', async () => {
    await expect(track.asyncSpan('a', () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
    expect(() => track.asyncSpan('b', () => { throw new TypeError('bad'); })).toThrow('bad');
    track.startSpan('c').fail('text');
    await trace.flush();
    expect(mockBackend.rows.map(({ args }) => args)).toEqual([{ error: 'boom' }, { error: 'bad' }, { error: 'text' }]);
  });

  test('14 spans of a Writable that does not keep up are counted', async () => {
    const { PassThrough } = jest.requireActual<typeof import('node:stream')>('node:stream');
    const stream = await TraceWriter.open(new PassThrough());
    const requests = stream.track({ name: 'requests' });
    for (let i = 0; i < 4095; i++) requests.slice('x', i, 1);
    mockBackend.queuedBytes = (16 << 20) + 1;
    expect(requests.asyncSpan('a', () => 5)).toBe(5);
    requests.startSpan('b').end();
    expect(stream.notWritten).toBe(2);
    await stream.abort();
  });
});

describe('a disabled trace', () => {
  test('15 runs functions, takes every call and writes nothing', async () => {
    const off = TraceWriter.disabled();
    expect(off).toBeInstanceOf(TraceWriter);
    const thread = off.process({ pid: 1, name: 'app' }).thread({ tid: 1, name: 'main' });
    const promise = Promise.resolve(1);
    expect(thread.span('x', () => promise)).toBe(promise);
    expect(thread.asyncSpan('x', () => promise)).toBe(promise);
    expect(thread.span('x', (span) => (span.addArgs({ a: 1 }), 5), { args: { a: 2n ** 64n } })).toBe(5);
    expect(thread.asyncSpan('x', (span) => span.track.span('y', () => 6))).toBe(6);
    thread.startSpan('x').end({ a: 1 });
    thread.slice('x', 1, 1, { args: { a: 1 } });
    thread.instant('x', 1);
    thread.begin('x', 1);
    thread.end(2);
    thread.end(3);
    off.gpu({ id: 0 }).stream(7).slice('kernel', 1, 1);
    off.counter({ name: 'c' }).record(1, NaN);
    off.metadata({ a: 1 });
    expect(off.newFlow()).toBe(2n ** 62n);
    await off.ready();
    await off.flush();
    expect(off.path).toBeUndefined();
    await expect(off.close()).resolves.toEqual({
      path: undefined, format: Format.PROTOBUF, fallback: false, compression: 'none',
      slices: 0, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0, bytes: 0, notWritten: 0,
    });
    expect(thread.span('x', () => 8)).toBe(8);
    await off.flush();
    await off[Symbol.asyncDispose]();
    expect(warned).toEqual([]);
    expect(mockBackend.calls).toEqual([]);
  });

  test('16 knows the time', () => {
    const off = TraceWriter.disabled();
    const before = off.now();
    expect(before).toBeGreaterThan(0n);
    expect(off.now()).toBeGreaterThanOrEqual(before);
    expect(off.fromPerformance(performance.now())).toBeGreaterThan(0n);
  });
});

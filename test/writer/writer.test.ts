/** What each call of a TraceWriter puts into its batches, decoded again by a backend that records. */
import { Format } from '../../lib/output/format';
import type { WriterOptions } from '../../lib/writer/options';
import { TraceWriter } from '../../lib/writer/trace-writer';
import { RecordingBackend, type RecordedRow, type RecordedTrack } from '../support/recorded-rows';

let mockBackend: RecordingBackend;
jest.mock('../../lib/sinks/open', () => ({
  nameOf: String,
  openStream: (target: unknown) => ({ sink: mockBackend, name: typeof target === 'string' ? target : 'the stream', format: Format.PROTOBUF, fallback: false, compression: 'none' }),
}));

let open: TraceWriter[] = [];
afterEach(async () => {
  await Promise.all(open.map((trace) => trace.abort()));
  open = [];
});

async function openTrace(options?: WriterOptions): Promise<TraceWriter> {
  mockBackend = new RecordingBackend();
  const trace = await TraceWriter.open('trace.pftrace', options);
  open.push(trace);
  return trace;
}

async function tracksOf(write: (trace: TraceWriter) => void, options?: WriterOptions): Promise<RecordedTrack[]> {
  const trace = await openTrace(options);
  write(trace);
  await trace.flush();
  return mockBackend.tracks;
}

async function rowsOf(write: (trace: TraceWriter) => unknown, options?: WriterOptions): Promise<RecordedRow[]> {
  const trace = await openTrace(options);
  await write(trace);
  await trace.flush();
  return mockBackend.rows;
}

describe('tracks', () => {
  test('01 a process with all that can be said about it, and its threads', async () => {
    const tracks = await tracksOf((trace) => {
      const options = { pid: 7, name: 'app', labels: ['prod', 'eu'], sortIndex: -2, commandLine: ['node', 'app.js'] };
      const process = trace.process(options);
      process.thread({ tid: 8, name: 'main', sortIndex: 1 });
      process.thread({ tid: 9, name: '' });
      trace.process({ pid: 2 ** 31 - 1, name: 'other' }).thread({ tid: 8, name: 'main' });
    });
    expect(tracks).toEqual([
      {
        kind: 'process',
        name: 'app',
        properties: { pid: 7, sortIndex: -2, label: ['prod', 'eu'], commandLine: ['node', 'app.js'] },
      },
      { kind: 'thread', name: 'main', parent: 0, properties: { tid: 8, sortIndex: 1 } },
      { kind: 'thread', name: '', parent: 0, properties: { tid: 9 } },
      { kind: 'process', name: 'other', properties: { pid: 2 ** 31 - 1 } },
      { kind: 'thread', name: 'main', parent: 3, properties: { tid: 8 } },
    ]);
  });

  test('02 a GPU and its streams, with default names and given ones', async () => {
    const tracks = await tracksOf((trace) => {
      const gpu = trace.gpu({ id: 0 });
      const stream = gpu.stream(7);
      expect(gpu.stream(7)).toBe(stream);
      expect(gpu.stream(7, { name: 'Stream 7' })).toBe(stream);
      const known = { name: 'H100', vendor: 'NVIDIA', architecture: 'CC_90', uuid: 'GPU-1', pciBdf: '0000:3b:00.0' };
      trace.gpu({ id: 3, ...known }).stream(0, { name: 'copies' });
    });
    expect(tracks).toEqual([
      { kind: 'plain', name: 'GPU 0', properties: { gpu: 0, rank: 0, childOrdering: 3 } },
      { kind: 'plain', name: 'Stream 7', parent: 0, properties: { gpuStream: 7, rank: 7 } },
      {
        kind: 'plain',
        name: 'H100',
        properties: {
          gpu: 3,
          rank: 3,
          childOrdering: 3,
          gpuVendor: 'NVIDIA',
          gpuArchitecture: 'CC_90',
          gpuUuid: 'GPU-1',
          gpuPciBdf: '0000:3b:00.0',
        },
      },
      { kind: 'plain', name: 'copies', parent: 2, properties: { gpuStream: 0, rank: 0 } },
    ]);
  });

  test.each([
    ['tracks', undefined],
    ['render-stages', 2],
    ['both', 3],
  ] as const)('03 GPU events as %s', async (gpuEvents, value) => {
    const tracks = await tracksOf((trace) => void trace.gpu({ id: 0 }).stream(1), { gpuEvents });
    expect(tracks[1].properties.gpuEvents).toBe(value);
  });

  test('04 tracks of any depth, below the trace, a process, a thread, a GPU, or a given parent', async () => {
    const tracks = await tracksOf((trace) => {
      const process = trace.process({ pid: 1, name: 'app' });
      const requests = process.track({ name: 'requests', description: 'one row each', childOrdering: 'explicit' });
      const request = requests.track({ name: 'request', rank: -5 });
      request.track({ name: 'steps', childOrdering: 'lexicographic' }).track({ name: 'step' });
      process.thread({ tid: 1, name: 'main' }).track({ name: 'below a thread', childOrdering: 'chronological' });
      trace.gpu({ id: 0 }).track({ name: 'below a GPU' });
      trace.track({ name: 'alone' });
      trace.track({ name: 'elsewhere', parent: requests });
    });
    expect(tracks.map(({ name, parent }) => [name, parent])).toEqual([
      ['app', undefined],
      ['requests', 0],
      ['request', 1],
      ['steps', 2],
      ['step', 3],
      ['main', 0],
      ['below a thread', 5],
      ['GPU 0', undefined],
      ['below a GPU', 7],
      ['alone', undefined],
      ['elsewhere', 1],
    ]);
    expect(tracks[1].properties).toEqual({ description: 'one row each', childOrdering: 3 });
    expect(tracks[2].properties).toEqual({ rank: -5 });
    expect(tracks[3].properties).toEqual({ childOrdering: 1 });
    expect(tracks[6].properties).toEqual({ childOrdering: 2 });
  });

  test('05 counters, with units and all', async () => {
    const tracks = await tracksOf((trace) => {
      const gpu = trace.gpu({ id: 0 });
      gpu.counter({ name: 'memory', unit: 'bytes', multiplier: 1024, incremental: true, shareYAxisKey: 'm' });
      gpu.stream(1).counter({ name: 'power', unitName: 'W', multiplier: -(2n ** 63n), incremental: false });
      trace.counter({ name: 'plain' });
    });
    expect(tracks.slice(1)).toEqual([
      {
        kind: 'counter',
        name: 'memory',
        parent: 0,
        properties: { unit: 'bytes', unitMultiplier: 1024, incremental: true, yAxisShareKey: 'm' },
      },
      { kind: 'plain', name: 'Stream 1', parent: 0, properties: { gpuStream: 1, rank: 1 } },
      {
        kind: 'counter',
        name: 'power',
        parent: 2,
        properties: { unitName: 'W', unitMultiplier: -(2n ** 63n), incremental: false },
      },
      { kind: 'counter', name: 'plain', properties: {} },
    ]);
  });
});

describe('rows', () => {
  test('06 slices and instants, with numbers and bigints', async () => {
    const last = 2n ** 63n - 1n;
    const rows = await rowsOf((trace) => {
      const track = trace.track({ name: 't' });
      track.slice('a', 10, 5);
      track.slice('b', 1n, 0);
      track.slice('a', 3, last - 3n);
      track.slice('', 2 ** 53 - 1, 2 ** 53 - 1, {});
      track.instant('a', last, {});
      track.instant('é', 0);
    });
    expect(rows).toEqual([
      { kind: 'slice', track: 0, name: 'a', ts: 10, extent: 5 },
      { kind: 'slice', track: 0, name: 'b', ts: 1n, extent: 0 },
      { kind: 'slice', track: 0, name: 'a', ts: 3, extent: last - 3n },
      { kind: 'slice', track: 0, name: '', ts: 2 ** 53 - 1, extent: 2 ** 53 - 1 },
      { kind: 'instant', track: 0, name: 'a', ts: last },
      { kind: 'instant', track: 0, name: 'é', ts: 0 },
    ]);
  });

  test('07 every option of a row, on each kind that takes them', async () => {
    const options = {
      category: 'gpu',
      args: { text: 'x', int: -1, big: 2n ** 63n, double: 1.5, yes: true, nothing: null, deep: { list: [1, 'a', [{}]] } },
      flows: [1, 2n],
      terminatingFlows: [3],
      correlationId: 2n ** 64n - 1n,
      callStack: [
        { functionName: 'inner', fileName: 'a.c', lineNumber: 3, address: 2n ** 64n - 1n },
        { functionName: 'outer' },
      ],
      launch: { gridX: 4, gridY: 2, blockX: 256, sharedMemBytes: 64 },
    };
    const expected = {
      track: 0,
      name: 'k',
      category: 'gpu',
      args: { text: 'x', int: -1, big: 2n ** 63n, double: 1.5, yes: true, deep: { list: [1, 'a', [{}]] } },
      flows: [1, 2n],
      terminatingFlows: [3],
      correlation: 2n ** 64n - 1n,
      callStack: [
        { functionName: 'outer', line: 0, address: 0n },
        { functionName: 'inner', fileName: 'a.c', line: 3, address: 2n ** 64n - 1n },
      ],
      launch: [7, 4, 2, 1, 256, 1, 1, 64, 0],
    };
    const rows = await rowsOf((trace) => {
      const stream = trace.track({ name: 's' });
      stream.slice('k', 1, 2, options);
      stream.instant('k', 3, options);
      stream.begin('k', 4, options);
    });
    expect(rows).toEqual([
      { ...expected, kind: 'slice', ts: 1, extent: 2 },
      { ...expected, kind: 'instant', ts: 3 },
      { ...expected, kind: 'begin', ts: 4 },
    ]);
  });

  test('08 begins and ends, with arguments at the end, and times that stay', async () => {
    const rows = await rowsOf((trace) => {
      const track = trace.track({ name: 't' });
      track.begin('outer', 10);
      track.begin('inner', 10n);
      track.end(20, { args: { status: 'ok' } });
      track.end(20n);
      track.slice('elsewhen', 1, 2);
      track.begin('next', 20, { args: {} });
    });
    expect(rows).toEqual([
      { kind: 'begin', track: 0, name: 'outer', ts: 10 },
      { kind: 'begin', track: 0, name: 'inner', ts: 10n },
      { kind: 'end', track: 0, ts: 20, args: { status: 'ok' } },
      { kind: 'end', track: 0, ts: 20n },
      { kind: 'slice', track: 0, name: 'elsewhen', ts: 1, extent: 2 },
      { kind: 'begin', track: 0, name: 'next', ts: 20 },
    ]);
  });

  test('09 samples of counters: doubles from numbers, integers from bigints', async () => {
    const rows = await rowsOf((trace) => {
      const counter = trace.counter({ name: 'c' });
      counter.record(2, 7);
      counter.record(1n, -0.5);
      counter.record(3, -(2n ** 63n));
      counter.record(4, 2n ** 63n - 1n);
    });
    expect(rows).toEqual([
      { kind: 'counter', track: 0, ts: 2, extent: 7 },
      { kind: 'counter', track: 0, ts: 1n, extent: -0.5 },
      { kind: 'counter', track: 0, ts: 3, extent: -(2n ** 63n) },
      { kind: 'counter', track: 0, ts: 4, extent: 2n ** 63n - 1n },
    ]);
  });

  test('10 metadata of the trace', async () => {
    const rows = await rowsOf((trace) => trace.metadata({ model: 'llama', ranks: 8, tags: ['a'] }));
    expect(rows).toEqual([{ kind: 'metadata', args: { model: 'llama', ranks: 8, tags: ['a'] } }]);
  });

  test('11 flow ids: integers within 64 bits are themselves, anything else is mixed', async () => {
    const flows = [0, -0, -1, 2 ** 53, -(2n ** 63n), 2n ** 64n - 1n, 2n ** 64n, 0.5, NaN, Infinity, -Infinity, 1e300];
    const [{ flows: written }] = await rowsOf((trace) => trace.track({ name: 't' }).instant('i', 1, { flows }));
    expect(written!.slice(0, 6)).toEqual([0, 0, 2n ** 64n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]);
    // FNV-1a of "18446744073709551616" and "0.5", by another implementation.
    expect(written!.slice(6, 8)).toEqual([0xedf2aa6b38fc416dn, 0x4e18e1181d0a2732n]);
    expect(new Set(written).size).toBe(10);
    for (const id of written!) expect(BigInt.asUintN(64, BigInt(id))).toBe(BigInt(id));
  });

  test('12 fresh flow ids, the same in each trace', async () => {
    const trace = await openTrace();
    expect([trace.newFlow(), trace.newFlow()]).toEqual([2n ** 62n, 2n ** 62n + 1n]);
    expect((await openTrace()).newFlow()).toBe(2n ** 62n);
  });
});

describe('spans', () => {
  test('13 of functions that return', async () => {
    const [row] = await rowsOf((trace) => {
      const before = trace.now();
      expect(trace.track({ name: 't' }).span('work', () => 42, { category: 'c', args: { n: 1 } })).toBe(42);
      expect(trace.now()).toBeGreaterThanOrEqual(before);
    });
    expect(row).toEqual({
      kind: 'slice',
      track: 0,
      name: 'work',
      category: 'c',
      args: { n: 1 },
      ts: expect.any(Number) as number,
      extent: expect.any(Number) as number,
    });
    expect(row.extent).toBeGreaterThanOrEqual(0);
  });

  test('14 of functions that throw or reject, with the message', async () => {
    const failure = new Error('broken');
    const rows = await rowsOf(async (trace) => {
      const track = trace.track({ name: 't' });
      const fail = () => {
        throw failure;
      };
      expect(() => track.span('throws', fail, { args: { n: 1 } })).toThrow(failure);
      await expect(track.span('rejects', () => Promise.reject(failure))).rejects.toBe(failure);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- anything can be rejected with
      await expect(track.span('text', () => Promise.reject('why'))).rejects.toBe('why');
    });
    expect(rows.map(({ name, args }) => [name, args])).toEqual([
      ['throws', { n: 1, error: 'broken' }],
      ['rejects', { error: 'broken' }],
      ['text', { error: 'why' }],
    ]);
  });

  test('15 of async functions that overlap', async () => {
    const rows = await rowsOf(async (trace) => {
      const track = trace.track({ name: 't' });
      const pause = (ms: number) => () => new Promise<number>((resolve) => setTimeout(resolve, ms, ms));
      expect(await Promise.all([track.span('long', pause(30)), track.span('short', pause(5))])).toEqual([30, 5]);
    });
    expect(rows.map(({ name }) => name)).toEqual(['short', 'long']);
    const [short, long] = rows;
    expect(long.ts!).toBeLessThanOrEqual(short.ts as bigint);
    expect(long.extent).toBeGreaterThan(20_000_000n);
  });
});

describe('batches', () => {
  test('16 go as they fill, in order', async () => {
    const rows = await rowsOf((trace) => {
      const track = trace.track({ name: 't' });
      for (let i = 0; i < 10_000; i++) track.slice(`name ${i % 300}`, i, 1);
    });
    expect(mockBackend.batches).toEqual([4096, 4096, 1809]);
    expect(rows.map(({ ts }) => ts)).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(rows.every(({ name }, i) => name === `name ${i % 300}`)).toBe(true);
  });

  test('17 begin new tables of strings, so that ever new names stay small', async () => {
    const rows = await rowsOf((trace) => {
      const track = trace.track({ name: 't' });
      for (let i = 0; i < 200_000; i++) track.slice(`name ${i}`, i, 1, i % 2 === 0 ? undefined : { category: `c ${i}` });
    });
    expect(rows.every(({ name }, i) => name === `name ${i}`)).toBe(true);
    expect(rows.every(({ category }, i) => category === (i % 2 === 0 ? undefined : `c ${i}`))).toBe(true);
    expect(mockBackend.strings.length).toBeLessThan(80_000);
  });

  test('18 go early where the names are long', async () => {
    const rows = await rowsOf((trace) => {
      const track = trace.track({ name: 't' });
      for (let i = 0; i < 10; i++) track.slice(`${i}`.repeat(1 << 20), i, 1);
    });
    expect(mockBackend.batches.length).toBeGreaterThan(4);
    expect(mockBackend.strings.length).toBeLessThan(8);
    expect(rows.map(({ name }) => name![0])).toEqual([...'0123456789']);
  });
});

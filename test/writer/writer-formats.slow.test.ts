/** One suite over both backends: what a TraceWriter must do with files, streams and processes, whatever it writes. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { Format, isSDKAvailable, TraceWriter } from '../../lib';
import { decodeTrace } from '../support/decode-trace';
import { DEADLINE_MS } from '../support/effort';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface JsonEvent {
  ph: string;
  name: string;
}

/** The names of the slices and instants in a trace that may have no end. */
const readers = {
  native: (bytes: Uint8Array) => decodeTrace(bytes).events.flatMap(({ type, name }) => (type === 'end' || name === undefined ? [] : [name])),
  JSON: (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString().trimEnd();
    const events = JSON.parse(text.endsWith(']') ? text : `${text.replace(/,$/, '')}]`) as JsonEvent[];
    return events.flatMap(({ ph, name }) => ('XBi'.includes(ph) ? [name] : []));
  },
};

const backends = [
  { name: 'native', format: Format.PROTOBUF, file: 'trace.perfetto-trace', enabled: isSDKAvailable() },
  { name: 'JSON', format: Format.JSON, file: 'trace.json', enabled: true },
] as const;

describe.each(backends)('writing $name', ({ name, format, file, enabled }) => {
  const test = enabled ? it : it.skip;
  const namesIn = readers[name];
  const path = () => join(folder, file);
  const namesInFile = () => namesIn(readFileSync(path()));

  /** Writes slices of the names 'slice 0' and so on, in order of time. */
  const addSlices = (trace: TraceWriter, from: number, to: number, trackName = 'track') => {
    const track = trace.track({ name: trackName });
    for (let i = from; i < to; i++) track.slice(`slice ${i}`, i * 10, 5);
  };
  const sliceNames = (count: number) => Array.from({ length: count }, (_, i) => `slice ${i}`);

  test('01 counts what it wrote', async () => {
    const trace = await TraceWriter.open(path());
    const main = trace.process({ pid: 1, name: 'app' }).thread({ tid: 1, name: 'main' });
    main.slice('child', 10, 5);
    main.slice('parent', 0, 100);
    main.slice('overlaps', 50, 100);
    main.instant('moment', 7, { flows: [trace.newFlow()], args: { deep: { list: [1, 'x'] } } });
    main.begin('open', 1000);
    trace.counter({ name: 'memory', unit: 'bytes' }).record(5, 1n << 40n);
    const result = await trace.close();
    expect(result).toEqual({
      path: path(),
      format,
      fallback: false,
      compression: 'none',
      slices: 4,
      instants: 1,
      counters: 1,
      lanes: 1,
      unclosed: 1,
      lateSlices: 0,
      bytes: readFileSync(path()).length,
      notWritten: 0,
    });
    expect(namesInFile().filter((one) => one !== 'memory').sort()).toEqual(['child', 'moment', 'open', 'overlaps', 'parent']);
  });

  test('02 writes the same to a Writable as to a path', async () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (const target of [path(), stream]) {
      const trace = await TraceWriter.open(target, { format });
      addSlices(trace, 0, 20_000);
      await trace.close();
    }
    expect(Buffer.concat(chunks).equals(readFileSync(path()))).toBe(true);
    expect(namesInFile()).toEqual(sliceNames(20_000));
  });

  test('03 compresses', async () => {
    const trace = await TraceWriter.open(`${path()}.gz`);
    addSlices(trace, 0, 20_000);
    await trace.flush();
    addSlices(trace, 20_000, 20_010, 'other');
    const { compression, bytes } = await trace.close();
    const written = readFileSync(`${path()}.gz`);
    expect({ compression, bytes }).toEqual({ compression: 'gzip', bytes: written.length });
    expect(namesIn(gunzipSync(written))).toEqual(sliceNames(20_010));
  });

  test('04 has in the file what was flushed, the window included', async () => {
    const trace = await TraceWriter.open(path());
    addSlices(trace, 0, 100);
    await trace.flush();
    expect(namesInFile()).toEqual(sliceNames(100));
    addSlices(trace, 100, 110, 'other');
    await trace.close();
    expect(namesInFile()).toEqual(sliceNames(110));
  });

  test('05 keeps what was flushed when the process is killed', () => {
    const { signal } = spawnSync(process.execPath, ['-e', `
      const { TraceWriter } = require(${JSON.stringify(join(__dirname, '../..', 'dist'))});
      (async () => {
        const trace = await TraceWriter.open(${JSON.stringify(path())});
        const track = trace.track({ name: 't' });
        for (let i = 0; i < 5000; i++) track.slice('slice ' + i, i * 10, 5);
        await trace.flush();
        track.slice('lost', 100000, 5);
        process.kill(process.pid, 'SIGKILL');
      })();
    `], { timeout: DEADLINE_MS });
    expect(signal).toBe('SIGKILL');
    expect(namesInFile()).toEqual(sliceNames(5000));
  });

  test('06 leaves no file after an abort', async () => {
    const trace = await TraceWriter.open(path());
    addSlices(trace, 0, 10_000);
    await trace.flush();
    expect(existsSync(path())).toBe(true);
    await trace.abort();
    expect(readdirSync(folder)).toEqual([]);
    await expect(trace.close()).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });

  test('07 reports what the system says of a path that cannot be opened', async () => {
    await expect(TraceWriter.open(join(folder, 'missing', file))).rejects.toMatchObject({ code: 'IO', systemCode: 'ENOENT' });
    await expect(TraceWriter.open(folder, { format })).rejects.toMatchObject({ code: 'IO', systemCode: 'EISDIR' });
  });

  test('08 fails as its Writable does, with the event loop alive', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
    const trace = await TraceWriter.open(stream, { format, reorderWindow: 100 });
    addSlices(trace, 0, 10);
    await expect(trace.flush()).rejects.toMatchObject({ code: 'IO', message: 'Could not write to the stream: the disk is full' });
    expect(() => addSlices(trace, 0, 10_000)).not.toThrow();
    expect(trace.notWritten).toBe(10_000);
    await expect(trace.close()).rejects.toMatchObject({ code: 'IO' });
  });

  test('09 refuses rows where a Writable does not keep up, and goes on after ready()', async () => {
    const chunks: Buffer[] = [];
    const held: (() => void)[] = [];
    let isHeld = true;
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk);
        if (isHeld) held.push(done);
        else setImmediate(done);
      },
    });
    const trace = await TraceWriter.open(stream, { format, reorderWindow: 100 });
    const track = trace.track({ name: 't' });
    const note = 'x'.repeat(1000);
    const add = (i: number) => track.slice(`slice ${i}`, i * 10, 5, { args: { note: note + i } });
    let count = 0;
    expect(() => {
      for (; count < 1_000_000; count++) {
        add(count);
      }
    }).toThrow(expect.objectContaining({ code: 'BACKPRESSURE' }) as Error);
    isHeld = false;
    held.splice(0).forEach((done) => done());
    await trace.ready();
    for (let i = 0; i < 1000; i++) add(count++);
    const { slices } = await trace.close();
    expect(slices).toBe(count);
    expect(namesIn(Buffer.concat(chunks))).toHaveLength(count);
  });

  test('10 gives a slow Writable the bytes of a file, in order, and waits for it', async () => {
    const chunks: Buffer[] = [];
    let isBusy = false;
    const slow = new Writable({
      highWaterMark: 1000,
      write: (chunk: Buffer, _encoding, done) => {
        expect(isBusy).toBe(false);
        isBusy = true;
        setTimeout(() => {
          isBusy = false;
          chunks.push(chunk);
          done();
        }, 5);
      },
    });
    for (const target of [path(), slow]) {
      const trace = await TraceWriter.open(target, { format, reorderWindow: 1000 });
      const track = trace.track({ name: 't' });
      for (let i = 0; i < 30_000; i++) {
        track.slice(`slice ${i}`, i * 10, 5);
        if (i % 5000 === 0) await trace.flush();
        if (i % 1000 === 0) await trace.ready();
      }
      await trace.close();
    }
    expect(slow.writableFinished).toBe(true);
    expect(chunks.length).toBeGreaterThan(10);
    expect(Buffer.concat(chunks).equals(readFileSync(path()))).toBe(true);
    expect(namesInFile()).toEqual(sliceNames(30_000));
  });

  test('11 writes what a Writable that does not read refused, once it reads: no row is lost or there twice', async () => {
    const chunks: Buffer[] = [];
    let go: (() => void) | undefined;
    const reads = new Promise<void>((resolve) => (go = resolve));
    const stuck = new Writable({
      highWaterMark: 1000,
      write: (chunk: Buffer, _encoding, done) => {
        void reads.then(() => {
          chunks.push(chunk);
          done();
        });
      },
    });
    const note = 'x'.repeat(2000);
    let refusals = 0;
    const isRefused = (call: () => void) => {
      try {
        call();
        return false;
      } catch (error) {
        expect(error).toMatchObject({ code: 'BACKPRESSURE' });
        refusals++;
        return true;
      }
    };
    for (const target of [path(), stuck]) {
      const trace = await TraceWriter.open(target, { format, reorderWindow: 100 });
      const track = trace.track({ name: 't' });
      const counter = trace.counter({ name: 'n' });
      for (let i = 0; i < 15_000; i++) {
        const time = i * 10;
        const calls = [
          () => track.begin(`begin ${i}`, time, { args: { note: note + i } }),
          () => track.instant(`instant ${i}`, time + 1),
          () => track.end(time + 2, { args: { i } }),
          () => counter.record(time + 3, i),
          () => track.slice(`slice ${i}`, time + 4, 5),
        ];
        for (const call of calls) {
          if (!isRefused(call)) continue;
          // Each call is refused then, also one that makes a track. The addon's encoder, on threads of its own, may have
          // made room meanwhile; JSON is made in the call, so that only a reader makes room.
          if (format === Format.JSON) expect(isRefused(() => trace.track({ name: 'other' }))).toBe(true);
          const ready = trace.ready();
          go!();
          await ready;
          call();
        }
      }
      const { slices, instants, counters, unclosed } = await trace.close();
      expect({ slices, instants, counters, unclosed }).toEqual({ slices: 30_000, instants: 15_000, counters: 15_000, unclosed: 0 });
    }
    expect(refusals).toBeGreaterThan(0);
    expect(Buffer.concat(chunks).equals(readFileSync(path()))).toBe(true);
  });
});

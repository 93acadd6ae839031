/** From open() to the end of a TraceWriter: flushing, closing, aborting, signals, the timer, other processes. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceSmithError } from '../../lib/errors';
import { Format } from '../../lib/output/format';
import { TraceWriter } from '../../lib/writer/trace-writer';
import { RecordingBackend } from '../support/recorded-rows';
import { DEADLINE_MS } from '../support/effort';

let mockBackend: RecordingBackend;
jest.mock('../../lib/sinks/open', () => ({
  nameOf: String,
  openStream: (target: unknown) => ({ sink: mockBackend, name: typeof target === 'string' ? target : 'the stream', format: Format.JSON, fallback: true, compression: 'gzip' }),
}));

beforeEach(() => {
  mockBackend = new RecordingBackend();
});

const never = new Promise<void>(() => undefined);
const open = () => TraceWriter.open('trace.pftrace');

describe('closing', () => {
  test('01 writes the rest and says what was written, each time the same', async () => {
    const trace = await open();
    expect(trace).toMatchObject({ path: 'trace.pftrace', format: Format.JSON, fallback: true });
    const track = trace.track({ name: 't' });
    track.slice('a', 1, 1);
    track.begin('b', 1);
    track.instant('c', 1);
    trace.counter({ name: 'n' }).record(1, 1);
    const result = await trace.close();
    expect(result).toEqual({
      path: 'trace.pftrace',
      format: Format.JSON,
      fallback: true,
      compression: 'gzip',
      slices: 2,
      instants: 1,
      counters: 1,
      lanes: 0,
      unclosed: 1,
      lateSlices: 0,
      bytes: 0,
      notWritten: 0,
    });
    expect(await trace.close()).toBe(result);
    expect(mockBackend.calls).toEqual(['close']);
  });

  test('02 closes the backend also where it refuses the last rows, and rejects', async () => {
    const trace = await open();
    trace.track({ name: 't' });
    const failure = (mockBackend.failure = new TraceSmithError('IO', 'full'));
    await expect(trace.close()).rejects.toBe(failure);
    await expect(trace.close()).rejects.toBe(failure);
    expect(mockBackend.calls).toEqual(['close']);
    await trace.abort();
    expect(mockBackend.calls).toEqual(['close']);
  });

  test('03 is what "await using" does', async () => {
    const trace = await open();
    await trace[Symbol.asyncDispose]();
    expect(mockBackend.calls).toEqual(['close']);
    const aborted = await open();
    await aborted.abort();
    await aborted[Symbol.asyncDispose]();
    expect(mockBackend.calls).toEqual(['close', 'abort']);
  });
});

describe('flushing', () => {
  test('04 sends the partial batch and the window', async () => {
    const trace = await open();
    trace.track({ name: 't' }).slice('a', 1, 1);
    expect(mockBackend.rows).toEqual([]);
    await trace.flush();
    expect(mockBackend.rows).toHaveLength(1);
    expect(mockBackend.calls).toEqual(['flush true']);
    await trace.close();
  });

  test('05 happens every second, of what the window has released', async () => {
    jest.useFakeTimers();
    try {
      const trace = await open();
      trace.track({ name: 't' }).slice('a', 1, 1);
      jest.advanceTimersByTime(999);
      expect(mockBackend.batches).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(mockBackend.batches).toEqual([2]);
      expect(mockBackend.calls).toEqual(['flushSoon']);
      await trace.close();
      jest.advanceTimersByTime(5000);
      expect(mockBackend.calls).toEqual(['flushSoon', 'close']);
    } finally {
      jest.useRealTimers();
    }
  });

  test('06 that fails at the timer is reported by the next call', async () => {
    jest.useFakeTimers();
    try {
      const trace = await open();
      trace.track({ name: 't' });
      const failure = (mockBackend.failure = new TraceSmithError('IO', 'full'));
      jest.advanceTimersByTime(1000);
      await expect(trace.flush()).rejects.toBe(failure);
      await trace.abort();
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('aborting', () => {
  test('07 makes the backend give up, once, and ends all calls', async () => {
    const trace = await open();
    const track = trace.track({ name: 't' });
    await Promise.all([trace.abort(), trace.abort()]);
    expect(mockBackend.calls).toEqual(['abort']);
    expect(() => track.slice('a', 1, 1)).not.toThrow();
    expect(trace.notWritten).toBe(1);
    for (const call of [() => trace.flush(), () => trace.ready(), () => trace.close()]) {
      await expect(call()).rejects.toMatchObject({ code: 'INVALID_STATE', message: 'trace.pftrace was aborted' });
    }
    expect(mockBackend.rows).toEqual([]);
  });

  test('08 rejects what waits, though the backend never answers', async () => {
    const trace = await open();
    mockBackend.until = never;
    const waiting = [trace.flush(), trace.ready(), trace.close()];
    await trace.abort();
    for (const one of waiting) await expect(one).rejects.toMatchObject({ code: 'INVALID_STATE' });
  });

  test('09 by a signal rejects with its reason', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const trace = await TraceWriter.open('trace.pftrace', { signal });
    mockBackend.until = never;
    const reason = new Error('enough');
    const waiting = [trace.flush(), trace.close()];
    controller.abort(reason);
    for (const one of waiting) await expect(one).rejects.toBe(reason);
    await expect(trace.flush()).rejects.toBe(reason);
    await expect(trace.ready()).rejects.toBe(reason);
    await expect(TraceWriter.open('trace.pftrace', { signal })).rejects.toBe(reason);
    expect(mockBackend.calls.filter((call) => call === 'abort')).toEqual(['abort']);
    await trace[Symbol.asyncDispose]();
  });

  test('10 by a signal after closing does nothing', async () => {
    const controller = new AbortController();
    const trace = await TraceWriter.open('trace.pftrace', { signal: controller.signal });
    await trace.close();
    controller.abort();
    await trace.abort();
    expect(mockBackend.calls).toEqual(['close']);
  });
});

describe('processes with a writer', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs a program against the compiled package; the deadline is for one that never exits. */
  function run(program: string, ...flags: string[]) {
    const source = `
      const { TraceWriter } = require(${JSON.stringify(join(__dirname, '../..', 'dist'))});
      const path = ${JSON.stringify(join(folder, 'trace.json'))};
      (async () => { ${program} })();
    `;
    return spawnSync(process.execPath, [...flags, '-e', source], { encoding: 'utf8', timeout: DEADLINE_MS });
  }

  test('11 exit by themselves where it was forgotten, with a warning for each', () => {
    const { status, stderr } = run(`
      const a = await TraceWriter.open(path);
      a.track({ name: 't' }).slice('x', 1, 1);
      await TraceWriter.open(path + '2.json');
      await (await TraceWriter.open(path + '3.json')).close();
    `);
    expect(status).toBe(0);
    expect(stderr.match(/\[TRACESMITH_NOT_CLOSED\] Warning: A TraceWriter on \S+ was not closed/g)).toHaveLength(2);
    expect(stderr).toContain(join(folder, 'trace.json was not closed'));
    expect(stderr).not.toContain('3.json');
  });

  test('12 say nothing where warnings are turned off, or where it was aborted', () => {
    expect(run('await TraceWriter.open(path);', '--no-warnings')).toMatchObject({ status: 0, stderr: '' });
    expect(run('await (await TraceWriter.open(path)).abort();')).toMatchObject({ status: 0, stderr: '' });
  });
});

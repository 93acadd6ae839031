/** Traces of several writers in one file, one behind the other: threads, processes, and writers of one thread. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TraceWriter, type WriterOptions } from '../../lib';
import { DEADLINE_MS } from '../support/effort';
import { loadTrace } from '../support/loaded-trace';
import { hasTraceProcessor } from '../support/trace-processor';

const DIST = join(__dirname, '../../dist');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function joinedOf(...paths: string[]): string {
  const joined = join(folder, 'joined.pftrace');
  writeFileSync(joined, Buffer.concat(paths.map((path) => readFileSync(path))));
  return joined;
}

/** Slices that nest, names that are interned, and slices that overlap, at times from `start` on. */
async function write(name: string, thing: string, start: number, options: WriterOptions = {}): Promise<string> {
  const path = join(folder, name);
  const trace = await TraceWriter.open(path, options);
  const track = trace.track({ name: 'jobs' });
  const other = trace.track({ name: 'more' });
  for (let i = 0; i < 3; i++) {
    track.slice(`outer ${thing}`, start + i * 100, 90, { args: { from: thing } });
    track.slice(`inner ${thing}`, start + i * 100 + 10, 20);
    track.slice(`lane ${thing}`, start + i * 100 + 50, 100);
    other.slice(`other ${thing}`, start + i * 100, 10);
  }
  trace.counter({ name: 'level' }).record(start, 5);
  const { notWritten } = await trace.close();
  expect(notWritten).toBe(0);
  return path;
}

/** All slices, as they stand in a joined trace. */
function slicesOf(path: string): string[] {
  const { slices, counters, errors } = loadTrace(path);
  expect(errors).toEqual([]);
  expect(counters.every(({ value }) => value === 5)).toBe(true);
  return slices.map(({ name, ts, dur, depth, place, args }) => `${name} ${ts} ${dur} ${depth} ${place} ${[...args].join()}`).sort();
}

(hasTraceProcessor ? describe : describe.skip)('traces that are joined', () => {
  test.each<[string, () => Promise<string[]>]>([
    ['one after the other', async () => [await write('a.pftrace', 'a', 1000), await write('b.pftrace', 'b', 5000)]],
    ['at the same times', async () => [await write('a.pftrace', 'a', 1000), await write('b.pftrace', 'b', 1000)]],
    ['the later one first', async () => [await write('a.pftrace', 'a', 5000), await write('b.pftrace', 'b', 1000)]],
    ['of the same calls, by seed', async () => [await write('a.pftrace', 'a', 1000, { seed: 1 }), await write('b.pftrace', 'a', 1000, { seed: 2 })]],
    ['compressed packets', async () => [await write('a.pftrace', 'a', 1000, { compression: 'packets' }), await write('b.pftrace', 'b', 1001)]],
    ['with a clock', async () => [await write('a.pftrace', 'a', 5000, { clock: 'monotonic' }), await write('b.pftrace', 'b', 1001, { clock: 'monotonic' })]],
    ['with a clock, the later one first', async () => {
      const earlier = await write('a.pftrace', 'a', 5000, { clock: 'realtime' });
      return [await write('b.pftrace', 'b', 1001, { clock: 'realtime' }), earlier];
    }],
  ])('01 have the slices of both: %s', async (_name, writeBoth) => {
    const paths = await writeBoth();
    expect(slicesOf(joinedOf(...paths))).toEqual(paths.flatMap((path) => slicesOf(path)).sort());
  });

  test('02 also many', async () => {
    const paths: string[] = [];
    for (let i = 0; i < 40; i++) paths.push(await write(`w${i}.pftrace`, `w${i}`, 1000 + i));
    const joined = slicesOf(joinedOf(...paths));
    expect(joined).toEqual(paths.flatMap((path) => slicesOf(path)).sort());
    expect(joined).toHaveLength(40 * 12);
  });

  test('03 the same calls give the same bytes', async () => {
    const [a, b, c] = [await write('a.pftrace', 'a', 1000), await write('b.pftrace', 'a', 1000), await write('c.pftrace', 'a', 1000, { seed: 9 })];
    expect(readFileSync(b)).toEqual(readFileSync(a));
    expect(readFileSync(c)).not.toEqual(readFileSync(a));
  });

  test('04 worker threads that make the same calls have numbers of their own', () => {
    const program = `
      const { Worker, isMainThread, threadId } = require('node:worker_threads');
      const { TraceWriter } = require(${JSON.stringify(DIST)});
      if (isMainThread) for (let i = 0; i < 3; i++) new Worker(__filename);
      else TraceWriter.open(${JSON.stringify(folder)} + '/thread' + threadId + '.pftrace').then(async (trace) => {
        await trace.flush();
        const track = trace.track({ name: 'worker' });
        await trace.flush();
        track.slice('job', 1000, 500);
        await trace.close();
      });`;
    writeFileSync(join(folder, 'threads.js'), program);
    execFileSync(process.execPath, [join(folder, 'threads.js')], { timeout: DEADLINE_MS });
    const joined = joinedOf(...[1, 2, 3].map((n) => join(folder, `thread${n}.pftrace`)));
    expect(slicesOf(joined)).toEqual(Array<string>(3).fill('job 1000 500 0 worker '));
  });
});

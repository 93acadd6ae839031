/** A disk that is really full: a small file system in memory, where one can be mounted. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  convertTrace,
  EventType,
  Format,
  isSDKAvailable,
  PerfettoProtoExporter,
  TraceSmithError,
  TraceWriter,
  type TraceEvent,
} from '../../lib';
import type { WriterOptions } from '../../lib/writer/options';
import { DISK_BYTES, mount, obstacle, unmount } from '../support/small-disk';
import { errorStats, hasTraceProcessor, query } from '../support/trace-processor';

const reason = obstacle();

/** `describe`, or a skipped one that says why. */
function describeOnDisk(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (${reason})`, body);
}

let disk: string;
let elsewhere: string;
if (reason === undefined) {
  beforeAll(() => {
    disk = mkdtempSync(join(tmpdir(), 'tracesmith-disk-'));
    elsewhere = mkdtempSync(join(tmpdir(), 'tracesmith-'));
    const failure = mount(disk);
    if (failure !== undefined) throw new Error(`mount failed: ${failure}`);
  });
  afterAll(() => {
    rmSync(elsewhere, { recursive: true });
    unmount(disk);
    rmdirSync(disk);
  });
  afterEach(() => {
    for (const file of readdirSync(disk)) rmSync(join(disk, file));
  });
}

/** Text that compresses to no less than half. */
function noise(seed: number, length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++) text += createHash('sha256').update(`${seed} ${i}`).digest('base64');
  return text.slice(0, length);
}

const full = { code: 'IO', systemCode: 'ENOSPC' };

/** What the call throws or rejects with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

const outputs: { name: string; file: string; options: WriterOptions; enabled: boolean }[] = [
  { name: 'native', file: 'trace.pftrace', options: {}, enabled: isSDKAvailable() },
  { name: 'native, packets', file: 'trace.pftrace', options: { compression: 'packets' }, enabled: isSDKAvailable() },
  { name: 'native, gzip', file: 'trace.pftrace.gz', options: {}, enabled: isSDKAvailable() },
  { name: 'JSON', file: 'trace.json', options: {}, enabled: true },
  { name: 'JSON, gzip', file: 'trace.json.gz', options: {}, enabled: true },
];

/** Nothing holds what was on the disk. */
function expectRoom(): void {
  const { bfree, bsize } = statfsSync(disk);
  expect(bfree * bsize).toBeGreaterThan(DISK_BYTES - 16_384);
}

describeOnDisk('TraceWriter on a full disk', () => {
  const FLUSHED = 100;
  let trace: TraceWriter;
  let path: string;
  let count: number;
  let hasFired: boolean;
  let add: (noiseLength: number) => void;

  // The file of a test that failed would still fill the disk for the next.
  afterEach(() => trace.abort());

  /** Opens the trace, and writes and flushes what fits. */
  async function begin(file: string, options: WriterOptions): Promise<void> {
    path = join(disk, file);
    trace = await TraceWriter.open(path, options);
    const track = trace.process({ pid: 1, name: 'app' }).thread({ tid: 1, name: 'main' });
    count = 0;
    add = (length) => {
      track.slice(count < FLUSHED ? 'flushed' : 'more', 10 * count, 10, { args: { noise: noise(count, length) } });
      count++;
    };
    while (count < FLUSHED) add(1000);
    await trace.flush();
    hasFired = false;
    setTimeout(() => (hasFired = true), 1);
  }

  /** The error is the disk's, all calls fail alike, the event loop lives and the file has what was flushed. */
  async function expectFull(failure: unknown): Promise<void> {
    expect(failure).toBeInstanceOf(TraceSmithError);
    expect(failure).toMatchObject(full);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hasFired).toBe(true);
    expect(await failureOf(() => trace.close())).toBe(failure);
    expect(await failureOf(() => trace.close())).toBe(failure);
    expectFlushedSlices();
    // The file is closed: the room is free again when it is deleted.
    rmSync(path);
    expectRoom();
  }

  function expectFlushedSlices(): void {
    const bytes = recovered();
    const copy = join(elsewhere, 'trace');
    writeFileSync(copy, bytes);
    // A trace that is not native must at least be JSON where its last, cut line is left out.
    if (path.includes('.json')) {
      const text = bytes.toString();
      const events = JSON.parse(`${text.slice(0, text.lastIndexOf('\n')).trimEnd().replace(/,$/, '')}]`) as { name: string }[];
      expect(events.filter(({ name }) => name === 'flushed')).toHaveLength(FLUSHED);
    }
    if (!hasTraceProcessor) return;
    expect(query(copy, "SELECT count(*) AS n, sum(dur) AS durations FROM slice WHERE name = 'flushed'")).toEqual([
      { n: String(FLUSHED), durations: String(FLUSHED * 10) },
    ]);
    expect(errorStats(copy)).toEqual([]);
  }

  /** The trace in the file; behind .gz what gzip makes of it, which may be cut. */
  function recovered(): Buffer {
    return path.endsWith('.gz') ? spawnSync('gzip', ['-dc', path], { maxBuffer: 2 ** 30 }).stdout : readFileSync(path);
  }

  describe.each(outputs)('$name', ({ file, options, enabled }) => {
    const test = enabled ? it : it.skip;

    test('01 costs slices, and fails in the next flush', async () => {
      await begin(file, { ...options, reorderWindow: 100 });
      // Something is written in between, as the event loop turns. The calls go on as if nothing was.
      for (; count < 200_000 && trace.notWritten === 0; await new Promise(setImmediate)) {
        for (let i = 0; i < 500; i++) add(200);
      }
      expect(trace.notWritten).toBeGreaterThan(0);
      await expectFull(await failureOf(() => trace.flush()));
    });

    // Of the next two all is in the window until the call.
    test('02 fails in a flush', async () => {
      await begin(file, options);
      for (let i = 0; i < 400; i++) add(8000);
      await expectFull(await failureOf(() => trace.flush()));
    });

    test('03 fails in close()', async () => {
      await begin(file, options);
      for (let i = 0; i < 400; i++) add(8000);
      await expectFull(await failureOf(() => trace.close()));
    });

    test('04 leaves no file where it is aborted then', async () => {
      await begin(file, options);
      for (let i = 0; i < 400; i++) add(8000);
      const failure = await failureOf(() => trace.flush());
      expect(failure).toMatchObject(full);
      expect(await failureOf(() => trace.flush())).toBe(failure);
      expect(existsSync(path)).toBe(true);
      await trace.abort();
      expect(readdirSync(disk)).toEqual([]);
    });
  });
});

describeOnDisk('a whole file on a full disk', () => {
  const formats = [
    { format: Format.PROTOBUF, file: 'trace.pftrace', enabled: isSDKAvailable() },
    { format: Format.PROTOBUF, file: 'trace.pftrace.gz', enabled: isSDKAvailable() },
    { format: Format.JSON, file: 'trace.json', enabled: true },
    { format: Format.JSON, file: 'trace.json.gz', enabled: true },
  ];
  const events = Array.from({ length: 2000 }, (_, i): TraceEvent => ({
    type: EventType.MemcpyH2D, name: `${i} ${noise(i, 2000)}`, timestamp: i * 10, duration: 5,
  }));
  let input: string;
  beforeAll(() => {
    input = join(elsewhere, 'input.json');
    writeFileSync(input, JSON.stringify(events.map(({ name, timestamp }) => ({ ph: 'X', name, ts: timestamp, dur: 1, pid: 1, tid: 1 }))));
  });

  describe.each(formats.filter(({ enabled }) => enabled))('$file', ({ format, file }) => {
    const ways: [string, (path: string) => unknown][] = [
      ['exportToFile', (path) => new PerfettoProtoExporter(format).exportToFile(events, path)],
      ['exportToFileSync', (path) => new PerfettoProtoExporter(format).exportToFileSync(events, path)],
      ['convertTrace', (path) => convertTrace(input, path)],
    ];

    test.each(ways)('05 leaves the old one as it was: %s', async (_, write) => {
      const path = join(disk, file);
      const old = Buffer.from(noise(0, 100_000));
      writeFileSync(path, old);
      const failure = await failureOf(() => write(path));
      expect(failure).toBeInstanceOf(TraceSmithError);
      expect(failure).toMatchObject(full);
      expect(readdirSync(disk)).toEqual([file]);
      expect(readFileSync(path).equals(old)).toBe(true);
    });

    test.each(ways)('06 leaves none where there was none, and the room that it took: %s', async (_, write) => {
      expect(await failureOf(() => write(join(disk, file)))).toMatchObject(full);
      expect(readdirSync(disk)).toEqual([]);
      expectRoom();
    });
  });
});

/** Many at once: processes that write one name, traces of one process, and threads that are ended in the middle. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace, EventType, Format, isSDKAvailable, PerfettoProtoExporter, TraceWriter, type TraceEvent } from '../../lib';
import { inspectTrace } from '../../lib/inspect';
import { DEADLINE_MS } from '../support/effort';

const COMMAND = join(__dirname, '../..', 'dist', 'cli', 'main.js');
const PROGRAM = join(__dirname, '../support', 'busy-workers.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const formats = [
  ...(isSDKAvailable() ? [{ name: 'native', format: Format.PROTOBUF, extension: '.pftrace', env: {} }] : []),
  { name: 'JSON', format: Format.JSON, extension: '.json', env: { TRACESMITH_BACKEND: 'json' } },
];

const jsonOf = (name: string, count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, ts) => ({ ph: 'X', name, pid: 1, tid: 1, ts, dur: 1 })));

describe.each(formats)('$name', ({ format, extension, env }) => {
  /** Runs the command, and gives what it said on stderr but the warning of a fallback. */
  async function convert(input: string, output: string): Promise<{ code: number | null; err: string }> {
    const child = spawn(process.execPath, [COMMAND, 'convert', '-q', input, '-o', output], { cwd: folder, env: { ...process.env, ...env } });
    let err = '';
    child.stderr.on('data', (text) => (err += String(text)));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, err: err.replace(/^.*WARNING.*\n/gm, '') };
  }

  const done = { code: 0, err: '' };

  test('01 two processes that write the same name leave one of the two whole traces', async () => {
    const counts = { one: 20_000, two: 30_000 };
    const whole: Buffer[] = [];
    for (const [name, count] of Object.entries(counts)) {
      writeFileSync(join(folder, `${name}.json`), jsonOf(name, count));
      expect(await convert(`${name}.json`, `alone${extension}`)).toEqual(done);
      whole.push(readFileSync(join(folder, `alone${extension}`)));
    }
    rmSync(join(folder, `alone${extension}`));
    for (let round = 0; round < 3; round++) {
      const ended = await Promise.all(['one', 'two', 'one', 'two'].map((name) => convert(`${name}.json`, `same${extension}`)));
      expect(ended).toEqual([done, done, done, done]);
      const result = readFileSync(join(folder, `same${extension}`));
      expect(whole.some((trace) => trace.equals(result))).toBe(true);
    }
    expect(readdirSync(folder).sort()).toEqual(['one.json', `same${extension}`, 'two.json']);
  });

  test('02 two processes that write different names into one folder', async () => {
    for (const name of ['a', 'b']) writeFileSync(join(folder, `${name}.json`), jsonOf(name, 20_000));
    expect(await Promise.all(['a', 'b'].map((name) => convert(`${name}.json`, `${name}-out${extension}`)))).toEqual([done, done]);
    expect(readdirSync(folder).sort()).toEqual(['a.json', 'b.json', `a-out${extension}`, `b-out${extension}`].sort());
    for (const name of ['a', 'b']) expect((await inspectTrace(join(folder, `${name}-out${extension}`))).events.slices).toBe(20_000);
  });

  test('03 64 traces at once, written, exported and converted: each is as it is alone', async () => {
    const SLICES = 2000;
    const input = join(folder, 'input.json');
    writeFileSync(input, jsonOf('converted', SLICES));
    const events = Array.from({ length: SLICES }, (_, i): TraceEvent => ({ type: EventType.MemcpyH2D, name: `copy ${i % 7}`, timestamp: i * 10, duration: 5 }));
    const ways: ((path: string) => Promise<unknown>)[] = [
      async (path) => {
        const trace = await TraceWriter.open(path, { format });
        const track = trace.process({ pid: 1, name: 'app' }).thread({ tid: 1, name: 'main' });
        for (let i = 0; i < SLICES; i++) {
          track.slice(`written ${i % 7}`, i * 10, 5, { args: { i } });
          if (i % 500 === 0) await trace.ready();
        }
        await trace.close();
      },
      (path) => new PerfettoProtoExporter(format).exportToFile(events, path),
      (path) => convertTrace(input, path),
      (path) => Promise.resolve(new PerfettoProtoExporter(format).exportToFileSync(events, path)),
    ];
    const alone: Buffer[] = [];
    for (const [way, write] of ways.entries()) {
      const path = join(folder, `alone ${way}${extension}`);
      await write(path);
      alone.push(readFileSync(path));
      expect((await inspectTrace(path)).events.slices).toBe(SLICES);
    }
    const before = process.memoryUsage().rss;
    const paths = Array.from({ length: 64 }, (_, i) => join(folder, `many ${i}${extension}`));
    await Promise.all(paths.map((path, i) => ways[i % ways.length](path)));
    // Some 2 MB each are typed arrays for rows and the window's tables; nothing grows with the others.
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * (8 << 20));
    paths.forEach((path, i) => expect(readFileSync(path).equals(alone[i % ways.length])).toBe(true));
    expect(readdirSync(folder).length).toBe(64 + ways.length + 1);
  });
});

describe('worker threads', () => {
  /** Runs test/support/busy-workers.js, which a crash of a thread would end with it. */
  function busyWorkers(extension: string, what: 'once' | 'ended'): unknown {
    writeFileSync(join(folder, 'input.json'), jsonOf('converted', 20_000));
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, folder, extension, what], {
      encoding: 'utf8', timeout: DEADLINE_MS, env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    return JSON.parse(stdout);
  }

  test('04 several that write traces at once get the same bytes', () => {
    const results = busyWorkers('pftrace', 'once') as string[][];
    expect(results).toHaveLength(4);
    for (const result of results) expect(result).toEqual(results[0]);
    expect(new Set(results[0]).size).toBe(3);
  });

  test.each(['pftrace', 'json'])('05 several that are ended in the middle of writing %s do not harm the process', (extension) => {
    expect(busyWorkers(extension, 'ended')).toEqual({ ended: 18, then: expect.any(Array) as unknown[] });
  });
});

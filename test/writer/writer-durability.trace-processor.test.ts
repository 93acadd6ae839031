/** What is left of a trace whose process was killed: at least what was flushed, as trace_processor loads it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable, TraceWriter, type WriterOptions } from '../../lib';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const FLUSHED = 20_000;

interface Kind {
  name: string;
  file: string;
  options: WriterOptions;
}

const native: Kind[] = [
  { name: 'native, none', file: 'none.pftrace', options: { compression: 'none' } },
  { name: 'native, packets', file: 'packets.pftrace', options: { compression: 'packets' } },
];
const json: Kind = { name: 'JSON', file: 'trace.json', options: {} };
const plain = [...(isSDKAvailable() ? native : []), json];
const gzipped: Kind[] = [
  ...(isSDKAvailable() ? [{ ...native[0], name: 'native, gzip', file: 'trace.pftrace.gz', options: {} }] : []),
  { ...json, name: 'JSON, gzip', file: 'trace.json.gz' },
];

/** Runs a program that has an open trace, until it says something; kills it a moment later. Gives what it said. */
async function killedAfterItsWord(path: string, options: WriterOptions, program: string): Promise<string> {
  const source = `
    const { TraceWriter } = require(${JSON.stringify(join(__dirname, '../..', 'dist'))});
    const say = (text) => require('node:fs').writeSync(1, text);
    (async () => {
      const trace = await TraceWriter.open(${JSON.stringify(path)}, ${JSON.stringify(options)});
      const track = trace.process({ pid: 1, name: 'app' }).thread({ tid: 1, name: 'main' });
      ${program}
    })();
  `;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    setTimeout(() => child.kill('SIGKILL'), 30);
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  return said;
}

/** Flushes, says so, and goes on writing: to be killed in the middle of it. */
const FLUSH_AND_GO_ON = `
  const args = { text: 'some text' };
  let count = 0;
  const write = (name) => track.slice(name, count * 10, 1 + count++ % 10, { args });
  while (count < ${FLUSHED}) write('flushed ' + count);
  write('last'); // test 05 is about those that are not over
  await trace.flush();
  say('flushed');
  setInterval(() => { for (let i = 0; i < 1000; i++) write('more ' + count); }, 1);
`;

function expectFlushedSlices(path: string): void {
  const slices = query(path, `SELECT count(*) AS n, count(DISTINCT slice.name) AS names, sum(dur) AS durations, max(ts) - min(ts) AS times
    FROM slice JOIN thread_track tt ON tt.id = track_id JOIN thread USING (utid)
    WHERE slice.name GLOB 'flushed *' AND thread.name = 'main'`);
  const count = String(FLUSHED);
  expect(slices).toEqual([{ n: count, names: count, durations: String(5.5 * FLUSHED), times: String((FLUSHED - 1) * 10) }]);
  const args = query(path, "SELECT count(*) AS n FROM slice JOIN args USING (arg_set_id) WHERE name GLOB 'flushed *' AND display_value = 'some text'");
  expect(args).toEqual([{ n: count }]);
}

describeWithTraceProcessor('a trace whose process was killed', () => {
  test.each(plain)('01 has what was flushed, and loads without errors: $name', async ({ file, options }) => {
    const path = join(folder, file);
    await killedAfterItsWord(path, { ...options, reorderWindow: 1000 }, FLUSH_AND_GO_ON);
    expectFlushedSlices(path);
    expect(errorStats(path)).toEqual([]);
  });

  test.each(gzipped)('02 can be recovered by gzip: $name', async ({ file, options }) => {
    const path = join(folder, file);
    await killedAfterItsWord(path, { ...options, reorderWindow: 1000 }, FLUSH_AND_GO_ON);
    const recovered = path.replace(/\.gz$/, '');
    // Its status is not 0 where the last member is cut.
    writeFileSync(recovered, spawnSync('gzip', ['-dc', path], { maxBuffer: 2 ** 30 }).stdout);
    expectFlushedSlices(recovered);
    expect(errorStats(recovered)).toEqual([]);
  });

  test.each(plain)('03 has what the timer has written, which does not hold the process: $name', async ({ file, options }) => {
    const path = join(folder, file);
    const window = 50;
    // So few that only the timer writes them: far less than 64 KiB and than a batch.
    const said = await killedAfterItsWord(path, { ...options, reorderWindow: window }, `
      let count = 0;
      setInterval(() => { for (let i = 0; i < 4; i++) track.slice('slice ' + count, 10 * count++, 5); }, 10).unref();
      let early;
      setTimeout(() => { early = count; }, 900).unref();
      setTimeout(() => say(String(early)), 1500).unref();
      process.stdin.resume(); // holds the process
    `);
    const early = Number(said);
    expect(early).toBeGreaterThan(2 * window);
    expect(errorStats(path)).toEqual([]);
    // The window and an eighth of it may wait.
    const [{ n, last }] = query(path, 'SELECT count(*) AS n, (max(ts) - min(ts)) / 10 AS last FROM slice');
    expect(Number(n)).toBeGreaterThan(early - 1.2 * window);
    expect(Number(last)).toBe(Number(n) - 1);
    expect(statSync(path).size).toBeLessThan(64 << 10);
  });

  // Of a kill in the middle of a write. trace_processor v56 says nothing of a last packet or event that is cut.
  test.each(plain)('04 loads up to its last whole part where the file is cut: $name', async ({ file, options }) => {
    const path = join(folder, file);
    const trace = await TraceWriter.open(path, options);
    const track = trace.track({ name: 't' });
    for (let i = 0; i < 100; i++) track.slice('flushed', 10 * i, 5);
    await trace.flush();
    const flushed = statSync(path).size;
    for (let i = 100; i < 200; i++) track.slice('more', 10 * i, 5);
    await trace.close();
    const size = statSync(path).size;
    for (const left of [size - 3, size - 20, Math.floor((flushed + size) / 2), flushed + 2, flushed + 1, flushed]) {
      truncateSync(path, left);
      const found = query(path, "SELECT count(*) AS n FROM slice WHERE name = 'flushed'");
      expect({ left, found, errors: errorStats(path) }).toEqual({ left, found: [{ n: '100' }], errors: [] });
    }
  });

  test.each(plain)('05 has the lengths of slices that nothing came after: $name', async ({ file, options }) => {
    const path = join(folder, file);
    await killedAfterItsWord(path, options, `
      track.slice('parent', 100, 1000);
      track.slice('child', 100, 10);
      track.slice('last child', 200, 10);
      await trace.flush();
      say('flushed');
      process.stdin.resume();
    `);
    expect(query(path, 'SELECT name, dur, depth FROM slice ORDER BY ts, depth')).toEqual([
      { name: 'parent', dur: '1000', depth: '0' },
      { name: 'child', dur: '10', depth: '1' },
      { name: 'last child', dur: '10', depth: '1' },
    ]);
  });
});

/** A trace written through every call of TraceWriter, as Perfetto's trace_processor reads it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable, TraceWriter } from '../../lib';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function writeEverything(path: string): Promise<void> {
  const trace = await TraceWriter.open(path, { gpuEvents: 'both' });
  const app = trace.process({ pid: 7, name: 'app', labels: ['prod'], sortIndex: -2, commandLine: ['node', 'app.js'] });
  const main = app.thread({ tid: 8, name: 'main' });
  const gpu = trace.gpu({ id: 0, name: 'H100', vendor: 'NVIDIA', architecture: 'CC_90' });
  const stream = gpu.stream(7);
  const steps = app.track({ name: 'requests', childOrdering: 'explicit' }).track({ name: 'steps', rank: 2 });
  const flow = trace.newFlow();
  const args = { int: -1, big: 2n ** 62n, double: 1.5, text: 'x', yes: true, nothing: null, deep: { list: [1, { a: 'b' }] } };
  main.begin('outer', 1000, { category: 'cat', args, flows: [flow, -1], correlationId: 5 });
  main.begin('inner', 1500);
  main.end(1600);
  main.end(2000, { args: { status: 'ok' } });
  stream.slice('kernel', 3000, 100, { terminatingFlows: [flow], launch: { gridX: 4, blockX: 256 } });
  steps.slice('parent', 100, 50);
  steps.slice('child', 100, 10, { callStack: [{ functionName: 'leaf' }, { functionName: 'root' }] });
  steps.instant('moment', 4000, { terminatingFlows: [-1] });
  gpu.counter({ name: 'memory', unit: 'bytes' }).record(5, 1n << 40n);
  gpu.counter({ name: 'power', unitName: 'W' }).record(6, 1.5);
  trace.metadata({ model: 'llama', steps: 7, rate: 0.1, big: 2n ** 64n - 1n, mixed: { yes: true, list: [1, 'two'] } });
  main.span('now', () => 1);
  await trace.close();
}

const native = isSDKAvailable() ? describeWithTraceProcessor : describe.skip;

native('a native trace', () => {
  let path: string;
  beforeAll(async () => {
    path = join(folder, 'all.pftrace');
    await writeEverything(path);
  });
  const rows = (sql: string) => query(path, sql).map((row) => Object.values(row));

  test('01 loads without errors', () => {
    expect(errorStats(path)).toEqual([]);
  });

  test('02 has the slices, exact and nested, on their threads and tracks', () => {
    const sql = `SELECT s.name, s.ts, s.dur, s.depth, s.category, t.name AS track, th.name AS thread, th.tid
      FROM slice s JOIN track t ON s.track_id = t.id LEFT JOIN thread_track tt ON tt.id = t.id
      LEFT JOIN thread th USING (utid) WHERE s.name != 'now' AND s.ts < 3000 ORDER BY s.ts, s.depth`;
    expect(rows(sql)).toEqual([
      ['parent', '100', '50', '0', null, 'steps', null, null],
      ['child', '100', '10', '1', null, 'steps', null, null],
      ['outer', '1000', '1000', '0', 'cat', null, 'main', '8'],
      ['inner', '1500', '100', '1', null, null, 'main', '8'],
    ]);
    expect(rows('SELECT name, pid FROM process WHERE pid = 7')).toEqual([['app', '7']]);
    const parents = 'SELECT p.name AS parent, t.name AS child FROM track t JOIN track p ON t.parent_id = p.id ORDER BY 1, 2';
    expect(rows(parents)).toEqual([
      ['H100', 'Stream 7'],
      ['H100', 'memory'],
      ['H100', 'power'],
      ['requests', 'steps'],
    ]);
  });

  test('03 has the arguments with their types, those of the end as well', () => {
    const sql = `SELECT a.key, a.value_type, a.display_value FROM slice s JOIN args a USING (arg_set_id)
      WHERE s.name = 'outer' AND a.key GLOB 'debug.*' ORDER BY a.key`;
    expect(rows(sql)).toEqual([
      ['debug.big', 'int', String(2n ** 62n)],
      ['debug.correlation_id', 'int', '5'],
      ['debug.deep.list[0]', 'int', '1'],
      ['debug.deep.list[1].a', 'string', 'b'],
      ['debug.double', 'real', '1.5'],
      ['debug.int', 'int', '-1'],
      ['debug.status', 'string', 'ok'],
      ['debug.text', 'string', 'x'],
      ['debug.yes', 'bool', 'true'],
    ]);
  });

  // A reader that takes a sequence for one thread's says so in an argument of all that happens elsewhere.
  test('04 has no argument that nobody wrote', () => {
    const sql = `SELECT s.name, a.key FROM slice s JOIN args a USING (arg_set_id)
      WHERE a.key NOT GLOB 'debug.*' AND s.track_id NOT IN (SELECT track_id FROM gpu_slice) ORDER BY 1, 2`;
    expect(rows(sql)).toEqual([]);
  });

  test('05 has the flows, counters, GPU stages', () => {
    const flows = 'SELECT o.name AS "from", i.name AS "to" FROM flow JOIN slice o ON slice_out = o.id JOIN slice i ON slice_in = i.id ORDER BY 2';
    expect(rows(flows)).toEqual([
      ['outer', 'kernel'],
      ['outer', 'moment'],
    ]);
    expect(rows('SELECT t.name, t.unit, c.value FROM counter c JOIN counter_track t ON c.track_id = t.id ORDER BY 1')).toEqual([
      ['memory', 'bytes', expect.stringMatching(/^1099511627776/)],
      ['power', 'W', expect.stringMatching(/^1\.5/)],
    ]);
    expect(rows('SELECT name, ts, dur FROM gpu_slice')).toEqual([['kernel', '3000', '100']]);
  });

  test('06 has what is said about the whole trace, nested values by the way to them', () => {
    const said = "SELECT name, coalesce(str_value, int_value) FROM metadata WHERE name LIKE 'trace_attribute.%' ORDER BY 1";
    expect(rows(said)).toEqual([
      ['trace_attribute.big', '18446744073709551615'],
      ['trace_attribute.mixed.list[0]', '1'],
      ['trace_attribute.mixed.list[1]', 'two'],
      ['trace_attribute.mixed.yes', 'true'],
      ['trace_attribute.model', 'llama'],
      ['trace_attribute.rate', '0.1'],
      ['trace_attribute.steps', '7'],
    ]);
  });
});

describeWithTraceProcessor('a JSON trace', () => {
  test('07 has what JSON can hold', async () => {
    const path = join(folder, 'all.json');
    await writeEverything(path);
    expect(errorStats(path)).toEqual([]);
    const slices = query(path, "SELECT name, dur, depth FROM slice WHERE name != 'now' ORDER BY ts, depth").map(Object.values);
    expect(slices).toEqual([
      ['parent', '50', '0'],
      ['child', '10', '1'],
      ['outer', '1000', '0'],
      ['inner', '100', '1'],
      ['kernel', '100', '0'],
      ['moment', '0', '0'],
    ]);
    const flows = 'SELECT o.name AS "from", i.name AS "to" FROM flow JOIN slice o ON slice_out = o.id JOIN slice i ON slice_in = i.id ORDER BY 2';
    expect(query(path, flows).map(Object.values)).toEqual([
      ['outer', 'kernel'],
      ['outer', 'moment'],
    ]);
    expect(query(path, 'SELECT value FROM counter ORDER BY value').map(({ value }) => Number(value))).toEqual([1.5, 2 ** 40]);
  });
});

/** What trace_processor makes of the JSON: the slices, nesting, arrows and counters that were meant. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { sendRows, type EventRow } from '../support/event-rows';
import { TraceBuilder } from '../support/json-trace';
import { naiveOrder } from '../support/naive-order';
import { randomRows } from '../support/random-rows';
import { arrowsIn, describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

describeWithTraceProcessor('trace_processor', () => {
  let folder: string;
  beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tracesmith-json-'))));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  function saved(trace: TraceBuilder): string {
    const file = path.join(folder, 'trace.json');
    fs.writeFileSync(file, trace.bytes());
    expect(errorStats(file)).toEqual([]);
    return file;
  }

  test('names, ids, arguments and counters', () => {
    const trace = new TraceBuilder();
    const process = trace.process('app 🤔', 10);
    const track = trace.thread(process, 'main "thread"', 11);
    const stream = trace.plain(trace.plain(process, 'GPU 0'), 'Stream 7');
    const counter = trace.counter(process, 'power');
    trace.add(
      {
        kind: 'slice', track, time: '1700000000123456789', extent: 1234, name: 'a\\b "c" é🤔', category: 'cpu',
        args: [
          ['max', 2n ** 63n - 1n], ['beyond', 2n ** 64n - 1n], ['d', 2.5], ['list', [1, { x: 'y' }]], ['yes', true],
        ],
      },
      { kind: 'slice', track: stream, time: '1700000000123456790', extent: 1, name: '' },
      { kind: 'counter', track: counter, time: '1700000000123456789', extent: 1.5 },
      { kind: 'counter', track: counter, time: '1700000000123456799', extent: NaN },
    );
    const file = saved(trace);
    expect(
      query(file, `SELECT s.name, s.ts, s.dur, s.category, t.name AS thread, t.tid, p.name AS process, p.pid
        FROM slice s JOIN thread_track k ON k.id = s.track_id JOIN thread t USING (utid) JOIN process p USING (upid)`),
    ).toEqual([
      {
        name: 'a\\b "c" é🤔', ts: '3600000000000', dur: '1234', category: 'cpu',
        thread: 'main "thread"', tid: '11', process: 'app 🤔', pid: '10',
      },
      {
        name: '[No name]', ts: '3600000000001', dur: '1', category: null,
        thread: 'GPU 0 / Stream 7', tid: '1', process: 'app 🤔', pid: '10',
      },
    ]);
    expect(query(file, "SELECT key, display_value AS value FROM args WHERE key GLOB 'args.*' ORDER BY key")).toEqual([
      { key: 'args.beyond', value: '18446744073709551615' }, { key: 'args.d', value: '2.5' },
      { key: 'args.list[0]', value: '1' }, { key: 'args.list[1].x', value: 'y' },
      { key: 'args.max', value: '9223372036854775807' }, { key: 'args.yes', value: 'true' },
    ]);
    expect(query(file, 'SELECT name, ts, value FROM counter JOIN counter_track t ON t.id = track_id')).toEqual([
      { name: 'power value', ts: '3600000000000', value: '1.500000' },
      { name: 'power value', ts: '3600000000010', value: null },
    ]);
  });

  test('600 slices in one another', () => {
    const trace = new TraceBuilder();
    const track = trace.thread(trace.process('app', 1), 'main', 1);
    for (let k = 0; k < 600; k++) trace.add({ kind: 'slice', track, time: k, extent: 2000 - 2 * k });
    expect(query(saved(trace), 'SELECT count(*) AS n, max(depth) AS depth, min(dur) AS dur FROM slice')).toEqual([
      { n: '600', depth: '499', dur: '802' },
    ]);
  });

  test('arrows at one time, whichever slice is longer', () => {
    const trace = new TraceBuilder();
    const process = trace.process('app', 1);
    const [first, second] = [trace.thread(process, 'first', 2), trace.thread(process, 'second', 3)];
    trace.add(
      { kind: 'slice', track: first, time: 0, extent: 5, name: 'short', flowOut: [[1, 1]] },
      { kind: 'slice', track: second, time: 0, extent: 50, name: 'long', flowIn: [[1, 1]] },
      { kind: 'slice', track: first, time: 100, extent: 50, name: 'late long', flowOut: [[1, 2]] },
      { kind: 'instant', track: second, time: 100, name: 'late instant', flowIn: [[1, 2]] },
    );
    expect(arrowsIn(saved(trace))).toEqual(['late long -> late instant', 'short -> long']);
  });

  test('random rows: every slice, its nesting, its lane, and every arrow', () => {
    // All at the same few times, with the same few flow ids: ties and arrows between everything.
    const rows = Array.from({ length: 40 }, (_, seed) =>
      randomRows(seed + 1).map((row): EventRow => ({ ...row, track: row.track + 5 * (seed % 8) })),
    ).flat();
    const trace = new TraceBuilder();
    sendRows(rows.map((row, index) => ({ ...row, name: `row ${index}` })), trace.backend);
    const file = saved(trace);
    const { ops, arrows } = naiveOrder(rows);

    const first = Math.min(...rows.map(({ time }) => Number(time)));
    const expected = new Map<string, string>();
    const open = new Map<string, string[]>();
    for (const [op, a, b, time] of ops) {
      if (op === 'I') expected.set(`row ${a}`, `at ${rows[Number(a)].time} for 0`);
      if (op === 'E') {
        const ended = open.get(`${a}/${b}`)!.pop()!;
        const start = Number(rows[Number(ended.slice('row '.length))].time);
        expected.set(ended, expected.get(ended)!.replace('for -1', `for ${Number(time) - start}`));
      }
      if (op === 'B') {
        const lane = `${rows[Number(a)].track}/${b}`;
        if (!open.has(lane)) open.set(lane, []);
        const on = open.get(lane)!;
        expected.set(`row ${a}`, `at ${rows[Number(a)].time} for -1 in ${on.at(-1) ?? null}`);
        on.push(`row ${a}`);
      }
    }
    const found = query(
      file,
      'SELECT s.name, s.ts, s.dur, p.name AS parent FROM slice s LEFT JOIN slice p ON p.id = s.parent_id',
    );
    const seen = new Map(
      found.map(({ name, ts, dur, parent }) => {
        const where = expected.get(name!)?.includes(' in ') ? ` in ${parent}` : '';
        return [name, `at ${Number(ts) - 3600e9 + first} for ${dur}${where}`];
      }),
    );
    expect(found).toHaveLength(expected.size);
    // Slices without length nest in one another where they have the same time; nobody can see it.
    const withLength = (map: Map<string | null, string>): string[] =>
      [...map].map(([name, text]) => `${name} ${text.includes('for 0') ? text.replace(/ in .*/, '') : text}`).sort();
    expect(withLength(seen)).toEqual(withLength(expected));

    const meant = arrows.map(([start, end]) => `row ${start} -> row ${end}`);
    expect(arrowsIn(file)).toEqual(meant.sort());
    expect(meant.length).toBeGreaterThan(100);

    const counters = query(file, 'SELECT count(*) AS n FROM counter');
    expect(Number(counters[0].n)).toBe(ops.filter(([op]) => op === 'C').length);
  });
});

/** What trace_processor makes of JSON that was written while it came, also where the file was cut. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { AttrType, TrackProperty } from '../../lib/batch/layout';
import { expectEqual } from '../support/equal';
import type { EventRow, StreamRow } from '../support/event-rows';
import { StreamBuilder } from '../support/json-trace';
import { orderedStream } from '../support/ordered-stream';
import { randomFrom, randomStream } from '../support/random-rows';
import { meantSlices } from '../support/stack-machine';
import { arrowsIn, describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

const HOUR_NS = 3600e9;
/** Between two times of random rows, so that ends which had to be put off do not reach the next one. */
const SCALE = 1000;

describeWithTraceProcessor('trace_processor', () => {
  let folder: string;
  beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tracesmith-json-'))));
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  function saved(text: string): string {
    const file = path.join(folder, 'trace.json');
    fs.writeFileSync(file, text);
    expect(errorStats(file)).toEqual([]);
    return file;
  }

  /** Sends rows, each with its number for a name, on tracks of their own from `firstTrack` on. */
  function send(trace: StreamBuilder, rows: readonly StreamRow[], firstTrack = 0): void {
    rows.forEach((row, number) => {
      if (row.kind === 'flush') trace.flush();
      else trace.add({ ...row, track: row.track + firstTrack, name: `${firstTrack} ${number}` });
    });
  }

  /** Tracks 0 to 2 and a counter, as random rows have them; gives the number of the first. */
  function addTracks(trace: StreamBuilder, index: number): number {
    const process = trace.process(`process ${index}`, 1000 + index);
    const first = trace.thread(process, 'main', 1000 + index);
    trace.plain(process, 'GPU');
    trace.plain(undefined, 'root');
    trace.counter(process, 'counter');
    return first;
  }

  test.each([
    ['exactly where no slice is begun and ended at one time', true, 0],
    ['within a few nanoseconds where readers would get the order of one time wrong', false, 100],
  ])('random streams: every slice, %s', (_, isStrict, tolerance) => {
    const trace = new StreamBuilder(5);
    const expected = new Map<string, { ts: number; dur: number }>();
    let instants = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const rows = scaled(randomStream(seed), isStrict);
      const firstTrack = addTracks(trace, seed);
      send(trace, rows, firstTrack);
      instants += rows.filter(({ kind }) => kind === 'instant').length;
      for (const [number, { begin, end }] of meantSlices(rows)) {
        expected.set(`${firstTrack} ${number}`, { ts: begin, dur: end === undefined ? -1 : end - begin });
      }
    }
    const counts = trace.finish();
    expect(counts.lateSlices).toBeGreaterThan(1000);
    const file = saved(trace.text());
    const found = new Map(
      query(file, 'SELECT name, ts, dur FROM slice').map(({ name, ts, dur }) => [name!, { ts: Number(ts), dur: Number(dur) }]),
    );
    expect(found.size).toBe(expected.size + instants);
    // All that the file counts from is one hour before the first event that was released.
    const base = found.get([...expected.keys()][0])!.ts - expected.get([...expected.keys()][0])!.ts;
    for (const [name, { ts, dur }] of expected) {
      const slice = found.get(name)!;
      const difference = Math.max(Math.abs(slice.ts - base - ts), dur === -1 ? 0 : Math.abs(slice.dur - dur));
      expect({ name, isFinished: slice.dur !== -1, isClose: difference <= tolerance }).toEqual({
        name, isFinished: dur !== -1, isClose: true,
      });
    }
  });

  test('random flows: every arrow', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomFrom(seed);
      const rows = Array.from({ length: 200 }, (_, k): EventRow => {
        const flows = (): number[] => Array.from({ length: random(3) }, () => random(6));
        const kind = random(3) === 0 ? 'instant' : 'slice';
        const ids = [...new Set(flows())];
        const ends = [...new Set(flows())].filter((id) => random(3) === 0 && !ids.includes(id));
        return {
          kind, track: random(3), time: Math.floor(k / 4) * 2, flows: ids, terminatingFlows: ends,
          ...(kind === 'slice' ? { extent: random(8) } : {}),
        };
      });
      const trace = new StreamBuilder(6);
      addTracks(trace, 0);
      const offset = 1;
      send(trace, rows, offset);
      trace.finish();
      expectEqual({ seed, arrows: arrowsIn(saved(trace.text())) }, { seed, arrows: arrowsOf(rows, offset).sort() });
    }
  });

  test('what was flushed is there when the file ends behind it', () => {
    const trace = new StreamBuilder();
    const process = trace.process('app', 10);
    const track = trace.thread(process, 'main', 10);
    trace.add(
      { kind: 'begin', track, time: 0, name: 'open' }, { kind: 'slice', track, time: 1, extent: 2, name: 'done' },
      { kind: 'begin', track, time: 10, name: 'inner' },
    );
    trace.flush();
    const text = trace.text();
    trace.add({ kind: 'slice', track, time: 11, extent: 2, name: 'lost' });
    const slices = query(saved(text), 'SELECT s.name, dur, depth, t.name AS thread FROM slice s JOIN thread_track k ON k.id = track_id JOIN thread t USING (utid)');
    expect(slices).toEqual([
      { name: 'open', dur: '-1', depth: '0', thread: 'main' }, { name: 'done', dur: '2', depth: '1', thread: 'main' },
      { name: 'inner', dur: '-1', depth: '1', thread: 'main' },
    ]);
  });

  test('arguments of both halves, the values of the end where both have one', () => {
    const trace = new StreamBuilder();
    const track = trace.thread(trace.process('app', 10), 'main', 10);
    const both = (time: number, flush: boolean): void => {
      trace.add({ kind: 'begin', track, time, name: 'n', args: [['a', 1], ['both', 'begin']] });
      if (flush) trace.flush();
      trace.add({ kind: 'end', track, time: time + 1, args: [['both', 'end'], ['b', 2]] });
    };
    both(0, false);
    both(10, true);
    trace.finish();
    const args = query(
      saved(trace.text()),
      "SELECT key, display_value AS value FROM slice JOIN args USING (arg_set_id) WHERE key GLOB 'args.*' ORDER BY ts, key",
    );
    const merged = [
      { key: 'args.a', value: '1' }, { key: 'args.b', value: '2' }, { key: 'args.both', value: 'end' },
    ];
    expect(args).toEqual([...merged, ...merged]);
  });

  test('instants and counters, also late ones, and sums of incremental counters', () => {
    const trace = new StreamBuilder();
    const process = trace.process('app', 10);
    const track = trace.plain(process, 'GPU 0');
    const counter = trace.counter(process, 'power');
    const sum = trace.counter(process, 'bytes', [[TrackProperty.Incremental, AttrType.Bool, 1]]);
    trace.add({ kind: 'instant', track, time: 100, name: 'i' }, { kind: 'counter', track: counter, time: 101, extent: 2 });
    trace.add({ kind: 'counter', track: sum, time: 102, extent: 5 }).flush();
    trace.add({ kind: 'instant', track, time: 50, name: 'late' }, { kind: 'counter', track: counter, time: 51, extent: 1 });
    trace.add({ kind: 'counter', track: sum, time: 103, extent: -2 }).finish();
    const file = saved(trace.text());
    expect(query(file, 'SELECT name, ts, dur FROM slice ORDER BY ts')).toEqual([
      { name: 'late', ts: String(HOUR_NS - 50), dur: '0' }, { name: 'i', ts: String(HOUR_NS), dur: '0' },
    ]);
    expect(query(file, 'SELECT name, ts, value FROM counter JOIN counter_track t ON t.id = track_id ORDER BY name, ts')).toEqual([
      { name: 'bytes value', ts: String(HOUR_NS + 2), value: '5.000000' },
      { name: 'bytes value', ts: String(HOUR_NS + 3), value: '3.000000' },
      { name: 'power value', ts: String(HOUR_NS - 49), value: '1.000000' },
      { name: 'power value', ts: String(HOUR_NS + 1), value: '2.000000' },
    ]);
  });

  /** The arrows that flows in the order of time mean: from each event of a flow to the next. */
  function arrowsOf(rows: readonly EventRow[], firstTrack: number): string[] {
    const arrows: string[] = [];
    const latest = new Map<number, string>();
    const { ops } = orderedStream(rows, 6);
    for (const [op, number] of ops) {
      if (op !== 'B' && op !== 'I') continue;
      const { flows = [], terminatingFlows = [] } = rows[Number(number)];
      const name = `${firstTrack} ${number}`;
      for (const id of [...flows, ...terminatingFlows].map(Number)) {
        const start = latest.get(id);
        if (start !== undefined) arrows.push(`${start} -> ${name}`);
        if (terminatingFlows.includes(id)) latest.delete(id);
        else latest.set(id, name);
      }
    }
    return arrows;
  }
});

/** Rows further apart; where it is strict, the begins and ends of a track are at times of their own. */
function scaled(rows: readonly StreamRow[], isStrict: boolean): StreamRow[] {
  const pairRows = [0, 0, 0];
  return rows.map((row) => {
    if (row.kind === 'flush') return row;
    const isPaired = row.kind === 'begin' || row.kind === 'end';
    const time = Number(row.time) * SCALE + (isPaired && isStrict ? ++pairRows[row.track] : 0);
    const hasLength = row.kind === 'slice' && row.extent !== undefined;
    return hasLength ? { ...row, time, extent: Number(row.extent) * SCALE } : { ...row, time };
  });
}

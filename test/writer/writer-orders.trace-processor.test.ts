/** The hard orders of a TraceWriter: slices as tracers really deliver them, as trace_processor reads them back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable, TraceWriter, type WriterOptions, type WriterResult } from '../../lib';
import type { Track } from '../../lib/writer/track';
import { randomFrom } from '../support/random-rows';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The last time that there is. */
const MAX = 2n ** 63n - 1n;

/** A slice: its lane counts the rows of its track from 0, and depth is that within the lane. */
type Slice = [name: string, ts: number | bigint, dur: number | bigint, depth: number, track: string, lane: number];

/** The tracks that the traces are written on; JSON has the names of nested ones in one. */
interface Tracks {
  trace: TraceWriter;
  main: Track;
  other: Track;
  stream: Track;
}

const formats = [
  { format: 'native', file: 'trace.pftrace', stream: 'Stream 7', args: 'debug.', enabled: isSDKAvailable() },
  { format: 'JSON', file: 'trace.json', stream: 'GPU 0 / Stream 7', args: 'args.', enabled: true },
];

describe.each(formats)('$format', ({ format, file, stream: streamName, args: argsPrefix, enabled }) => {
  const describeFormat = enabled ? describeWithTraceProcessor : describe.skip;
  const isNative = format === 'native';
  let path: string;

  /** Writes a trace, which has to load without errors. */
  async function write(fill: (tracks: Tracks) => void | Promise<void>, options: WriterOptions = {}): Promise<WriterResult> {
    path = join(folder, file);
    const trace = await TraceWriter.open(path, options);
    const app = trace.process({ pid: 1, name: 'app' });
    const main = app.thread({ tid: 1, name: 'main' });
    const other = app.thread({ tid: 2, name: 'other' });
    await fill({ trace, main, other, stream: trace.gpu({ id: 0 }).stream(7) });
    const result = await trace.close();
    expect(errorStats(path)).toEqual([]);
    return result;
  }

  /** The slices in the order of their tracks, lanes and times. JSON begins anywhere: its first slice is put at `start`. */
  function slicesInFile(start: bigint): Slice[] {
    const found = query(path, `SELECT s.name, s.ts, s.dur, s.depth, s.track_id, COALESCE(th.name, t.name) AS track
      FROM slice s JOIN track t ON t.id = s.track_id
      LEFT JOIN thread_track tt ON tt.id = t.id LEFT JOIN thread th USING (utid)
      ORDER BY track, s.track_id, s.ts, s.depth, s.name`);
    const times = found.map(({ ts }) => BigInt(ts!));
    const first = times.reduce((a, b) => (b < a ? b : a), MAX);
    const shift = isNative ? 0n : start - first;
    const lanes = new Map<string, string[]>();
    return found.map(({ name, dur, depth, track_id, track }, i): Slice => {
      const ids = lanes.get(track!) ?? [];
      lanes.set(track!, ids);
      if (!ids.includes(track_id!)) ids.push(track_id!);
      return [name!, times[i] + shift, BigInt(dur!), Number(depth), track!, ids.indexOf(track_id!)];
    });
  }

  function expectSlices(expected: Slice[]): void {
    const exact = expected.map(([name, ts, dur, ...where]): Slice => [name, BigInt(ts), BigInt(dur), ...where]);
    const start = exact.map(([, ts]) => ts as bigint).reduce((a, b) => (b < a ? b : a), MAX);
    expect(slicesInFile(start)).toEqual(exact);
  }

  describeFormat('reads back', () => {
    test('01 slices without length: alone, and at the start, inside and at the end of others', async () => {
      const { slices, lanes } = await write(({ main }) => {
        main.slice('at the end', 200, 0);
        main.slice('inside', 150, 0);
        main.slice('at the start', 100, 0);
        main.slice('parent', 100, 100);
        main.slice('alone', 10, 0);
        main.begin('begun', 300);
        main.end(300);
        main.begin('around', 400);
        main.begin('within', 400);
        main.end(400);
        main.end(410);
      });
      expect({ slices, lanes }).toEqual({ slices: 8, lanes: 0 });
      expectSlices([
        ['alone', 10, 0, 0, 'main', 0],
        ['parent', 100, 100, 0, 'main', 0],
        ['at the start', 100, 0, 1, 'main', 0],
        ['inside', 150, 0, 1, 'main', 0],
        ['at the end', 200, 0, 0, 'main', 0],
        ['begun', 300, 0, 0, 'main', 0],
        ['around', 400, 10, 0, 'main', 0],
        ['within', 400, 0, 1, 'main', 0],
      ]);
    });

    test('02 children that share the start of their parent and come first', async () => {
      await write(({ main }) => {
        main.slice('grandchild', 0, 10);
        main.slice('child', 0, 50);
        main.slice('second child', 50, 50);
        main.slice('parent', 0, 100);
      });
      expectSlices([
        ['parent', 0, 100, 0, 'main', 0],
        ['child', 0, 50, 1, 'main', 0],
        ['grandchild', 0, 10, 2, 'main', 0],
        ['second child', 50, 50, 1, 'main', 0],
      ]);
    });

    test('03 adjacent slices in reverse', async () => {
      const count = 100;
      const { lanes } = await write(({ main }) => {
        for (let i = count - 1; i >= 0; i--) main.slice(`slice ${i}`, i * 10, 10);
      });
      expect(lanes).toBe(0);
      expectSlices(Array.from({ length: count }, (_, i) => [`slice ${i}`, i * 10, 10, 0, 'main', 0]));
    });

    test('04 overlaps on a thread and on a stream: all of them, on lanes', async () => {
      const { slices, lanes } = await write(({ main, stream }) => {
        for (const track of [main, stream]) {
          track.slice('nested in both', 120, 10);
          track.slice('nested in overlap', 150, 51);
          track.slice('overlap', 100, 101);
          track.slice('first', 0, 200);
          track.slice('nested', 10, 50);
          track.slice('over both', 199, 3);
          track.slice('after', 300, 1);
        }
      });
      expect({ slices, lanes }).toEqual({ slices: 14, lanes: 4 });
      expectSlices(['main', streamName].sort().flatMap((track): Slice[] => [
        ['first', 0, 200, 0, track, 0],
        ['nested', 10, 50, 1, track, 0],
        ['nested in both', 120, 10, 1, track, 0],
        ['after', 300, 1, 0, track, 0],
        ['overlap', 100, 101, 0, track, 1],
        ['nested in overlap', 150, 51, 1, track, 1],
        ['over both', 199, 3, 0, track, 2],
      ]));
    });

    // trace_processor nests to a depth of 512, so those below are on a second lane.
    const deep = (name: string, track: string): Slice[] =>
      Array.from({ length: 600 }, (_, i): Slice => [`${name} ${i}`, i, 5000 - 2 * i, i % 500, track, Math.floor(i / 500)]);

    test('05 600 slices that are open at once', async () => {
      await write(({ main, other }) => {
        for (let i = 0; i < 600; i++) main.begin(`begun ${i}`, i);
        for (let i = 599; i >= 0; i--) main.end(5000 - i);
        for (let i = 599; i >= 0; i--) other.slice(`whole ${i}`, i, 5000 - 2 * i);
      });
      expectSlices([...deep('begun', 'main'), ...deep('whole', 'other')]);
    });

    test('06 600 that were flushed while they were open', async () => {
      await write(async ({ trace, main }) => {
        for (let i = 0; i < 600; i++) main.begin(`begun ${i}`, i);
        await trace.flush();
        for (let i = 599; i >= 0; i--) main.end(5000 - i);
      });
      expectSlices(deep('begun', 'main'));
    });

    test('07 slices later than the window: in a gap, around all, overlapping', async () => {
      const { lateSlices, slices } = await write(
        async ({ trace, main }) => {
          main.slice('first', 100, 100);
          main.slice('last', 1000, 100);
          await trace.flush();
          main.slice('in a gap', 500, 10);
          await trace.flush();
          main.slice('around all', 0, 2000);
          await trace.flush();
          main.slice('overlapping', 950, 100);
          await trace.flush();
          main.slice('in time', 3000, 1);
        },
        { reorderWindow: 2 },
      );
      expect({ lateSlices, slices }).toEqual({ lateSlices: 3, slices: 6 });
      // Where each is shown is up to the lanes, but all are, at their times.
      const found = slicesInFile(0n).map(([name, ts, dur]) => `${name} ${ts} ${dur}`);
      expect(found.sort()).toEqual([
        'around all 0 2000', 'first 100 100', 'in a gap 500 10', 'in time 3000 1', 'last 1000 100', 'overlapping 950 100',
      ]);
    });

    test('08 slices that the full window released before earlier ones came', async () => {
      const { lateSlices } = await write(
        ({ main }) => {
          for (let i = 0; i < 10; i++) main.slice(`slice ${i}`, 1000 + i * 10, 10);
          main.slice('late', 0, 10);
          main.slice('late around', 900, 500);
          main.slice('late inside', 1002, 3);
        },
        { reorderWindow: 2 },
      );
      expect(lateSlices).toBe(3);
      const found = slicesInFile(0n).map(([name, ts, dur]) => [name, ts, dur]);
      expect(found).toHaveLength(13);
      expect(found).toEqual(expect.arrayContaining([
        ['late', 0n, 10n], ['late around', 900n, 500n], ['late inside', 1002n, 3n],
        ...Array.from({ length: 10 }, (_, i) => [`slice ${i}`, 1000n + BigInt(i) * 10n, 10n]),
      ]));
    });

    test('09 begins and ends with slices inside, across flushes', async () => {
      const { lateSlices, lanes } = await write(async ({ trace, main }) => {
        main.begin('outer', 0);
        main.slice('before', 10, 5);
        main.begin('inner', 20);
        await trace.flush();
        main.slice('inside', 30, 5);
        main.end(50);
        await trace.flush();
        main.slice('after', 60, 5);
        main.end(100);
        main.slice('next', 100, 5);
      });
      expect({ lateSlices, lanes }).toEqual({ lateSlices: 0, lanes: 0 });
      expectSlices([
        ['outer', 0, 100, 0, 'main', 0],
        ['before', 10, 5, 1, 'main', 0],
        ['inner', 20, 30, 1, 'main', 0],
        ['inside', 30, 5, 2, 'main', 0],
        ['after', 60, 5, 1, 'main', 0],
        ['next', 100, 5, 0, 'main', 0],
      ]);
    });

    test('10 a slice that is flushed before it is known whether the open one lasts as long: on a lane', async () => {
      await write(async ({ trace, main }) => {
        main.begin('open', 0);
        main.slice('longer?', 10, 50);
        await trace.flush();
        main.end(30);
        main.begin('never ended', 100);
      });
      expectSlices([
        ['open', 0, 30, 0, 'main', 0],
        ['never ended', 100, -1, 0, 'main', 0],
        ['longer?', 10, 50, 0, 'main', 1],
      ]);
    });

    test('11 arguments of an end whose begin was flushed', async () => {
      await write(async ({ trace, main }) => {
        main.begin('call', 0, { args: { size: 1, status: 'open' } });
        await trace.flush();
        main.end(100, { args: { status: 'ok', deep: { list: [2.5, true] } } });
      });
      expectSlices([['call', 0, 100, 0, 'main', 0]]);
      const args = query(path, `SELECT key, value_type AS type, display_value AS value FROM slice JOIN args USING (arg_set_id)
        WHERE key GLOB '${argsPrefix}*' ORDER BY key`);
      expect(args.map(({ key, type, value }) => [key!.slice(argsPrefix.length), type, value])).toEqual([
        ['deep.list[0]', 'real', '2.5'],
        ['deep.list[1]', 'bool', 'true'],
        ['size', 'int', '1'],
        ['status', 'string', 'ok'],
      ]);
    });

    test('12 times at 0', async () => {
      await write(({ main }) => {
        main.slice('no length', 0, 0);
        main.slice('one', 0, 1);
        main.slice('parent', 0n, 10n);
      });
      expectSlices([
        ['parent', 0, 10, 0, 'main', 0],
        ['one', 0, 1, 1, 'main', 0],
        ['no length', 0, 0, 2, 'main', 0],
      ]);
    });

    // JSON counts from an hour before its first event, so only how far apart they are matters.
    test('13 times just below 2^63', async () => {
      await write(({ main, other }) => {
        main.slice('child', MAX - 900n, 800n);
        main.slice('parent', MAX - 1000n, 1000n);
        other.begin('begun', MAX - 1n);
        other.end(MAX);
        other.slice('last', MAX, 0);
      });
      expectSlices([
        ['parent', MAX - 1000n, 1000, 0, 'main', 0],
        ['child', MAX - 900n, 800, 1, 'main', 0],
        ['begun', MAX - 1n, 1, 0, 'other', 0],
        ['last', MAX, 0, 0, 'other', 0],
      ]);
    });

    test('14 times that lie far apart, in any order', async () => {
      // Readers of JSON hold microseconds as doubles: of 52 days those are exact to the nanosecond.
      const far = isNative ? MAX : 2n ** 52n - 3600n * 10n ** 9n;
      await write(({ main, other }) => {
        other.slice('last', far - 1n, 1);
        main.slice('middle', far / 2n + 1n, far / 4n + 1n);
        main.slice('first', 0, 1);
        main.slice('all', 0, far);
      });
      expectSlices([
        ['all', 0, far, 0, 'main', 0],
        ['first', 0, 1, 1, 'main', 0],
        ['middle', far / 2n + 1n, far / 4n + 1n, 1, 'main', 0],
        ['last', far - 1n, 1, 0, 'other', 0],
      ]);
    });

    test('15 flows between tracks, in the order of time', async () => {
      await write(async ({ trace, main, other, stream }) => {
        const [a, b] = [trace.newFlow(), trace.newFlow()];
        stream.slice('kernel', 200, 10, { flows: [a] });
        main.slice('launch', 100, 10, { flows: [a, b] });
        other.slice('done', 300, 10, { terminatingFlows: [a] });
        await trace.flush();
        stream.begin('copy', 400, { terminatingFlows: [b] });
        await trace.flush();
        stream.end(410);
        other.slice('no more', 500, 10, { flows: [a] });
      });
      const arrows = query(path, `SELECT o.name AS "from", i.name AS "to" FROM flow
        JOIN slice o ON slice_out = o.id JOIN slice i ON slice_in = i.id ORDER BY o.ts, i.ts`);
      expect(arrows.map(({ from, to }) => `${from} -> ${to}`)).toEqual(['launch -> kernel', 'launch -> copy', 'kernel -> done']);
    });

    test('16 random slices in any order within the window as those in the order of time', async () => {
      const random = randomFrom(7);
      const slices = Array.from({ length: 400 }, (_, i) => ({
        name: `slice ${i}`, track: random(2), ts: 10 * random(150), dur: 10 * (1 + random(12)),
      }));
      // Equal slices nest in the order in which they came, so each extent is there once.
      const distinct = [...new Map(slices.map((slice) => [`${slice.track} ${slice.ts} ${slice.dur}`, slice])).values()];
      const start = BigInt(Math.min(...distinct.map(({ ts }) => ts)));
      const read = async (order: typeof distinct): Promise<Slice[]> => {
        const { lateSlices } = await write(({ main, stream }) => {
          for (const { name, track, ts, dur } of order) [main, stream][track].slice(name, ts, dur);
        });
        expect(lateSlices).toBe(0);
        return slicesInFile(start);
      };
      const sorted = await read([...distinct].sort((a, b) => a.ts - b.ts || b.dur - a.dur));
      expect(sorted.map(([name, ts, dur]) => `${name} ${ts} ${dur}`).sort()).toEqual(
        distinct.map(({ name, ts, dur }) => `${name} ${ts} ${dur}`).sort(),
      );
      const byEnd = [...distinct].sort((a, b) => a.ts + a.dur - b.ts - b.dur || b.ts - a.ts);
      const shuffled = distinct.map((slice) => ({ slice, at: random(1 << 20) })).sort((a, b) => a.at - b.at);
      expect(await read(byEnd)).toEqual(sorted);
      expect(await read(shuffled.map(({ slice }) => slice))).toEqual(sorted);
    });
  });
});

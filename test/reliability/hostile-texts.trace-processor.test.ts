/**
 * What is at the edge of what a trace can say: halves of surrogate pairs, names of 10 MB, 100,000 tracks, 600 nested
 * slices, times at 0 and at the end of 64 bits. Each gives a trace that trace_processor has nothing against, or an error.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace, Format, isSDKAvailable, PerfettoProtoExporter, TraceWriter, type TraceEvent } from '../../lib';
import { describeWithTraceProcessor, ERROR_STATS, query, type Row } from '../support/trace-processor';
import { copy, exported, written } from '../support/written';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const LAST = 2n ** 63n - 1n;
const TRACKS = 100_000;
/** What an invalid text is in UTF-8, and as SQL says it. */
const INVALID = 'a\ud800b\udc00c';
const REPLACED = 'a\ufffdb\ufffdc';
const LONG = 'x'.repeat(10 << 20);

const formats = [
  { name: 'native', format: Format.PROTOBUF, file: 'trace.pftrace', enabled: isSDKAvailable() },
  { name: 'JSON', format: Format.JSON, file: 'trace.json', enabled: true },
];

describe.each(formats)('$name', ({ format, file, enabled }) => {
  const describeFormat = enabled ? describeWithTraceProcessor : describe.skip;
  const isNative = format === Format.PROTOBUF;

  const writeRows = (fill: (trace: TraceWriter) => void) => written(join(folder, `written-${file}`), fill);
  const exportAll = (events: TraceEvent[]) => exported(join(folder, `exported-${file}`), events);

  async function converted(json: string): Promise<string> {
    const [input, path] = [join(folder, 'input.json'), join(folder, `converted-${file}`)];
    writeFileSync(input, json);
    await convertTrace(input, path);
    return path;
  }

  /** Loads it, once, since some are large; nothing may have been held against it. */
  function slices(path: string, columns: string): Row[] {
    const errors = `(SELECT group_concat(name) FROM ${ERROR_STATS}) AS errors`;
    return query(path, `SELECT ${columns}, ${errors} FROM slice`).map(({ errors: held, ...row }) => {
      expect(held).toBeNull();
      return row;
    });
  }

  describeFormat('holds', () => {
    test('01 texts that are no UTF-16', async () => {
      const paths = [
        await writeRows((trace) => {
          const thread = trace.process({ pid: 1, name: INVALID, labels: [INVALID] }).thread({ tid: 2, name: INVALID });
          thread.slice(INVALID, 1, 1, { category: INVALID, args: { [INVALID]: INVALID }, callStack: [{ functionName: INVALID }] });
          trace.counter({ name: INVALID, unitName: INVALID }).record(1, 1);
          trace.metadata({ [INVALID]: INVALID });
        }),
        await exportAll([copy({ name: INVALID, metadata: { [INVALID]: INVALID } })]),
        await converted(JSON.stringify([{ ph: 'X', name: INVALID, cat: INVALID, pid: 1, tid: 1, ts: 1, dur: 1, args: { [INVALID]: INVALID } }])),
      ];
      for (const path of paths) {
        const argument = `(SELECT string_value FROM args a WHERE a.arg_set_id = slice.arg_set_id AND key GLOB '*.${REPLACED}') AS argument`;
        expect(slices(path, `name, ${argument}`)).toEqual([{ name: REPLACED, argument: REPLACED }]);
      }
    });

    test('02 a path that is no UTF-16, where Node itself would write it', async () => {
      const inside = join(folder, `paths-${file}`);
      mkdirSync(inside);
      const trace = await TraceWriter.open(join(inside, `w${INVALID}${file}`));
      await trace.close();
      await new PerfettoProtoExporter().exportToFile([], join(inside, `e${INVALID}${file}`));
      await convertTrace(join(folder, 'input.json'), join(inside, `c${INVALID}${file}`));
      expect(readdirSync(inside)).toEqual(['c', 'e', 'w'].map((letter) => `${letter}${REPLACED}${file}`));
    });

    test('03 names and values of 10 MB', async () => {
      const paths = [
        await writeRows((trace) => trace.process({ pid: 1, name: LONG }).slice(LONG, 1, 1, { args: { value: LONG } })),
        await exportAll([copy({ name: LONG, metadata: { value: LONG } })]),
        await converted(JSON.stringify([{ ph: 'X', name: LONG, pid: 1, tid: 1, ts: 1, dur: 1, args: { value: LONG } }])),
      ];
      const value = '(SELECT length(string_value) FROM args WHERE args.arg_set_id = slice.arg_set_id) AS value';
      for (const path of paths) {
        expect(slices(path, `length(name) AS name, ${value}`)).toEqual([{ name: String(LONG.length), value: String(LONG.length) }]);
      }
    });

    test('04 a hundred thousand tracks', async () => {
      const paths = [
        await writeRows((trace) => {
          for (let i = 0; i < TRACKS; i++) trace.track({ name: `track ${i}` }).slice('slice', i, 1);
        }),
        await exportAll(Array.from({ length: TRACKS }, (_, i) => copy({ timestamp: i, deviceId: i % 1000, streamId: Math.floor(i / 1000) }))),
        await converted(JSON.stringify(Array.from({ length: TRACKS }, (_, i) => ({ ph: 'X', name: 'x', pid: 1 + (i % 1000), tid: 1 + i, ts: i, dur: 1 })))),
      ];
      for (const path of paths) {
        expect(slices(path, 'count(*) AS n, count(DISTINCT track_id) AS tracks')).toEqual([{ n: String(TRACKS), tracks: String(TRACKS) }]);
      }
    });

    test('05 six hundred nested slices, of which the last hundred are on a lane', async () => {
      const nested = Array.from({ length: 600 }, (_, i) => ({ ts: i, dur: 2000 - 2 * i }));
      const paths = [
        await writeRows((trace) => {
          const track = trace.track({ name: 'track' });
          for (const { ts, dur } of nested) track.slice('slice', ts, dur);
        }),
        await exportAll(nested.map(({ ts, dur }) => copy({ timestamp: ts, duration: dur }))),
        await converted(JSON.stringify(nested.map((times) => ({ ph: 'X', name: 'x', pid: 1, tid: 1, ...times })))),
      ];
      for (const path of paths) {
        expect(slices(path, 'count(*) AS n, max(depth) AS deepest, count(DISTINCT track_id) AS tracks, min(dur) > 0 AS ended')).toEqual([
          { n: '600', deepest: '499', tracks: '2', ended: '1' },
        ]);
      }
    });

    test('06 times at both ends, or says that JSON cannot', async () => {
      const both = [
        () => writeRows((trace) => {
          const track = trace.track({ name: 'track' });
          track.slice('all', 0, LAST);
          track.slice('last', LAST, 0n);
        }),
        () => exportAll([copy({ timestamp: 0, duration: LAST }), copy({ timestamp: LAST, duration: 0 })]),
        () => converted('[{"ph":"X","name":"a","pid":1,"tid":1,"ts":0,"dur":9223372036854775.807},{"ph":"X","name":"b","pid":1,"tid":1,"ts":9223372036854775.807,"dur":0}]'),
      ];
      for (const write of both) {
        if (isNative) {
          expect(slices(await write(), 'min(ts) AS first, max(ts) AS last, max(dur) AS longest')).toEqual([
            { first: '0', last: String(LAST), longest: String(LAST) },
          ]);
        } else {
          await expect(write()).rejects.toMatchObject({ code: 'INVALID_EVENT', message: expect.stringContaining('285 years') as string });
        }
      }
      const late = await writeRows((trace) => trace.track({ name: 'track' }).slice('last', LAST - 5n, 5n));
      expect(slices(late, 'count(*) AS n, max(dur) AS longest')).toEqual([{ n: '1', longest: '5' }]);
    });
  });
});

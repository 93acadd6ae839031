/** What is left of random traces is what their own rows say that should be. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { trimTrace } from '../../lib';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';
import { traceOf } from './packets';
import { randomTrace } from './random-trace';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trim-random-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

interface Row {
  name: string;
  ts: number;
  dur: number;
  track: string;
}

function rowsOf(trace: string) {
  const slices = query(trace, "SELECT coalesce(s.name, '') AS name, s.ts AS ts, s.dur AS dur, coalesce(t.name, '-') || ' ' || coalesce(th.tid, '') AS track FROM slice s JOIN track t ON t.id = s.track_id LEFT JOIN thread_track tt ON tt.id = t.id LEFT JOIN thread th USING (utid)")
    .map(({ name, ts, dur, track }): Row => ({ name: name!, ts: Number(ts), dur: Number(dur), track: track! }));
  const counters = query(trace, 'SELECT t.name AS track, c.ts AS ts, c.value AS value FROM counter c JOIN track t ON t.id = c.track_id')
    .map(({ track, ts, value }) => `${track} ${ts} ${Number(value)}`);
  return { slices, counters: counters.sort() };
}

const shown = (rows: readonly Row[]) => rows.map(({ name, ts, dur, track }) => `${name} ${ts} ${dur} ${track}`).sort();

describeWithTraceProcessor('trimTrace of random traces', () => {
  test.each(Array.from({ length: 6 }, (_, seed) => seed))('random trace %d', async (seed) => {
    const isLate = seed % 3 === 0;
    const input = path.join(folder, 'in.pftrace');
    const output = path.join(folder, 'out.pftrace');
    fs.writeFileSync(input, traceOf(randomTrace(seed, { isLate, isWild: false, count: 400 })));
    const before = rowsOf(input);
    expect(before.slices.length).toBeGreaterThan(50);
    const [from, to] = [10_500 + seed * 20, 11_500 + seed * 20];
    await trimTrace(input, output, { from: { at: BigInt(from) }, to: { at: BigInt(to) } });
    expect(errorStats(output)).toEqual([]);
    const after = rowsOf(output);
    const expected = before.slices
      .filter(({ ts, dur }) => ts < to && (ts >= from || dur < 0 || ts + dur > from))
      .map((row) => {
        const ts = Math.max(row.ts, from);
        return { ...row, ts, dur: row.dur < 0 ? row.dur : Math.min(row.ts + row.dur, to) - ts };
      });
    // Slices of a late track that are cut at the same edge lie in the order of the file: an outer one may become the inner.
    const compared = (rows: readonly Row[]) => shown(isLate ? rows.map((row) => ({ ...row, name: '' })) : rows);
    expect(compared(after.slices)).toEqual(compared(expected));
    const isInside = (row: string) => Number(row.split(' ').at(-2)) >= from && Number(row.split(' ').at(-2)) < to;
    expect(after.counters).toEqual(before.counters.filter(isInside));

    await trimTrace(input, output, { minDuration: 30, excludeNames: [/^b$/] });
    expect(shown(rowsOf(output).slices)).toEqual(shown(before.slices.filter(({ name, dur }) => name !== 'b' && (dur < 0 || dur >= 30 || name === 'instant'))));
  });
});

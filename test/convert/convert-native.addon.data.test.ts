/** The real traces that TRACE_DATA names, converted: every slice arrives, and what Perfetto's own importer draws. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { convertTrace, isSDKAvailable } from '../../lib';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const DATA = process.env.TRACE_DATA ?? '';
const describeData = DATA !== '' && isSDKAvailable() ? describeWithTraceProcessor : (name: string, body: () => void) => describe.skip(`${name} (set TRACE_DATA to a folder of Kineto traces)`, body);

describeData('real traces', () => {
  const files = DATA === '' ? [] : readdirSync(DATA).filter((file) => file.endsWith('.json.gz'));

  interface Complete {
    ph: string;
    dur: number;
    cat?: string;
    name: string;
  }

  it.each(files)('%s arrives whole', async (file) => {
    const output = join(folder, 'out.perfetto-trace');
    const result = await convertTrace(join(DATA, file), output);
    const { traceEvents } = JSON.parse(gunzipSync(readFileSync(join(DATA, file))).toString()) as { traceEvents: Complete[] };
    const complete = traceEvents.filter(({ ph }) => ph === 'X');
    const sum = (events: Complete[]) => String(events.reduce((total, { dur }) => total + BigInt(Math.round(dur * 1000)), 0n));

    expect(errorStats(output)).toEqual([]);
    expect(result.dropped).toEqual([]);
    const [slices] = query(output, 'select count(*) as n, sum(dur) as total from slice where category is not null');
    expect(slices).toEqual({ n: String(complete.length), total: sum(complete) });
    for (const category of ['kernel', 'cpu_op', 'gpu_memcpy']) {
      const own = complete.filter(({ cat }) => cat === category);
      const [row] = query(output, `select count(*) as n, coalesce(sum(dur), 0) as total from slice where category = '${category}'`);
      expect([category, row]).toEqual([category, { n: String(own.length), total: sum(own) }]);
    }

    // Perfetto's own importer drops overlapping slices, and the arrows at them; everything else it draws.
    const json = join(folder, 'in.json');
    writeFileSync(json, gunzipSync(readFileSync(join(DATA, file))));
    const arrows = (path: string) => Number(query(path, 'select count(*) as n from flow')[0].n);
    expect(arrows(output)).toBe(result.flows);
    expect(arrows(output)).toBeGreaterThanOrEqual(arrows(json));
    const names = (path: string, table: string) =>
      query(path, `select distinct name from ${table} where name is not null and name != '' order by name`).map(({ name }) => name);
    expect(names(output, 'process')).toEqual(expect.arrayContaining(names(json, 'process')));
    // GPUs and their streams are tracks of their own.
    const threads = names(json, 'thread').filter((name) => !/^(stream|Device) \d/.test(String(name)));
    expect(names(output, 'thread')).toEqual(expect.arrayContaining(threads));
  });
});

/** The real traces that TRACE_DATA names, converted, against what trace_processor's own importer makes of them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isSDKAvailable } from '../../lib';
import { attributeName, convertTrace, sortIndexesIn } from '../support/converted';
import { compare, devicesOf, idTextOf, type ChromeTrace } from '../support/importer';
import { loadTrace, type LoadedTrace } from '../support/loaded-trace';
import { describeWithTraceProcessor, query, queryJson } from '../support/trace-processor';

const DATA = process.env.TRACE_DATA ?? '';
const describeData =
  DATA !== '' && isSDKAvailable()
    ? describeWithTraceProcessor
    : (name: string, body: () => void) => describe.skip(`${name} (set TRACE_DATA to a folder of Kineto traces)`, body);

const files = DATA === '' ? [''] : readdirSync(DATA).filter((file) => file.endsWith('.json.gz'));

describeData('real traces, converted', () => {
  describe.each(files)('%s', (file) => {
    let folder: string;
    let json: string;
    let output: string;
    let chrome: ChromeTrace;
    let importer: LoadedTrace;
    let ours: LoadedTrace;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
      json = join(folder, 'trace.json');
      output = join(folder, 'trace.perfetto-trace');
      const text = gunzipSync(readFileSync(join(DATA, file)));
      writeFileSync(json, text);
      chrome = JSON.parse(text.toString()) as ChromeTrace;
      await convertTrace(join(DATA, file), output);
      importer = loadTrace(json, idTextOf(chrome));
      ours = loadTrace(output, idTextOf(chrome));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it('loads without errors', () => {
      expect(ours.errors).toEqual([]);
    });

    it('has every slice, argument, arrow and counter that the importer has, and those that it drops', () => {
      const { missing, ...gained } = compare(chrome, importer, ours);
      const dropped = query(json, "SELECT value FROM stats WHERE name = 'slice_drop_overlapping_complete_event'");
      console.info(
        `${file}: ${ours.slices.length} slices, ${ours.flows.length} arrows. Lost by the importer: ` +
          `${gained.slicesGained} slices that overlap, ${gained.flowsGained} arrows and the ends of ${gained.flowsMoved}, the nanoseconds of ` +
          `${gained.timesGained} times (${gained.largestRounding} at most). ${gained.onLanes} slices on lanes, ` +
          `${gained.depthsChanged} at another depth`,
      );
      expect(missing).toEqual([]);
      expect(gained.slicesGained).toBe(Number(dropped[0].value));
    });

    it('has the names, labels and order of its processes and threads', () => {
      const devices = devicesOf(chrome);
      const isProcess = (id: unknown): id is number => typeof id === 'number' && id > 0 && !devices.has(id);
      const said = chrome.traceEvents.filter(({ ph, pid }) => ph === 'M' && isProcess(pid));
      expect(said.length).toBeGreaterThan(0);

      const labels = new Map(ours.processes.map(({ pid, labels }) => [pid, labels]));
      const indexes = sortIndexesIn(output);
      // What has an id that is none in a native trace has another there, and the importer gives text a number.
      const idText = idTextOf(chrome);
      const isKnown = (pid: unknown, tid: number) => isProcess(pid) && idText(pid) !== '~' && idText(tid) !== '~';
      const names = ({ processes, threads }: LoadedTrace) => [
        ...processes.filter(({ pid }) => isKnown(pid, pid)).map(({ pid, name }) => `${pid} ${name}`),
        ...threads.filter(({ pid, tid }) => isKnown(pid, tid)).map(({ pid, tid, name }) => `${pid}/${tid} ${name}`),
      ];
      const named = (trace: LoadedTrace) => names(trace).filter((text) => !text.endsWith(' ')).sort();
      expect(named(ours)).toEqual(named(importer));
      for (const { name, pid, tid, args = {} } of said) {
        if (name === 'process_labels') expect([pid, labels.get(pid as number)]).toEqual([pid, [args.labels]]);
        if (name === 'process_sort_index') expect([pid, indexes[String(pid)]]).toEqual([pid, args.sort_index]);
        if (name === 'thread_sort_index' && isProcess(tid)) {
          expect([pid, tid, indexes[`${String(pid)}/${tid}`]]).toEqual([pid, tid, args.sort_index]);
        }
      }
    });

    it('has what is said about the whole trace', () => {
      const sql = "SELECT json_object('name', name, 'value', CAST(coalesce(str_value, int_value) AS TEXT)) AS json FROM metadata";
      const rows = queryJson<{ name: string; value: string | null }>(output, sql);
      // Lists are as they stand in the file, with blanks.
      const plain = (value: string | null) => (value?.startsWith('[') ? JSON.stringify(JSON.parse(value)) : value);
      const known = new Map(rows.map(({ name, value }) => [name, plain(value)]));
      const expected = leavesOf(chrome);
      expect(expected.length).toBeGreaterThan(0);
      const lost = expected.filter(([way, value]) => known.get(attributeName(way)) !== value);
      expect({ lost: lost.length, first: lost.slice(0, 5) }).toEqual({ lost: 0, first: [] });
    });
  });
});

/** The properties beside the events, by the way to each: a list of plain values is one. */
function leavesOf(chrome: ChromeTrace): [way: string, value: string][] {
  const leaves: [string, string][] = [];
  const walk = (value: unknown, way: string): void => {
    if (value === null) return;
    const isList = Array.isArray(value) && value.every((item) => typeof item !== 'object');
    if (isList && value.length > 0) leaves.push([way, JSON.stringify(value)]);
    else if (Array.isArray(value)) value.forEach((item, i) => walk(item, `${way}[${i}]`));
    else if (typeof value === 'object') Object.entries(value).forEach(([key, item]) => walk(item, `${way}.${key}`));
    else leaves.push([way, typeof value === 'string' ? value : JSON.stringify(value)]);
  };
  for (const [key, value] of Object.entries(chrome)) {
    // The events are no property of the trace, and the unit is one of the program that shows it.
    if (key !== 'traceEvents' && key !== 'displayTimeUnit') walk(value, key);
  }
  return leaves;
}

/** What becomes of slices, their times and names: one table of inputs, for native traces and for Chrome JSON. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace, isSDKAvailable, type ConvertReport } from '../../lib';
import { loadTrace, type LoadedTrace } from '../support/loaded-trace';
import { describeWithTraceProcessor } from '../support/trace-processor';
import { reading } from '../fixtures/chrome-json/reading';
import { rules, type Rule } from '../fixtures/chrome-json/rules';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The output loaded by trace_processor, with the times of the input. */
async function converted(rule: Rule, name: string): Promise<{ trace: LoadedTrace; report: ConvertReport }> {
  const input = join(folder, 'trace.json');
  writeFileSync(input, typeof rule.json === 'string' ? rule.json : JSON.stringify(rule.json));
  const path = join(folder, name);
  const report = await convertTrace(input, path, rule.options);
  const trace = loadTrace(path);
  if (!name.endsWith('.json')) return { trace, report };
  const base = BigInt(/"baseTimeNanoseconds":(-?\d+)/.exec(readFileSync(path, 'utf8'))![1]);
  for (const event of [...trace.slices, ...trace.counters]) event.ts += base;
  return { trace, report };
}

const sorted = (texts: string[]): string[] => [...texts].sort();
/** Readers of JSON add the name of the argument. */
const nameOf = (place: string, isJson: boolean): string => place.replace(/^.* > /, '').replace(isJson ? / value$/ : '', '');

function found(rule: Rule, { slices, counters, processes, threads }: LoadedTrace, isJson: boolean): object {
  return {
    slices: sorted(
      slices.map(({ name, ts, dur, depth, place }) => {
        // Readers of JSON say that a slice without a name has none, and know no tracks but threads and processes.
        const where = rule.places && !isJson ? ` @ ${place}` : '';
        return `${ts} ${dur} ${rule.depths ? `${depth} ` : ''}${name}${where}`;
      }),
    ),
    counters: sorted(counters.map(({ place, ts, value }) => `${ts} ${nameOf(place, isJson)} ${value}`)),
    ...(rule.counterPlaces && !isJson && { counterPlaces: sorted([...new Set(counters.map(({ place }) => place))]) }),
    ...(rule.names && {
      names: sorted([
        ...processes.map(({ pid, name, labels }) => `${pid} ${name}${labels.map((label) => ` [${label}]`).join('')}`),
        ...threads.filter(({ name }) => name !== '').map(({ tid, name }) => `tid ${tid} ${name}`),
      ]),
    }),
    ...(rule.threads && { threads: sorted(threads.map(({ name }) => name).filter((name) => name !== '')) }),
    ...(rule.processes && { processes: sorted(processes.filter(({ name }) => name !== 'Trace').map(({ name }) => name)) }),
    ...(rule.args && {
      args: Object.fromEntries(slices.filter(({ name }) => name in rule.args!).map(({ name, args }) => [name, Object.fromEntries(args)])),
    }),
  };
}

const reasons = (report: ConvertReport): string[] =>
  (['repaired', 'dropped', 'ignored', 'damaged'] as const).flatMap((category) =>
    report[category].map(({ reason, count }) => `${category}: ${reason} x${count}`),
  );

const OUTPUTS: [string, string][] = [...(isSDKAvailable() ? [['a native trace', 'out.pftrace'] as [string, string]] : []), ['JSON', 'out.json']];

describeWithTraceProcessor('the rules of slices', () => {
  describe.each(OUTPUTS)('in %s', (_format, name) => {
    const rulesHere = [...rules, ...reading].filter(({ isNativeOnly }) => name !== 'out.json' || isNativeOnly !== true);
    it.each(rulesHere.map((rule): [string, Rule] => [rule.title, rule]))('%s', async (_title, rule) => {
      const isJson = name.endsWith('.json');
      const { trace, report } = await converted(rule, name);
      const { unclosed, unmatched, lanes, timeShift } = report;
      expect({
        errors: trace.errors,
        ...found(rule, trace, isJson),
        findings: reasons(report),
        unclosed,
        unmatched,
        ...(rule.lanes !== undefined && { lanes }),
        ...(rule.timeShift !== undefined && { timeShift }),
      }).toEqual({
        errors: [],
        slices: sorted(rule.slices),
        counters: sorted(rule.counters ?? []),
        ...(rule.counterPlaces && !isJson && { counterPlaces: rule.counterPlaces }),
        // Readers of JSON ignore labels.
        ...(rule.names && { names: sorted(rule.names.map((text) => (isJson ? text.replace(/ \[.*/, '') : text))) }),
        ...(rule.threads && { threads: rule.threads }),
        ...(rule.processes && { processes: rule.processes }),
        ...(rule.args && { args: rule.args }),
        findings: rule.findings ?? [],
        unclosed: rule.unclosed ?? 0,
        unmatched: rule.unmatched ?? 0,
        ...(rule.lanes !== undefined && { lanes: rule.lanes }),
        ...(rule.timeShift !== undefined && { timeShift: rule.timeShift }),
      });
    });
  });
});

/**
 * What every field of a Chrome JSON trace means: small traces of test/fixtures/chrome-json, converted and read by
 * trace_processor. Where nothing else is said, it is what its own importer of JSON makes of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';
import { args } from '../fixtures/chrome-json/args';
import { asyncAndCounters } from '../fixtures/chrome-json/async-and-counters';
import { THREAD, type Case } from '../fixtures/chrome-json/case';
import { files } from '../fixtures/chrome-json/files';
import { flows } from '../fixtures/chrome-json/flows';
import { kineto } from '../fixtures/chrome-json/kineto';
import { processes } from '../fixtures/chrome-json/processes';
import { slices } from '../fixtures/chrome-json/slices';
import { attributeName, convertJson, sortIndexesIn, type ConvertReport } from '../support/converted';
import { loadTrace, type LoadedTrace } from '../support/loaded-trace';
import { describeWithTraceProcessor, query } from '../support/trace-processor';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const native = isSDKAvailable() ? describeWithTraceProcessor : describe.skip;

const SUBJECTS: [string, Case[]][] = [
  ['slices and instants', slices],
  ['async events and counters', asyncAndCounters],
  ['flows', flows],
  ['arguments', args],
  ['processes and threads', processes],
  ['files', files],
  ['Kineto', kineto],
];

native('Chrome JSON, converted', () => {
  describe.each(SUBJECTS)('%s', (_subject, cases) => {
    it.each(cases.map((one): [string, Case] => [one.title, one]))('%s', async (_title, one) => {
      const { path, result } = await convertJson(folder, one.json);
      const trace = loadTrace(path);
      // In one piece, so that a failure shows all of what came out.
      expect({ errors: trace.errors, ...found(one, trace, path), ...counted(one, result) }).toEqual({
        errors: [],
        ...expected(one),
        ...(one.dropped !== 'any' && { dropped: one.dropped ?? 0 }),
        ignored: one.ignored ?? {},
      });
    });
  });
});

const bySlice = ([a]: string[], [b]: string[]): number => (a < b ? -1 : 1);

/** Time first, so that what is next to each other in a diff is next to each other in the trace. */
function sliceText(name: string, ts: number | bigint, dur: number | bigint, depth: number | undefined, place: string): string[] {
  return [`${String(ts).padStart(20)} ${place} ${name}`, `dur ${dur}`, ...(depth === undefined ? [] : [`depth ${depth}`])];
}

function expected(one: Case): Record<string, unknown> {
  const { slices, args, flows, counters, names, sortIndexes, attributes } = one;
  return {
    ...(slices && { slices: slices.map(([name, ts, dur, depth, place = THREAD]) => sliceText(name, ts, dur, depth, place)).sort(bySlice) }),
    ...(flows && { flows: [...flows].sort() }),
    ...(counters && { counters: [...counters].sort() }),
    ...(args && { args }),
    ...(names && { names: [...names].sort() }),
    ...(sortIndexes && { sortIndexes }),
    ...(attributes && { attributes }),
  };
}

/** What the case speaks about, in the same form. */
function found(one: Case, trace: LoadedTrace, path: string): Record<string, unknown> {
  const { slices, args, flows, counters, names, sortIndexes, attributes } = one;
  const hasDepth = slices?.some(([, , , depth]) => depth !== undefined);
  return {
    ...(slices && {
      slices: trace.slices
        .map(({ name, ts, dur, depth, place }) => sliceText(name, ts, dur, hasDepth ? depth : undefined, place))
        .sort(bySlice),
    }),
    ...(flows && { flows: trace.flows.map(([from, to]) => `${from.name} -> ${to.name}`).sort() }),
    ...(counters && { counters: trace.counters.map(({ place, ts, value }) => [place, Number(ts), value]).sort() }),
    ...(args && {
      args: Object.fromEntries(
        trace.slices.filter(({ name }) => name in args).map((slice) => [slice.name, Object.fromEntries(slice.args)]),
      ),
    }),
    ...(names && { names: namesIn(trace).filter((name) => names.includes(name)) }),
    ...(sortIndexes && { sortIndexes: sortIndexesIn(path) }),
    ...(attributes && { attributes: attributesIn(path, Object.keys(attributes)) }),
  };
}

const OF_PHASE = /^events of phase (.)$/;

/** What is not in the trace: events that were dropped, ends that end nothing, and what is no event. */
function counted(one: Case, { dropped, ignored, unmatched }: ConvertReport): Record<string, unknown> {
  const others = ignored.filter(({ reason }) => !OF_PHASE.test(reason));
  const count = [...dropped, ...others].reduce((sum, finding) => sum + finding.count, unmatched);
  const phases = ignored.flatMap(({ reason, count }) => {
    const [, phase] = OF_PHASE.exec(reason) ?? [];
    return phase === undefined ? [] : [[phase, count] as const];
  });
  return { ...(one.dropped !== 'any' && { dropped: count }), ignored: Object.fromEntries(phases) };
}

function namesIn({ processes, threads }: LoadedTrace): string[] {
  const named = processes.map(({ name, labels }) => (labels.length > 0 ? `${name} [${labels.join(', ')}]` : name));
  const nameOf = new Map(processes.map(({ pid, name }) => [pid, name]));
  const below = threads.map(({ pid, name }) => `${nameOf.get(pid ?? -1) ?? ''} > ${name}`);
  return [...new Set([...named, ...below])].sort();
}

function attributesIn(path: string, wanted: string[]): Record<string, string | null> {
  const rows = query(path, 'SELECT name, coalesce(str_value, int_value) AS value FROM metadata');
  const said = new Map(rows.map(({ name, value }) => [name, value]));
  return Object.fromEntries(wanted.filter((way) => said.has(attributeName(way))).map((way) => [way, said.get(attributeName(way))!]));
}

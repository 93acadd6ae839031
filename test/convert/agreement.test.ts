/**
 * The addon's converter, the conversion without it and `info` read Chrome JSON with code of their own; what they say about
 * a file must be the same: its processes, threads and counts, and what is wrong with it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { convertTrace, isSDKAvailable, type ConvertReport } from '../../lib';
import { openTraceFile } from '../../lib/input/trace-file';
import { inspectTrace, type TrackInfo } from '../../lib/inspect';
import { readChromeTrace } from '../../lib/inspect/json-trace';
import { asyncAndCounters } from '../fixtures/chrome-json/async-and-counters';
import { args } from '../fixtures/chrome-json/args';
import { event, complete, metadata } from '../fixtures/chrome-json/case';
import { files } from '../fixtures/chrome-json/files';
import { flows } from '../fixtures/chrome-json/flows';
import { kineto } from '../fixtures/chrome-json/kineto';
import { processes } from '../fixtures/chrome-json/processes';
import { slices } from '../fixtures/chrome-json/slices';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const CATEGORIES = ['damaged', 'dropped', 'repaired', 'ignored'] as const;

/** What both conversions count. Arrows are drawn in other ways, so their number is not theirs alone. */
function countsOf({ events, phases, slices: all, instants, counters, unclosed, unmatched }: ConvertReport): object {
  return { events, phases, slices: all, instants, counters, unclosed, unmatched };
}

/** As lines of warnings begin. */
function findingsOf(report: ConvertReport): string[] {
  return CATEGORIES.flatMap((category) =>
    report[category].map(({ reason, count, offset, line }) => {
      // The addon knows no line of damaged gzip data.
      const where = /gzip/.test(reason) ? '' : `line ${line}, `;
      return `${category}: ${where}byte ${offset}: ${reason}${count === 1 ? '' : ` (${count} times)`}`;
    }),
  ).sort();
}

const FIRST_SUBSTITUTE = 1_000_000_000;
const idText = (id: number | string | undefined): string =>
  typeof id === 'number' && id > 0 && id < FIRST_SUBSTITUTE ? String(id) : '~';

/** Processes and threads, with the events on the latter where there are no lanes; `~` stands for ids that a native trace cannot have. */
function identities(tracks: TrackInfo[], hasLanes: boolean): string[] {
  return tracks
    .filter(({ type }) => type === 'process' || type === 'thread')
    .map(({ type, name, path, pid, tid, events }) =>
      type === 'process' ? `${name} (${idText(pid)})` : `${path.join()} (${idText(pid)}) > ${name} (${idText(tid)})${hasLanes ? '' : `: ${events}`}`,
    )
    .sort();
}

interface Outcome {
  report: ConvertReport;
  tracks: TrackInfo[];
}

async function outcomeOf(input: string, output: string): Promise<Outcome> {
  const report = await convertTrace(input, join(folder, output));
  return { report, tracks: (await inspectTrace(join(folder, output))).tracks };
}

function write(json: unknown[] | string | Buffer): string {
  const path = join(folder, 'trace.json');
  writeFileSync(path, Array.isArray(json) ? JSON.stringify({ traceEvents: json }) : json);
  return path;
}

const on = (pid: unknown, tid: unknown, name = 'x'): unknown => complete(1, 2, name, { pid, tid });
const text = (...events: string[]): string => `[${events.join(',\n')}]`;
const good = '{"ph":"X","pid":1,"tid":2,"ts":1,"dur":2,"name":"good"}';
const withField = (field: string): string => `{"ph":"X","pid":1,"tid":2,"ts":1,"dur":2,"name":"x",${field}}`;

type Input = readonly [title: string, json: unknown[] | string | Buffer];

const IDS = [
  '7', '"7"', '"07"', '0', '"0"', '-1', '"-1"', '-0', '"-0"', '1.5', '1.0', '1e3', '1E3', '1.50', '"1.5"', '2147483647', '2147483648',
  '4294967296', '9007199254740993', '18446744073709551615', '"18446744073709551615"', '123456789012345678901234567890', '""', '"Spans"',
  '" 7"', 'null', 'true', 'false', '[1]', '{"a":1}', '1000000000', '"1000000001"',
];

const ids: Input[] = [
  ...IDS.map((id): Input => [`the pid and tid ${id}`, text(`{"ph":"X","pid":${id},"tid":${id},"ts":1,"dur":2,"name":"x"}`, good)]),
  ['a pid without a tid', text('{"ph":"X","pid":5,"ts":1,"dur":2}', '{"ph":"X","pid":"p","ts":1,"dur":2}', '{"ph":"i","ts":1}')],
  ['a tid without a pid', text('{"ph":"X","tid":5,"ts":1,"dur":2}', '{"ph":"X","tid":"t","ts":1,"dur":2}')],
  ['numbers and texts that spell them', [on(7, 8), on('7', '8'), on(7, '8'), on('7', 8), on('07', 8), on(7.5, 8), on('7.5', 8)]],
  ['all of them in one file', text(...IDS.flatMap((id) => [withField(`"pid":${id}`), withField(`"tid":${id}`)]))],
  ['ids that others stand for', [on(0, 0), on(1_000_000_000, 1_000_000_001), on('a', 'b'), on(-1, 1_000_000_002)]],
  [
    'names of odd ids',
    [
      metadata('process_name', { name: 'zero' }, { pid: 0, tid: 0 }),
      metadata('thread_name', { name: '' }, { pid: 0, tid: 0 }),
      metadata('process_name', { name: '' }, { pid: 'text', tid: 'text' }),
      metadata('process_name', { name: 5 }, { pid: 3 }),
      metadata('process_name', { name: true }, { pid: 4 }),
      metadata('thread_name', {}, { pid: 4, tid: 'named' }),
      metadata('process_labels', { labels: 'GPU' }, { pid: 9 }),
      metadata('process_sort_index', { sort_index: '5' }, { pid: 11 }),
      metadata('thread_sort_index', { sort_index: 'x' }, { pid: 12, tid: 13 }),
      metadata('process_uptime_seconds', { uptime: 5 }, { pid: 14 }),
      metadata('thread_priority', { priority: 5 }, { pid: 15, tid: 16 }),
      on(0, 0),
      on('text', 'text'),
    ],
  ],
  ['what names no thread by being dropped', text('{"ph":"X","pid":5,"tid":5}', '{"ph":"i","pid":6,"tid":6}', '{"ph":"b","pid":7,"ts":1}', '{"ph":"s","pid":8,"tid":8,"ts":1}')],
];

const TIMES = [
  '-1', '-0', '-0.0001', '"-1"', '" 5 "', '"5e1"', '1e300', '-1e300', '"x"', '""', '"NaN"', 'true', 'null', '[1]', '{}', '9223372036854775.807',
  '9223372036854775.808', '".5"', '"5."', '"+5"', '"007"', '0.0004', '0.0005', '1e-400', '12345678901234567890', '"1e400"', '"0x10"',
];

const values: Input[] = [
  ...TIMES.map((time): Input => [`the times ${time}`, text(withField(`"ts":${time}`), withField(`"dur":${time}`), `{"ph":"i","ts":${time}}`, `{"ph":"X","ts":${time},"dur":${time}}`)]),
  ['phases of all kinds', text(...['"N"', '"T"', '"D"', '"P"', '"xyz"', '""', '"é"', '" "', '"\\u0002"', '5', '55', 'true', 'null', '[1]', '"("'].map((ph) => `{"ph":${ph},"pid":1,"tid":1,"ts":1}`), '{"ts":1}', '{}', '{"a":1}')],
  ['args of all kinds', text(...['5', '"a"', '[1,{"b":2}]', 'null', 'true', '{}', '{"a":null}', '{"a":[null,1]}', '{"big":123456789012345678901234567890}', '1.50'].map((all) => withField(`"args":${all}`)))],
  ['args of all kinds, of counters', text(...['5', '"6"', '[1]', 'null', '{}', '{"a":"7"}', '{"a":"x","b":" 8"}', '{"a":true}', '{"a":{"b":1}}', '{"a":1e400}', '{"a":"0x10"}', '{"a":"1e5"}', '{"a":""}'].map((all) => `{"ph":"C","pid":1,"ts":1,"name":"c","args":${all}}`))],
  ['ids of counters', text(...['1', '"1"', 'null', '1.50', '"x"'].map((id) => `{"ph":"C","pid":1,"ts":1,"name":"c","id":${id},"args":{"v":1}}`))],
  ['ids of async events', text(...['1', '"1"', '"0x1"', 'null', '1.5', '[1]', '""', 'true'].flatMap((id) => ['b', 'e'].map((ph) => `{"ph":"${ph}","pid":1,"ts":1,"cat":"c","name":"a","id":${id}}`)))],
  ['ids of async events in two places', text(...['{"local":1}', '{"global":1}', '{"local":null,"global":"1"}', '5', '{}', 'null'].flatMap((id) => ['b', 'e'].map((ph, i) => `{"ph":"${ph}","pid":${i},"ts":${i},"cat":"c","name":"a","id2":${id}}`)))],
  ['scopes of async events', text('{"ph":"b","ts":1,"id":1,"scope":"a"}', '{"ph":"e","ts":2,"id":1}', '{"ph":"e","ts":3,"id":1,"scope":"a"}')],
  ['ids of flows', text(...['1', '"1"', '"0xZ"', '"text"', '""', '-1', '1.5', 'true', 'null', '[1]', '18446744073709551615', '184467440737095516150'].map((id) => `{"ph":"s","pid":1,"tid":2,"ts":2,"cat":"c","name":"f","id":${id}}`), good)],
  ['flows of slices without their id', text(withField('"flow_in":true'), withField('"flow_out":true,"bind_id":1'), withField('"flow_out":false'), withField('"flow_out":"1"'), withField('"flow_out":1,"bind_id":1.5'))],
  ['names that are no texts', text(...['5', '1.50', 'null', 'true', '[1,"a"]', '{"a":1}'].map((name) => `{"ph":"X","ts":1,"dur":1,"name":${name},"cat":${name}}`))],
  ['scopes of instants', text(...['"g"', '"p"', '"t"', '"x"', 'null', '1'].map((s) => `{"ph":"i","pid":3,"tid":4,"ts":1,"s":${s}}`))],
  ['ends and begins of one time', [event('B', 5, 'a'), event('E', 5, 'a'), event('B', 6, 'b'), event('B', 7, 'c'), event('E', 7, undefined), event('E', 9, undefined)]],
  ['the same behind a complete event', [complete(1, 1, 'x'), event('B', 5, 'a'), event('E', 5, 'a'), event('B', 6, 'b'), event('B', 7, 'c'), event('E', 7, undefined), event('E', 9, undefined)]],
  ['ends before their begins in the file', [event('E', 5, 'a'), event('B', 5, 'a'), event('E', 9, 'z'), event('E', 3, 'y'), event('B', 8, 'z')]],
  ['ends that match by name or category', [event('B', 1, 'a', { cat: 'x' }), event('B', 2, 'b'), event('E', 3, 'a', { cat: 'y' }), event('E', 4, 'a'), event('E', 5, undefined, { cat: 'x' }), event('E', 6, 'b', { cat: '' })]],
  ['half of an emoji', text(withField('"cat":"\\ud83e"'), withField('"args":{"\\udd14":"\\ud83e\\udd14"}'))],
  ['arguments nested deeply', text(...[62, 63, 64, 65, 66, 100, 900].map((levels) => withField(`"args":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)), ...[64, 65].map((levels) => withField(`"args":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`)), withField(`"args":${'['.repeat(2000)}${']'.repeat(2000)}`))],
];

const damage: Input[] = [
  ['a comma behind the last element', text('{"ph":"i","ts":1,"args":{"a":[1,2,],},}', good)],
  ['a comma too many in an object', text('{"ph":"i",,"ts":1}', good)],
  ['a comma too many in an array', text('{"ph":"i","ts":1,"args":{"a":[1,,2]}}', good)],
  ['a missing comma', text('{"ph":"i" "ts":1}', good)],
  ['a missing colon', text('{"ph" "i","ts":1}', good)],
  ['a missing value', text('{"ph":"i","ts":}', '{"ph":,"ts":1}', good)],
  ['a key that is no string', text('{"ph":"i",5:1}', good)],
  ['a bracket of the other kind', text('{"ph":"i","ts":1,"args":{"a":[1}}', good)],
  ['a missing closing brace', text('{"ph":"i","ts":1,"name":"a"', good, good)],
  ['a missing closing brace of args', text('{"ph":"i","ts":1,"args":{"a":1}', good, good)],
  ['closing brackets too many', `[${good}},${good}]]`],
  ['a closing bracket too many in the object', `{"traceEvents":[${good}]],"a":1}`],
  ['values among the events', text(good, 'null', '5', '"s"', 'true', '[1,[2]]', good)],
  ['an event outside of traceEvents', `{"a":1,${good},${good}]}`],
  ['a key without a value', `{"a","traceEvents":[${good}],"b":}`],
  ['a value without a key', `{"a":1,5,"traceEvents":[${good}],[1],true}`],
  ['traceEvents that are no array', `{"traceEvents":5,"traceEvents":{"ph":"X"},"traceEvents":[${good}]}`],
  ['traceEvents that are nothing else', '{"traceEvents":"none"}'],
  ['text behind the end of an array', `[${good}] [${good}] ${good} 5 ]`],
  ['text behind the end of an object', `{"traceEvents":[${good}]} {"traceEvents":[${good}]} "x"`],
  ['an array without its end', `[${good},`],
  ['an object without its end', `{"traceEvents":[${good}]`],
  ['a cut event', `[${good},{"ph":"X","ts"`],
  ['a cut string of an event', `[${good},{"ph":"X","na`],
  ['a cut key', `{"traceEvents":[${good}],"ab`],
  ['a cut value', `{"traceEvents":[${good}],"ab":{"c":[1`],
  ['a cut gzip member', gzipSync(text(...Array.from({ length: 3000 }, (_, i) => withField(`"id":${(i * 7919) % 10_007}`)))).subarray(0, 3000)],
];

/** What JSON cannot hold: times of 285 years. */
const BEYOND_JSON = /times are exact/;

const cases = [args, asyncAndCounters, files, flows, kineto, processes, slices].flat().filter(({ title }) => !BEYOND_JSON.test(title));

const describeNative = isSDKAvailable() ? describe : describe.skip;

describeNative.each<[string, Input[]]>([
  ['the cases of the converter', cases.map(({ title, json }) => [title, json])],
  ['ids', ids],
  ['values', values],
  ['damage', damage],
])('with the addon and without: %s', (_, inputs) => {
  it.each(inputs)('%s', async (_title, json) => {
    const input = write(json);
    const refusal = async (work: Promise<unknown>) => work.then(() => undefined, ({ code, message }: { code: string; message: string }) => ({ code, message }));
    const refused = await refusal(convertTrace(input, join(folder, 'out.pftrace')));
    if (refused !== undefined) {
      expect(refused.code).toBe('INVALID_INPUT');
      expect(await refusal(convertTrace(input, join(folder, 'out.json')))).toEqual(refused);
      expect(await refusal(inspectTrace(input))).toEqual(refused);
      return;
    }
    const native = await outcomeOf(input, 'out.pftrace');
    const fallback = await outcomeOf(input, 'out.json');
    expect(countsOf(fallback.report)).toEqual(countsOf(native.report));
    expect(findingsOf(fallback.report)).toEqual(findingsOf(native.report));

    // Devices are processes of JSON, and tracks of a native trace.
    const hasDevices = /"GPU \d|"(?:kernel|gpu_\w+)"/.test(readFileSync(input, 'latin1'));
    // A process of JSON without a name or an event is nowhere.
    const named = ({ tracks }: Outcome) => tracks.filter(({ type, name }) => type === 'process' && name !== '' && name !== 'Trace').map(({ pid, name }) => `${name} (${pid})`).sort();
    if (!hasDevices) expect(named(fallback)).toEqual(named(native));

    const info = await inspectTrace(input);
    const { chunks } = await openTraceFile(input);
    const read = await readChromeTrace(input, chunks, () => undefined);
    // The addon knows no line of damaged gzip data.
    const warnings = read.warnings.map((warning) => (warning.includes('gzip') ? warning.replace(/line \d+, /, '') : warning));
    expect({ ...info, warnings: [...info.warnings].sort() }).toMatchObject({ ...read, warnings: warnings.sort() });
    const { slices: all, instants, counters } = native.report;
    expect(info.events).toMatchObject({ slices: all, instants, counters });
    expect(info.recordKinds).toEqual(native.report.phases);
    const expected = findingsOf(native.report);
    const lines = info.warnings.map((warning) => (warning.includes('gzip') ? warning.replace(/line \d+, /, '') : warning)).sort();
    expect(lines.map((warning, i) => warning.slice(0, expected[i]?.length))).toEqual(expected);
    const hasLanes = native.report.lanes > 0;
    if (!hasDevices) expect(identities(info.tracks, hasLanes)).toEqual(identities(native.tracks, hasLanes));
  });
});

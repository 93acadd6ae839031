/** What is written while a trace comes, read back with JSON.parse; the tests beside it ask trace_processor. */
import { AttrType, LaunchHas, TrackProperty } from '../../lib/batch/layout';
import type { EventRow } from '../support/event-rows';
import { StreamBuilder, type JsonEvent, type Property } from '../support/json-trace';

const HOUR_US = 3600e6;

function onOneThread(window?: number): { trace: StreamBuilder; track: number } {
  const trace = new StreamBuilder(window);
  const track = trace.thread(trace.process('app', 10), 'main', 10);
  return { trace, track };
}

/** Phase, nanoseconds since the first event, and name, of the events that are no metadata. */
function brief(events: JsonEvent[]): (string | number | undefined)[][] {
  return events.map(({ ph, ts, dur, name }) => {
    const nanoseconds = (us: number): number => Math.round(us * 1000);
    return [ph, nanoseconds(ts - HOUR_US), ...(dur === undefined ? [] : [nanoseconds(dur)]), name];
  });
}

describe('the document', () => {
  test('an empty trace is an array', () => {
    const trace = new StreamBuilder();
    expect(trace.finish()).toEqual({ slices: 0, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0 });
    expect(JSON.parse(trace.text())).toEqual([]);
  });

  test('is whole after each flush but for its last bracket, one event a line, metadata first', () => {
    const { trace, track } = onOneThread();
    trace.flush();
    expect(trace.metadata()).toEqual(['process_name 10 - app', 'thread_name 10 10 main']);
    trace.add({ kind: 'slice', track, time: 5, extent: 2, name: 'a' }).flush();
    trace.flush();
    trace.add({ kind: 'begin', track, time: 9, name: 'b' }).flush();
    expect(trace.text()).toMatch(/^\[\n(\{.*\},\n){3}\{.*\}$/);
    expect(brief(trace.events())).toEqual([['X', 0, 2, 'a'], ['B', 4, 'b']]);
    expect(trace.finish()).toMatchObject({ slices: 2, unclosed: 1 });
    expect(trace.text()).toMatch(/\}\n\]\n$/);
  });

  test('comes in chunks of about 64 KiB as the window releases', () => {
    const { trace, track } = onOneThread(100);
    for (let k = 0; k < 8192; k++) trace.add({ kind: 'slice', track, time: k * 10, extent: 10, name: `${'x'.repeat(100)} ${k}` });
    expect(trace.chunks.length).toBeGreaterThan(10);
    expect(Math.max(...trace.chunks.map((chunk) => chunk.length))).toBeLessThan(68 * 1024);
    trace.finish();
    expect(trace.events()).toHaveLength(8192);
  });
});

describe('slices', () => {
  test('that are complete are X, also from a begin and an end, with the arguments of both', () => {
    const { trace, track } = onOneThread();
    trace.add(
      { kind: 'begin', track, time: 10, name: 'outer', category: 'c', args: [['a', 1], ['both', { x: 1 }]] },
      { kind: 'slice', track, time: 11, extent: 3, name: 'inner' },
      { kind: 'end', track, time: 20, args: [['both', [2]], ['b', 3]], launch: [LaunchHas.Registers, 0, 0, 0, 0, 0, 0, 0, 8] },
    );
    trace.finish();
    expect(brief(trace.events())).toEqual([['X', 0, 10, 'outer'], ['X', 1, 3, 'inner']]);
    expect(trace.events()[0]).toMatchObject({ cat: 'c', args: { a: 1, both: [2], b: 3, registers_per_thread: 8 } });
    expect(trace.text().match(/"both"/g)).toHaveLength(1);
  });

  test('are B where they must be written before their end is known, and E has the arguments of the end', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'begin', track, time: 10, name: 'a', args: [['k', 1]] }).flush();
    trace.add({ kind: 'slice', track, time: 12, extent: 2, name: 'in' }, { kind: 'end', track, time: 20, args: [['k', 2]] });
    trace.finish();
    expect(brief(trace.events())).toEqual([['B', 0, 'a'], ['X', 2, 2, 'in'], ['E', 10, undefined]]);
    expect(trace.events().map(({ args }) => args)).toEqual([{ k: 1 }, undefined, { k: 2 }]);
  });

  test('are no X at the time of an open B: readers would put them in front of it', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'begin', track, time: 10, name: 'a' }).flush();
    trace.add(
      { kind: 'begin', track, time: 10, name: 'b' }, { kind: 'end', track, time: 15 },
      { kind: 'slice', track, time: 10, extent: 0, name: 'c' },
      { kind: 'slice', track, time: 11, extent: 1, name: 'd' },
    );
    trace.finish();
    expect(brief(trace.events())).toEqual([
      ['B', 0, 'a'], ['B', 0, 'b'], ['i', 0, 'c'], ['X', 1, 1, 'd'], ['E', 5, undefined],
    ]);
  });

  test('that end at the time of their own B do so a nanosecond later: readers put every E first', () => {
    const { trace, track } = onOneThread();
    for (const name of ['a', 'b']) {
      trace.add({ kind: 'begin', track, time: 10, name }).flush();
      trace.add({ kind: 'end', track, time: 10 }).flush();
    }
    trace.add({ kind: 'begin', track, time: 20, name: 'c' }).flush().finish();
    expect(brief(trace.events())).toEqual([
      ['B', 0, 'a'], ['E', 1, undefined], ['B', 1, 'b'], ['E', 2, undefined], ['B', 10, 'c'],
    ]);
  });

  test('that are late are X in their place, or on a lane', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'slice', track, time: 100, extent: 10, name: 'a' }).flush();
    trace.add({ kind: 'slice', track, time: 50, extent: 10, name: 'b' }, { kind: 'slice', track, time: 55, extent: 60, name: 'c' });
    expect(trace.finish()).toMatchObject({ lateSlices: 2, lanes: 1 });
    expect(brief(trace.events())).toEqual([['X', 0, 10, 'a'], ['X', -50, 10, 'b'], ['X', -45, 60, 'c']]);
    expect(trace.events().map(({ tid }) => tid)).toEqual([10, 10, 1_000_000_000]);
  });
});

describe('tracks', () => {
  const incremental: Property = [TrackProperty.Incremental, AttrType.Bool, 1];

  test('are described when they appear, keep their ids, and share none', () => {
    const trace = new StreamBuilder();
    const first = trace.process('a', 1);
    const plain = trace.plain(first, 'GPU 0');
    trace.add({ kind: 'instant', track: plain, time: 0 }).flush();
    const second = trace.process('b', 2);
    const threads = [trace.thread(second, 'main', 2), trace.thread(second, 'taken', 1), trace.thread(second, 'zero', 0)];
    const root = trace.plain(undefined, 'alone');
    trace.add(...[...threads, root].map((track): EventRow => ({ kind: 'instant', track, time: 1 }))).finish();
    const fresh = 1_000_000_000;
    expect(trace.metadata()).toEqual([
      'process_name 1 - a', `thread_name 1 ${fresh} GPU 0`, `thread_sort_index 1 ${fresh} 2`,
      'process_name 2 - b', 'thread_name 2 2 main', `thread_name 2 ${fresh + 1} taken`, `thread_name 2 ${fresh + 2} zero`,
      `process_name ${fresh + 3} - Trace`, `thread_name ${fresh + 3} ${fresh + 4} alone`,
      `thread_sort_index ${fresh + 3} ${fresh + 4} 7`,
    ]);
  });

  test('incremental counters are summed up, multipliers applied', () => {
    const trace = new StreamBuilder();
    const process = trace.process('a', 1);
    const multiplier: Property = [TrackProperty.UnitMultiplier, AttrType.Int, 1024];
    const counters = [[incremental], [incremental, multiplier], [multiplier], []].map((properties, k) =>
      trace.counter(process, `c${k}`, properties),
    );
    for (let k = 0; k < 3; k++) {
      trace.add(...counters.map((track): EventRow => ({ kind: 'counter', track, time: k, extent: k === 2 ? '3' : 1.5 })));
      trace.flush();
    }
    trace.finish();
    const valuesOf = (name: string): unknown[] => trace.events().filter((event) => event.name === name).map(({ args }) => args!.value);
    expect(valuesOf('c0')).toEqual([1.5, 3, 6]);
    expect(valuesOf('c1')).toEqual([1536, 3072, 6144]);
    expect(valuesOf('c2')).toEqual([1536, 1536, 3072]);
    expect(valuesOf('c3')).toEqual([1.5, 1.5, 3]);
  });
});

describe('flows', () => {
  const heads = (events: JsonEvent[]): unknown[] =>
    events.map(({ ph, id, name }) => (id === undefined ? `${ph} ${name}` : `${ph}${id}`));

  test('start, go on, end, and their ids can come again', () => {
    const { trace, track } = onOneThread();
    const slice = (time: number, flows: number[], terminatingFlows: number[] = []): EventRow => ({
      kind: 'slice', track, time, extent: 5, name: 'n', flows, terminatingFlows,
    });
    trace.add(slice(0, [7]), slice(10, [7, 8]), slice(20, [], [7]), slice(30, [], [7]), slice(40, [7], [8])).finish();
    expect(heads(trace.events())).toEqual([
      'X n', 's1', 'X n', 't1', 's2', 'X n', 'f1', 'X n', 'X n', 's3', 'f2',
    ]);
  });

  test('of late events before their start are left out', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'instant', track, time: 10, name: 'a', flows: [1] }).flush();
    trace.add({ kind: 'instant', track, time: 5, name: 'b', flows: [1] }, { kind: 'instant', track, time: 20, name: 'c', flows: [1] });
    trace.finish();
    expect(heads(trace.events())).toEqual(['i a', 's1', 'i b', 'i c', 't1']);
  });

  test('ids of 64 bits are told apart', () => {
    const { trace, track } = onOneThread();
    const flows = ['18446744073709551615', '18446744073709551614', '18446744073709551615'];
    trace.add(...flows.map((id, time): EventRow => ({ kind: 'instant', track, time, name: 'n', flows: [id] }))).finish();
    expect(heads(trace.events())).toEqual(['i n', 's1', 'i n', 's2', 'i n', 't1']);
  });

  test('those that were not seen for long are forgotten where very many are open', () => {
    const { trace, track } = onOneThread(100);
    for (let k = 0; k < 70_000; k++) trace.add({ kind: 'instant', track, time: k, flows: [k] });
    trace.add({ kind: 'instant', track, time: 80_000, flows: [0, 69_999] }).finish();
    expect(heads(trace.events()).slice(-2)).toEqual(['s70001', 't70000']);
  });
});

describe('strings', () => {
  test('rows that wait keep theirs when a new table begins', () => {
    const { trace, track } = onOneThread();
    const { batch } = trace;
    trace.add({ kind: 'begin', track, time: 0, name: 'first', category: 'c', args: [['k', 'v'], ['o', { in: ['x'] }]] });
    batch.flush();
    batch.forgetTexts();
    const later = trace.thread(trace.process('later', 20), 'thread', 21);
    trace.add(
      { kind: 'slice', track: later, time: 1, extent: 1, name: 'v', args: [['c', 'first'], ['n', { k: 'k' }]] },
      { kind: 'end', track, time: 5, args: [['k', 'again']] },
    );
    batch.flush();
    batch.forgetTexts();
    trace.add({ kind: 'instant', track, time: 9, name: 'last', args: [['first', 'k']] }).flush();
    batch.forgetTexts();
    trace.add({ kind: 'instant', track, time: 10, name: 'end', args: [['last', 'k']] }).finish();
    expect(trace.events().map(({ name, cat, args }) => [name, cat, args])).toEqual([
      ['first', 'c', { k: 'again', o: { in: ['x'] } }], ['v', undefined, { c: 'first', n: { k: 'k' } }],
      ['last', undefined, { first: 'k' }], ['end', undefined, { last: 'k' }],
    ]);
    expect(trace.metadata()).toContain('thread_name 20 21 thread');
  });
});

describe('times', () => {
  test('from 0 to 2^63 do no harm', () => {
    const { trace, track } = onOneThread();
    const times = ['5000000000000000000', '0', '9223372036854775807', '9223372036854774807', '1', '9007199254740993'];
    for (const time of times) {
      trace.add({ kind: 'slice', track, time, extent: 0 }, { kind: 'begin', track, time: '5000000000000000000' });
      trace.add({ kind: 'instant', track, time }, { kind: 'end', track, time: '5000000000000000000' });
      trace.add({ kind: 'slice', track, time, extent: String(2n ** 63n - 1n - BigInt(time)) }).flush();
    }
    expect(trace.finish()).toMatchObject({ slices: 18, instants: 6, unclosed: 0 });
    expect(trace.events().every(({ ts }) => Number.isFinite(ts))).toBe(true);
  });
});

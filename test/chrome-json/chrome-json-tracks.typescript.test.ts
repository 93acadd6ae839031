/** What the JSON backend makes of tracks and arrows: processes, threads, lanes, names, ids. */
import { AttrType, TrackProperty } from '../../lib/batch/layout';
import type { EventRow } from '../support/event-rows';
import { TraceBuilder, type Property } from '../support/json-trace';

const HOUR_US = 3600e6;

function onOneThread(): { trace: TraceBuilder; track: number } {
  const trace = new TraceBuilder();
  const track = trace.thread(trace.process('app', 10), 'main', 10);
  return { trace, track };
}

describe('tracks', () => {
  const sort = (index: number): Property => [TrackProperty.SortIndex, AttrType.Int, index];
  const rank = (value: number): Property => [TrackProperty.Rank, AttrType.Int, value];
  const byRank: Property = [TrackProperty.ChildOrdering, AttrType.Int, 3];

  test('processes and threads keep their ids and properties', () => {
    const trace = new TraceBuilder();
    const label = (text: string): Property => [TrackProperty.Label, AttrType.Text, text];
    const process = trace.process('app', 10, [sort(-3), label('gpu'), label('a,b')]);
    trace.thread(process, 'main', 10, [sort(5)]);
    trace.thread(process, '', 12);
    expect(trace.metadata()).toEqual([
      'process_name 10 - app', 'process_sort_index 10 - -3', 'process_labels 10 - gpu,a,b',
      'thread_name 10 10 main', 'thread_sort_index 10 10 5',
    ]);
  });

  test('ids that readers would misunderstand are replaced', () => {
    const trace = new TraceBuilder();
    const first = trace.process('a', 1);
    const zero = trace.process('b', 0);
    const twice = trace.process('c', 1);
    const large = trace.process('d', 2n ** 40n);
    const threads = [
      trace.thread(first, 'zero', 0), trace.thread(first, 'kept', 7), trace.thread(twice, 'twice', 7),
      trace.thread(zero, 'pid of another', 1), trace.thread(large, 'large', 2n ** 40n), trace.thread(large, 'none'),
      trace.thread(first, 'main', 1),
    ];
    trace.add(...threads.map((track): EventRow => ({ kind: 'instant', track, time: 1 })));
    const events = trace.events();
    const tids = events.map(({ tid }) => tid!);
    const pids = new Set(events.map(({ pid }) => pid));
    expect(events[1]).toMatchObject({ pid: 1, tid: 7 });
    expect(events[6]).toMatchObject({ pid: 1, tid: 1 });
    expect(new Set(tids).size).toBe(7);
    expect(pids.size).toBe(4);
    expect([...tids, ...pids]).not.toContain(0);
    tids.slice(0, 6).forEach((tid) => expect(pids).not.toContain(tid));
  });

  test('plain tracks are threads named by their way down from the process, in the order of the tree', () => {
    const trace = new TraceBuilder();
    const process = trace.process('app', 1, [byRank]);
    const gpu = trace.plain(process, 'GPU 1', [rank(1), byRank]);
    const streams = [trace.plain(gpu, 'Stream 10', [rank(10)]), trace.plain(gpu, 'Stream 2', [rank(2)])];
    const first = trace.plain(process, 'GPU 0', [rank(0)]);
    const below = trace.plain(trace.thread(process, 'main', 9), 'async');
    trace.add(...[...streams, first, below].map((track): EventRow => ({ kind: 'instant', track, time: 1 })));
    const names = trace.metadata().filter((line) => line.startsWith('thread'));
    expect(names.map((line) => line.replace(/(\S+) 1 \d+/, '$1'))).toEqual([
      'thread_name main',
      'thread_name GPU 1 / Stream 10', 'thread_sort_index 7',
      'thread_name GPU 1 / Stream 2', 'thread_sort_index 6',
      'thread_name GPU 0', 'thread_sort_index 2',
      'thread_name main / async', 'thread_sort_index 4',
    ]);
  });

  test('tracks below no process get one', () => {
    const trace = new TraceBuilder();
    const track = trace.plain(undefined, 'GPU 0');
    const counter = trace.counter(undefined, 'power');
    trace.add({ kind: 'instant', track, time: 1 }, { kind: 'counter', track: counter, time: 1, extent: 1 });
    expect(trace.metadata()).toEqual([
      'process_name 1 - Trace', 'thread_name 1 2 GPU 0', 'thread_sort_index 1 2 1',
    ]);
    expect(trace.events()).toMatchObject([{ pid: 1, tid: 2 }, { pid: 1, name: 'power' }]);
  });

  test('counters say what they are below, and ids tell those of one name apart', () => {
    const trace = new TraceBuilder();
    const process = trace.process('app', 1);
    const gpu = trace.plain(process, 'GPU 0');
    const other = trace.process('b', 2);
    const tracks = [process, gpu, gpu, other].map((parent) => trace.counter(parent, 'power'));
    trace.add(...tracks.map((track): EventRow => ({ kind: 'counter', track, time: 1, extent: 1 })));
    expect(trace.events().map(({ pid, name, id }) => [pid, name, id])).toEqual([
      [1, 'power', undefined], [1, 'GPU 0 / power', undefined], [1, 'GPU 0 / power', '2'],
      [2, 'power', undefined],
    ]);
  });

  test('lanes are threads of the same name', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'slice', track, time: 0, extent: 10 }, { kind: 'slice', track, time: 5, extent: 10 });
    const [first, second] = trace.events();
    expect([first.tid, second.tid]).toEqual([10, 1]);
    expect(trace.metadata()).toContain('thread_name 10 1 main');
  });
});

describe('arrows', () => {
  type Ends = [type: number, id: number][];
  const flows = (leaving: Ends, arriving: Ends = []): Partial<EventRow> => ({ flowOut: leaving, flowIn: arriving });

  test('are on the slices themselves, one bind_id for all that leave one', () => {
    const { trace, track } = onOneThread();
    trace.add(
      { kind: 'slice', track, time: 0, extent: 5, ...flows([[1, 1]]) },
      { kind: 'slice', track, time: 10, extent: 5, ...flows([], [[1, 1]]) },
      { kind: 'instant', track, time: 20, ...flows([], [[1, 1]]) },
    );
    expect(trace.events()).toMatchObject([
      { ph: 'X', bind_id: 1, flow_out: true },
      { ph: 'X', bind_id: 1, flow_in: true },
      { ph: 'X', dur: 0, bind_id: 1, flow_in: true },
    ]);
  });

  test('are events of their own where an event has more than one bind_id could say', () => {
    const { trace, track } = onOneThread();
    trace.add(
      { kind: 'slice', track, time: 0, extent: 5, ...flows([[1, 1]]) },
      { kind: 'slice', track, time: 10, extent: 5, ...flows([[1, 2]], [[1, 1]]) },
      { kind: 'slice', track, time: 10, extent: 3 },
      { kind: 'slice', track, time: 20, extent: 5, ...flows([], [[1, 2]]) },
    );
    const nanoseconds = (ts: number): number => Math.round((ts - HOUR_US) * 1000);
    expect(trace.events().map(({ ph, ts, id, bind_id }) => [ph, nanoseconds(ts), id ?? bind_id])).toEqual([
      ['B', 0, undefined], ['s', 0, 1], ['E', 5, undefined],
      ['B', 10, 3], ['f', 10, 1], ['B', 10, undefined], ['E', 13, undefined], ['E', 15, undefined],
      ['X', 20, 3],
    ]);
  });
});

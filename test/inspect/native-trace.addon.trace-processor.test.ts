/** What Perfetto's own trace_processor reads from native traces of the exporter. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventType, FlowType, isSDKAvailable, PerfettoProtoExporter, type ExporterOptions, type TraceEvent } from '../../lib';
import { decodeTrace } from '../support/decode-trace';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

const example = JSON.parse(readFileSync(join(__dirname, '../fixtures/design-example.json'), 'utf8')) as TraceEvent[];

const SLICES = `select s.name, s.category, s.ts, s.dur, s.depth, t.name as track from slice s join track t on s.track_id = t.id order by s.ts, s.id`;

const describeNative = isSDKAvailable() ? describeWithTraceProcessor : (name: string, body: () => void) => describe.skip(name, body);

describeNative('a native trace in trace_processor', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function written(events: TraceEvent[], options: ExporterOptions = {}): string {
    const path = join(folder, 'trace.perfetto-trace');
    new PerfettoProtoExporter().exportToFileSync(events, path, options);
    expect(errorStats(path)).toEqual([]);
    return path;
  }
  const slices = (events: TraceEvent[]) => query(written(events), SLICES);

  it('01 has the example of the design', () => {
    const path = written(example);
    expect(query(path, SLICES)).toEqual([
      { name: 'vectorAdd', category: 'gpu_kernel', ts: '1000000', dur: '500000', depth: '0', track: 'Stream 1' },
      { name: 'memcpy_H2D', category: 'gpu_memory', ts: '2000000', dur: '100000', depth: '0', track: 'Stream 1' },
      { name: 'cudaMalloc', category: 'gpu_memory', ts: '3000000', dur: '0', depth: '0', track: 'Stream 0' },
      { name: 'cudaStreamSynchronize', category: 'gpu_stream', ts: '4000000', dur: '200000', depth: '0', track: 'Stream 1' },
    ]);
    const args = query(
      path,
      `select name || ' ' || key as arg, value_type as type, coalesce(string_value, int_value) as value
       from args join slice using (arg_set_id) order by slice.id, args.id`,
    );
    expect(args).toEqual(
      [
        ['vectorAdd debug.correlation_id', 'int', '42'],
        ['vectorAdd debug.thread_id', 'int', '12345'],
        ['vectorAdd debug.grid_dim', 'string', '[256,1,1]'],
        ['vectorAdd debug.block_dim', 'string', '[256,1,1]'],
        ['vectorAdd debug.shared_mem_bytes', 'int', '0'],
        ['vectorAdd debug.registers_per_thread', 'int', '32'],
        ['vectorAdd debug.operator', 'string', 'aten::add'],
        ['vectorAdd debug.device', 'string', 'cuda:0'],
        ['memcpy_H2D debug.correlation_id', 'int', '43'],
        ['memcpy_H2D debug.size_bytes', 'int', '16384'],
        ['memcpy_H2D debug.src_address', 'pointer', '140703128616960'],
        ['memcpy_H2D debug.dst_address', 'pointer', '140737488355328'],
        ['cudaMalloc debug.size_bytes', 'int', '1048576'],
        ['cudaMalloc debug.dst_address', 'pointer', '140737488355328'],
      ].map(([arg, type, value]) => ({ arg, type, value })),
    );
  });

  it('02 names devices and streams, below a process', () => {
    const events = [0, 1, 12].map((id): TraceEvent => ({
      type: EventType.Marker, name: 'm', timestamp: id, deviceId: id === 12 ? 1 : 0, streamId: id,
    }));
    const path = written(events, { processName: 'training', deviceNames: { 1: 'A100' } });
    expect(query(path, `select p.name as parent, t.name from track t left join track p on p.id = t.parent_id where t.name != 'training' order by t.id`)).toEqual([
      { parent: null, name: 'GPU 0' },
      { parent: 'GPU 0', name: 'Stream 0' },
      { parent: 'GPU 0', name: 'Stream 1' },
      { parent: null, name: 'A100' },
      { parent: 'A100', name: 'Stream 12' },
    ]);
    expect(query(path, 'select pid, name from process where pid != 0')).toEqual([{ pid: '1', name: 'training' }]);
  });

  it('03 gives streams the uuid of device and stream', () => {
    const events = [[0, 0], [0, 5], [3, 0], [2 ** 32 - 1, 2 ** 32 - 1]].map(([deviceId, streamId]): TraceEvent => ({
      type: EventType.Marker, name: `${deviceId}/${streamId}`, timestamp: 1, deviceId, streamId,
    }));
    const { events: packets } = decodeTrace(readFileSync(written(events)));
    const byName = new Map(packets.map(({ name, track }) => [name, track]));
    expect(byName.get('0/5')).toBe(5n);
    expect(byName.get('3/0')).toBe(3n << 32n);
    expect(byName.get('4294967295/4294967295')).toBe(2n ** 64n - 1n);
    expect(byName.get('0/0')).not.toBe(0n);
  });

  it('03b gives each stream its own track, whenever it comes first', () => {
    // Streams of device 0 have small uuids, and come when other tracks have theirs already.
    const events = Array.from({ length: 20_000 }, (_, i): TraceEvent => ({
      type: EventType.Marker, name: String(i), timestamp: i, deviceId: 0, streamId: Math.floor(i / 1000),
    }));
    const { events: packets, tracks } = decodeTrace(readFileSync(written(events)));
    expect(new Set(tracks.map(({ uuid }) => uuid)).size).toBe(tracks.length);
    const wrong = packets.filter(({ name, track }) => Number(name) >= 1000 && Number(track) !== Math.floor(Number(name) / 1000));
    expect(wrong).toEqual([]);
  });

  it('04 keeps counters with their unit below their device', () => {
    const counters = [
      { timestamp: 1, counterName: 'memory', value: 0, unit: 'bytes' },
      { timestamp: 2, counterName: 'memory', value: 1.5, unit: 'bytes' },
      { timestamp: 3, counterName: 'power', value: -7n, unit: 'W', deviceId: 1 },
      { timestamp: 4, counterName: 'clock', value: 1, trackId: 1 },
      { timestamp: 5, counterName: 'clock', value: 2, trackId: 2 },
    ];
    const rows = query(
      written([], { counters }),
      `select c.ts, c.value, t.name, t.unit, p.name as device from counter c join counter_track t on t.id = c.track_id left join track p on p.id = t.parent_id order by c.ts`,
    );
    expect(rows.map(({ ts, value, name, unit, device }) => [ts, Number(value), name, unit, device])).toEqual([
      ['1', 0, 'memory', 'bytes', 'GPU 0'],
      ['2', 1.5, 'memory', 'bytes', 'GPU 0'],
      ['3', -7, 'power', 'W', 'GPU 1'],
      ['4', 1, 'clock [1]', null, 'GPU 0'],
      ['5', 2, 'clock [2]', null, 'GPU 0'],
    ]);
  });

  it('05 draws arrows between the slices and instants that they name', () => {
    const flow = (id: number | bigint, isStart: boolean, type = FlowType.AsyncCpuGpu) => ({ id, type, isStart });
    const events: TraceEvent[] = [
      { type: EventType.KernelLaunch, name: 'a', timestamp: 10, duration: 5, flow: flow(2n ** 64n - 1n, true) },
      { type: EventType.KernelLaunch, name: 'b', timestamp: 10, duration: 50, streamId: 1, flow: flow(2n ** 64n - 1n, false) },
      { type: EventType.Marker, name: 'c', timestamp: 70, flow: flow(2n ** 64n - 1n, false) },
    ];
    const rows = query(
      written(events),
      'select o.name as source, i.name as target from flow f join slice o on o.id = f.slice_out join slice i on i.id = f.slice_in order by i.ts',
    );
    expect(rows).toEqual([
      { source: 'a', target: 'b' },
      { source: 'a', target: 'c' },
    ]);
  });

  it('06 nests children, also those that share their parent\'s start and come first', () => {
    const rows = slices([
      { type: EventType.MemcpyD2D, name: 'grandchild', timestamp: 10, duration: 0 },
      { type: EventType.MemcpyD2D, name: 'child', timestamp: 10, duration: 5 },
      { type: EventType.MemcpyD2D, name: 'parent', timestamp: 10, duration: 10 },
      { type: EventType.MemcpyD2D, name: 'next', timestamp: 20, duration: 10 },
    ]);
    expect(rows.map(({ name, dur, depth }) => [name, dur, depth])).toEqual([
      ['parent', '10', '0'],
      ['child', '5', '1'],
      ['grandchild', '0', '2'],
      ['next', '10', '0'],
    ]);
  });

  it('07 keeps overlaps whole, on lanes of the same name', () => {
    const rows = slices(
      [[0, 10], [5, 10], [8, 4], [12, 10]].map(([timestamp, duration], i): TraceEvent => ({
        type: EventType.MemcpyD2D, name: `${i}`, timestamp, duration,
      })),
    );
    expect(rows.map(({ name, ts, dur, track }) => [name, ts, dur, track])).toEqual([
      ['0', '0', '10', 'Stream 0'],
      ['1', '5', '10', 'Stream 0'],
      ['2', '8', '4', 'Stream 0'],
      ['3', '12', '10', 'Stream 0'],
    ]);
  });

  it('08 loads 600 nested slices, all with their end', () => {
    const rows = slices(
      Array.from({ length: 600 }, (_, i): TraceEvent => ({
        type: EventType.MemcpyD2D, name: 's', timestamp: i, duration: 2000 - 2 * i,
      })),
    );
    expect(rows).toHaveLength(600);
    expect(rows.map(({ ts, dur }) => 2 * Number(ts) + Number(dur))).toEqual(new Array(600).fill(2000));
  });

  it('09 is exact at both ends of time', () => {
    const last = 2n ** 63n - 1n;
    const path = written([
      { type: EventType.MemcpyD2D, name: 'first', timestamp: 0, duration: 1 },
      { type: EventType.MemcpyD2D, name: 'last', timestamp: last - 1n, duration: 1n },
    ]);
    expect(query(path, 'select ts, dur from slice order by ts')).toEqual([
      { ts: '0', dur: '1' },
      { ts: String(last - 1n), dur: '1' },
    ]);
  });

  it('10 merges the completion into the launch and leaves the unclosed one open', () => {
    const path = written([
      { type: EventType.KernelLaunch, name: 'k', timestamp: 10, correlationId: 7, metadata: { from: 'launch', both: 1 } },
      { type: EventType.KernelLaunch, name: 'open', timestamp: 12 },
      { type: EventType.KernelComplete, name: 'k', timestamp: 30, correlationId: 7, metadata: { to: 'complete', both: 2 } },
    ]);
    expect(query(path, 'select name, ts, dur from slice order by ts')).toEqual([
      { name: 'k', ts: '10', dur: '20' },
      { name: 'open', ts: '12', dur: '-1' },
    ]);
    expect(query(path, "select key, display_value as value from args where key like 'debug.%' order by id")).toEqual([
      { key: 'debug.correlation_id', value: '7' },
      { key: 'debug.from', value: 'launch' },
      { key: 'debug.both', value: '2' },
      { key: 'debug.to', value: 'complete' },
    ]);
  });

  it('11 keeps the types of nested arguments', () => {
    const metadata = { text: 'ä€😀', int: -5, big: 2n ** 63n, double: 0.5, huge: 1e300, yes: true, list: [1, 'two', { three: 3 }], nothing: null };
    const path = written([{ type: EventType.Marker, name: 'm', timestamp: 1, metadata }]);
    expect(query(path, "select key, value_type as type, display_value as value from args where key like 'debug.%' order by id")).toEqual(
      [
        ['debug.text', 'string', 'ä€😀'],
        ['debug.int', 'int', '-5'],
        ['debug.big', 'uint', '9223372036854775808'],
        ['debug.double', 'real', '0.5'],
        ['debug.huge', 'real', '1.0e+300'],
        ['debug.yes', 'bool', 'true'],
        ['debug.list[0]', 'int', '1'],
        ['debug.list[1]', 'string', 'two'],
        ['debug.list[2].three', 'int', '3'],
      ].map(([key, type, value]) => ({ key, type, value })),
    );
  });

  it('12 keeps call stacks, outermost frame first', () => {
    const callStack = [
      { functionName: 'inner', fileName: 'a.cc', lineNumber: 3, address: 0x10 },
      { functionName: 'main', fileName: 'main.cc' },
    ];
    const event: TraceEvent = { type: EventType.Marker, name: 'm', timestamp: 1, callStack };
    const rows = query(
      written([event, { ...event, timestamp: 2 }]),
      `select f.name, c.depth from __intrinsic_track_event_callstacks s
       join stack_profile_callsite leaf on leaf.id = s.callsite_id
       join stack_profile_callsite c on c.id = leaf.id or c.id = leaf.parent_id
       join stack_profile_frame f on f.id = c.frame_id where s.slice_id = (select min(id) from slice) order by c.depth`,
    );
    expect(rows).toEqual([
      { name: 'main', depth: '0' },
      { name: 'inner', depth: '1' },
    ]);
  });

  it('13 loads 100,000 random events with every slice and its length', () => {
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const events = Array.from({ length: 100_000 }, (_, i): TraceEvent => ({
      type: EventType.MemcpyD2D, name: `n${i % 50}`, timestamp: random(10_000_000), duration: random(2_000), streamId: random(4),
    }));
    const total = events.reduce((sum, { duration }) => sum + Number(duration), 0);
    expect(query(written(events), 'select count(*) as n, sum(dur) as total, min(dur) as shortest from slice')).toEqual([
      { n: '100000', total: String(total), shortest: '0' },
    ]);
  });
});

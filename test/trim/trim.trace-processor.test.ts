import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Format, isSDKAvailable, TraceWriter, type TrimOptions } from '../../lib';
import { NativeTrimmer } from '../../lib/trim/native-trimmer';
import { ScriptTrimmer } from '../../lib/trim/script-trimmer';
import { trimWith } from '../../lib/trim/trim';
import { describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';
import { begin, BOOTTIME, compressed, end, event, message, packet, sequenceStart, traceOf, track } from './packets';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trim-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => path.join(folder, name);

function write(packets: readonly Buffer[]): string {
  fs.writeFileSync(file('in.pftrace'), traceOf(packets));
  return file('in.pftrace');
}

const trimmers = isSDKAvailable() ? [ScriptTrimmer, NativeTrimmer] : [ScriptTrimmer];

/** Trims in each way there is; the outputs must be the same, byte by byte where they are not compressed. */
async function trimTrace(input: string, output: string, options: TrimOptions) {
  const results = [];
  for (const Trimmer of trimmers) {
    const report = await trimWith(Trimmer, input, output, options).catch((error: Error) => ({ error: error.message, thrown: error }));
    const files = 'files' in report ? report.files : [];
    const contents = !contentsDiffer(options) ? files.map((name) => fs.readFileSync(name).toString('hex')) : [];
    results.push({ report, contents });
  }
  const [{ report }] = results;
  for (const other of results.slice(1)) {
    const bytes = contentsDiffer(options) ? { bytes: expect.any(Number) as number } : {};
    expect(other).toEqual({ ...results[0], report: { ...report, ...('thrown' in report ? { thrown: expect.anything() as Error } : bytes) } });
  }
  if ('thrown' in report) throw report.thrown;
  return report;
}

const contentsDiffer = ({ compression = 'none' }: TrimOptions) => compression !== 'none';

async function trimmed(input: string, options: TrimOptions) {
  const output = file('out.pftrace');
  const report = await trimTrace(input, output, options);
  expect(errorStats(output)).toEqual([]);
  return { output, report };
}

const slicesIn = (trace: string) =>
  query(trace, `SELECT s.name || ' ' || s.ts || ' ' || s.dur || ' ' || coalesce(t.name, '-') ||
    coalesce(' ' || extract_arg(s.arg_set_id, 'debug.trimmed'), '') AS row
    FROM slice s JOIN track t ON t.id = s.track_id ORDER BY s.ts, s.id`).map(({ row }) => row);
const countersIn = (trace: string) =>
  query(trace, `SELECT t.name || ' ' || c.ts || ' ' || CAST(c.value AS INT) AS row FROM counter c
    JOIN track t ON t.id = c.track_id ORDER BY c.ts`).map(({ row }) => row);
const arrowsIn = (trace: string) =>
  query(trace, `SELECT o.name || ' -> ' || i.name AS row FROM flow f JOIN slice o ON o.id = f.slice_out
    JOIN slice i ON i.id = f.slice_in ORDER BY 1`).map(({ row }) => row);

const flow = (id: number) => (e: Parameters<Parameters<typeof message>[0]>[0]) => void e.fixed64(47, id);

describeWithTraceProcessor('trimTrace of other writers\' traces', () => {
  test('01 an incremental clock goes on over what went, and slices across an edge are cut', async () => {
    const input = write([
      ...sequenceStart(1000), track(5, 'T'),
      begin(0, 5, 'all'), begin(100, 5, 'early'), end(50, 5), begin(50, 5, 'across'), end(200, 5),
      begin(10, 5, 'inside'), end(20, 5), begin(70, 5, 'over'), end(400, 5), begin(10, 5, 'late'), end(10, 5), end(80, 5),
    ]);
    expect(slicesIn(input)).toEqual([
      'all 1000 1000 T', 'early 1100 50 T', 'across 1200 200 T', 'inside 1410 20 T', 'over 1500 400 T', 'late 1910 10 T',
    ]);
    const { output, report } = await trimmed(input, { from: 300, to: 600 });
    expect(slicesIn(output)).toEqual([
      'all 1300 300 T begin and end', 'across 1300 100 T begin', 'inside 1410 20 T', 'over 1500 100 T end',
    ]);
    expect(report).toMatchObject({ slices: 4, cut: 3, droppedSlices: 2, windows: [{ from: 1300n, to: 1600n }] });
  });

  test('02 the same of a clock in microseconds, in compressed packets and gzip, and with an absolute time', async () => {
    const events = [begin(0, 5, 'a'), end(1, 5), begin(1, 5, 'b'), end(2, 5), begin(3, 5, 'c'), end(4, 5)];
    const packets = [...sequenceStart(1_000_000, 1000), track(5, 'T'), compressed(events)];
    const input = file('in.gz');
    fs.writeFileSync(input, gzipSync(traceOf(packets)));
    expect(slicesIn(input)).toEqual(['a 1000000 1000 T', 'b 1002000 2000 T', 'c 1007000 4000 T']);
    for (const compression of ['none', 'gzip', 'packets'] as const) {
      const { output } = await trimmed(input, { from: { at: 1_006_000n }, compression });
      expect(slicesIn(output)).toEqual(['c 1007000 4000 T']);
    }
  });

  test('03 names, categories and arguments of packets that went are there for those that stay', async () => {
    const entry = (iid: number, text: string) => message((m) => m.integer(1, iid).data(2, text));
    const first = packet((m) =>
      m.integer(8, 0)
        .data(12, message((i) => i.data(1, entry(1, 'cat')).data(2, entry(1, 'named')).data(3, entry(1, 'Ev Idx')).data(3, entry(2, 'size'))))
        .data(11, message((e) => e.integer(9, 1).integer(11, 5).integer(10, 1))));
    const args = message((a) => a.integer(1, 1).integer(4, 9));
    const size = message((a) => a.integer(1, 2).integer(4, 8));
    const second = event(100, 1, 5, (e) => e.integer(10, 1).integer(3, 1).data(4, args).data(4, size));
    const input = write([...sequenceStart(1000), track(5, 'T'), first, end(50, 5), second, end(10, 5)]);
    for (const options of [{ from: 120 }, { categories: ['c?t'] }, { minDuration: 5, from: 140 }]) {
      const { output } = await trimmed(input, { ...options, args: 'lean' });
      expect(slicesIn(output)).toEqual(['named 1150 10 T']);
      expect(query(output, "SELECT category AS c, extract_arg(arg_set_id, 'debug.size') AS size, extract_arg(arg_set_id, 'debug.Ev Idx') AS e FROM slice"))
        .toEqual([{ c: 'cat', size: '8', e: null }]);
    }
    const { output } = await trimmed(input, { excludeCategories: ['cat'], args: 'none' });
    expect(slicesIn(output)).toEqual(['named 1000 50 T']);
  });

  test('04 incremental counters keep their absolute values, also beside slices', async () => {
    const counter = (uuid: number, name: string) => track(uuid, name, (t) => t.data(8, message((c) => c.integer(5, 1))));
    const count = (delta: number, value: number) => event(delta, 4, 6, (e) => e.integer(30, value));
    const extra = (value: number) => (e: Parameters<Parameters<typeof message>[0]>[0]) => void e.integer(31, 8).integer(12, value);
    const input = write([
      ...sequenceStart(1000), track(5, 'T'), counter(6, 'C'), counter(8, 'E'),
      count(0, 10), count(100, 5), count(100, -3), count(100, 7),
      begin(100, 5, 'gone', extra(2)), event(10, 2, 5, extra(3)), begin(90, 5, 'kept', extra(4)), event(10, 2, 5, extra(6)),
    ]);
    expect(countersIn(input)).toEqual([
      'C 1000 10', 'C 1100 15', 'C 1200 12', 'C 1300 19', 'E 1400 2', 'E 1410 5', 'E 1500 9', 'E 1510 15',
    ]);
    expect(countersIn((await trimmed(input, { from: 250 })).output)).toEqual(countersIn(input).slice(3));
    expect(countersIn((await trimmed(input, { names: [/kept/] })).output)).toEqual(countersIn(input).filter((row) => !/ E? ?14/.test(row!)));
  });

  test('05 a state that is begun anew counts from its own start', async () => {
    const part = (time: number, name: string) => [...sequenceStart(time), track(5, 'T'), begin(0, 5, `${name}1`), end(10, 5), begin(10, 5, `${name}2`), end(5, 5)];
    const input = write([...part(1000, 'a'), ...part(5000, 'b')]);
    const { output } = await trimmed(input, { names: [/2/] });
    expect(slicesIn(output)).toEqual(['a2 1020 5 T', 'b2 5020 5 T']);
  });

  test('06 an arrow whose middle went is not joined over it', async () => {
    const step = (name: string) => [begin(100, 5, name, flow(3)), end(10, 5)];
    const input = write([...sequenceStart(1000), track(5, 'T'), ...['a', 'b', 'c', 'd', 'e'].flatMap(step)]);
    expect(arrowsIn(input)).toEqual(['a -> b', 'b -> c', 'c -> d', 'd -> e']);
    const { output, report } = await trimmed(input, { excludeNames: [/c/] });
    expect(arrowsIn(output)).toEqual(['a -> b', 'd -> e']);
    expect(report.flowsCut).toBe(2);
  });

  test('07 a kernel keeps its launch with what is around it, and a step its kernels that run later', async () => {
    const input = write([
      ...sequenceStart(1000), track(5, 'T'), track(6, 'GPU'),
      begin(0, 5, 'ProfilerStep#1'), begin(10, 5, 'op'), begin(10, 5, 'launch', flow(3)), end(5, 5), end(5, 5), end(70, 5),
      begin(0, 5, 'ProfilerStep#2'), begin(50, 6, 'kernel', flow(3)), end(20, 6), end(30, 5),
      begin(0, 5, 'ProfilerStep#3'), end(100, 5),
    ]);
    const two = await trimmed(input, { from: 100, to: 200 });
    expect(slicesIn(two.output)).toEqual([
      'ProfilerStep#1 1000 100 T', 'op 1010 20 T', 'launch 1020 5 T', 'ProfilerStep#2 1100 100 T', 'kernel 1150 20 GPU',
    ]);
    expect(arrowsIn(two.output)).toEqual(['launch -> kernel']);
    const one = await trimmed(input, { steps: [[1, 1]] });
    expect(slicesIn(one.output)).toEqual(['ProfilerStep#1 1000 100 T', 'op 1010 20 T', 'launch 1020 5 T', 'kernel 1150 20 GPU']);
    const three = await trimmed(input, { around: ['ProfilerStep#3'] });
    expect(slicesIn(three.output)).toEqual(['ProfilerStep#3 1200 100 T']);
    await expect(trimTrace(input, file('none.pftrace'), { steps: [[7, 9]] })).rejects.toMatchObject({
      code: 'INVALID_INPUT', message: expect.stringContaining('there are 1 to 3') as string,
    });
    expect(fs.existsSync(file('none.pftrace'))).toBe(false);
  });

  test('13 what lies around the launch of a kernel that stays, and goes on, is cut to what stays in it', async () => {
    const input = write([
      ...sequenceStart(1000), track(5, 'T'), track(6, 'GPU'),
      begin(0, 5, 'main'), begin(200, 5, 'op'), begin(10, 5, 'launch', flow(3)), end(5, 5), end(5, 5),
      begin(480, 6, 'kernel', flow(3)), end(20, 6), end(280, 5),
    ]);
    const { output } = await trimmed(input, { from: { at: 1600n }, to: { at: 1800n } });
    expect(slicesIn(output)).toEqual(['main 1200 600 T begin and end', 'op 1200 20 T', 'launch 1210 5 T', 'kernel 1700 20 GPU']);
    expect(arrowsIn(output)).toEqual(['launch -> kernel']);
  });

  test('14 samples of call stacks go one by one', async () => {
    const clocks = packet((m) => m.data(6, message((s) => s
      .data(1, message((c) => c.integer(1, BOOTTIME).integer(2, 0))).data(1, message((c) => c.integer(1, 3).integer(2, 0))))));
    const entry = (iid: number, text: string) => message((m) => m.integer(1, iid).data(2, text));
    const start = packet((m) => m
      .data(44, message((t) => t.integer(1, 1).integer(2, 2).integer(6, 1000)))
      .data(12, message((i) => i.data(5, entry(1, 'f')).data(6, message((f) => f.integer(1, 1).integer(2, 1))).data(7, message((c) => c.integer(1, 1).integer(2, 1))))), 1);
    const samples = (...steps: number[]) => packet((m) => m.data(54, message((p) => steps.forEach((step) => p.integer(1, 1).integer(2, step)))));
    const input = write([clocks, start, samples(10, 10, 20), samples(5), samples(5, -2, 30)]);
    const rows = (trace: string) => query(trace, 'SELECT ts FROM cpu_profile_stack_sample ORDER BY ts').map(({ ts }) => Number(ts));
    expect(rows(input)).toEqual([1010000, 1020000, 1040000, 1045000, 1048000, 1050000, 1078000]);
    const { output, report } = await trimmed(input, { from: { at: 1_020_000n }, to: { at: 1_050_000n } });
    expect(rows(output)).toEqual([1020000, 1040000, 1045000, 1048000]);
    expect(report).toMatchObject({ droppedSamples: 3, warnings: [] });
    expect(rows((await trimmed(input, { from: { at: 1_046_000n } })).output)).toEqual([1048000, 1050000, 1078000]);
  });

  test('08 events of Chrome count microseconds from the one before', async () => {
    const thread = packet((m) => m.data(44, message((t) => t.integer(1, 1).integer(2, 2).integer(6, 1000).integer(7, 50))), 1);
    const clocks = packet((m) => m.data(6, message((s) => s
      .data(1, message((c) => c.integer(1, BOOTTIME).integer(2, 0))).data(1, message((c) => c.integer(1, 3).integer(2, 0))))));
    const legacy = (delta: number, name: string, phase: string, duration?: number) => packet((m) =>
      m.data(11, message((e) => e.integer(1, delta).integer(2, 1).data(22, 'c').data(23, name).data(6, message((l) => {
        l.integer(2, phase.charCodeAt(0));
        if (duration !== undefined) l.integer(3, duration).integer(4, 1);
      })))));
    const input = write([
      clocks, thread, legacy(1, 'a', 'B'), legacy(5, 'a', 'E'), legacy(4, 'x', 'X', 20), legacy(2, 'y', 'X', 3), legacy(40, 'b', 'B'), legacy(5, 'b', 'E'),
    ]);
    const rows = (trace: string) => query(trace, 'SELECT name, ts, dur, thread_ts AS t FROM slice ORDER BY ts').map(({ name, ts, dur, t }) => `${name} ${ts} ${dur} ${t}`);
    const all = rows(input);
    expect(all.map((row) => row.split(' ').slice(0, 3).join(' '))).toEqual(['a 1001000 5000', 'x 1010000 20000', 'y 1012000 3000', 'b 1052000 5000']);
    expect(rows((await trimmed(input, { excludeNames: [/^[ax]/] })).output)).toEqual(all.slice(2));
    const cut = rows((await trimmed(input, { from: { at: 1_020_000n }, to: { at: 1_050_000n } })).output);
    expect(cut).toEqual([expect.stringMatching(/^x 1020000 10000 /)]);
  });

  test('09 kernel events go one by one, in bundles and in tables of switches', async () => {
    const sched = (pid: number) => message((s) => s.data(1, 'p').integer(2, pid - 1).integer(3, 120).integer(4, 1).data(5, 'n').integer(6, pid).integer(7, 120));
    const one = (time: number, pid: number) => message((e) => e.integer(1, time).integer(2, 0).data(4, sched(pid)));
    const table = message((c) => c.data(5, 'comm').packed(1, [2000, 100, 100, 100]).packed(2, [1, 1, 1, 1]).packed(3, [31, 32, 33, 34]).packed(4, [120, 120, 120, 120]).packed(6, [0, 0, 0, 0]));
    const input = write([
      packet((m) => m.data(1, message((b) => b.integer(1, 0).data(2, one(1000, 11)).data(2, one(1100, 12)).data(2, one(1200, 13)))), 0),
      packet((m) => m.data(1, message((b) => b.integer(1, 1).data(4, table))), 0),
    ]);
    const rows = (trace: string) => query(trace, "SELECT ts || ' ' || tid AS row FROM sched JOIN thread USING (utid) WHERE tid > 1 ORDER BY ts").map(({ row }) => row);
    const { output, report } = await trimmed(input, { from: { at: 1100n }, to: { at: 2201n } });
    expect(rows(input)).toEqual(['1000 11', '1100 12', '1200 13', '2100 32', '2200 33', '2300 34']);
    expect(rows(output)).toEqual(['1100 12', '1200 13', '2100 32', '2200 33']);
    expect(report.droppedKernelEvents).toBe(2);
  });

  test('10 GPU stage events are cut by their own duration', async () => {
    const stage = (delta: number, duration: number) => packet((m) => m.integer(8, delta).data(53, message((s) => s.integer(1, delta).integer(2, duration).data(17, `stage${delta}`))));
    const input = write([...sequenceStart(1000), stage(10, 50), stage(100, 100), stage(200, 30)]);
    const rows = (trace: string) => query(trace, "SELECT ts || ' ' || dur AS row FROM slice ORDER BY ts").map(({ row }) => row);
    expect(rows(input)).toEqual(['1010 50', '1110 100', '1310 30']);
    const { output, report } = await trimmed(input, { from: { at: 1150n } });
    expect(rows(output)).toEqual(['1150 60', '1310 30']);
    expect(report.droppedStages).toBe(1);
  });

  test('11 what cannot be read is named, and leaves no output', async () => {
    const zstd = Buffer.from('28b52ffd0000', 'hex');
    for (const [content, text] of [
      [zstd, 'zstd'], [traceOf([message((m) => m.data(133, zstd))]), 'zstd'], [Buffer.from('{"traceEvents":[]}'), 'JSON'],
      [traceOf([track(5, 'T')]).subarray(0, -2), 'cut off'], [Buffer.from('hello'), 'expected a native'], [Buffer.alloc(0), 'empty'],
    ] as const) {
      fs.writeFileSync(file('bad'), content);
      await expect(trimTrace(file('bad'), file('bad-out.pftrace'), {})).rejects.toMatchObject({
        code: 'INVALID_INPUT', message: expect.stringContaining(text) as string,
      });
      expect(fs.readdirSync(folder).filter((name) => name.startsWith('bad-out'))).toEqual([]);
    }
    await expect(trimTrace(file('bad'), file('bad'), {})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(trimTrace(file('bad'), file('x'), { margin: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(trimTrace(file('bad'), file('x'), { form: 1 } as TrimOptions)).rejects.toMatchObject({ message: expect.stringContaining('did you mean from') as string });
  });

  test('12 a trace in parts has every slice, each part alone', async () => {
    const input = write([...sequenceStart(1000), track(5, 'T'), begin(0, 5, 'a'), end(50, 5), begin(60, 5, 'b'), end(150, 5)]);
    const report = await trimTrace(input, file('parts'), { splitEvery: 100 });
    expect(report.files.map((name) => path.basename(name))).toEqual(['in-1.perfetto-trace', 'in-2.perfetto-trace', 'in-3.perfetto-trace']);
    expect(report.files.map(slicesIn)).toEqual([['a 1000 50 T'], ['b 1110 90 T end'], ['b 1200 60 T begin']]);
    expect(report.files.map(errorStats)).toEqual([[], [], []]);
  });

  test('16 what readers skip behind lost packets counts for nothing', async () => {
    const lost = packet((m) => m.integer(8, 100).integer(42, 1).data(11, message((e) => e.integer(9, 2).integer(11, 5))));
    const restart = packet((m) => m.data(59, message((d) => d.integer(58, 64))), 1);
    const input = write([
      ...sequenceStart(1000), track(5, 'T'), begin(10, 5, 'a'), lost, begin(100, 5, 'skipped'), end(5, 5), restart, begin(10, 5, 'b'), end(10, 5), end(10, 5),
    ]);
    expect(slicesIn(input)).toEqual(['a 1010 30 T', 'b 1020 10 T']);
    const { output, report } = await trimmed(input, { from: { at: 1025n } });
    expect(slicesIn(output)).toEqual(['a 1025 15 T begin', 'b 1025 5 T begin']);
    expect(report).toMatchObject({ slices: 2, droppedSlices: 0 });
  });

  test('17 values of counters do not move with the end of a slice that is cut', async () => {
    const counter = track(8, 'E', (t) => t.data(8, message((c) => c.integer(5, 1))));
    const extra = (value: number) => (e: Parameters<Parameters<typeof message>[0]>[0]) => void e.integer(31, 8).integer(12, value);
    const input = write([
      ...sequenceStart(1000), track(5, 'T'), counter,
      begin(0, 5, 'a', extra(2)), event(100, 2, 5, extra(3)), begin(100, 5, 'b', extra(4)), event(100, 2, 5, extra(5)), event(50, 2, 5, extra(6)),
    ]);
    expect(countersIn(input)).toEqual(['E 1000 2', 'E 1100 5', 'E 1200 9', 'E 1300 14', 'E 1350 20']);
    const { output } = await trimmed(input, { from: 50, to: 250 });
    expect(slicesIn(output)).toEqual(['a 1050 50 T begin', 'b 1200 50 T end']);
    expect(countersIn(output)).toEqual(['E 1100 5', 'E 1200 9']);
    expect(countersIn((await trimmed(input, { from: 250 })).output)).toEqual(['E 1300 14', 'E 1350 20']);
  });

  test.each(trimmers)('19 %p tells how far it has come, and stops', async (Trimmer) => {
    const input = write([...sequenceStart(1000), track(5, 'T'), ...Array.from({ length: 2000 }, (_, i) => [begin(10, 5, `a${i % 9}`), end(5, 5)]).flat()]);
    const told: number[] = [];
    await trimWith(Trimmer, input, file('told.pftrace'), { from: 5, onProgress: ({ fraction }) => void told.push(fraction) });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    const reason = new Error('enough');
    const onProgress = () => {
      throw reason;
    };
    await expect(trimWith(Trimmer, input, file('stopped.pftrace'), { onProgress })).rejects.toBe(reason);
    await expect(trimWith(Trimmer, input, file('stopped2.pftrace'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const stop = new AbortController();
    const trimming = trimWith(Trimmer, input, file('stopped3.pftrace'), { signal: stop.signal });
    setImmediate(() => stop.abort(reason));
    await expect(trimming).rejects.toBe(reason);
    expect(fs.readdirSync(folder).filter((name) => /stopped[23]/.test(name))).toEqual([]);
  });

  test('18 the slices of a track may come in any order', async () => {
    const at = (time: number, type: number, name?: string) =>
      packet((m) => m.integer(8, time).integer(58, BOOTTIME).data(11, message((e) => {
        e.integer(9, type).integer(11, 5);
        if (name !== undefined) e.data(23, name);
      })));
    const input = write([...sequenceStart(1000), track(5, 'T'), at(1200, 2), at(1100, 1, 'a'), at(1500, 2), at(1400, 1, 'b'), at(1300, 3, 'i')]);
    expect(slicesIn(input)).toEqual(['a 1100 100 T', 'i 1300 0 T', 'b 1400 100 T']);
    const { output } = await trimmed(input, { from: { at: 1150n }, to: { at: 1450n } });
    expect(slicesIn(output)).toEqual(['a 1150 50 T begin', 'i 1300 0 T', 'b 1400 50 T end']);
    expect(slicesIn((await trimmed(input, { around: ['b'] })).output)).toEqual(['b 1400 100 T']);
  });

  test('15 a trace in steps has the kernels of each step in its file', async () => {
    const step = (n: number, kernel: number) => [
      begin(0, 5, `ProfilerStep#${n}`), begin(10, 5, 'launch', flow(n)), end(5, 5), end(85, 5), begin(kernel, 6, `kernel${n}`, flow(n)), end(20, 6),
    ];
    const input = write([...sequenceStart(1000), track(5, 'T'), track(6, 'GPU'), ...step(9, 50), ...step(10, 1000)]);
    const report = await trimTrace(input, file('steps'), { splitSteps: true });
    expect(report.files.map((name) => path.basename(name))).toEqual(['in-step-09.perfetto-trace', 'in-step-10.perfetto-trace']);
    expect(report.files.map(slicesIn)).toEqual([
      ['ProfilerStep#9 1000 100 T', 'launch 1010 5 T', 'kernel9 1150 20 GPU'],
      ['ProfilerStep#10 1170 100 T', 'launch 1180 5 T', 'kernel10 2270 20 GPU'],
    ]);
    expect(report.files.map(errorStats)).toEqual([[], []]);
    await expect(trimTrace(input, file('none'), { splitSteps: true, steps: [[1, 2]] })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

if (isSDKAvailable()) {
  describeWithTraceProcessor('trimTrace of our own traces', () => {
    test.each(['none', 'gzip', 'packets'] as const)('21 a writer, compression %s', async (compression) => {
      const input = file(`own-${compression}`);
      const trace = await TraceWriter.open(input, { format: Format.PROTOBUF, compression, clock: 'realtime' });
      const app = trace.process({ pid: 3, name: 'app' });
      const main = app.thread({ tid: 4, name: 'main' });
      const other = app.thread({ tid: 5, name: 'other' });
      for (let i = 0; i < 2000; i++) {
        main.slice(`m${i % 7}`, 1000 + i * 100, 90, { args: { i } });
        other.slice(`o${i % 5}`, 1050 + i * 100, 70);
      }
      await trace.close();
      const before = slicesIn(input);
      const numbers = (row: string | null) => row!.split(' ').slice(1, 3).map(Number);
      const { output } = await trimmed(input, { from: { at: 50_000n }, to: { at: 60_000n }, minDuration: 80 });
      expect(slicesIn(output)).toEqual(before.filter((row) => numbers(row)[0] >= 50_000 && numbers(row)[0] < 60_000 && numbers(row)[1] === 90));
      const threads = await trimmed(input, { threads: ['oth*'], processes: [3], names: [/^o[12]$/] });
      expect(slicesIn(threads.output)).toEqual(before.filter((row) => /^o[12] /.test(row!)));
    });
  });
}

/** Parts of Chrome JSON traces: natively, as JSON, and against `trim` of the whole. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { convertTrace, Format, isSDKAvailable, trimTrace, type ConvertOptions, type FilterOptions, type FilterReport } from '../../lib';
import { complete, event, metadata } from '../fixtures/chrome-json/case';
import { parameters } from '../support/arbitraries';
import { arrowsIn, describeWithTraceProcessor, errorStats, query } from '../support/trace-processor';

const folder = mkdtempSync(join(tmpdir(), 'filters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);
const OUTPUTS = isSDKAvailable() ? ['out.pftrace', 'out.json'] : ['out.json'];

function write(events: unknown[] | string, name = 'in.json'): string {
  writeFileSync(file(name), Array.isArray(events) ? JSON.stringify({ traceEvents: events }) : events);
  return file(name);
}

const arg = (name: string) => `coalesce(extract_arg(s.arg_set_id, 'debug.${name}'), extract_arg(s.arg_set_id, 'args.${name}'))`;

/** `name begin duration`, and where it is cut; in ns of the input's clock. */
function slicesIn(trace: string): string[] {
  // The writer of JSON counts from an hour before the first event.
  const base = trace.endsWith('.json') ? (JSON.parse(readFileSync(trace, 'utf8')) as { baseTimeNanoseconds: number }).baseTimeNanoseconds : 0;
  return query(trace, `SELECT coalesce(s.name, '') || ' ' || (s.ts + ${base}) || ' ' || s.dur || coalesce(' ' || ${arg('trimmed')}, '') AS row
    FROM slice s ORDER BY s.ts, s.dur = -1 DESC, s.dur DESC, s.name`).map(({ row }) => row!);
}
const countersIn = (trace: string) => query(trace, `SELECT CAST(value AS INT) AS value FROM counter ORDER BY ts`).map(({ value }) => Number(value));

/** Two steps of a training: step 4 runs a kernel that step 3 has launched, and step 3 one that runs behind both. */
const KERNEL = { pid: 0, tid: 7, cat: 'kernel' };
const CPU = { cat: 'cpu_op' };
const arrow = (id: number, from: number, to: number) => [
  event('s', from, 'ac2g', { cat: 'ac2g', id }),
  event('f', to, 'ac2g', { cat: 'ac2g', id, bp: 'e', pid: 0, tid: 7 }),
];
const TRAINING = [
  metadata('process_name', { name: 'python' }),
  metadata('thread_name', { name: 'main' }),
  metadata('thread_name', { name: 'stream 7' }, { pid: 0, tid: 7 }),
  complete(100, 100, 'ProfilerStep#3', { cat: 'user_annotation', args: { 'External id': 1 } }),
  complete(200, 100, 'ProfilerStep#4', { cat: 'user_annotation', args: { 'External id': 2 } }),
  complete(110, 60, 'aten::mm', { ...CPU, args: { 'Ev Idx': 3, 'Input Dims': [[2, 3]], flops: 12 } }),
  complete(120, 10, 'launch a', { cat: 'cuda_runtime', args: { correlation: 5, 'External id': 3 } }),
  complete(150, 10, 'launch b', { cat: 'cuda_runtime', args: { correlation: 6 } }),
  complete(210, 5, 'launch c', { cat: 'cuda_runtime', args: { correlation: 7 } }),
  complete(190, 30, 'a', { ...KERNEL, args: { correlation: 5, stream: 7 } }),
  complete(310, 30, 'b', { ...KERNEL, args: { correlation: 6, stream: 7 } }),
  complete(345, 5, 'c', { ...KERNEL, args: { correlation: 7, stream: 7 } }),
  ...arrow(5, 120, 190), ...arrow(6, 150, 310), ...arrow(7, 210, 345),
  event('B', 50, 'outer', { tid: 3 }), event('E', 400, 'outer', { tid: 3, args: { last: 1 } }),
  event('B', 60, 'never', { tid: 4 }),
  event('b', 130, 'request', { id: 1, cat: 'net' }), event('e', 230, 'request', { id: 1, cat: 'net' }),
  event('i', 115, 'mark', { s: 't' }), event('i', 215, 'mark', { s: 't' }),
  event('C', 140, 'mem', { args: { used: 1 } }), event('C', 240, 'mem', { args: { used: 2 } }),
];
const WHOLE = [
  'outer 50000 350000', 'never 60000 -1', 'ProfilerStep#3 100000 100000', 'aten::mm 110000 60000', 'mark 115000 0', 'launch a 120000 10000',
  'request 130000 100000', 'launch b 150000 10000', 'a 190000 30000', 'ProfilerStep#4 200000 100000', 'launch c 210000 5000', 'mark 215000 0',
  'b 310000 30000', 'c 345000 5000',
];

interface FilterCase {
  title: string;
  options: FilterOptions;
  slices: string[];
  arrows?: string[];
  counters?: number[];
  report?: Partial<FilterReport>;
  /** Why `trim` of the native trace keeps something else. */
  differs?: string;
}

const cases: FilterCase[] = [
  {
    title: 'a step, its kernels that run later, and what launched those that run in it',
    options: { steps: [[4, 4]] },
    slices: [
      'ProfilerStep#3 100000 100000', 'aten::mm 110000 60000', 'launch a 120000 10000', 'a 190000 30000', 'never 200000 -1 begin',
      'ProfilerStep#4 200000 100000', 'outer 200000 100000 begin and end', 'request 200000 30000 begin', 'launch c 210000 5000',
      'mark 215000 0', 'c 345000 5000',
    ],
    arrows: ['launch a -> a', 'launch c -> c'],
    counters: [2],
    report: { cut: 3, droppedSlices: 2, droppedInstants: 1, droppedCounters: 1, flowsCut: 0, windows: [{ from: 200_000n, to: 300_000n }] },
  },
  {
    title: 'both steps',
    options: { steps: [[3, 3], [4, 9]] },
    slices: [
      'never 100000 -1 begin', 'outer 100000 200000 begin and end', 'ProfilerStep#3 100000 100000', 'aten::mm 110000 60000', 'mark 115000 0',
      'launch a 120000 10000', 'request 130000 100000', 'launch b 150000 10000', 'a 190000 30000', 'ProfilerStep#4 200000 100000',
      'launch c 210000 5000', 'mark 215000 0', 'b 310000 30000', 'c 345000 5000',
    ],
    arrows: ['launch a -> a', 'launch b -> b', 'launch c -> c'],
    counters: [1, 2],
  },
  {
    title: 'from a time on: kernels keep their launches, and those the operators around them',
    options: { from: 255_000 },
    slices: [
      'ProfilerStep#3 100000 100000', 'aten::mm 110000 60000', 'launch b 150000 10000', 'ProfilerStep#4 200000 100000', 'launch c 210000 5000',
      'never 305000 -1 begin', 'outer 305000 95000 begin', 'b 310000 30000', 'c 345000 5000',
    ],
    arrows: ['launch b -> b', 'launch c -> c'],
    counters: [],
    report: { cut: 2, droppedSlices: 3, droppedInstants: 2, droppedCounters: 2, flowsCut: 0, windows: [{ from: 305_000n, to: null }] },
  },
  {
    title: 'up to a time of the clock: what it leads to goes',
    options: { to: { at: 125_000n } },
    slices: [
      'outer 50000 75000 end', 'never 60000 -1', 'ProfilerStep#3 100000 25000 end', 'aten::mm 110000 15000 end', 'mark 115000 0', 'launch a 120000 5000 end',
    ],
    arrows: [],
    counters: [],
    report: { cut: 4, flowsCut: 1 },
  },
  {
    title: 'around the second slice of a name',
    options: { around: ['mark#2'], margin: 2000 },
    slices: [
      'ProfilerStep#3 100000 100000', 'aten::mm 110000 60000', 'launch a 120000 10000', 'never 213000 -1 begin',
      'ProfilerStep#4 213000 4001 begin and end', 'a 213000 4001 begin and end', 'outer 213000 4001 begin and end', 'request 213000 4001 begin and end',
      'launch c 213000 2000 begin', 'mark 215000 0',
    ],
    arrows: ['launch a -> a'],
  },
  {
    title: 'categories, with those that are excluded',
    options: { categories: ['cpu_*', 'cuda_runtim?'], excludeCategories: ['cuda*'] },
    slices: ['aten::mm 110000 60000'],
    arrows: [],
    counters: [1, 2],
  },
  {
    title: 'names, with those that are excluded',
    options: { names: [/^launch/, /^[ab]$/], excludeNames: [/ c$/g] },
    slices: ['launch a 120000 10000', 'launch b 150000 10000', 'a 190000 30000', 'b 310000 30000'],
    arrows: ['launch a -> a', 'launch b -> b'],
    report: { flowsCut: 0, droppedSlices: 8, droppedInstants: 2, droppedCounters: 0 },
  },
  {
    title: 'a process by its number, which is a GPU',
    options: { processes: [0] },
    slices: ['a 190000 30000', 'b 310000 30000', 'c 345000 5000'],
    arrows: [],
    counters: [],
    report: { flowsCut: 3 },
    differs: 'GPUs are no processes of native traces',
  },
  {
    title: 'a process by its name, and threads by name and number',
    options: { processes: ['pyth*'], threads: ['main', 3] },
    slices: WHOLE.filter((row) => !/^(never|request|a|b|c) /.test(row)),
    arrows: [],
    counters: [],
  },
  {
    title: 'the upper levels',
    options: { maxDepth: 1, threads: ['main'] },
    slices: ['ProfilerStep#3 100000 100000', 'mark 115000 0', 'ProfilerStep#4 200000 100000', 'mark 215000 0'],
  },
  {
    title: 'long slices, and those that nothing ends',
    options: { minDuration: 60_000 },
    slices: [
      'outer 50000 350000', 'never 60000 -1', 'ProfilerStep#3 100000 100000', 'aten::mm 110000 60000', 'mark 115000 0', 'request 130000 100000',
      'ProfilerStep#4 200000 100000', 'mark 215000 0',
    ],
    arrows: [],
  },
  {
    title: 'different options, which all must fit',
    options: { steps: [[4, 4]], names: [/launch|^[abc]$/], minDuration: 10_000 },
    slices: ['launch a 120000 10000', 'a 190000 30000'],
    arrows: ['launch a -> a'],
    report: { flowsCut: 0 },
  },
  {
    title: 'a time at which there is nothing',
    options: { from: 10_000_000, threads: ['main'] },
    slices: [],
    report: { warnings: ['the trace has nothing at the time that was asked for'], droppedSlices: 12, cut: 0 },
  },
];

describeWithTraceProcessor('parts of a trace', () => {
  test.each(cases)('01 $title', async ({ options, slices, arrows, counters, report, differs }) => {
    const input = write(TRAINING);
    for (const name of OUTPUTS) {
      const result = await convertTrace(input, file(name), options);
      expect({ name, slices: slicesIn(file(name)) }).toEqual({ name, slices });
      if (arrows !== undefined) expect(arrowsIn(file(name))).toEqual(arrows);
      if (counters !== undefined) expect(countersIn(file(name))).toEqual(counters);
      if (report !== undefined) expect(result.filter).toMatchObject(report);
      expect(errorStats(file(name))).toEqual([]);
      const count = (phase: RegExp) => slices.filter((row) => phase.test(row)).length;
      expect(result.instants).toBe(count(/^mark/));
      expect(result.slices).toBe(slices.length - count(/^mark/));
      expect(result.filter!.droppedSlices).toBe(12 - result.slices);
    }
    if (!isSDKAvailable() || differs !== undefined) return;
    await convertTrace(input, file('whole.pftrace'));
    await trimTrace(file('whole.pftrace'), file('trimmed.pftrace'), options);
    expect(slicesIn(file('trimmed.pftrace'))).toEqual(slices);
  });

  test('02 without filters everything stays, also with options that choose nothing', async () => {
    const input = write(TRAINING);
    for (const options of [{}, { names: [] }, { margin: 5 }, { args: 'all' as const }, { splitSteps: false }]) {
      for (const name of OUTPUTS) {
        const result = await convertTrace(input, file(name), options);
        expect(slicesIn(file(name))).toEqual(WHOLE);
        expect(result.filter).toBeUndefined();
      }
    }
  });

  test.each([
    ['all', { 'aten::mm': 'Ev Idx, Input Dims, flops', 'launch a': 'External id, correlation', a: 'correlation, stream', outer: 'last' }],
    ['lean', { 'aten::mm': 'Input Dims, flops', 'launch a': null, a: 'stream', outer: 'last' }],
    ['none', { 'aten::mm': null, 'launch a': null, a: null, outer: null }],
  ] as const)('03 arguments: %s', async (args, expected) => {
    const input = write(TRAINING);
    for (const name of OUTPUTS) {
      await convertTrace(input, file(name), { args, excludeNames: [/^launch b$/] });
      const rows = query(file(name), `SELECT s.name AS name, (SELECT group_concat(substr(a.key, instr(a.key, '.') + 1), ', ' ORDER BY a.key) FROM args a
        WHERE a.arg_set_id = s.arg_set_id AND (a.key GLOB 'debug.*' OR a.key GLOB 'args.*')) AS args FROM slice s`);
      const found: Record<string, string | null> = Object.fromEntries(rows.filter((row) => row.name! in expected).map((row) => [row.name!, row.args]));
      expect({ name, ...found }).toEqual({ name, ...expected });
      // Without its arrow, correlation is all that says which launch it was.
      const lonely = query(file(name), `SELECT ${arg('correlation')} AS id FROM slice s WHERE s.name = 'b'`);
      expect(lonely).toEqual([{ id: args === 'none' ? null : '6' }]);
    }
  });

  test('04 the metadata says what was asked and what was left out', async () => {
    const input = write(TRAINING);
    const options = { steps: [[4, 4]], excludeNames: [/never/u] } satisfies FilterOptions;
    const expected = { options: '{"steps":[[4,4]],"excludeNames":["/never/u"]}', slices: 9, instants: 1, counters: 1, cut: 2, dropped_slices: 3, dropped_instants: 1, dropped_counters: 1, dropped_samples: 0, flows_cut: 0 };
    await convertTrace(input, file('out.json'), options);
    expect((JSON.parse(readFileSync(file('out.json'), 'utf8')) as { filter: unknown }).filter).toEqual(expected);
    if (!isSDKAvailable()) return;
    await convertTrace(input, file('out.pftrace'), options);
    const rows = query(file('out.pftrace'), `SELECT substr(name, length('trace_attribute.filter.') + 1) AS name, coalesce(str_value, int_value) AS value
      FROM metadata WHERE name GLOB 'trace_attribute.filter.*'`);
    expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, value]) => [name, String(value)])),
    );
  });

  test('05 files that open alone, by time and by steps', async () => {
    const input = write(TRAINING);
    const forms: [ConvertOptions, string][] = [
      [{}, isSDKAvailable() ? '.perfetto-trace' : '.json'],
      [{ format: Format.JSON, compression: 'gzip' }, '.json.gz'],
    ];
    for (const [more, extension] of forms) {
      const target = mkdtempSync(join(folder, 'split-'));
      const steps = await convertTrace(input, target, { splitSteps: true, names: [/Step|launch|^[abc]$/], ...more });
      expect(readdirSync(target).sort()).toEqual([`in-step-3${extension}`, `in-step-4${extension}`]);
      expect(steps.filter!.files).toEqual([join(target, `in-step-3${extension}`), join(target, `in-step-4${extension}`)]);
      const names = (name: string) => query(join(target, name), 'SELECT name FROM slice ORDER BY ts, dur DESC').map((row) => row.name);
      expect(names(`in-step-3${extension}`)).toEqual(['ProfilerStep#3', 'launch a', 'launch b', 'a', 'b']);
      expect(names(`in-step-4${extension}`)).toEqual(['ProfilerStep#3', 'launch a', 'a', 'ProfilerStep#4', 'launch c', 'c']);
      const times = await convertTrace(input, target, { splitEvery: 100_000, from: { at: 100_000n }, names: [/^outer$/], ...more });
      expect(times.filter!.files.map((path) => path.slice(target.length + 1))).toEqual([1, 2, 3, 4].map((n) => `in-${n}${extension}`));
      expect(times.slices).toBe(4);
      for (const path of [...steps.filter!.files, ...times.filter!.files]) expect(errorStats(path)).toEqual([]);
    }
  });

  test('06 a pipe and gzip give what the file gives, whatever the budget and the blocks', async () => {
    if (!isSDKAvailable()) return;
    const many = Array.from({ length: 30_000 }, (_, i) => complete(1000 + i * 2, 1, `op ${i % 7}`, { args: { 'Ev Idx': i, text: `value ${i}` } }));
    const input = write([...TRAINING, ...many]);
    const options: ConvertOptions = { from: { at: 140_000n }, to: { at: 5_000_000n }, names: [/[2-5]|a/] };
    await convertTrace(input, file('a.pftrace'), options);
    writeFileSync(file('in.json.gz'), gzipSync(readFileSync(input)));
    const small = await convertTrace(file('in.json.gz'), file('b.pftrace'), { ...options, memoryBudget: 2 ** 20 });
    expect(small.spilledBytes).toBeGreaterThan(0);
    expect(readFileSync(file('b.pftrace')).equals(readFileSync(file('a.pftrace')))).toBe(true);
    expect(slicesIn(file('a.pftrace')).length).toBeGreaterThan(1000);
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [file('pipe')]);
    const cat = spawn('sh', ['-c', 'cat "$0" > "$1"', input, file('pipe')]);
    await convertTrace(file('pipe'), file('c.pftrace'), options);
    cat.kill();
    expect(readFileSync(file('c.pftrace')).equals(readFileSync(file('a.pftrace')))).toBe(true);
  });

  test('07 a name or step that is not there, and folders for what is split', async () => {
    const input = write(TRAINING);
    for (const name of OUTPUTS) {
      await expect(convertTrace(input, file(name), { steps: [[7, 9]] })).rejects.toThrow('None of the steps 7..9 is in the trace: there are 3 to 4');
      await expect(convertTrace(input, file(name), { around: ['mark#3'] })).rejects.toThrow('Nothing to keep around "mark#3": of slices and instants of that name there are 2');
    }
    await expect(convertTrace(input, undefined, { splitSteps: true })).rejects.toThrow('Expected output to be a folder');
    await expect(convertTrace(input, '-', { splitEvery: 5 })).rejects.toThrow('Expected output to be a folder');
    await expect(convertTrace(input, file('x'), { splitEvery: 1 })).rejects.toThrow('splitEvery would make');
    await expect(convertTrace(input, file('x'), { minDuration: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

/** Slices and instants of a few threads at few times, with arrows: overlaps and ties are the rule. */
const randomEvents = fc.array(
  fc.record({
    ph: fc.constantFrom('X', 'X', 'X', 'i', 'C', 'b'), tid: fc.integer({ min: 1, max: 3 }), ts: fc.integer({ min: 0, max: 30 }),
    dur: fc.integer({ min: 0, max: 12 }), name: fc.constantFrom('a', 'b', 'ProfilerStep#1', 'ProfilerStep#2'), flow: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 25 },
);
const randomFilters: fc.Arbitrary<FilterOptions> = fc.record(
  {
    from: fc.integer({ min: 0, max: 20_000 }),
    to: fc.integer({ min: 5000, max: 40_000 }),
    names: fc.constantFrom([/a/], [/Step/, /b/]),
    threads: fc.constantFrom([1, 2], ['t*']),
    minDuration: fc.integer({ min: 0, max: 5000 }),
    steps: fc.constant([[1, 2]] as const),
  },
  { requiredKeys: [] },
);

describeWithTraceProcessor('parts of random traces', () => {
  test('natively, as JSON and by trim the same stays', async () => {
    if (!isSDKAvailable()) return;
    await fc.assert(
      fc.asyncProperty(randomEvents, randomFilters, async (events, filters) => {
        const json = events.flatMap(({ ph, tid, ts, dur, name, flow }, i): object[] => {
          const base = { pid: 1, tid, name, ts };
          if (ph === 'C') return [{ ...base, ph, name: 'c', args: { v: i } }];
          if (ph === 'i') return [{ ...base, ph, s: 't' }];
          if (ph === 'b') return [{ ...base, ph, id: i, cat: 'x' }, { ...base, ph: 'e', id: i, cat: 'x', ts: ts + dur }];
          const arrow = flow === 0 ? {} : { bind_id: flow, flow_out: i % 2 === 0, flow_in: i % 2 === 1 };
          return [{ ...base, ph, dur, ...arrow }];
        });
        const input = write([metadata('thread_name', { name: 't1' }, { tid: 1 }), ...json]);
        const named = filters.steps === undefined || events.some((e) => e.name.startsWith('P') && e.ph !== 'C');
        const options = named ? filters : { ...filters, steps: undefined };
        const rows = (path: string) => slicesIn(path).sort();
        const native = await convertTrace(input, file('out.pftrace'), { maxDepth: 99, ...options });
        const other = await convertTrace(input, file('out.json'), { maxDepth: 99, ...options });
        await convertTrace(input, file('whole.pftrace'));
        await trimTrace(file('whole.pftrace'), file('trimmed.pftrace'), { maxDepth: 99, ...options });
        expect(errorStats(file('out.pftrace'))).toEqual([]);
        expect(rows(file('out.pftrace'))).toEqual(rows(file('trimmed.pftrace')));
        expect([other.slices, other.instants, other.counters]).toEqual([native.slices, native.instants, native.counters]);
        expect(arrowsIn(file('out.pftrace'))).toHaveLength(native.flows);
      }),
      parameters(15),
    );
  });
});

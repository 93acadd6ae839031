/** V8's CPU profiles as call-stack samples: in the events of a trace, and as files of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';
import type { NativeConvertReport } from '../../lib/addon/contract';
import { createNativeConversion } from '../../lib/addon/load';
import { describeWithTraceProcessor, errorStats, query, queryJson } from '../support/trace-processor';

type Report = NativeConvertReport;

/** With the addon itself, since the size of blocks is no option of convertTrace. */
function convert(input: string, output: string, blockSize = 0): Promise<Report> {
  return createNativeConversion({
    input, output, inputName: input, outputName: output, compression: 0, level: 1, memoryBudget: 64 << 20,
    spillPath: output, gpuEvents: 0, dropZeroTimes: false, strict: false, contents: false, blockSize,
  }).run();
}

interface Sample {
  ts: number;
  pid: number;
  tid: number;
  /** The outermost function first. */
  stack: string[];
}

/** The samples in the order of the table, which must be that of time. */
function samplesIn(path: string): Sample[] {
  return queryJson<Omit<Sample, 'stack'> & { stack: string }>(
    path,
    `WITH RECURSIVE up(leaf, id, stack) AS (
       SELECT c.id, c.parent_id, f.name FROM stack_profile_callsite c JOIN stack_profile_frame f ON f.id = c.frame_id
       UNION ALL
       SELECT leaf, c.parent_id, f.name || ' > ' || stack FROM up
         JOIN stack_profile_callsite c ON c.id = up.id JOIN stack_profile_frame f ON f.id = c.frame_id)
     SELECT json_object('ts', s.ts, 'pid', p.pid, 'tid', t.tid, 'stack', up.stack) AS json
       FROM cpu_profile_stack_sample s JOIN thread t USING (utid) JOIN process p USING (upid)
       JOIN up ON up.leaf = s.callsite_id AND up.id IS NULL ORDER BY s.id`,
  ).map((sample) => ({ ...sample, stack: sample.stack.split(' > ') }));
}

const SAMPLES_WITH_SLICES =
  'FROM cpu_profile_stack_sample sample JOIN thread_track USING (utid) JOIN slice ON slice.track_id = thread_track.id';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** What a profile says, by itself. */
function samplesOf(profile: CpuProfile): { ts: number; stack: string[] }[] {
  const parentOf = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nameOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame.functionName || '(anonymous)']));
  const stackOf = (id: number): string[] => {
    const stack: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parentOf.get(at)) stack.unshift(nameOf.get(at)!);
    return stack;
  };
  let ts = profile.startTime;
  return profile.samples
    .map((id, i) => ({ ts: (ts += profile.timeDeltas[i]) * 1000, stack: stackOf(id) }))
    .sort((a, b) => a.ts - b.ts);
}

const node = (id: number, parent: number | undefined, functionName: string, more: object = {}): object => ({
  id, parent, callFrame: { codeType: 'JS', functionName, scriptId: 3, ...more },
});

const describeProfiles = isSDKAvailable() ? describeWithTraceProcessor : describe.skip;

describeProfiles('CPU profiles', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracesmith-profile-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function convertEvents(events: object[], blockSize = 0): Promise<{ path: string; report: Report }> {
    const path = join(folder, 'out.perfetto-trace');
    writeFileSync(join(folder, 'trace.json'), JSON.stringify({ traceEvents: events }));
    return { path, report: await convert(join(folder, 'trace.json'), path, blockSize) };
  }

  const P = (name: string, pid: number, tid: number, ts: number, id: string, data: object): object => ({
    name, cat: 'disabled-by-default-v8.cpu_profiler', ph: 'P', pid, tid, ts, id, args: { data },
  });
  const twoThreads = [
    { ph: 'M', name: 'thread_name', pid: 10, tid: 11, args: { name: 'Main' } },
    { ph: 'X', name: 'work', pid: 10, tid: 11, ts: 1000.5, dur: 500 },
    P('Profile', 10, 11, 1000, '0x1', { startTime: 1000 }),
    P('Profile', 10, 12, 1001, '0x2', { startTime: 1001 }),
    P('ProfileChunk', 10, 13, 1200, '0x1', {
      cpuProfile: {
        nodes: [node(1, undefined, '(root)'), node(2, 1, 'main', { url: 'file:///a.js', lineNumber: 3 }), node(3, 2, '')],
        samples: [2, 3, 3],
      },
      timeDeltas: [10, 100, -50],
      lines: [4, 0, 0],
    }),
    P('ProfileChunk', 10, 13, 1201, '0x2', {
      cpuProfile: { nodes: [node(1, undefined, '(root)'), node(2, 1, 'other')], samples: [2, 2, 2] }, timeDeltas: [10, 20, 30],
    }),
    P('ProfileChunk', 10, 13, 1300, '0x1', {
      cpuProfile: { nodes: [node(4, 2, 'late')], samples: [4, 2], endTime: 1400 }, timeDeltas: [100, 1],
    }),
  ];

  it('in chunks are samples of the threads they were begun on', async () => {
    const { path, report } = await convertEvents(twoThreads);
    expect(report).toMatchObject({ samples: 8, findings: [] });
    const main = (us: number, ...stack: string[]): Sample => ({ ts: us * 1000, pid: 10, tid: 11, stack });
    const other = (us: number): Sample => ({ ts: us * 1000, pid: 10, tid: 12, stack: ['(root)', 'other'] });
    expect(samplesIn(path)).toEqual([
      main(1010, '(root)', 'main'), other(1011), other(1031), main(1060, '(root)', 'main', '(anonymous)'), other(1061),
      main(1110, '(root)', 'main', '(anonymous)'), main(1160, '(root)', 'main', 'late'), main(1161, '(root)', 'main'),
    ]);
    expect(query(path, "SELECT source_file, line_number FROM stack_profile_symbol WHERE name = 'main'")).toEqual([
      { source_file: 'file:///a.js', line_number: '4' },
    ]);
    // On the clock of the slices, and on their threads.
    expect(query(path, 'SELECT ts, dur FROM slice')).toEqual([{ ts: '1000500', dur: '500000' }]);
    expect(query(path, `SELECT DISTINCT t.name ${SAMPLES_WITH_SLICES} JOIN thread t USING (utid)`)).toEqual([{ name: 'Main' }]);
    expect(query(path, 'SELECT start_ts, end_ts FROM trace_bounds')).toEqual([{ start_ts: '1000500', end_ts: '1500500' }]);
    expect(errorStats(path)).toEqual([]);
  });

  it('are at the same times as the importer of JSON has them', async () => {
    const { path } = await convertEvents(twoThreads);
    const times = (file: string): unknown => query(file, 'SELECT ts FROM cpu_profile_stack_sample ORDER BY ts');
    expect(times(path)).toEqual(times(join(folder, 'trace.json')));
  });

  it('become the same bytes whatever the blocks are', async () => {
    const { path } = await convertEvents(twoThreads);
    const whole = readFileSync(path);
    await convertEvents(twoThreads, 64);
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it('follow their thread where its ids are replaced', async () => {
    const { path, report } = await convertEvents([
      P('CpuProfile', 0, 0, 5, '0x1', {
        startTime: 5, cpuProfile: { nodes: [node(1, undefined, 'f')], samples: [1] }, timeDeltas: [1],
      }),
      { ph: 'X', name: 'work', pid: 0, tid: 0, ts: 5, dur: 5 },
    ]);
    expect(report.samples).toBe(1);
    expect(query(path, `SELECT sample.ts, slice.name ${SAMPLES_WITH_SLICES}`)).toEqual([
      { ts: '6000', name: 'work' },
    ]);
    expect(errorStats(path)).toEqual([]);
  });

  it('may have stacks of thousands of calls, and samples of nodes that are none', async () => {
    const depth = 5000;
    const nodes = Array.from({ length: depth }, (_, i) => node(i + 1, i === 0 ? undefined : i, `f${i}`));
    const { path, report } = await convertEvents([
      P('Profile', 1, 2, 5, '0x1', { startTime: 5 }),
      P('ProfileChunk', 1, 3, 6, '0x1', { cpuProfile: { nodes, samples: [depth, 77777, 1] }, timeDeltas: [1, 1, 1] }),
    ]);
    expect(report).toMatchObject({
      samples: 2, findings: [{ category: 'dropped', reason: 'a sample of an unknown node', count: 1 }],
    });
    expect(query(path, 'SELECT s.ts, depth FROM cpu_profile_stack_sample s JOIN stack_profile_callsite c ON c.id = callsite_id'))
      .toEqual([{ ts: '6000', depth: `${depth - 1}` }, { ts: '8000', depth: '0' }]);
    expect(errorStats(path)).toEqual([]);
  });

  const WORK = `function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
const { Worker, isMainThread } = require('node:worker_threads');
if (isMainThread && process.argv[2]) new Worker(__filename);
for (const end = Date.now() + 200; Date.now() < end; ) fib(20);`;

  it('of --cpu-prof become the samples that they hold', async () => {
    writeFileSync(join(folder, 'work.js'), WORK);
    execFileSync(process.execPath, ['--cpu-prof', '--cpu-prof-name=own.cpuprofile', 'work.js'], { cwd: folder });
    const input = join(folder, 'own.cpuprofile');
    const path = join(folder, 'out.perfetto-trace');
    const expected = samplesOf(JSON.parse(readFileSync(input, 'utf8')) as CpuProfile);
    expect(await convert(input, path)).toMatchObject({ samples: expected.length, findings: [] });
    expect(samplesIn(path)).toEqual(expected.map((sample) => ({ ...sample, pid: 1, tid: 1 })));
    expect(query(path, 'SELECT t.name AS thread, p.name FROM thread t JOIN process p USING (upid) WHERE pid = 1')).toEqual([
      { thread: 'main', name: 'own.cpuprofile' },
    ]);
    expect(errorStats(path)).toEqual([]);
  });

  const FORMS: [title: string, text: string, expected: [ts: number, ...stack: string[]][]][] = [
    [
      'an old one with a tree of calls, times in microseconds, and lines from 1',
      '{"head":{"functionName":"(root)","url":"","lineNumber":0,"hitCount":0,"callUID":1,"children":[{"functionName":"f","url":"a.js","lineNumber":7,"hitCount":2,"id":2,"children":[{"functionName":"","id":3}]},{"functionName":"g","id":4,"children":[]}],"id":1},"startTime":1.5,"endTime":1.6,"samples":[2,3,4],"timestamps":[1500100,1500200,1500300.5]}',
      [[1500100000, '(root)', 'f'], [1500200000, '(root)', 'f', '(anonymous)'], [1500300000, '(root)', 'g']],
    ],
    [
      'ids that are texts',
      '{"nodes":[{"id":"1","callFrame":{"functionName":"(root)"},"children":["2","x"]},{"id":"2","callFrame":{"functionName":"f"}},{"id":"x","callFrame":{"functionName":"g"}}],"samples":["2",1,"x"],"timeDeltas":[1,1,1],"startTime":5}',
      [[6000, '(root)', 'f'], [7000, '(root)'], [8000, '(root)', 'g']],
    ],
    [
      'one within an object, as the developer tools\' protocol gives it',
      '{"id":7,"result":{"profile":{"nodes":[{"id":1,"callFrame":{"functionName":"f"}}],"samples":[1],"timeDeltas":[1],"startTime":5}}}',
      [[6000, 'f']],
    ],
    ['one below `profile`', '{"profile":{"head":{"functionName":"f","id":1,"hitCount":1},"samples":[1],"timestamps":[9]}}', [[9000, 'f']]],
    ['events with another phase', '[{"name":"CpuProfile","ph":"I","ts":9,"pid":1,"tid":1,"args":{"data":{"cpuProfile":{"nodes":[{"id":1,"callFrame":{"functionName":"f"}}],"samples":[1,1],"timeDeltas":[1,2],"startTime":1}}}}]', [[2000, 'f'], [4000, 'f']]],
    ['events with phase X', '[{"name":"Profile","ph":"X","ts":9,"pid":1,"tid":1,"id":"1","args":{"data":{"startTime":1,"nodes":[{"id":1,"callFrame":{"functionName":"f"}}],"samples":[1],"timeDeltas":[3]}}}]', [[4000, 'f']]],
  ];

  it.each(FORMS)('may be %s', async (_title, text, expected) => {
    const input = join(folder, 'in.json');
    const path = join(folder, 'out.perfetto-trace');
    writeFileSync(input, text);
    expect(await convert(input, path)).toMatchObject({ samples: expected.length, slices: 0, instants: 0, findings: [] });
    expect(samplesIn(path).map(({ ts, stack }) => [ts, ...stack])).toEqual(expected);
    if (text.includes('a.js')) {
      expect(query(path, "SELECT source_file, line_number FROM stack_profile_symbol WHERE name = 'f'")).toEqual([{ source_file: 'a.js', line_number: '7' }]);
    }
    expect(errorStats(path)).toEqual([]);
  });

  const STACK_FRAMES = '{"1":{"line":"1","name":"main","category":"JavaScript"},"2":{"name":"f","parent":1},"3":{"name":"loop","parent":"4"},"4":{"parent":3}}';
  it.each<[string, string, [ts: number, pid: number, tid: number, ...stack: string[]][], string[]]>([
    [
      'of Hermes, beside no event but names',
      `{"traceEvents":[{"name":"thread_name","ph":"M","pid":7,"tid":"9","ts":"1","args":{"name":"js"}}],
       "samples":[{"cpu":"-1","name":"","ts":"110","pid":7,"tid":"9","weight":"1","sf":1},{"name":"","ts":"100","pid":7,"tid":"9","sf":2},{"ts":120.5,"pid":8,"tid":1,"sf":"2"}],"stackFrames":${STACK_FRAMES}}`,
      [[100_000, 7, 9, 'main', 'f'], [110_000, 7, 9, 'main'], [120_000, 8, 1, 'main', 'f']],
      [],
    ],
    [
      'without a process, in front of the events, and some that are none',
      `{"stackFrames":${STACK_FRAMES},"samples":[{"ts":2,"tid":5,"sf":1},{"ts":3,"tid":5,"sf":77},{"tid":5,"sf":1},5],"traceEvents":[{"ph":"X","ts":1,"dur":5,"pid":3,"tid":5,"name":"x"}]}`,
      [[2000, 3, 5, 'main']],
      ['a sample of an unknown stack frame', 'a sample that is no object', 'a sample without a time'],
    ],
  ])('may be samples %s', async (_title, text, expected, reasons) => {
    const input = join(folder, 'in.json');
    const path = join(folder, 'out.perfetto-trace');
    writeFileSync(input, text);
    const report = await convert(input, path);
    expect(report.findings.map(({ reason }) => reason).sort()).toEqual(reasons);
    expect(samplesIn(path).map(({ ts, pid, tid, stack }) => [ts, pid, tid, ...stack])).toEqual(expected);
    expect(errorStats(path)).toEqual([]);
  });

  it('are no slices that happen to have such a name', async () => {
    const { path, report } = await convertEvents([{ name: 'Profile', ph: 'X', ts: 1, dur: 2, pid: 1, tid: 1, args: { data: { a: 1 } } }]);
    expect(report).toMatchObject({ slices: 1, samples: 0 });
    expect(query(path, 'SELECT name FROM slice')).toEqual([{ name: 'Profile' }]);
  });

  it('may be trees as deep as no stack of a thread', async () => {
    const depth = 200_000;
    const text = `{"head":${Array.from({ length: depth }, (_, i) => `{"functionName":"f","id":${i + 1},"hitCount":0,"children":[`).join('')}${']}'.repeat(depth)},"samples":[1],"timestamps":[5]}`;
    const input = join(folder, 'in.cpuprofile');
    writeFileSync(input, text);
    expect(await convert(input, join(folder, 'out'))).toMatchObject({ samples: 1, findings: [] });
  });

  it('in a trace of Node are on its threads', async () => {
    writeFileSync(join(folder, 'work.js'), WORK);
    const categories = 'v8,disabled-by-default-v8.cpu_profiler';
    execFileSync(process.execPath, ['--cpu-prof', '--trace-event-categories', categories, 'work.js', 'worker'], { cwd: folder });
    const input = join(folder, readdirSync(folder).find((name) => name.startsWith('node_trace'))!);
    const path = join(folder, 'out.perfetto-trace');
    const report = await convert(input, path);
    expect(report.findings).toEqual([]);
    // The importer puts samples on the thread that wrote them down.
    const times = (file: string): unknown => query(file, 'SELECT ts FROM cpu_profile_stack_sample ORDER BY ts');
    expect(times(path)).toEqual(times(input));
    const { traceEvents } = JSON.parse(readFileSync(input, 'utf8')) as { traceEvents: { name: string; tid: number }[] };
    const threads = traceEvents.filter(({ name }) => name === 'Profile').map(({ tid }) => `${tid}`);
    const found = query(path, 'SELECT DISTINCT tid FROM cpu_profile_stack_sample JOIN thread USING (utid)').map(({ tid }) => tid);
    expect(found.sort()).toEqual([...new Set(threads)].sort());
    expect(errorStats(path)).toEqual([]);
  });

  it('are told from JSON that is something else', async () => {
    for (const [text, problem] of [
      ['{"a":1}', /no array traceEvents, nor with nodes and samples of a CPU profile/],
      ['{"startTime":1,"nodes":[]}', /begins as a CPU profile does, but has no nodes/],
    ] as const) {
      writeFileSync(join(folder, 'other.json'), text);
      await expect(convert(join(folder, 'other.json'), join(folder, 'out'))).rejects.toThrow(problem);
    }
  });
});

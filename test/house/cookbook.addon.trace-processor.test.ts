/** The programs of docs/cookbook.md, as they stand there: what the traces that they write say. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace } from '../../lib';
import { DEADLINE_MS } from '../support/effort';
import { loadTrace, type LoadedTrace } from '../support/loaded-trace';
import { errorStats, hasTraceProcessor, query, type Row } from '../support/trace-processor';
import { blocksIn, type Block } from './docs';
import { inFolder } from './snippets';

const TEXT = readFileSync(join(__dirname, '../../docs/cookbook.md'), 'utf8').replaceAll('\r\n', '\n');
const sections = new Map(TEXT.split(/^## /m).slice(1).map((text) => [text.slice(0, text.indexOf('\n')), text]));
const tried = new Set<string>();

function blocksOf(recipe: string, language: string): Block[] {
  tried.add(recipe);
  return blocksIn({ file: recipe, text: sections.get(recipe) ?? '' }).filter((block) => block.language === language);
}

/** Runs the program of a recipe, and hands over where it ran and how it ended. */
function afterRun<T>(recipe: string, use: (folder: string, ended: { status: number | null; stderr: string }) => T): T {
  const [block] = blocksOf(recipe, 'mjs');
  return inFolder(block, (folder, file) => {
    const { status, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS });
    return use(folder, { status, stderr });
  });
}

/** The trace that the program of a recipe writes. */
function traceOf(recipe: string, name: string): LoadedTrace {
  return afterRun(recipe, (folder, ended) => {
    expect(ended).toEqual({ status: 0, stderr: '' });
    const trace = loadTrace(join(folder, name));
    expect(trace.errors).toEqual([]);
    return trace;
  });
}

(hasTraceProcessor ? describe : describe.skip)('recipes', () => {
  test('01 an HTTP server: each request has its own calls below it, none nests by accident', () => {
    const { slices } = traceOf('An HTTP server', 'server.pftrace');
    const requests = slices.filter(({ name }) => name === 'GET /user');
    const calls = slices.filter(({ name }) => name === 'findUser');
    expect([requests.length, calls.length]).toEqual([20, 40]);
    expect(slices.every(({ depth }) => depth === 0)).toBe(true);
    expect(requests.map(({ args }) => args.get('status'))).toEqual(Array<string>(20).fill('int 200'));
    const ids = calls.map(({ args }) => args.get('id')!).sort();
    expect(ids).toEqual([...Array.from({ length: 20 }, (_, id) => `string ${id}`), ...Array<string>(20).fill('string 7')].sort());
  });

  test('02 marks, measures and garbage collections', () => {
    const { slices } = traceOf('Marks, measures and garbage collections', 'observed.pftrace');
    const at = (place: string) => slices.filter((slice) => slice.place.endsWith(place));
    expect(at('marks').map(({ name, dur }) => [name, dur])).toEqual([['begin', 0n]]);
    const [measure] = at('measures');
    expect([measure.name, measure.args.get('detail.count')]).toEqual(['make objects', 'int 300000']);
    expect(measure.ts).toBe(at('marks')[0].ts);
    const collections = at('GC');
    expect(collections.length).toBeGreaterThan(0);
    for (const { name } of collections) expect(['minor', 'major', 'incremental', 'weak callbacks']).toContain(name);
    expect(collections.some(({ ts, dur }) => ts >= measure.ts && ts + dur <= measure.ts + measure.dur)).toBe(true);
  });

  test('03 worker threads', () => {
    const { slices, threads, processes } = traceOf('Worker threads', 'all.pftrace');
    expect(processes.map(({ name }) => name)).toEqual(['app']);
    expect(threads.map(({ name }) => name).sort()).toEqual(['main', 'worker 1', 'worker 2', 'worker 3']);
    const [all] = slices.filter(({ name }) => name === 'all');
    const jobs = slices.filter(({ name }) => name === 'job');
    expect(jobs).toHaveLength(9);
    for (const { ts, dur, depth } of jobs) expect([ts >= all.ts && ts + dur <= all.ts + all.dur, depth]).toEqual([true, 0]);
    expect(new Set(jobs.map(({ tid }) => tid)).size).toBe(3);
  });

  const endings: [way: string, status: number | null, signal: NodeJS.Signals | null, names: string[]][] = [
    ['none', 0, null, ['work']],
    ['crash', 1, null, ['crash', 'work']],
    ['exit', 3, null, ['work']],
    ['wait', null, 'SIGTERM', ['SIGTERM', 'work']],
  ];
  test.each(endings)('04 exit, crash and signals: %s', (way, status, signal, names) => {
    inFolder(blocksOf('Exit, crash and signals', 'mjs')[0], (folder, file) => {
      // Sends the signal once the program says that it waits.
      const program = ['-e', `
        const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(file)}, '${way}'], { stdio: ['ignore', 'pipe', 'inherit'] });
        child.stdout.once('data', () => child.kill('SIGTERM'));
        child.on('exit', (status, signal) => console.log(JSON.stringify({ status, signal })));`];
      const { stdout, stderr } = spawnSync(process.execPath, program, { cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS });
      expect(JSON.parse(stdout)).toEqual({ status, signal });
      if (way === 'crash') expect(stderr).toContain('Error: boom');
      const { slices, errors } = loadTrace(join(folder, 'ended.pftrace'));
      expect(errors).toEqual([]);
      expect(slices.map(({ name }) => name).sort()).toEqual(names);
      if (way === 'crash') expect(slices.find(({ name }) => name === 'crash')!.args.get('error')).toMatch(/^string Error: boom\n/);
    });
  });

  test('05 which clock is which: all within a second, in their order', () => {
    const { slices } = traceOf('Which clock is which', 'clocks.pftrace');
    const at = Object.fromEntries(slices.map(({ name, ts }) => [name, Number(ts)]));
    const order = ['the clock of the trace', 'process.hrtime', 'performance.now'].map((name) => at[name]);
    expect(order[1]).toBeGreaterThanOrEqual(order[0]);
    // Two readings of two clocks are a microsecond apart, and `performance` may round to 0.1.
    expect(order[2]).toBeGreaterThanOrEqual(order[1] - 10_000);
    for (const time of Object.values(at)) expect(Math.abs(time - order[0])).toBeLessThan(1e9);
    expect(slices).toHaveLength(4);
  });

  const KERNELS = 'SQL: kernels per stream';

  test('06 GPU events with counters, and kernels per stream by SQL', () => {
    const [perKernel, busy] = blocksOf(KERNELS, 'sql');
    afterRun('GPU events with counters', (folder, ended) => {
      expect(ended).toEqual({ status: 0, stderr: '' });
      const path = join(folder, 'gpu.pftrace');
      expect(errorStats(path)).toEqual([]);
      expect(query(path, perKernel.code)).toEqual([
        { device: 'A100', stream: 'Stream 7', kernel: 'gemm', launches: '10', ns: '4000000', longest: '400000' },
        { device: 'A100', stream: 'Stream 7', kernel: 'relu', launches: '10', ns: '500000', longest: '50000' },
      ]);
      expect(query(path, busy.code)).toEqual([{ stream: 'Stream 7', busy: expect.stringMatching(/^47\.6/) as string }]);
      const counters: Row[] = query(path, 'SELECT t.name, count(*) AS samples, max(c.value) AS most FROM counter c JOIN counter_track t ON c.track_id = t.id GROUP BY t.name');
      expect(counters.map(({ name, samples, most }) => [name, samples, Number(most)])).toEqual([['memory used', '10', 10 << 20], ['power', '10', 209]]);
    });
  });

  test('07 the same of a converted trace', async () => {
    const [perKernel] = blocksOf(KERNELS, 'sql');
    const folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
    try {
      const event = { ph: 'X', name: 'aten::mm', cat: 'cpu_op', pid: 1, tid: 1, ts: 10, dur: 5, args: {} };
      const kernel = { ...event, name: 'gemm', cat: 'kernel', pid: 0, tid: 7, ts: 20, args: { device: 0, stream: 7 } };
      writeFileSync(join(folder, 'k.json'), JSON.stringify({ traceEvents: [event, kernel, { ...kernel, ts: 30 }] }));
      await convertTrace(join(folder, 'k.json'), join(folder, 'k.pftrace'));
      const rows = query(join(folder, 'k.pftrace'), perKernel.code);
      expect(rows).toMatchObject([{ stream: expect.stringMatching(/7/) as string, kernel: 'gemm', launches: '2', ns: '10000', longest: '5000' }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('08 are all tried', () => {
    expect([...tried].sort()).toEqual([...sections.keys()].sort());
  });
});

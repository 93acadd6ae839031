/** Tracing never changes what a program does: three programs with tracing on, off, and broken in several ways. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';
import { inspectTrace, type TraceInfo } from '../../lib/inspect';
import { DEADLINE_MS } from '../support/effort';
import { loadTrace } from '../support/loaded-trace';
import { mount, obstacle, unmount } from '../support/small-disk';
import { hasTraceProcessor, query } from '../support/trace-processor';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ways for tracing to be, and where the trace goes. */
const MODES: [mode: string, target: string][] = [
  ['off', 'trace'],
  ['on', 'trace.pftrace'],
  ['on', 'trace.json'],
  ['on', 'trace.pftrace.gz'],
  ['on', 'no/such/folder/trace.pftrace'],
  ['on', '/dev/full'],
  ['closed', 'trace.pftrace'],
  ['aborted', 'trace.pftrace'],
  ['unwritable', 'trace.pftrace'],
  ['unwritable', 'trace.json'],
];
const modes = MODES.filter(([, target]) => target !== '/dev/full' || existsSync(target));

/** Warnings are no output of the program. */
function run(program: string, mode: string, target: string): { status: number | null; signal: string | null; stdout: string; stderr: string } {
  const path = target.startsWith('/') ? target : join(folder, target);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [join(__dirname, '../support/traced', program), mode, path], {
    encoding: 'utf8', timeout: DEADLINE_MS, env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  return { status, signal, stdout, stderr };
}

const info = (name: string): Promise<TraceInfo> => inspectTrace(join(folder, name));

describe('an HTTP server that is killed under load', () => {
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const answer = (url: string) => `200 ${sha(url)} ${sha(`${url}?again`)}`;
  const answers = Array.from({ length: 400 }, (_, i) => (i % 50 === 49 ? '500 no such thing' : answer(`/item/${i}`)));
  const stdout = `${JSON.stringify({ answers: [...answers, answer('/flush')], how: 'SIGKILL' })}\n`;

  test.each(modes)('01 answers the same: %s, %s', (mode, target) => {
    expect(run('server.js', mode, target)).toEqual({ status: 0, signal: null, stdout, stderr: '' });
  });

  (isSDKAvailable() && hasTraceProcessor ? test : test.skip)('02 and what it flushed is there, each request on its own', () => {
    run('server.js', 'on', 'trace.pftrace');
    const { slices, errors, counters } = loadTrace(join(folder, 'trace.pftrace'));
    expect(errors).toEqual([]);
    const of = (name: string) => slices.filter((slice) => slice.name === name);
    expect(of('GET request').length).toBeGreaterThanOrEqual(400);
    expect(of('hash').length).toBeGreaterThanOrEqual(2 * 392);
    expect(of('GET request').filter(({ args }) => args.get('error') === 'string no such thing')).toHaveLength(8);
    expect(slices.every(({ depth }) => depth === 0)).toBe(true);
    expect(counters.length).toBeGreaterThanOrEqual(800);
  });
});

describe('a pool of worker threads', () => {
  const primesBelow = (limit: number) => {
    const isComposite = new Uint8Array(Math.max(limit, 2));
    let count = 0;
    for (let n = 2; n < limit; n++) {
      if (isComposite[n]) continue;
      count++;
      for (let m = n * n; m < limit; m += n) isComposite[m] = 1;
    }
    return count;
  };
  const answers = Array.from({ length: 300 }, (_, job) =>
    job % 100 === 99 ? { job, error: `job ${job} is odd` } : { job, result: primesBelow(job) },
  );
  const stdout = `${JSON.stringify({ answers, codes: [0, 0, 0] })}\n`;

  test.each(modes)('03 computes the same: %s, %s', (mode, target) => {
    expect(run('pool.js', mode, target)).toEqual({ status: 0, signal: null, stdout, stderr: '' });
  });

  test('04 and its threads wrote all jobs together, though none closed its trace', async () => {
    run('pool.js', 'on', 'trace.pftrace');
    const files = readdirSync(folder).sort();
    expect(files).toEqual([1, 2, 3].map((id) => `trace.pftrace.${id}`));
    const all = await Promise.all(files.map(info));
    expect(all.reduce((sum, { events }) => sum + events.slices, 0)).toBe(300 + 297);
    expect(all.reduce((sum, { events }) => sum + events.counters, 0)).toBe(300);
    if (!isSDKAvailable() || !hasTraceProcessor) return;
    writeFileSync(join(folder, 'all.pftrace'), Buffer.concat(files.map((file) => readFileSync(join(folder, file)))));
    const { slices, threads, processes, errors } = loadTrace(join(folder, 'all.pftrace'));
    expect(errors).toEqual([]);
    expect(slices.filter(({ name, depth }) => name === 'inner' && depth === 1)).toHaveLength(297);
    expect(processes).toHaveLength(1);
    expect(threads.filter(({ name }) => name.startsWith('worker'))).toHaveLength(3);
  });
});

describe('a program whose disk fills', () => {
  const lines: string[] = [];
  let state = 1n;
  for (let step = 0; step < 20; step++) {
    for (let i = 0; i < 1000; i++) state = (state * 48_271n) % 2_147_483_647n;
    lines.push(`${step} ${state}\n`);
  }
  const stdout = `${lines.join('')}after ${state}\n`;

  test.each(modes)('05 goes on: %s, %s', (mode, target) => {
    expect(run('disk.js', mode, target)).toEqual({ status: 0, signal: null, stdout, stderr: '' });
  });

  const reason = obstacle();
  const onDisk = reason === undefined ? test : test.skip;
  onDisk.each(['trace.pftrace', 'trace.json'])(`06 goes on where it fills in the middle, and what was written is there: %s${reason === undefined ? '' : ` (${reason})`}`, (name) => {
    const disk = mkdtempSync(join(tmpdir(), 'tracesmith-disk-'));
    expect(mount(disk)).toBeUndefined();
    try {
      expect(run('disk.js', 'on', join(disk, name))).toEqual({ status: 0, signal: null, stdout, stderr: '' });
      if (!hasTraceProcessor) return;
      const written = Number(query(join(disk, name), "SELECT count(*) AS n FROM slice WHERE name = 'next'")[0].n);
      expect(written).toBeGreaterThan(1000);
      expect(written).toBeLessThan(20_000);
    } finally {
      unmount(disk);
      rmdirSync(disk);
    }
  });
});

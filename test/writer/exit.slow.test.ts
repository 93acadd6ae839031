/** Programs that end without close(): the trace is whole, and what the program itself says and returns is its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectTrace } from '../../lib/inspect';
import { DEADLINE_MS } from '../support/effort';

const DIST = join(__dirname, '../../dist');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the body of an async function against the compiled package. */
function run(body: string, { name = 'trace.pftrace', flags = [] as string[] } = {}) {
  const program = join(folder, 'program.js');
  writeFileSync(
    program,
    `const { TraceWriter } = require(${JSON.stringify(DIST)});
     const path = ${JSON.stringify(join(folder, name))};
     const open = async (options) => {
       const trace = await TraceWriter.open(path, options);
       const track = trace.track({ name: 't' });
       for (let i = 0; i < 5_000; i++) track.slice('job', i * 10, 5, { args: { i } });
       return { trace, track };
     };
     (async () => { ${body} })();`,
  );
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, program], {
    encoding: 'utf8', timeout: DEADLINE_MS, env: { ...process.env, NODE_NO_WARNINGS: '' },
  });
  return { status, signal, stdout, stderr };
}

async function slicesIn(name: string): Promise<number> {
  return (await inspectTrace(join(folder, name))).events.slices;
}

const FILES: [name: string, options: string][] = [
  ['trace.pftrace', '{}'],
  ['trace.pftrace', "{ compression: 'packets' }"],
  ['trace.pftrace.gz', '{}'],
  ['trace.json', '{}'],
  ['trace.json.gz', '{}'],
];

describe.each(FILES)('%s with %s', (name, options) => {
  test('01 is whole after process.exit(), which keeps its code', async () => {
    const { status, stderr } = run(`await open(${options}); process.exit(3);`, { name });
    expect(status).toBe(3);
    expect(stderr).toMatch(/\[TRACESMITH_NOT_CLOSED\] Warning: A TraceWriter on \S+ was not closed; it was closed at the exit/);
    expect(await slicesIn(name)).toBe(5_000);
  });

  test('02 after an error that nobody caught, which is still told', async () => {
    const { status, stderr } = run(`await open(${options}); setTimeout(() => { throw new Error('boom'); });`, { name });
    expect(status).toBe(1);
    expect(stderr).toContain('Error: boom');
    expect(await slicesIn(name)).toBe(5_000);
  });

  test('03 after a program that forgot it, and one that exits while it is closed', async () => {
    expect(run(`await open(${options});`, { name })).toMatchObject({ status: 0, stdout: '' });
    expect(await slicesIn(name)).toBe(5_000);
    const closing = run(`const { trace } = await open(${options}); trace.close().then(() => console.log('late')); process.exit(0);`, { name });
    expect(closing).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    expect(await slicesIn(name)).toBe(5_000);
  });
});

const handled = 'const { track } = await open();';

test('04 a rejection that nobody handles', async () => {
  expect(run(`${handled} await track.asyncSpan('last', () => Promise.reject(new Error('boom')));`)).toMatchObject({ status: 1 });
  expect(await slicesIn('trace.pftrace')).toBe(5_001);
});

test('05 a signal that the program handles', async () => {
  const { status } = run(`${handled} process.on('SIGTERM', () => process.exit(9)); process.kill(process.pid, 'SIGTERM'); setInterval(() => 0, 1000);`);
  expect(status).toBe(9);
  expect(await slicesIn('trace.pftrace')).toBe(5_000);
});

test('06 a worker thread that exits, and one that throws', async () => {
  const body = `
    const { Worker, isMainThread, workerData } = require('node:worker_threads');
    if (isMainThread) {
      const worker = new Worker(__filename, { workerData: 'exit' });
      await new Promise((resolve) => worker.on('exit', resolve));
      console.log(require('node:fs').statSync(path).size > 0);
      const second = new Worker(__filename, { workerData: 'throw' });
      second.on('error', (error) => console.log(error.message));
    } else {
      await open();
      if (workerData === 'exit') process.exit();
      throw new Error('boom');
    }`;
  expect(run(body)).toMatchObject({ status: 0, stdout: 'true\nboom\n' });
  expect(await slicesIn('trace.pftrace')).toBe(5_000);
});

test('07 events of other exit listeners are counted, and harm nothing', async () => {
  const { status, stdout, stderr } = run(`
    const { trace, track } = await open();
    process.on('exit', () => { console.log(track.span('late', () => 'result')); track.instant('late', 1); });
    process.exit(4);`);
  expect({ status, stdout }).toEqual({ status: 4, stdout: 'result\n' });
  expect(stderr).toContain('TRACESMITH_NOT_CLOSED');
  expect(await slicesIn('trace.pftrace')).toBe(5_000);
});

test('08 a writer on a disk that is full says so at the exit', () => {
  if (!existsSync('/dev/full')) return;
  const { status, stderr } = run(`
    const trace = await TraceWriter.open('/dev/full');
    trace.track({ name: 't' }).slice('a', 1, 1);
    process.exit(5);`);
  expect(status).toBe(5);
  expect(stderr).toMatch(/\/dev\/full was not closed, and could not be at the exit: .*(ENOSPC|no space)/);
});

test('09 a Writable cannot be waited for', () => {
  const { status, stderr } = run(`
    const trace = await TraceWriter.open(require('node:fs').createWriteStream(path));
    trace.track({ name: 't' }).slice('a', 1, 1);
    process.exit(6);`);
  expect(status).toBe(6);
  expect(stderr).toContain('A TraceWriter on the stream was not closed; what came after its last flush is not in the trace.');
});

test('10 an aborted trace leaves no file', () => {
  expect(run(`const { trace } = await open(); trace.abort(); process.exit();`)).toMatchObject({ status: 0, stderr: '' });
  expect(existsSync(join(folder, 'trace.pftrace'))).toBe(false);
});

test('11 many writers have one listener', () => {
  const { stdout, stderr } = run(`
    for (let i = 0; i < 30; i++) await TraceWriter.open(path + i);
    console.log(process.listenerCount('exit'));`);
  expect(Number(stdout)).toBeLessThanOrEqual(2);
  expect(stderr).not.toContain('MaxListeners');
  for (let i = 0; i < 30; i++) expect(statSync(join(folder, `trace.pftrace${i}`)).size).toBeGreaterThan(0);
});

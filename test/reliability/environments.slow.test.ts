/** Where the addon lives besides a main thread that closes everything: workers, exits, --no-addons, many writers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';
import { inspectTrace } from '../../lib/inspect';
import { DEADLINE_MS } from '../support/effort';

const PACKAGE = JSON.stringify(join(__dirname, '../..', 'dist'));
const native = isSDKAvailable() ? test : test.skip;
/** Each format that this installation writes. */
const extensions = isSDKAvailable() ? ['pftrace', 'json'] : ['json'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);

/** Runs a program in a process of its own, in the test's folder; the deadline is for one that never exits. */
function run(program: string, flags: string[] = [], env: NodeJS.ProcessEnv = {}) {
  const source = `
    const { EventType, PerfettoProtoExporter, sdkInfo, TraceWriter } = require(${PACKAGE});
    (async () => { ${program} })();
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', source], {
    cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS, env: { ...process.env, ...env },
  });
  return { status, out: stdout, err: stderr };
}

const slicesOf = async (name: string) => (await inspectTrace(at(name))).events.slices;

describe('worker threads', () => {
  const WORKERS = 4;
  const worker = `
    const { parentPort, workerData: { id, extension } } = require('node:worker_threads');
    const { EventType, PerfettoProtoExporter, TraceWriter } = require(${PACKAGE});
    (async () => {
      const trace = await TraceWriter.open('worker-' + id + '.' + extension);
      const track = trace.track({ name: 'w' });
      for (let i = 0; i < 20_000; i++) {
        track.slice('s', i * 10, 5);
        if (i % 1000 === 0) await trace.flush();
      }
      const { slices } = await trace.close();
      const events = [{ type: EventType.KernelLaunch, name: 'k' + id, timestamp: 1000, duration: 10 }];
      const bytes = new PerfettoProtoExporter()[extension === 'json' ? 'exportToJSON' : 'exportToProto'](events);
      parentPort.postMessage({ slices, exported: bytes.length > 0 });
    })();
  `;
  test.each(extensions)('write %s, several at once', async (extension) => {
    const { status, out, err } = run(
      `const { Worker } = require('node:worker_threads');
      const start = (id) => new Worker(process.env.WORKER, { eval: true, workerData: { id, extension: process.env.EXTENSION } });
      const results = await Promise.all(Array.from({ length: ${WORKERS} }, (_, id) => new Promise((resolve, reject) => {
        start(id).once('message', resolve).once('error', reject);
      })));
      console.log(JSON.stringify(results));`,
      [],
      { WORKER: worker, EXTENSION: extension },
    );
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toEqual(Array.from({ length: WORKERS }, () => ({ slices: 20_000, exported: true })));
    for (let id = 0; id < WORKERS; id++) expect(await slicesOf(`worker-${id}.${extension}`)).toBe(20_000);
  });
});

describe('the end of a process', () => {
  test.each(extensions)('does not wait for a forgotten writer of %s, and keeps what was flushed', async (extension) => {
    const { status, err } = run(`
      const trace = await TraceWriter.open('trace.${extension}');
      const track = trace.track({ name: 't' });
      for (let i = 0; i < 1000; i++) track.slice('flushed', i, 1);
      await trace.flush();
      track.slice('not flushed', 2000, 1);
    `);
    expect(status).toBe(0);
    expect(err.match(/\[TRACESMITH_NOT_CLOSED\] Warning: A TraceWriter on trace\.\w+ was not closed/g)).toHaveLength(1);
    if (extension === 'json') expect(readFileSync(at('trace.json'), 'utf8').match(/"flushed"/g)).toHaveLength(1000);
    else expect(await slicesOf('trace.pftrace')).toBe(1001);
  });

  test.each(extensions)('by process.exit() is one too, also inside an exit listener, writing %s', async (extension) => {
    const { status, err } = run(`
      const trace = await TraceWriter.open('trace.${extension}');
      const track = trace.track({ name: 't' });
      track.slice('flushed', 1, 1);
      await trace.flush();
      process.on('exit', () => track.slice('too late', 2, 1));
      process.exit(7);
    `);
    expect(status).toBe(7);
    expect(err).toContain('TRACESMITH_NOT_CLOSED');
    if (extension === 'json') expect(readFileSync(at('trace.json'), 'utf8')).toContain('"flushed"');
    else expect(await slicesOf('trace.pftrace')).toBe(1);
  });

  native('may export in an exit listener', async () => {
    const { status, err } = run(`
      process.on('exit', () => {
        const events = [{ type: EventType.KernelLaunch, name: 'last', timestamp: 1000, duration: 10 }];
        require('node:fs').writeFileSync('last.pftrace', new PerfettoProtoExporter().exportToProto(events));
      });
    `);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(await slicesOf('last.pftrace')).toBe(1);
  });
});

describe('64 open writers', () => {
  test.each(extensions)('of %s share one exit listener, and one signal, without a warning of leaks', (extension) => {
    const { status, out, err } = run(`
      const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
      const { signal } = new AbortController();
      const open = (_, i) => TraceWriter.open('trace-' + i + '.${extension}', { signal });
      const traces = await Promise.all(Array.from({ length: 64 }, open));
      const added = process.eventNames().flatMap((name) => {
        const more = process.listenerCount(name) - (new Map(before).get(name) ?? 0);
        return more > 0 ? [[name, more]] : [];
      });
      for (const trace of traces) trace.track({ name: 't' }).slice('s', 1, 1);
      const results = await Promise.all(traces.map((trace) => trace.close()));
      console.log(JSON.stringify({ added, slices: results.reduce((sum, { slices }) => sum + slices, 0) }));
    `);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(JSON.parse(out)).toEqual({ added: [['exit', 1]], slices: 64 });
  });
});

test('under --no-addons it falls back, and says why', () => {
  const { status, out, err } = run(
    `const trace = await TraceWriter.open('trace.pftrace');
    const { format, fallback } = await trace.close();
    console.log(JSON.stringify({ info: sdkInfo(), format, fallback }));`,
    ['--no-addons'],
    { TRACESMITH_BACKEND: '' },
  );
  expect(status).toBe(0);
  expect(err).toContain('TRACESMITH_SDK_UNAVAILABLE');
  const { info, fallback } = JSON.parse(out) as { info: { available: boolean; reason: string }; fallback: boolean };
  expect({ available: info.available, fallback }).toEqual({ available: false, fallback: true });
  // Where there is no addon at all, that is the reason.
  if (isSDKAvailable()) expect(info.reason).toBe('this process does not allow addons (--no-addons)');
});

test('no memory of the addon can be handed to JavaScript: Electron forbids it', () => {
  const binding = join(__dirname, '../..', 'binding');
  const files = readdirSync(binding, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:h|cc|c)$/.test(file));
  const text = (file: string) => readFileSync(join(binding, file), 'utf8');
  // With this, neither Node's header nor node-addon-api's declares what would do it.
  const only = join('napi', 'node_api.h');
  expect(text(only)).toMatch(/^#define NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED\n[^]*^#include <napi\.h>$/m);
  expect(files.filter((file) => /#include <(?:napi|node_api|js_native_api)\.h>/.test(text(file)))).toEqual([only]);
  expect(files.filter((file) => text(file).includes('napi_create_external'))).toEqual([]);
});

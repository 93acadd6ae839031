/** The command as its users run it: the compiled file in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EventType, isSDKAvailable, PerfettoProtoExporter } from '../lib';

const ROOT = join(__dirname, '..');
const COMMAND = join(ROOT, 'dist', 'cli', 'main.js');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

let folder: string;
/** For scripts that a test loads into the command. */
let hooks: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  hooks = mkdtempSync(join(tmpdir(), 'tracesmith-hooks-'));
});
afterEach(() => {
  for (const path of [folder, hooks]) rmSync(path, { recursive: true, force: true });
});

const DEADLINE_MS = 30_000;
const native = isSDKAvailable() ? it : it.skip;

/** Runs the command in the test's folder. */
function run(args: string[], env: NodeJS.ProcessEnv = {}) {
  const result = spawnSync(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: { ...process.env, ...env },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

function write(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return name;
}

const read = (name: string) => readFileSync(join(folder, name));

const EVENTS = [
  { ph: 'M', name: 'process_name', pid: 7, args: { name: 'python' } },
  { ph: 'X', name: 'op', cat: 'cpu_op', pid: 7, tid: 8, ts: 100, dur: 50 },
  { ph: 'X', name: 'kernel', cat: 'kernel', pid: 1, tid: 2, ts: 120, dur: 10 },
  { ph: 's', name: 'ac2g', cat: 'ac2g', id: 3, pid: 7, tid: 8, ts: 110 },
  { ph: 'f', name: 'ac2g', cat: 'ac2g', id: 3, pid: 1, tid: 2, ts: 120, bp: 'e' },
  { ph: 'X', name: 'no length', pid: 7, tid: 8, ts: 100 },
  { ph: 'N', name: 'object', pid: 7, tid: 8, ts: 100 },
];
const JSON_TRACE = JSON.stringify({ traceEvents: EVENTS });

describe('tracesmith-perfetto', () => {
  it.each([['--help'], ['-h'], ['help']])('%s shows the commands', (option) => {
    const { code, out, err } = run([option]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of ['convert', 'info', 'doctor', 'Exit codes']) expect(out).toContain(command);
  });

  it.each(['convert', 'info', 'doctor'])('%s --help shows its options', (command) => {
    const { code, out } = run([command, '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--json');
  });

  it.each([['--version'], ['-V']])('%s prints the version', (option) => {
    expect(run([option])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it.each<[string, string[], RegExp]>([
    ['no command', [], /a command is missing/],
    ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
    ['an unknown option', ['info', '--nope', 'x'], /unknown option '--nope'/],
    ['a missing argument', ['info'], /missing required argument/],
    ['a missing value', ['convert', 'x', '-o'], /argument missing/],
    ['an argument too many', ['info', 'a', 'b'], /too many arguments/],
  ])('%s is wrong usage', (_, args, message) => {
    const { code, out, err } = run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^tracesmith-perfetto: USAGE: .*\n$/);
    expect(err).toMatch(message);
  });

  it('ends silently when its reader goes', async () => {
    const names = Array.from({ length: 20_000 }, (_, tid) => ({ ph: 'M', name: 'thread_name', pid: 1, tid, args: { name: 'x' } }));
    write('many.json', JSON.stringify(names));
    const child = spawn(process.execPath, [COMMAND, 'info', '--json', 'many.json'], { cwd: folder });
    let err = '';
    child.stderr.on('data', (text) => (err += String(text)));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});

describe('convert', () => {
  native('writes a native trace beside the input', () => {
    write('trace.json.gz', gzipSync(JSON_TRACE));
    const { code, out, err } = run(['convert', 'trace.json.gz']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Wrote trace\.perfetto-trace, a native Perfetto trace\n/);
    expect(out).toContain('2 slices, 1 arrow\n');
    expect(out).toContain('Ignored: 1 event of phase "N"');
    expect(out).toContain('Dropped: 1 event: ');
    expect(out).toContain('https://ui.perfetto.dev');
    expect(read('trace.perfetto-trace')[0]).toBe(0x0a);
  });

  it('writes Chrome JSON where the output says so, and prints JSON', () => {
    write('trace.json', JSON_TRACE);
    const { code, out, err } = run(['convert', 'trace.json', '-o', 'out.json.gz', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      input: 'trace.json',
      path: 'out.json.gz',
      format: 'JSON',
      fallback: false,
      compressed: true,
      bytes: read('out.json.gz').length,
      events: EVENTS.length,
      slices: 2,
      ignored: { N: 1 },
    });
  });

  it('falls back to JSON without the addon, and says so', () => {
    write('trace.json', JSON_TRACE);
    const { code, out, err } = run(['convert', 'trace.json'], { TRACESMITH_BACKEND: 'json' });
    expect(code).toBe(0);
    expect(err).toMatch(/^tracesmith-perfetto: WARNING: Writing Chrome JSON .*\n$/);
    expect(out).toContain('Wrote trace.perfetto-trace, Chrome JSON\n');
    expect(out).toContain('doctor');
    expect(JSON.parse(String(read('trace.perfetto-trace')))).toHaveProperty('traceEvents');
  });

  it('fails without the addon where no fallback is wanted', () => {
    write('trace.json', JSON_TRACE);
    const { code, err } = run(['convert', '--no-fallback', 'trace.json'], { TRACESMITH_BACKEND: 'json' });
    expect(code).toBe(1);
    expect(err).toMatch(/^tracesmith-perfetto: SDK_UNAVAILABLE: .*\n$/);
    expect(readdirSync(folder)).toEqual(['trace.json']);
  });

  it.each<[string, string[], RegExp]>([
    ['a missing input', ['none.json', '-o', 'out.json'], /IO: .*ENOENT/],
    ['an input that is no trace', ['junk', '-o', 'out.json'], /INVALID_INPUT: /],
    ['an output that is the input', ['trace.json', '-o', './trace.json'], /INVALID_ARGUMENT: .*is the input/],
    ['an output that cannot be written', ['trace.json', '-o', 'none/out.json'], /IO: /],
  ])('fails with %s', (_, args, message) => {
    write('trace.json', JSON_TRACE);
    write('junk', 'line one\nline two\n');
    const { code, out, err } = run(['convert', ...args]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^tracesmith-perfetto: [A-Z_]+: .*\n$/);
    expect(err).toMatch(message);
    expect(readdirSync(folder).sort()).toEqual(['junk', 'trace.json']);
    expect(String(read('trace.json'))).toBe(JSON_TRACE);
  });

  (process.platform === 'win32' ? it.skip : it)('leaves nothing behind when it is interrupted', () => {
    const event = JSON.stringify(EVENTS[1]);
    write('large.json', `[${Array.from({ length: 300_000 }, () => event).join(',')}]`);
    // Sends the signal as soon as the command listens to it, however slow the machine is.
    const hook = `process.on('newListener', (name) => {
      if (name === 'SIGINT') setImmediate(() => process.kill(process.pid, 'SIGINT'));
    });`;
    writeFileSync(join(hooks, 'interrupt.js'), hook);
    const args = ['--require', join(hooks, 'interrupt.js'), COMMAND, 'convert', 'large.json', '-o', 'out.json'];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS });
    expect({ status, signal, stdout, stderr }).toEqual({ status: 130, signal: null, stdout: '', stderr: '' });
    expect(readdirSync(folder)).toEqual(['large.json']);
  });
});

describe('info', () => {
  const exported = (file: string) =>
    new PerfettoProtoExporter().exportToFileSync(
      [
        { type: EventType.KernelLaunch, name: 'vectorAdd', timestamp: 1_000_000, duration: 500_000, streamId: 1 },
        { type: EventType.Marker, name: 'mark', timestamp: 2_000_000n },
      ],
      join(folder, file),
      { counters: [{ timestamp: 0, counterName: 'load', value: 1, unit: '%' }] },
    );

  native('describes a native trace', () => {
    exported('gpu.pftrace');
    const { code, out, err } = run(['info', 'gpu.pftrace']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Kind +native Perfetto trace$/m);
    expect(out).toMatch(/^Events +1 slice, 1 instant, 1 counter sample$/m);
    expect(out).toMatch(/^Time +2 ms, from 0 to 2000000 ns$/m);
    expect(out).toContain('GPU trace (pid 1)');
    expect(out).toMatch(/GPU trace \/ GPU 0 \/ Stream 1 +1 event$/m);
    expect(out).toMatch(/load \[%\] +1 sample$/m);
  });

  native('describes a gzipped native trace', () => {
    exported('gpu.pftrace.gz');
    expect(run(['info', 'gpu.pftrace.gz']).out).toMatch(/^Kind +native Perfetto trace, gzipped$/m);
  });

  it('describes a JSON trace', () => {
    write('trace.json.gz', gzipSync(JSON_TRACE));
    const { code, out } = run(['info', 'trace.json.gz']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Kind +Chrome JSON, an object with traceEvents, gzipped$/m);
    expect(out).toMatch(/^Events +3 slices, 2 ends of arrows$/m);
    expect(out).toContain('python (pid 7)');
  });

  it('lists a few of many tracks', () => {
    const events = Array.from({ length: 50 }, (_, tid) => ({ ph: 'i', name: 'x', pid: 1, tid, ts: tid }));
    write('trace.json', JSON.stringify(events));
    const { out } = run(['info', 'trace.json']);
    expect(out).toContain('Threads (50)');
    expect(out).toContain('and 30 more');
  });

  it('prints JSON with exact times', () => {
    write('trace.json', JSON_TRACE);
    const { code, out } = run(['info', '--json', 'trace.json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ kind: 'chrome-json', time: { first: '100000', last: '150000', length: '50000' } });
  });

  it('does not let a trace write to the terminal', () => {
    write('trace.json', JSON.stringify([{ ph: 'M', name: 'process_name', pid: 1, args: { name: 'a\x1b[2Jb\nc' } }]));
    expect(run(['info', 'trace.json']).out).toContain('a [2Jb c (pid 1)');
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['junk', Buffer.from('7f454c4602010100', 'hex'), /INVALID_INPUT: .*neither/],
    ['an empty file', '', /INVALID_INPUT: .*empty/],
    ['JSON with line breaks that is broken', '[\n{"ph":\n"X",\n', /INVALID_INPUT: .*JSON/],
  ])('fails with %s', (_, content, message) => {
    const { code, out, err } = run(['info', write('trace', content)]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^tracesmith-perfetto: [A-Z_]+: .*\n$/);
    expect(err).toMatch(message);
  });
});

describe('doctor', () => {
  native('says that all is well', () => {
    const { code, out } = run(['doctor']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Perfetto SDK +v\d+/m);
    expect(out).toContain('All is well');
  });

  it('says that the addon is turned off, and what to do', () => {
    const { code, out } = run(['doctor'], { TRACESMITH_BACKEND: 'json' });
    expect(code).toBe(0);
    expect(out).toMatch(/^Perfetto SDK +not available: TRACESMITH_BACKEND=json/m);
    expect(out).toContain('The fallback is in use');
    expect(out).toContain('unset TRACESMITH_BACKEND');
  });

  native('says that addons are not allowed', () => {
    const { code, out } = run(['doctor'], { NODE_OPTIONS: '--no-addons' });
    expect(code).toBe(0);
    expect(out).toContain('ERR_DLOPEN_DISABLED');
    expect(out).toContain('without --no-addons');
  });

  it('notices a setting without meaning', () => {
    expect(run(['doctor'], { TRACESMITH_BACKEND: 'protobuf' }).out).toMatch(/^TRACESMITH_BACKEND +protobuf: has no meaning/m);
  });

  it('says which tools are missing', () => {
    const { code, out } = run(['doctor'], { PATH: '', CXX: '' });
    expect(code).toBe(0);
    expect(out).toMatch(/^C\+\+ compiler +not found$/m);
    expect(out).toMatch(/^CMake +not found$/m);
  });

  it('prints JSON', () => {
    const { code, out } = run(['doctor', '--json'], { TRACESMITH_BACKEND: 'json' });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ version, backend: 'json', broken: [], sdk: { available: false } });
  });
});

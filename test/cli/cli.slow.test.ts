/** The command as its users run it: the compiled file in a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { EventType, isSDKAvailable, PerfettoProtoExporter } from '../../lib';
import { DEADLINE_MS } from '../support/effort';

const ROOT = join(__dirname, '../..');
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
  { ph: 'X', name: 'no length', dur: -1, pid: 7, tid: 8, ts: 100 },
  { ph: 'N', name: 'object', pid: 7, tid: 8, ts: 100 },
];
const JSON_TRACE = JSON.stringify({ traceEvents: EVENTS });

describe('tracesmith-perfetto', () => {
  it.each([['--help'], ['-h'], ['help']])('%s shows the commands', (option) => {
    const { code, out, err } = run([option]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of ['convert', 'info', 'doctor', 'build', 'Exit codes']) expect(out).toContain(command);
  });

  it.each(['convert', 'info', 'doctor'])('%s --help shows its options', (command) => {
    const { code, out } = run([command, '--help']);
    expect(code).toBe(0);
    expect(out).toContain('--json');
    expect(out).toMatch(/Exit codes: 0 done.* 1 failed.* 2 wrong usage.*130.*141.*143/s);
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
    // 128 and the number of SIGPIPE, which ends other tools.
    expect({ code, err }).toEqual({ code: 141, err: '' });
  });
});

describe('convert', () => {
  const withoutAddon = { TRACESMITH_BACKEND: 'json' };

  native('writes a native trace beside the input', () => {
    write('trace.json.gz', gzipSync(JSON_TRACE));
    const { code, out, err } = run(['convert', 'trace.json.gz']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Wrote trace\.perfetto-trace, a native Perfetto trace\n/);
    expect(out).toContain('2 slices, 1 arrow\n');
    expect(out).toContain('https://ui.perfetto.dev');
    expect(read('trace.perfetto-trace')[0]).toBe(0x0a);
  });

  it('writes Chrome JSON where the output says so, and warns of what it leaves out', () => {
    write('trace.json.gz', gzipSync(JSON_TRACE));
    const { code, out, err } = run(['convert', 'trace.json.gz', '-o', 'out.json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Wrote out\.json, Chrome JSON\n/);
    expect(out).toContain('2 slices, 1 arrow\n');
    expect(out).toMatch(/^ {2}Ignored: line 1, byte \d+: events of phase N: \{"ph":"N"/m);
    expect(out).toMatch(/^ {2}Dropped: line 1, byte \d+: a dur below 0: \{"ph":"X","name":"no length"/m);
    expect(out).toContain('https://ui.perfetto.dev');
  });

  it('prints the report as JSON', () => {
    write('trace.json', JSON_TRACE);
    const { code, out, err } = run(['convert', 'trace.json', '-o', 'out.json.gz', '--json']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({
      input: 'trace.json',
      path: 'out.json.gz',
      format: 'JSON',
      fallback: false,
      compression: 'gzip',
      bytes: read('out.json.gz').length,
      events: EVENTS.length,
      slices: 2,
      ignored: [{ reason: 'events of phase N', count: 1, line: 1 }],
      dropped: [{ count: 1 }],
    });
  });

  it('prints nothing with --quiet', () => {
    write('trace.json', JSON_TRACE);
    expect(run(['convert', '-q', 'trace.json', '-o', 'out.json'])).toEqual({ code: 0, out: '', err: '' });
    expect(JSON.parse(String(read('out.json')))).toHaveProperty('traceEvents');
  });

  it('passes options on', () => {
    write('trace.json', JSON_TRACE);
    const sizes = ['1', '9'].map((level) => {
      const args = ['convert', 'trace.json', '-q', '-o', 'o.json', '--compression', 'gzip', '--level', level];
      expect(run([...args, '--memory-budget', '1.5M', '--gpu-events', 'both'])).toEqual({ code: 0, out: '', err: '' });
      return read('o.json').length;
    });
    expect(sizes[1]).toBeLessThan(sizes[0]);
  });

  it.each<[string, string[], number, RegExp]>([
    ['a size that is none', ['--memory-budget', '64X'], 2, /USAGE: .*'64X' is invalid\. Expected a number of bytes, such as 64M/],
    ['a budget too small', ['--memory-budget', '100k'], 2, /USAGE: .*--memory-budget.*'100k' is invalid\. Expected at least 1M/],
    ['a kind that is none', ['--gpu-events', 'x'], 2, /USAGE: .*Allowed choices are tracks, render-stages, both/],
    ['a compression that is none', ['--compression', 'zip'], 2, /USAGE: .*Allowed choices are none, gzip, packets/],
    ['a level that is no number', ['--level', 'best'], 2, /USAGE: .*Expected a whole number from 1 to 9/],
    ['a level out of range', ['--level', '10'], 2, /USAGE: .*--level.*'10' is invalid\. Expected a whole number from 1 to 9/],
    ['a format that is none', ['--format', 'csv'], 2, /USAGE: .*Allowed choices are native, json/],
    ['packets of JSON', ['--compression', 'packets', '-o', 'x.json'], 2, /INVALID_ARGUMENT: .*JSON, which has no packets/],
    ['an empty name', ['-o', ''], 2, /USAGE: .*empty; perhaps a variable/],
  ])('refuses %s', (_, args, exitCode, message) => {
    write('trace.json', JSON_TRACE);
    const { code, out, err } = run(['convert', 'trace.json', ...args]);
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
    expect(err).toMatch(message);
    expect(readdirSync(folder)).toEqual(['trace.json']);
  });

  describe('with --strict', () => {
    it('fails with a line for each finding, and writes nothing', () => {
      write('trace.json', JSON_TRACE);
      const { code, out, err } = run(['convert', '--strict', 'trace.json', '-o', 'out.json']);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(/^tracesmith-perfetto: INVALID_INPUT: trace\.json .*nothing was written\n {2}dropped: line 1, byte \d+: a dur below 0: .*\n$/);
      expect(readdirSync(folder)).toEqual(['trace.json']);
    });

    it('writes nothing to standard output either', () => {
      write('trace.json', JSON_TRACE);
      const { code, out } = run(['convert', '--strict', 'trace.json', '-o', '-'], withoutAddon);
      expect({ code, out }).toEqual({ code: 1, out: '' });
    });
  });

  describe('with the standard streams', () => {
    it('reads one and writes the other, with the summary on stderr', () => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [COMMAND, 'convert', '-'], {
        cwd: folder, input: gzipSync(JSON_TRACE), encoding: 'utf8', timeout: DEADLINE_MS, env: { ...process.env, ...withoutAddon },
      });
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toHaveProperty('traceEvents');
      expect(stderr).toMatch(/^Wrote standard output, Chrome JSON$/m);
      expect(stderr).not.toContain('drag the file');
      expect(readdirSync(folder)).toEqual([]);
    });

    (process.platform === 'win32' ? it.skip : it)('ends like any tool when its reader goes', async () => {
      write('large.json', `[${Array.from({ length: 50_000 }, () => JSON.stringify(EVENTS[1])).join(',')}]`);
      const child = spawn(process.execPath, [COMMAND, 'convert', 'large.json', '-o', '-', '-q'], {
        cwd: folder, env: { ...process.env, ...withoutAddon },
      });
      let err = '';
      child.stderr.on('data', (text) => (err += String(text)));
      child.stdout.once('data', () => child.stdout.destroy());
      const code = await new Promise((resolve) => child.on('close', resolve));
      expect({ code, err: err.replace(/^.*WARNING.*\n/, '') }).toEqual({ code: 141, err: '' });
    });

    (process.platform === 'win32' ? it.skip : it)('ends at a signal while it waits for input', async () => {
      const child = spawn(process.execPath, [COMMAND, 'convert', '-', '-o', 'out.json'], { cwd: folder });
      child.stdin.write('[');
      // It listens to the signal once it waits; until then the signal's own way ends it.
      const timer = setInterval(() => child.kill('SIGINT'), 500);
      const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => child.on('close', (...ended) => resolve(ended)));
      clearInterval(timer);
      expect(code ?? signal).toEqual(code === null ? 'SIGINT' : 130);
      expect(readdirSync(folder)).toEqual([]);
    });
  });

  describe('with several inputs', () => {
    beforeEach(() => {
      write('a.json', JSON_TRACE);
      write('b.json.gz', gzipSync(JSON_TRACE));
    });

    it('writes each beside its input', () => {
      const { code, out } = run(['convert', 'a.json', 'b.json.gz'], withoutAddon);
      expect(code).toBe(0);
      expect(out).toMatch(/^Wrote a\.perfetto-trace/m);
      expect(out).toMatch(/^Wrote b\.perfetto-trace/m);
      expect(out.match(/ui\.perfetto\.dev/g)).toHaveLength(1);
      expect(readdirSync(folder).sort()).toEqual(['a.json', 'a.perfetto-trace', 'b.json.gz', 'b.perfetto-trace']);
    });

    it('writes to a folder that it makes, and goes on behind one that fails', () => {
      const { code, out, err } = run(['convert', 'a.json', 'none.json', 'b.json.gz', '-o', 'new/folder', '--json'], withoutAddon);
      expect(code).toBe(1);
      expect(err).toMatch(/^tracesmith-perfetto: IO: Could not read none\.json: .*ENOENT/m);
      expect(JSON.parse(out)).toEqual([
        expect.objectContaining({ input: 'a.json', path: join('new', 'folder', 'a.perfetto-trace'), slices: 2 }),
        { input: 'none.json', error: { code: 'IO', message: expect.stringContaining('ENOENT') as string } },
        expect.objectContaining({ input: 'b.json.gz', slices: 2 }),
      ]);
      expect(readdirSync(join(folder, 'new', 'folder')).sort()).toEqual(['a.perfetto-trace', 'b.perfetto-trace']);
    });

    it('one input goes to a folder too, where that is there', () => {
      mkdirSync(join(folder, 'out'));
      expect(run(['convert', '-q', 'a.json', '-o', 'out'], withoutAddon).code).toBe(0);
      expect(readdirSync(join(folder, 'out'))).toEqual(['a.perfetto-trace']);
    });

    it.each<[string, string[], RegExp]>([
      ['standard input among them', ['a.json', '-'], /standard input \(-\) .* cannot be one of several inputs/],
      ['standard output', ['a.json', 'b.json.gz', '-o', '-'], /cannot be written to standard output/],
      ['two that become one', ['a.json', './a.json', '-o', 'out'], /a\.json and \.\/a\.json would both become out.a\.perfetto-trace/],
      ['a folder that is a file', ['a.json', 'b.json.gz', '-o', 'a.json'], /USAGE: 2 inputs become as many traces, and a\.json is one file/],
      ['a file of JSON', ['a.json', 'b.json.gz', '-o', 'x/out.json'], /USAGE: 2 inputs .* x\/out\.json is one file; name a folder, such as -o x.out/],
      ['a file of a native trace', ['a.json', 'b.json.gz', '-o', 'x.pftrace.gz'], /USAGE: .*such as -o x[\\/],/],
      ['one that becomes another input', ['--format', 'json', 'b.json.gz', 'a.json'], /USAGE: a\.json would become a\.json, which is an input/],
    ])('refuses %s before it begins', (_, args, message) => {
      const { code, out, err } = run(['convert', ...args], withoutAddon);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(message);
      expect(readdirSync(folder).sort()).toEqual(['a.json', 'b.json.gz']);
    });
  });

  describe('names of outputs', () => {
    it.each<[string, RegExp]>([
      ['a.zst', /a\.zst would have to be zstd, which is not written; use gzip \(-o a\.pftrace\.gz\)/],
      ['a.pftrace.ZST', /zstd, which is not written; use gzip \(-o a\.pftrace\.gz\)/],
      ['a.json.zstd', /use gzip \(-o a\.json\.gz\)/],
      ['a.tgz', /tar and gzip/],
      ['a.7z', /7z, which/],
      ['a.csv', /extension \.csv of a\.csv is none that is written: .*\.pftrace.*--format native or --format json/],
      ['a.csv.gz', /extension \.csv of a\.csv\.gz is none/],
      ['a.perfetto', /extension \.perfetto of/],
      ['/dev/stderr', /has the messages of this command; .*-o - >&2/],
      ['/dev/fd/2', /has the messages/],
    ])('%s is wrong usage', (output, message) => {
      write('trace.json', JSON_TRACE);
      const { code, out, err } = run(['convert', 'trace.json', '-o', output], withoutAddon);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^tracesmith-perfetto: USAGE: .*\n$/);
      expect(err).toMatch(message);
      expect(readdirSync(folder)).toEqual(['trace.json']);
    });

    it.each<[string, string[], string]>([
      ['a name without an extension', ['-o', 'out'], 'out'],
      ['digits, which are no extension', ['-o', 'run.1'], 'run.1'],
      ['any other with --format', ['-o', 'out.csv', '--format', 'json'], 'out.csv'],
      ['.gz behind any', ['-o', 'out.gz', '--format', 'json'], 'out.gz'],
      ['upper case', ['-o', 'OUT.JSON'], 'OUT.JSON'],
      ['none, with --format', ['--format', 'json'], 'trace.json'],
      ['a name as long as one may be', ['-o', `${'\u00e9'.repeat(125)}.json`], `${'\u00e9'.repeat(125)}.json`],
    ])('%s is written', (_, args, output) => {
      write('trace.json.gz', gzipSync(JSON_TRACE));
      expect(run(['convert', 'trace.json.gz', '-q', ...args], withoutAddon).code).toBe(0);
      expect(readdirSync(folder).sort()).toEqual(['trace.json.gz', output].sort());
    });

    it.each<[string, string[], RegExp]>([
      ['a format', ['-o', 'x.pftrace', '--format', 'json'], /--format json contradicts x\.pftrace, whose extension means --format native/],
      ['no compression', ['-o', 'x.json.gz', '--compression', 'none'], /--compression none contradicts x\.json\.gz/],
    ])('that contradict %s are wrong usage', (_, args, message) => {
      write('trace.json', JSON_TRACE);
      const { code, err } = run(['convert', 'trace.json', ...args]);
      expect(code).toBe(2);
      expect(err).toMatch(message);
    });
  });

  it('warns of a trace without events, and writes it', () => {
    write('empty.json', '{"traceEvents":[]}');
    expect(run(['convert', 'empty.json', '-o', 'out.json'])).toMatchObject({
      code: 0, err: 'tracesmith-perfetto: WARNING: empty.json has no events that a viewer could show\n',
    });
    expect(run(['convert', '-q', 'empty.json', '-o', 'out.json'])).toEqual({ code: 0, out: '', err: '' });
  });

  it.each([40, 60])('fits a terminal of %i columns', (columns) => {
    write('trace.json', JSON_TRACE);
    const env = { COLUMNS: String(columns) };
    const outputs = [['--help'], ['convert', '--help'], ['convert', 'trace.json', '-o', 'out.json'], ['info', 'trace.json']].map((args) => run(args, env));
    for (const { code, out } of outputs) {
      expect(code).toBe(0);
      // A word that is longer than the line stays whole.
      expect(out.split('\n').filter((line) => line.length > columns && line.trim().includes(' '))).toEqual([]);
    }
    // The words are all there.
    const words = (text: string): string => text.split(/\s+/).join(' ');
    expect(words(outputs[2].out)).toBe(words(run(['convert', 'trace.json', '-o', 'out.json'], { COLUMNS: '' }).out));
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

  it.each<[string, string[], number, RegExp]>([
    ['a missing input', ['none.json', '-o', 'out.json'], 1, /IO: .*ENOENT/],
    ['an input that is no trace', ['junk', '-o', 'out.json'], 1, /INVALID_INPUT: /],
    ['an output that is the input', ['trace.json', '-o', './trace.json'], 2, /INVALID_ARGUMENT: .*is the input/],
    ['an output in no folder', ['trace.json', '-o', 'none/out.json'], 1, /IO: Could not write none\/out\.json: ENOENT: no such file or directory: there is no folder none; make it first\n$/],
  ])('fails with %s', (_, args, exitCode, message) => {
    write('trace.json', JSON_TRACE);
    write('junk', 'line one\nline two\n');
    const { code, out, err } = run(['convert', ...args]);
    expect({ code, out }).toEqual({ code: exitCode, out: '' });
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
    expect(out).toMatch(/^Events +2 slices, 2 ends of arrows$/m);
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
    ['junk', Buffer.from('7f454c4602010100', 'hex'), /INVALID_INPUT: .*is binary data that begins with the bytes 7f 45/],
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

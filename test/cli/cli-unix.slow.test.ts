/** The command as a Unix tool: its exit codes, its one line on stderr, and what it leaves behind where things go wrong. */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';
import { mount, obstacle, unmount } from '../support/small-disk';
import { DEADLINE_MS } from '../support/effort';
import { readableCopy } from '../support/readable-copy';

const COMMAND = join(__dirname, '../..', 'dist', 'cli', 'main.js');
/** A user without rights: Debian's and others' `nobody`. */
const NOBODY = 65_534;
const isUnix = process.platform !== 'win32';
const isRoot = process.getuid?.() === 0;

const EVENT = { ph: 'X', name: 'event', pid: 1, tid: 1, ts: 1, dur: 1, args: { text: 'some text' } };
const jsonOf = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, ts) => ({ ...EVENT, ts, name: `event ${ts}` })));
const SMALL = jsonOf(10);
/** Its traces are larger than a pipe holds. */
const LARGE = jsonOf(60_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  writeFileSync(join(folder, 'small.json'), SMALL);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

function run(args: string[], options: SpawnOptions = {}, command = COMMAND): Ended {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS, maxBuffer: 2 ** 28, ...options,
  }) as { status: number | null; signal: NodeJS.Signals | null; stdout: string | null; stderr: string };
  return { code: status, signal, out: stdout ?? '', err: stderr };
}

/** A shell's line, in which `$C` is the command. */
function shell(line: string): Ended {
  const { status, signal, stdout, stderr } = spawnSync('bash', ['-c', `tracesmith() { "$NODE" "$COMMAND" "$@"; }; ${line}`], {
    cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS, maxBuffer: 2 ** 28,
    env: { ...process.env, ...backend.env, NODE: process.execPath, COMMAND, C: 'tracesmith' },
  });
  return { code: status, signal, out: stdout, err: stderr };
}

/** Without the warning of a fallback, which a run without the addon begins with. */
const withoutWarning = (err: string): string => err.replace(/^tracesmith-perfetto: WARNING: .*\n/gm, '');

function expectOneLine(err: string, message: RegExp): void {
  expect(withoutWarning(err)).toMatch(/^tracesmith-perfetto: [A-Z_]+: [^\n]*\n$/);
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n\s+at /);
}

const backends = [
  ...(isSDKAvailable() ? [{ name: 'native', output: 'out.pftrace', env: {} }] : []),
  { name: 'JSON', output: 'out.json', env: { TRACESMITH_BACKEND: 'json' } },
];
let backend = backends[0];

(isUnix ? describe : describe.skip).each(backends)('$name: convert', (one) => {
  beforeEach(() => {
    backend = one;
  });
  const { output } = one;
  const options = (more: SpawnOptions = {}): SpawnOptions => ({ env: { ...process.env, ...one.env }, ...more });
  const convert = (...args: string[]): Ended => run(['convert', ...args], options());

  /** What the folder has but its inputs. */
  const left = (): string[] => readdirSync(folder).filter((name) => !/^(small|large)\.json$/.test(name)).sort();

  test('01 an input that is not there, and one that is a folder', () => {
    mkdirSync(join(folder, 'sub'));
    for (const [input, code] of [['none.json', 'ENOENT'], ['sub', 'EISDIR']]) {
      const { code: exit, out, err } = convert(input, '-o', output);
      expect({ exit, out }).toEqual({ exit: 1, out: '' });
      expectOneLine(err, new RegExp(`(IO|INVALID_INPUT): .*${input}.*(${code}|folder|directory)`));
    }
    expect(left()).toEqual(['sub']);
  });

  test('02 an output that is a folder gets the trace in it; one below a file is refused', () => {
    mkdirSync(join(folder, 'sub'));
    expect(convert('-q', 'small.json', '-o', 'sub').code).toBe(0);
    expect(readdirSync(join(folder, 'sub'))).toEqual(['small.perfetto-trace']);
    const { code, err } = convert('small.json', '-o', `small.json/${output}`);
    expect(code).toBe(1);
    expectOneLine(err, /IO: Could not write small\.json.*ENOTDIR/);
    expect(left()).toEqual(['sub']);
  });

  (isRoot ? test : test.skip)('03 no permission to read or to write (as root: run as nobody)', () => {
    // Nobody may be unable to enter the checkout.
    const copy = readableCopy();
    const env = { ...process.env, ...one.env, TRACESMITH_PERFETTO_PREBUILD: '' };
    const asNobody = (...args: string[]): Ended => run(args, { env, uid: NOBODY, gid: NOBODY }, join(copy, 'dist/cli/main.js'));
    try {
      chmodSync(folder, 0o755);
      chmodSync(join(folder, 'small.json'), 0o600);
      const unreadable = asNobody('convert', 'small.json', '-o', '/dev/null');
      expect(unreadable.code).toBe(1);
      expectOneLine(unreadable.err, /IO: Could not (open|read) small\.json.*EACCES/);
      chmodSync(join(folder, 'small.json'), 0o644);
      const unwritable = asNobody('convert', 'small.json', '-o', output);
      expect(unwritable.code).toBe(1);
      expectOneLine(unwritable.err, /IO: Could not write .*EACCES/);
      expect(left()).toEqual([]);
      // A file that may not be written is not replaced, though its folder would allow it.
      chownSync(folder, NOBODY, NOBODY);
      writeFileSync(join(folder, output), 'old', { mode: 0o444 });
      const kept = asNobody('convert', 'small.json', '-o', output);
      expect(kept.code).toBe(1);
      expectOneLine(kept.err, /IO: Could not write .*EACCES/);
      expect(readFileSync(join(folder, output), 'utf8')).toBe('old');
      expect(left()).toEqual([output]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  test('04 a reader that takes 100 bytes and goes', () => {
    writeFileSync(join(folder, 'large.json'), LARGE);
    const { out, err } = shell('set -o pipefail; $C convert large.json -q -o - | head -c 100 | wc -c; echo "${PIPESTATUS[@]}"');
    expect(out.trim().split(/\s+/)).toEqual(['100', '141', '0', '0']);
    expect(withoutWarning(err)).toBe('');
    expect(left()).toEqual([]);
  });

  test('05 standard input that is closed or empty', () => {
    for (const line of ['$C convert - -o out.json <&-', '$C convert - -o out.json </dev/null']) {
      const { code, out, err } = shell(line);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expectOneLine(err, /(IO|INVALID_INPUT): .*standard input/);
    }
    expect(left()).toEqual([]);
  });

  test('06 standard output that is closed: Node opens /dev/null in its place', () => {
    const { code, err } = shell('$C convert -q small.json -o - >&-');
    expect({ code, err: withoutWarning(err) }).toEqual({ code: 0, err: '' });
    expect(left()).toEqual([]);
  });

  (existsSync('/dev/full') ? test : test.skip)('07 /dev/full as standard output and as a path', () => {
    for (const line of ['$C convert -q small.json -o - >/dev/full', '$C convert -q small.json -o /dev/full']) {
      const { code, out, err } = shell(line);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expectOneLine(err, /IO: .*ENOSPC/);
    }
    expect(left()).toEqual([]);
  });

  (existsSync('/dev/full') ? test : test.skip)('08 a summary that cannot be printed', () => {
    const { code, err } = shell(`$C convert small.json -o ${output} >/dev/full`);
    expect(code).toBe(1);
    expectOneLine(err, /IO: .*standard output.*ENOSPC/);
    expect(left()).toEqual([output]);
  });

  test.each([['SIGINT', 130], ['SIGTERM', 143]] as const)('09 %s ends it with %i, silently, and leaves nothing', async (name, exit) => {
    writeFileSync(join(folder, 'large.json'), LARGE);
    const { code, out, err } = await interrupted(['convert', '-', '-o', output], name, options());
    expect({ code, out, err: withoutWarning(err) }).toEqual({ code: exit, out: '', err: '' });
    expect(left()).toEqual([]);
  });

  test('09b SIGKILL leaves the old file whole, and one whose name says that it is temporary', async () => {
    writeFileSync(join(folder, output), 'old');
    expect(await interrupted(['convert', '-', '-o', output], 'SIGKILL', options())).toMatchObject({ signal: 'SIGKILL' });
    expect(readFileSync(join(folder, output), 'utf8')).toBe('old');
    const others = left().filter((name) => name !== output);
    expect(others.filter((name) => !/^out\.\w+\.[0-9a-f]{12}\.tmp$/.test(name))).toEqual([]);
  });

  test('09c /dev/stdout is standard output, also where that is a file, which keeps what it has', () => {
    const { code, err } = shell(`printf 'before\\n' > ${output}; $C convert small.json -o /dev/stdout >> ${output}`);
    expect({ code, warnings: withoutWarning(err).match(/^Wrote standard output/gm) }).toEqual({ code: 0, warnings: ['Wrote standard output'] });
    const alone = shell('$C convert -q small.json -o -').out;
    expect(readFileSync(join(folder, output), 'utf8')).toBe(`before\n${alone}`);
    expect(shell('$C convert -q small.json -o /dev/fd/1 | cat').out).toBe(alone);
    expect(left()).toEqual([output]);
  });

  test('09d other devices and pipes may have any name', () => {
    const { code, out } = shell(`mkfifo pipe.csv; $C convert -q small.json -o /dev/null; cat pipe.csv & $C convert -q small.json -o pipe.csv; wait`);
    expect({ code, out }).toEqual({ code: 0, out: shell('$C convert -q small.json -o -').out });
    expect(left()).toEqual(['pipe.csv']);
  });

  test('10 names that are hard for a shell', () => {
    const names = [`-${output}`, ` a\nb \u20ac \ud83d\ude00 "'$*${output}`];
    for (const name of names) {
      expect(convert('-q', './small.json', '-o', `./${name}`)).toEqual({ code: 0, signal: null, out: '', err: '' });
    }
    expect(left()).toEqual([...names].sort());
    // What it says of one is one line all the same.
    const { code, err } = convert('a\nb.json', '-o', output);
    expect(code).toBe(1);
    expectOneLine(err, /IO: Could not (open|read) a b\.json/);
  });
});

const noDisk = obstacle();
(noDisk === undefined ? describe : describe.skip).each(backends)(`$name: convert to a disk that fills${noDisk === undefined ? '' : ` (${noDisk})`}`, ({ output, env }) => {
  test('13 says so in one line, and leaves the old file and nothing else', () => {
    writeFileSync(join(folder, 'large.json'), LARGE);
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    expect(mount(disk)).toBeUndefined();
    try {
      writeFileSync(join(disk, output), 'old');
      const { code, out, err } = run(['convert', 'large.json', '-o', join('disk', output)], { env: { ...process.env, ...env } });
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expectOneLine(err, /IO: Could not write .*ENOSPC/);
      expect(readdirSync(disk)).toEqual([output]);
      expect(readFileSync(join(disk, output), 'utf8')).toBe('old');
    } finally {
      unmount(disk);
    }
  });
});

/** Runs the command with an input that never ends, and sends it a signal once it listens. */
async function interrupted(args: string[], name: NodeJS.Signals, options: SpawnOptions): Promise<Ended> {
  const hook = join(tmpdir(), `tracesmith-hook-${process.pid}.js`);
  writeFileSync(hook, `process.on('newListener', (name) => {
    if (name === 'SIGTERM') setImmediate(() => process.send('listens'));
  });`);
  const child: ChildProcess = spawn(process.execPath, ['--require', hook, COMMAND, ...args], {
    cwd: folder, ...options, stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
  child.stdin!.on('error', () => undefined); // it ends while this still writes
  child.stdin!.write(LARGE.slice(0, -1));
  child.once('message', () => child.kill(name));
  let out = '';
  let err = '';
  child.stdout!.on('data', (text) => (out += String(text)));
  child.stderr!.on('data', (text) => (err += String(text)));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  rmSync(hook);
  return { code, signal, out, err };
}

(isUnix ? describe : describe.skip)('info', () => {
  test('11 says in one line what it cannot read', () => {
    mkdirSync(join(folder, 'sub'));
    for (const [file, message] of [['none', /IO: .*ENOENT/], ['sub', /(IO|INVALID_INPUT): .*(EISDIR|folder)/]] as const) {
      const { code, out, err } = run(['info', file]);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expectOneLine(err, message);
    }
  });

  (existsSync('/dev/full') ? test : test.skip)('12 says that it could not print', () => {
    const { code, err } = shell('$C info small.json >/dev/full');
    expect(code).toBe(1);
    expectOneLine(err, /IO: .*standard output.*ENOSPC/);
  });
});

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { begin, end, sequenceStart, traceOf, track } from './packets';

const MAIN = path.resolve(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trim-cli-'));
const input = path.join(folder, 'in.pftrace');
const output = path.join(folder, 'out.pftrace');

beforeAll(() => {
  const slices = ['a', 'b', 'c'].flatMap((name) => [begin(1_000_000_000, 5, name), end(1_000_000, 5)]);
  fs.writeFileSync(input, traceOf([...sequenceStart(1000), track(5, 'T'), ...slices]));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, 'trim', ...args], { encoding: 'buffer', input: fs.readFileSync(input) });

describe('tracesmith-perfetto trim', () => {
  test.each([
    [['--from', '1s'], { slices: 2 }],
    [['--from', '500ms', '--to', '1.0015s'], { slices: 1, cut: 1 }],
    [['--from', '@1000001000', '--to', '@1000001001'], { slices: 1, cut: 1 }],
    [['--around', 'b', '--margin', '1.2s'], { slices: 3 }],
    [['--around', 'b#1'], { slices: 1 }],
    [['--name', '^a$', '--name', 'c'], { slices: 2 }],
    [['--exclude-name', '[ab]', '--min-duration', '1ms', '--max-depth', '1'], { slices: 1 }],
    [['--min-duration', '1001us'], { slices: 0 }],
  ])('01 %j', (args, expected) => {
    const { stdout, status } = run(input, '-o', output, '--json', ...args);
    expect(status).toBe(0);
    expect(JSON.parse(stdout.toString())).toMatchObject(expected);
  });

  test('02 from standard input to standard output, the same as from a file', () => {
    const piped = run('-', '-o', '-', '--from', '1s');
    expect(run(input, '-o', output, '--from', '1s', '-q').status).toBe(0);
    expect(piped.stdout.equals(fs.readFileSync(output))).toBe(true);
    expect(piped.stderr.toString()).toContain('Kept: 2 slices');
    expect(fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith('tracesmith-trim-'))).toEqual([]);
  });

  test.each([
    [['--from', 'soon'], 'Expected a time', 2],
    [['--from', '@1.5'], 'Expected a time of the clock', 2],
    [['--name', '('], 'Expected a regular expression', 2],
    [['--steps', '5..3'], 'Expected a step', 2],
    [['--args', 'some'], 'all, lean, none', 2],
    [['--around', 'nothing'], 'there is none', 1],
    [['--around', 'a#2'], 'there are 1', 1],
    [['--steps', '1'], 'there are no slices ProfilerStep#N', 1],
  ])('03 %j is refused', (args, text, exitCode) => {
    const { stderr, status } = run(input, '-o', output, ...args);
    expect(stderr.toString()).toContain(text);
    expect(status).toBe(exitCode);
  });
});

/** A pipe that sends nothing, or nothing more: a signal stops the reading of it at once, and the process can end. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';

const DIST = join(__dirname, '..', '..', 'dist');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Stops soon, says so, and leaves the end of the process to Node. */
const program = (work: string): string => `
const { convertTrace } = require(${JSON.stringify(DIST)});
const { inspectTrace } = require(${JSON.stringify(join(DIST, 'inspect'))});
const signal = AbortSignal.timeout(300);
(${work}).then(() => console.log('done'), (error) => console.log(error === signal.reason ? 'stopped' : error));`;

function start(work: string): ChildProcess {
  return spawn(process.execPath, ['-e', program(work)], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
}

async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  return text.trim();
}

const WORKS: [string, (input: string) => string][] = [
  ...(isSDKAvailable() ? [['convert', (input: string) => `convertTrace('${input}', 'out.pftrace', { signal })`] as [string, (input: string) => string]] : []),
  ['convert to JSON', (input) => `convertTrace('${input}', 'out.json', { signal })`],
  ['info', (input) => `inspectTrace('${input}', { signal })`],
];

describe.each(WORKS)('%s', (_, work) => {
  it('of standard input', async () => {
    const child = start(work('-'));
    expect(await outputOf(child)).toBe('stopped');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of standard input that has sent something', async () => {
    const child = start(work('-'));
    child.stdin!.write('[{"ph":"X","ts":1,"dur":1},');
    expect(await outputOf(child)).toBe('stopped');
    expect(readdirSync(folder)).toEqual([]);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('of a named pipe without a writer, and of one whose writer is silent', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await outputOf(start(work('pipe')))).toBe('stopped');
    const writer = openSync(join(folder, 'pipe'), 'r+');
    writeSync(writer, '[{"ph":"X",');
    expect(await outputOf(start(work('pipe')))).toBe('stopped');
    closeSync(writer);
    expect(readdirSync(folder)).toEqual(['pipe']);
  });

  onLinux('of a named pipe reads all that its writer sends, late', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const child = start(work('pipe').replace('{ signal }', '{}'));
    const writer = spawn('sh', ['-c', 'sleep 0.2; printf \'[{"ph":"X","ts":1,"dur":1},\' > pipe'], { cwd: folder });
    expect(await outputOf(child)).toBe('done');
    await new Promise((resolve) => (writer.exitCode === null ? writer.once('exit', resolve) : resolve(undefined)));
  });
});

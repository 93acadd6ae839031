/**
 * Everything that the addon exports, called with whatever there is: each call is refused with a code or does what it
 * says, and no process ends. The calls are made by test/support/hostile-addon.js, in a process that has to survive.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable, sdkInfo } from '../../lib';
import { DEADLINE_MS } from '../support/effort';

const describeNative = isSDKAvailable() ? describe : describe.skip;

const PROGRAM = join(__dirname, '../support', 'hostile-addon.js');
const SEED = process.env.HOSTILE_SEED ?? '1';

interface Account {
  cases: number;
  failures: string[];
  names: string[];
}

describeNative('the addon survives', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs the program, and gives its account; one that died is told with its last case. */
  function account(...threads: string[]): Account {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, sdkInfo().addonPath!, folder, SEED, ...threads], {
      encoding: 'utf8',
      timeout: DEADLINE_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (status !== 0) {
      const cases = readdirSync(folder).filter((name) => name.startsWith('case-'));
      const last = cases.map((name) => readFileSync(join(folder, name), 'utf8').trim());
      throw new Error(`ended with ${signal ?? status} in: ${last.join(' | ')} (HOSTILE_SEED=${SEED})\n${stderr.slice(-2000)}`);
    }
    return JSON.parse(stdout) as Account;
  }

  test('01 wrong arguments, wrong receivers, detached and shared memory, calls in any order and from getters', () => {
    const { cases, failures, names } = account();
    expect(failures).toEqual([]);
    expect(names).toEqual(expect.arrayContaining(['Conversion.run', 'Writer.append', 'Writer.bytes', 'readBoottime']));
    expect(cases).toBeGreaterThan(5000);
  });

  test('02 the same in three threads at once', () => {
    const { cases, failures } = account('3');
    expect(failures).toEqual([]);
    expect(cases).toBeGreaterThan(15_000);
  });
});

/** The memory of the native converter, measured in a process of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';

const describeNative = isSDKAvailable() ? describe : (name: string, body: () => void) => describe.skip(`${name} (needs the addon)`, body);
const MEBIBYTE = 1 << 20;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tracesmith-limits-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describeNative('memory', () => {
  const isLinux = process.platform === 'linux';
  (isLinux ? it : it.skip)('depends on the budget, not on the input', () => {
    const script = `
      const { createReadStream } = require('node:fs');
      const { convertTrace } = require(${JSON.stringify(join(__dirname, '../../dist'))});
      convertTrace('-', ${JSON.stringify(join(folder, 'out.pftrace'))}, { memoryBudget: 4 << 20 }).then((report) => {
        const [, peak] = /VmHWM:\\s*(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'));
        console.log(JSON.stringify({ peak: Number(peak) / 1024, slices: report.slices, spilled: report.spilledBytes }));
      });`;
    const generator = `
      const chunk = (from) => Array.from({ length: 2000 }, (_, i) => JSON.stringify({ ph: 'X', pid: 7, tid: i % 5, ts: (from + i) * 3, dur: 2, name: 'slice ' + i, args: { unique: 'text ' + (from + i), n: i } }) + ',\\n').join('');
      process.stdout.write('[');
      (function go(from) { if (from < 600000) process.stdout.write(chunk(from), () => go(from + 2000)); })(0);`;
    const shell = spawnSync('sh', ['-c', `"$NODE" -e "$GENERATOR" | "$NODE" -e "$SCRIPT"`], {
      env: { ...process.env, NODE: process.execPath, GENERATOR: generator, SCRIPT: script },
      encoding: 'utf8',
    });
    const { peak, slices, spilled } = JSON.parse(shell.stdout) as { peak: number; slices: number; spilled: number };
    expect(slices).toBe(600_000);
    expect(spilled).toBeGreaterThan(20 * MEBIBYTE);
    expect(peak).toBeLessThan(120);
    expect(readdirSync(folder)).toEqual(['out.pftrace']);
  });
});

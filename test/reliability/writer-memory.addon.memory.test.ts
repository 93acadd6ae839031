/** The memory of a native TraceWriter, measured in processes of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSDKAvailable } from '../../lib';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

(isSDKAvailable() && process.platform === 'linux' ? test : test.skip)('memory of a native TraceWriter does not grow with its slices', () => {
  /** The most memory that a process took to write so many slices, in MiB. */
  const peak = (count: number): number => {
    const program = `
      const { TraceWriter } = require(${JSON.stringify(join(__dirname, '../..', 'dist'))});
      (async () => {
        const trace = await TraceWriter.open(${JSON.stringify(join(folder, 'trace.pftrace'))});
        const track = trace.track({ name: 'track' });
        for (let i = 0; i < ${count}; i++) track.slice('slice ' + (i % 1000), i * 10, 5);
        await trace.close();
        console.log(/VmHWM:\\s*(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1] / 1024);
      })();`;
    return Number(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout);
  };
  const few = peak(250_000);
  expect(few).toBeGreaterThan(20);
  expect(peak(2_000_000)).toBeLessThan(few + 40);
});

/** The addon asks for memory that a process cannot have: that is an error with a code, and the process goes on. */
import { spawnSync } from 'node:child_process';
import { isSDKAvailable, sdkInfo } from '../../lib';
import { DEADLINE_MS } from '../support/effort';

const nativeOnLinux = isSDKAvailable() && process.platform === 'linux' ? test : test.skip;

nativeOnLinux('memory that is not there', () => {
  const program = `
    const { Writer } = require(${JSON.stringify(sdkInfo().addonPath)});
    const options = { window: 0, path: null, name: 'x', rows: 0, room: 2 ** 30, compression: 0, level: 1, clock: 0, seed: 0 };
    const writers = [];
    try {
      for (;;) writers.push(new Writer(options));
    } catch ({ code, message }) {
      console.log(JSON.stringify({ code, message }));
    }`;
  // KiB of addresses: Node itself takes under 2 GiB.
  const limited = `ulimit -v 6000000 && exec "$0" -e "$1"`;
  const { status, stdout } = spawnSync('sh', ['-c', limited, process.execPath, program], { encoding: 'utf8', timeout: DEADLINE_MS });
  expect({ status, said: JSON.parse(stdout) as unknown }).toEqual({
    status: 0,
    said: { code: 'OUT_OF_MEMORY', message: expect.stringContaining('1073741824 bytes') as string },
  });
});

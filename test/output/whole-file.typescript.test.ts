/** What is left of a file that is not completed. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeChunks } from '../../lib/output/whole-file';

test('chunks that fail at once leave no file, not even a little later', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  const broken: Iterable<Uint8Array> = {
    [Symbol.iterator]() {
      throw new Error('no chunk');
    },
  };
  try {
    for (let round = 0; round < 50; round++) {
      await expect(writeChunks(join(folder, 'trace.json'), broken, { gzip: false })).rejects.toThrow('no chunk');
    }
    await setTimeout(100); // an open file that is on its way would be there by now
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

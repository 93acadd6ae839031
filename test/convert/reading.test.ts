/** What is no trace is refused with the same text by the addon, without it, and by `info`. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convertTrace, isSDKAvailable } from '../../lib';
import { inspectTrace } from '../../lib/inspect';
import { refused } from '../fixtures/chrome-json/reading';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const READERS: [string, (input: string) => Promise<unknown>][] = [
  ...(isSDKAvailable() ? [['a native trace', (input: string) => convertTrace(input, join(folder, 'out.pftrace'))] as [string, (input: string) => Promise<unknown>]] : []),
  ['JSON', (input) => convertTrace(input, join(folder, 'out.json'))],
  ['info', (input) => inspectTrace(input)],
];

describe.each(READERS)('to %s', (_, read) => {
  it.each(refused)('%s: refused', async (_title, text, tell) => {
    const input = join(folder, 'in.json');
    writeFileSync(input, text);
    await expect(read(input)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(tell) as string });
    expect(existsSync(join(folder, 'out.pftrace')) || existsSync(join(folder, 'out.json'))).toBe(false);
  });

  it.each(['[]', '{"traceEvents":[]}', '[{}]', '[', '[{"ph":"M","name":"process_name","pid":1,"args":{"name":"p"}}]', '[{"ph":"N","ts":1}]'])(
    '%s is a trace in which nothing is lost',
    async (text) => {
      const input = join(folder, 'in.json');
      writeFileSync(input, text);
      await expect(read(input)).resolves.toBeDefined();
    },
  );
});

it.each(['a.zst', 'a.pftrace.zstd', 'a.json.xz', 'a.BZ2', 'a.zip'])('an output %s is refused, for it would not be what its name says', async (name) => {
  const input = join(folder, 'in.json');
  writeFileSync(input, '[]');
  const message = expect.stringMatching(/^Expected .* to end in \.gz or without a compression: .* is not written$/) as string;
  await expect(convertTrace(input, join(folder, name))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
  expect(existsSync(join(folder, name))).toBe(false);
});

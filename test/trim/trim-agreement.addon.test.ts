/** Trimming in the addon and in JavaScript writes the same bytes and reports the same, for random traces and options. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { TrimOptions } from '../../lib';
import { NativeTrimmer } from '../../lib/trim/native-trimmer';
import { ScriptTrimmer } from '../../lib/trim/script-trimmer';
import { trimWith } from '../../lib/trim/trim';
import { traceOf } from './packets';
import { randomOf, randomTrace } from './random-trace';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'trim-agreement-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function randomOptions(random: (count: number) => number): TrimOptions {
  const options: TrimOptions = {};
  const from = random(2000);
  if (random(3) === 0) options.from = from;
  if (random(3) === 0) options.to = from + random(1000);
  if (random(6) === 0) options.steps = [[1, random(2) + 1]];
  if (random(6) === 0) Object.assign(options, { around: ['load', 'a#2'], margin: random(100) });
  if (random(5) === 0) options.categories = ['cpu_*'];
  if (random(5) === 0) options.excludeCategories = ['k?rnel', 'dyn*'];
  if (random(5) === 0) options.names = [/^[a-n]\d?$/, /oad/];
  if (random(5) === 0) options.excludeNames = [/^a$/];
  if (random(6) === 0) options.threads = [6, 'thread 7'];
  if (random(8) === 0) options.processes = [3];
  if (random(5) === 0) options.minDuration = random(40);
  if (random(5) === 0) options.maxDepth = random(3) + 1;
  options.args = (['all', 'lean', 'none'] as const)[random(3)];
  const split = random(10);
  if (split === 0) options.splitEvery = 700;
  else if (split === 1) options.splitSteps = true;
  return options;
}

async function result(Trimmer: typeof NativeTrimmer | typeof ScriptTrimmer, input: string, options: TrimOptions) {
  const output = path.join(folder, 'out');
  fs.rmSync(output, { recursive: true, force: true });
  const report = await trimWith(Trimmer, input, output, options).catch(({ code, message }: { code: string; message: string }) => ({ code, message }));
  const contents = 'files' in report ? report.files.map((file) => fs.readFileSync(file).toString('hex')) : [];
  return { report, contents };
}

test.each(Array.from({ length: 24 }, (_, seed) => seed))('random trace %d', async (seed) => {
  const input = path.join(folder, 'in');
  fs.writeFileSync(input, traceOf(randomTrace(seed, { isLate: seed % 3 === 0 })));
  const random = randomOf(seed + 1000);
  for (let i = 0; i < 8; i++) {
    const options = randomOptions(random);
    const script = await result(ScriptTrimmer, input, options);
    expect({ options, ...(await result(NativeTrimmer, input, options)) }).toEqual({ options, ...script });
  }
});

/** What the native converter promises whatever the input is: the same bytes, bounded memory, no crash, no lost event. */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { convertTrace, isSDKAvailable, type ConvertReport } from '../../lib';
import type { NativeConversionOptions } from '../../lib/addon/contract';
import { createNativeConversion } from '../../lib/addon/load';
import { rounds } from '../support/effort';

const describeNative = isSDKAvailable() ? describe : (name: string, body: () => void) => describe.skip(`${name} (needs the addon)`, body);
const CLI = join(__dirname, '../../dist/cli/main.js');
const MEBIBYTE = 1 << 20;

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tracesmith-limits-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const complete = (ts: number, more: object = {}): string =>
  JSON.stringify({ ph: 'X', pid: 7, tid: 7 + (ts % 5), ts, dur: (ts % 7) / 4, name: `slice ${ts % 50}`, cat: 'c', args: { n: ts }, ...more });

/** Events of every phase in no order, with arguments, arrows, unusual ids, and damage between them. */
function mixedEvents(count: number): string {
  const events: string[] = [];
  for (let i = 0; i < count; i++) {
    const ts = (i * 7919) % count;
    const at = { pid: 1 + (i % 3), tid: i % 4, ts };
    if (i % 2 === 0) events.push(complete(ts, { args: { i, list: [i, [], { deep: 'x'.repeat(i % 90) }], unique: `text ${i}` } }));
    else if (i % 17 === 1) events.push(JSON.stringify({ ph: 'B', ...at, name: `b${i % 3}` }), JSON.stringify({ ph: 'E', ...at, ts: ts + 2, args: { end: i } }));
    else if (i % 19 === 1) events.push(JSON.stringify({ ph: 's', ...at, id: i, cat: 'f', name: 'f' }), JSON.stringify({ ph: 'f', ...at, ts: ts + 9, id: i, cat: 'f', name: 'f', bp: 'e' }));
    else if (i % 23 === 1) events.push(JSON.stringify({ ph: 'b', ...at, id: `0x${i % 40}`, cat: 'a', name: 'async' }), JSON.stringify({ ph: 'e', ...at, ts: ts + 3, id: `0x${i % 40}`, cat: 'a' }));
    else if (i % 29 === 1) events.push(JSON.stringify({ ph: 'C', ...at, name: 'counter', args: { used: i, free: i / 3 } }));
    else if (i % 31 === 1) events.push(`{"ph":"X","pid":1,"ts":${ts},"dur":NaN,"name":"no number"}`, '5', `{"ph":"i","pid":"text","ts":${ts},"name":"line\nend"}`);
    else events.push(JSON.stringify({ ph: 'i', ...at, s: 'tpg'[i % 3], name: `instant ${i % 11}` }));
  }
  return `{"schemaVersion":1,"traceEvents":[\n${events.join(',\n')}\n],"metadata":{"a":[1,{"b":2}]}}`;
}

async function bytesWith(input: string | number, options: Partial<NativeConversionOptions>): Promise<{ bytes: Buffer; spilled: number; findings: unknown }> {
  const output = join(folder, 'out.pftrace');
  const report = await createNativeConversion({
    input, output, inputName: 'in', outputName: 'out', compression: 0, level: 1, memoryBudget: 64 * MEBIBYTE, spillPath: output,
    gpuEvents: 0, dropZeroTimes: false, strict: false, contents: false, blockSize: 0, ...options,
  }).run();
  return { bytes: readFileSync(output), spilled: report.spilledBytes, findings: report.findings };
}

describeNative('the same input gives the same bytes', () => {
  it('whatever the size of the blocks, the budget, and the way in', async () => {
    const text = mixedEvents(30_000);
    const path = write('in.json', text);
    const zipped = write('in.json.gz', gzipSync(text));
    const { bytes, spilled, findings } = await bytesWith(path, {});
    expect(bytes.length).toBeGreaterThan(MEBIBYTE);
    expect(spilled).toBe(0);
    for (const blockSize of [1, 1000, 65_537]) {
      const other = await bytesWith(path, { blockSize });
      expect(other.bytes.equals(bytes)).toBe(true);
      expect(other.findings).toEqual(findings);
    }
    const spilling = await bytesWith(path, { memoryBudget: MEBIBYTE });
    expect(spilling.spilled).toBeGreaterThan(0);
    expect(spilling.bytes.equals(bytes)).toBe(true);
    expect((await bytesWith(zipped, {})).bytes.equals(bytes)).toBe(true);
    const descriptor = openSync(path, 'r');
    try {
      expect((await bytesWith(descriptor, {})).bytes.equals(bytes)).toBe(true);
    } finally {
      closeSync(descriptor);
    }
    const piped = spawnSync(process.execPath, [CLI, 'convert', '-', '-o', '-'], { input: text, maxBuffer: 1 << 28 });
    expect(piped.status).toBe(0);
    expect(piped.stdout.equals(bytes)).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['in.json', 'in.json.gz', 'out.pftrace']);
  });
});

describeNative('the same input gives the same bytes each time', () => {
  /**
   * Which texts are kept once is up to the threads that read, where there are more of them than are kept. In the order
   * of time each comes twice in a row, as a reference the second time.
   */
  it('also with more distinct texts than are kept', async () => {
    const DISTINCT = 150_000;
    const TIMES = 2;
    const events = Array.from({ length: DISTINCT * TIMES }, (_, i) =>
      `{"ph":"X","pid":1,"ts":${i % DISTINCT},"dur":1,"name":"n","args":{"t":"text ${i % DISTINCT}"}}`);
    // A begin and its end have the same name wherever they are read.
    for (let i = 0; i < 1000; i++) events.push(`{"ph":"B","pid":2,"ts":${i},"name":"late ${i}"}`);
    for (let i = 999; i >= 0; i--) events.push(`{"ph":"E","pid":2,"ts":${2000 - i},"name":"late ${i}"}`);
    const path = write('in.json', `[${events.join(',\n')}]`);
    const first = await bytesWith(path, {});
    for (let round = 0; round < rounds(5); round++) {
      const again = await bytesWith(path, { blockSize: 100_000 * (round + 1) });
      expect(again.bytes.equals(first.bytes)).toBe(true);
      expect(again.findings).toEqual([]);
    }
    const report = await convertTrace(path, join(folder, 'out.pftrace'));
    expect(report).toMatchObject({ slices: DISTINCT * TIMES + 1000, unmatched: 0, unclosed: 0 });
  });
});

describeNative('a compressed conversion of the same input', () => {
  it.each(['gzip', 'packets'] as const)('gives the same bytes each time: %s', async (compression) => {
    const path = write('in.json', mixedEvents(30_000));
    const output = join(folder, 'out.pftrace');
    const once = async (): Promise<Buffer> => {
      await convertTrace(path, output, { compression });
      return readFileSync(output);
    };
    const first = await once();
    for (let round = 0; round < rounds(5); round++) expect((await once()).equals(first)).toBe(true);
  });
});

describeNative('damage', () => {
  const slicesOf = async (content: string | Uint8Array): Promise<ConvertReport> =>
    convertTrace(write('in.json', content), join(folder, 'out.pftrace'));

  it('cut anywhere: what is whole before is kept', async () => {
    const events = [1, 2, 3].map((ts) => complete(ts, { name: 'a "quoted" \\ name', args: { list: [1, { x: 'y' }] } }));
    const text = `{"traceEvents":[${events.join(',')}],"metadata":{"k":"v"}}`;
    const ends = events.map((_, i) => '{"traceEvents":['.length + events.slice(0, i + 1).join(',').length);
    // Without a whole event nothing is left of the trace.
    const head = ends[0];
    for (let size = 1; size < head; size++) await expect(slicesOf(text.slice(0, size))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    for (let size = head; size < text.length; size++) {
      const report = await slicesOf(text.slice(0, size));
      expect({ size, slices: report.slices }).toEqual({ size, slices: ends.filter((end) => end <= size).length });
      expect(report.damaged.length).toBeGreaterThan(0);
    }
  });

  it('a gzip member that is cut: what can be inflated is kept, and the report says so', async () => {
    const events = Array.from({ length: 20_000 }, (_, i) => complete(i));
    const zipped = gzipSync(`[${events.join(',')}]`);
    const report = await slicesOf(zipped.subarray(0, zipped.length >> 1));
    expect(report.slices).toBeGreaterThan(5000);
    expect(report.damaged.map(({ reason }) => reason)).toContain('the gzip member ends early');
  });

  it('strict: an error with the place, and no output', async () => {
    const path = write('in.json', `[${complete(1)},\n{"ph":"X","ts":2,"dur":-1,"name":"no dur"}]`);
    const output = join(folder, 'out.pftrace');
    await expect(convertTrace(path, output, { strict: true })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/line 2.*a dur below 0/) as string,
    });
    expect(existsSync(output)).toBe(false);
    await convertTrace(write('good.json', `[${complete(1)},{"ph":"N","ts":1}]`), output, { strict: true });
    expect(existsSync(output)).toBe(true);
  });

  it.each([
    ['nothing', '', /is empty/],
    ['a zip archive', Buffer.from('PK\x03\x04rest of it'), /zip archive/],
    ['a page', '<!DOCTYPE html><html></html>', /HTML/],
    ['other text', 'hello', /in\.json/],
    ['bytes', Buffer.from([0, 1, 2, 3, 255, 254]), /binary|not/],
    ['UTF-16', Buffer.from('\ufeff[]', 'utf16le'), /UTF-16/],
  ])('%s is refused with a word on what it is', async (_name, content, message) => {
    await expect(slicesOf(content)).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(message) as string });
    expect(readdirSync(folder)).toEqual(['in.json']);
  });

  it('a native trace is refused as one', async () => {
    await slicesOf(`[${complete(1)}]`);
    await expect(slicesOf(readFileSync(join(folder, 'out.pftrace')))).rejects.toMatchObject({ message: expect.stringMatching(/Perfetto trace/) as string });
  });

  it('deep nesting, huge texts, huge numbers and repeated keys are read or reported', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const report = await slicesOf(
      `[${complete(1)},{"ph":"X","ts":2,"dur":1,"args":{"deep":${deep}}},` +
        `{"ph":"X","ts":3,"dur":1,"name":"${'n'.repeat(10 * MEBIBYTE)}","args":{"big":${'9'.repeat(5000)},"big":1e999}},` +
        `{"ph":"X","ts":4,"ts":5,"dur":1,"name":"a","name":"b"},${complete(9)}]`,
    );
    expect(report.slices + report.dropped.reduce((sum, { count }) => sum + count, 0)).toBe(5);
    expect(report.slices).toBeGreaterThanOrEqual(4);
  });
});

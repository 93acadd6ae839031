/** Converting to Chrome JSON, which needs no addon, and what the conversions have in common. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { convertTrace, Format, type ConvertOptions, type ConvertProgress } from '../../lib';
import { defaultOutput } from '../../lib/convert/convert';
import { isTime, readTime } from '../../lib/chrome-json/read/chrome-event';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return path;
}

interface JsonEvent {
  ph: string;
  name?: string;
  ts: number;
  dur?: number;
  pid: number;
  tid: number;
  args?: Record<string, unknown>;
}

describe('microseconds', () => {
  const nanoseconds = (value: unknown) => {
    const time = readTime(value);
    return isTime(time) ? time : null;
  };

  it.each([
    [0, 0],
    [1.5, 1500],
    ['1.5', 1500],
    [0.001, 1],
    [1712195495501688, 1712195495501688000n],
    ['1712195495501688.047', 1712195495501688047n],
    ['4203669603069.091', 4203669603069091],
    ['9223372036854775.807', 9223372036854775807n],
    ['9223372036854775.808', null],
    [-1, -1000],
    ['-0.0005', 0],
    ['-0.0006', -1],
    [NaN, null],
    ['1.5e3', 1500000],
    ['1.712195495501688e15', 1712195495501688000n],
    ['-1', -1000],
    ['1'.repeat(1000), null],
    ['x', null],
    [undefined, null],
  ])('%p are %p nanoseconds', (microseconds, expected) => {
    expect(nanoseconds(microseconds)).toBe(expected);
  });
});

describe('names of outputs', () => {
  it.each([
    ['a/trace.json', 'a/trace.perfetto-trace'],
    ['trace.json.gz', 'trace.perfetto-trace'],
    ['trace', 'trace.perfetto-trace'],
    ['-', '-'],
  ])('%s becomes %s', (input, output) => {
    expect(defaultOutput(input)).toBe(output);
  });
});

describe('inputs that are no trace', () => {
  it.each([
    ['empty.json', '', /is empty$/],
    ['text.json', 'hello', /is text that begins with "hello"; expected JSON/],
    ['other.json', { a: 1 }, /no array traceEvents/],
    ['trace.pftrace', Buffer.from([0x0a, 2, 0x40, 1]), /already a Perfetto trace/],
    ['archive.zip', Buffer.from('504b0304', 'hex'), /is a zip archive; unpack it first/],
    ['cut.json.gz', gzipSync('[]'.padEnd(5000)).subarray(0, 20), /gzip data are damaged or cut off/],
  ])('%s', async (name, content, message) => {
    const input = write(name, content);
    await expect(convertTrace(input, join(folder, 'out.json'))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message) as string,
    });
    expect(readdirSync(folder)).toEqual([basename(input)]);
  });

  it('a folder', async () => {
    await expect(convertTrace(folder, join(folder, 'out.json'))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('a file that is not there', async () => {
    await expect(convertTrace(join(folder, 'none.json'), join(folder, 'out.json'))).rejects.toMatchObject({ code: 'IO', systemCode: 'ENOENT' });
  });
});

describe('to Chrome JSON', () => {
  const at = (ph: string, ts: unknown, more: object = {}) => ({ ph, ts, pid: 7, tid: 7, name: ph, ...more });

  async function converted(content: unknown, options: ConvertOptions = {}) {
    const report = await convertTrace(write('trace.json', content), join(folder, 'out.json'), options);
    const { traceEvents } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as { traceEvents: JsonEvent[] };
    const first = Math.min(...traceEvents.filter(({ ph }) => ph !== 'M').map(({ ts }) => ts));
    const rows = traceEvents.filter(({ ph }) => ph !== 'M').map(({ ph, name, ts, dur }) => [ph, name, Math.round((ts - first) * 1000) / 1000, dur]);
    return { report, traceEvents, rows };
  }

  it('keeps events and what names them, wherever that stands', async () => {
    const { report, traceEvents, rows } = await converted({
      deviceProperties: [{ id: 0, traceEvents: [{ ph: 'X' }] }],
      traceEvents: [
        at('X', 2, { dur: 1, name: 'child', args: { n: 1, list: ['a'] } }),
        at('X', 1, { dur: 5, name: 'parent' }),
        { ph: 'M', pid: 7, name: 'process_name', args: { name: 'python' } },
      ],
      traceName: 'x',
    });
    expect(rows).toEqual([['X', 'parent', 0, 5], ['X', 'child', 1, 1]]);
    expect(traceEvents.find(({ name }) => name === 'process_name')?.args).toEqual({ name: 'python' });
    expect(report).toMatchObject({
      format: Format.JSON,
      fallback: false,
      compression: 'none',
      events: 3,
      phases: { X: 2, M: 1 },
      slices: 2,
      samples: 0,
      spilledBytes: 0,
      repaired: [],
      dropped: [],
      ignored: [],
      damaged: [],
    });
    expect(report.bytes).toBe(readFileSync(join(folder, 'out.json')).length);
    expect(report.textBytes).toBe(report.inputBytes);
  });

  it('keeps nanoseconds that a double would lose', async () => {
    const { rows } = await converted('[{"ph":"X","name":"a","pid":1,"tid":1,"ts":1712195495501688.047,"dur":1.001},{"ph":"i","name":"b","pid":1,"tid":1,"ts":1712195495501688.149}]');
    expect(rows).toEqual([['X', 'a', 0, 1.001], ['i', 'b', 0.102, undefined]]);
  });

  it('an end closes the latest begin that it matches', async () => {
    const { report, rows } = await converted([
      at('B', 1, { name: 'a' }), at('B', 2, { name: 'b' }), at('E', 3, { name: 'b' }), at('E', 4, { name: undefined }), at('E', 5), at('B', 6, { name: 'open' }),
    ]);
    expect(rows).toEqual([['X', 'a', 0, 3], ['X', 'b', 1, 1], ['B', 'open', 5, undefined]]);
    expect(report).toMatchObject({ slices: 3, unclosed: 1, unmatched: 1 });
  });

  it('says of the first of each kind where it is', async () => {
    const lines = ['[', '{"ph":"X","ts":1,"dur":-1}', '{"ph":"X","ts":2,"dur":-1}', '{"ph":"i","pid":1}', '{}', 'null', '{"ph":"N"}', '{"ph":"xyz"}', '{"ph":"\u00e9" 1}', '{"ts":1}', '{"ph":"i","ts":1}', ']'];
    const text = lines.join(',\n').replace('[,', '[').replace(',\n]', '\n]');
    const { report } = await converted(text);
    const where = (line: number, count = 1) => {
      const excerpt = lines[line - 1];
      return { count, line, offset: Buffer.byteLength(text.slice(0, text.indexOf(excerpt))), excerpt };
    };
    expect(report.dropped).toEqual([
      { reason: 'a dur below 0', ...where(2, 2) },
      { reason: 'no ts', ...where(4) },
      { reason: 'a comma or closing bracket is missing', ...where(9) },
      { reason: 'no phase', ...where(10) },
    ]);
    expect(report.ignored).toEqual([
      { reason: 'events of phase N', ...where(7) },
      { reason: 'events of phase x', ...where(8) },
    ]);
    expect(report.phases).toEqual({ X: 2, i: 2, N: 1, x: 1, other: 1 });
    expect(report.events).toBe(7);
  });

  it('keeps what is nested deeper in arguments as its text, and drops what no reader would take', async () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const event = (args: string) => `{"ph":"i","ts":1,"pid":1,"tid":1,"name":"i","args":${args}}`;
    const { report, traceEvents } = await converted(`[${event(deep(100))},${event(`{"b":${deep(80)}}`)},${event(deep(5000))},${event(deep(60))}]`);
    expect(report.dropped.map(({ reason, count }) => [reason, count])).toEqual([
      ['nested deeper than 1000', 1],
    ]);
    expect(report.instants).toBe(3);
    expect(traceEvents.map(({ args }) => JSON.stringify(args)).filter((text) => text.includes('{\\"a\\"'))).toHaveLength(2);
  });

  describe('of broken input', () => {
    const good = '{"traceEvents":[\n{"ph":"X","ts":1,"dur":1,"pid":1,"tid":1,"name":"good"}';

    it.each<[string, string, object | undefined]>([
      ['an array without its end', good.slice(15), undefined],
      ['an object without its end', `${good}]`, { reason: "the text ends before the object's closing brace", line: 2 }],
      ['cut inside an event', `${good},\n{"ph":"X","na`, { reason: 'the text ends inside an event', line: 3, offset: good.length + 2, excerpt: '{"ph":"X","na' }],
      ['text behind the end', `${good}]}\n\n{"a":[1]}`, { reason: 'text behind the end', line: 4, excerpt: '{"a":[1]}' }],
      ['a bracket too many', `${good},}]}`, { reason: 'a closing bracket too many', line: 2 }],
      ['what is no token', `${good},\n{"ts":1,"ph":"X","dur":?},nothing]}`, { reason: 'a value that is no event stands among the events', line: 3 }],
      ['a cut outside of the events', `${good}],"trace`, { reason: 'the text ends inside a key or value' }],
    ])('%s', async (_, text, damage) => {
      const { report, rows } = await converted(text);
      expect(rows).toEqual([['X', 'good', 0, 1]]);
      expect(report.damaged).toEqual(damage === undefined ? [] : [expect.objectContaining({ count: 1, ...damage })]);
    });

    it('reads cut and damaged gzip up to the break', async () => {
      const events = Array.from({ length: 20_000 }, (_, i) => `{"ph":"i","ts":${i},"pid":1,"tid":1,"name":"${(i * 7919) % 10_007}"}`);
      const whole = gzipSync(`[${events.join(',\n')}]`);
      const damaged = Buffer.from(whole);
      damaged.fill(0xff, whole.length / 2, whole.length / 2 + 64);
      for (const gzip of [whole.subarray(0, whole.length / 2), damaged]) {
        const report = await convertTrace(write('trace.json.gz', gzip), join(folder, 'out.json'));
        const reasons = report.damaged.map(({ reason }) => reason);
        // What is inflated from damaged data is no JSON, where it is anything.
        if (gzip === damaged) expect(reasons.length).toBeGreaterThan(0);
        else expect(reasons).toEqual(['the gzip member ends early', 'the text ends inside an event']);
        // Deflate's blocks of a few thousand symbols are all that may be missing.
        expect(report.instants).toBeGreaterThan(7000);
        const dropped = report.dropped.reduce((sum, { count }) => sum + count, 0);
        if (gzip !== damaged) expect(dropped).toBe(0);
        expect(report.instants).toBeLessThanOrEqual(report.events);
      }
    });

    it('strict makes all of it an error, with each place, and leaves the old file', async () => {
      writeFileSync(join(folder, 'out.json'), 'old');
      await expect(converted(`${good},\n{"ph":"X"},\n{"ph":"X","ts":1,"dur":-1}`, { strict: true })).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(/nothing was written\ndamaged: line 4, byte \d+: .*\ndropped: line 3, byte \d+: .*\ndropped: line 4/) as string,
      });
      expect(readFileSync(join(folder, 'out.json'), 'utf8')).toBe('old');
      expect(readdirSync(folder).sort()).toEqual(['out.json', 'trace.json']);
    });

    it('strict allows phases that mean nothing', async () => {
      const { report } = await converted([at('N', 1)], { strict: true });
      expect(report.ignored).toHaveLength(1);
    });
  });

  it('gives the same bytes whatever the chunks are', async () => {
    const events = Array.from({ length: 9000 }, (_, i) => at('X', i * 3.001, { dur: 2, name: `é${i}`, args: { i, text: '\u{1f914}' } }));
    const path = write('large.json', events);
    const inOne = join(folder, 'one.json');
    await convertTrace(path, inOne);
    const script = `require(${JSON.stringify(join(__dirname, '../../dist'))}).convertTrace('-', '-', { format: 0 })`;
    // A pipe hands over 64 KiB at a time, a file 256.
    const piped = execFileSync(process.execPath, ['-e', script], { input: readFileSync(path), maxBuffer: 2 ** 26 });
    expect(piped.equals(readFileSync(inOne))).toBe(true);
  });

  it('compresses by the extension or the option', async () => {
    const input = write('trace.json', [at('i', 1)]);
    const gzipped = join(folder, 'out.json.gz');
    expect(await convertTrace(input, gzipped)).toMatchObject({ compression: 'gzip' });
    expect(String(gunzipSync(readFileSync(gzipped)))).toContain('traceEvents');
    expect(await convertTrace(input, gzipped, { compression: 'none' })).toMatchObject({ compression: 'none' });
    expect(readFileSync(gzipped, 'utf8')).toContain('traceEvents');
  });

  it('says how far it is', async () => {
    const steps: ConvertProgress[] = [];
    await converted([at('i', 1), at('i', 2)], { onProgress: (step) => steps.push(step) });
    const size = readFileSync(join(folder, 'trace.json')).length;
    expect(steps[0]).toEqual({ phase: 'read', bytesRead: size, totalBytes: size, events: 2, fraction: 0.7 });
    expect(steps.at(-1)).toEqual({ phase: 'write', bytesRead: size, totalBytes: size, events: 2, fraction: 1 });
  });

  it('stops at the signal, and at what onProgress throws', async () => {
    const content = Array.from({ length: 30_000 }, (_, i) => at('i', i));
    const reason = new Error('enough');
    const controller = new AbortController();
    await expect(converted(content, { signal: controller.signal, onProgress: () => controller.abort(reason) })).rejects.toBe(reason);
    await expect(converted(content, { onProgress: () => { throw reason; } })).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual(['trace.json']);
  });
});

/** What open() opens for which target and options: format, compression, output, and what the addon is told. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { NativeWriterOptions } from '../../lib/addon/contract';
import { FileOutput } from '../../lib/output/file-output';
import { Format } from '../../lib/output/format';
import type { StreamOutput } from '../../lib/output/stream-output';
import { WritableOutput } from '../../lib/output/writable-output';
import type { WriterOptions } from '../../lib/writer/options';
import { checkWriterOptions } from '../../lib/writer/options';
import { openStream } from '../../lib/sinks/open';

let mockHasAddon = true;
const mockCreated = jest.fn((options: NativeWriterOptions) => ({ options }));
jest.mock('../../lib/addon/load', () => ({
  isSDKAvailable: () => mockHasAddon,
  sdkInfo: () => ({ reason: 'the test turned it off' }),
  requireAddon: () => {
    throw Object.assign(new Error('no addon'), { code: 'SDK_UNAVAILABLE' });
  },
  createNativeWriter: (options: NativeWriterOptions) => mockCreated(options),
}));
const mockJson = jest.fn();
jest.mock('../../lib/sinks/json-sinks', () => ({
  JsonStreamSink: class {
    readonly format = 0;
    constructor(output: StreamOutput, window: number) {
      mockJson(output, window);
    }
  },
}));

let folder: string;
let warnings: jest.SpyInstance;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  mockHasAddon = true;
  jest.clearAllMocks();
  warnings = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterEach(() => {
  warnings.mockRestore();
  rmSync(folder, { recursive: true, force: true });
});

const open = (name: string, options: WriterOptions = {}) => openStream(join(folder, name), checkWriterOptions(options));
const jsonOutput = () => (mockJson.mock.lastCall as [StreamOutput, number])[0];

describe('the format and compression of', () => {
  test.each<[string, WriterOptions, Format, string]>([
    ['x.perfetto-trace', { format: Format.JSON }, Format.PROTOBUF, 'none'],
    ['x.pftrace.gz', {}, Format.PROTOBUF, 'gzip'],
    ['x.pb', { compression: 'packets' }, Format.PROTOBUF, 'packets'],
    ['x.pb.gz', { compression: 'packets' }, Format.PROTOBUF, 'packets'],
    ['x.pb.gz', { compression: 'none' }, Format.PROTOBUF, 'none'],
    ['x.JSON', {}, Format.JSON, 'none'],
    ['x.json.gz', {}, Format.JSON, 'gzip'],
    ['x.json', { compression: 'gzip' }, Format.JSON, 'gzip'],
    ['x.trace', {}, Format.PROTOBUF, 'none'],
    ['x.trace', { format: Format.JSON }, Format.JSON, 'none'],
    ['x.trace.gz', { format: Format.JSON }, Format.JSON, 'gzip'],
  ])('01 %s with %j', (name, options, format, compression) => {
    expect(open(name, options)).toMatchObject({ format, compression, fallback: false, sink: { format } });
  });

  test('02 a Writable', () => {
    const checked = (options: WriterOptions) => checkWriterOptions(options);
    expect(openStream(new PassThrough(), checked({}))).toMatchObject({ format: Format.PROTOBUF, compression: 'none' });
    const gzip = checked({ format: Format.JSON, compression: 'gzip' });
    expect(openStream(new PassThrough(), gzip)).toMatchObject({ format: Format.JSON, compression: 'gzip' });
  });

  test.each([
    ['x.json', {}],
    ['x.trace', { format: Format.JSON }],
  ])('03 JSON in packets, which is refused: %s with %j', (name, options) => {
    expect(() => open(name, { ...options, compression: 'packets' })).toThrow(
      'Expected compression to be "none" or "gzip" for JSON, which has no packets',
    );
    expect(existsSync(join(folder, name))).toBe(false);
  });
});

describe('without the addon', () => {
  beforeEach(() => {
    mockHasAddon = false;
  });

  test('04 a native trace becomes JSON, with one warning, and packets none', () => {
    expect(open('x.pftrace')).toMatchObject({ format: Format.JSON, fallback: true, compression: 'none' });
    expect(open('x.pftrace.gz')).toMatchObject({ fallback: true, compression: 'gzip' });
    expect(open('x.pftrace', { compression: 'packets' })).toMatchObject({ fallback: true, compression: 'none' });
    expect(warnings).toHaveBeenCalledTimes(1);
    expect(open('x.json')).toMatchObject({ fallback: false });
  });

  test('05 it is refused where no fallback is wanted', () => {
    expect(() => open('x.pftrace', { fallback: 'error' })).toThrow(expect.objectContaining({ code: 'SDK_UNAVAILABLE' }) as Error);
  });
});

describe('a native trace', () => {
  test('06 on a path is the addon\'s to write', () => {
    open('x.pftrace', { compression: 'gzip', level: 6, clock: 'monotonic', reorderWindow: 9 });
    const path = join(folder, 'x.pftrace');
    expect(mockCreated).toHaveBeenCalledWith({ path, name: path, rows: 0, room: 0, window: 9, compression: 1, level: 6, clock: 2, seed: 0 });
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    [undefined, 0],
    ['boottime', 1],
    ['realtime', 3],
  ] as const)('07 with the clock %s', (clock, number) => {
    open('x.pb', { clock, compression: 'packets' });
    expect(mockCreated).toHaveBeenCalledWith({
      path: join(folder, 'x.pb'), name: join(folder, 'x.pb'), rows: 0, room: 0, window: 65_536, compression: 2, level: 1, clock: number, seed: 0,
    });
  });

  test('08 on a Writable has no path', () => {
    openStream(new PassThrough(), checkWriterOptions({ compression: 'gzip' }));
    expect(mockCreated).toHaveBeenCalledWith({
      path: null, name: 'the stream', rows: 0, room: 0, window: 65_536, compression: 1, level: 1, clock: 0, seed: 0,
    });
  });

  test('09 that cannot be opened is an IO error', () => {
    mockCreated.mockImplementationOnce(() => {
      throw Object.assign(new Error('Could not open x: ENOENT'), { code: 'IO', systemCode: 'ENOENT' });
    });
    const message = 'Could not open x: ENOENT';
    expect(() => open('x.pftrace')).toThrow(expect.objectContaining({ code: 'IO', systemCode: 'ENOENT', message }) as Error);
    mockCreated.mockImplementationOnce(() => {
      throw new Error('options.window: expected more');
    });
    expect(() => open('x.pftrace')).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });
});

describe('JSON', () => {
  test('10 on a path replaces the file, and is compressed here', async () => {
    const path = join(folder, 'x.json.gz');
    writeFileSync(path, 'old');
    open('x.json.gz', { reorderWindow: 5 });
    expect(mockJson).toHaveBeenLastCalledWith(expect.any(FileOutput), 5);
    expect(readFileSync(path)).toHaveLength(0);
    await jsonOutput().close();
  });

  test('11 on a Writable', () => {
    openStream(new PassThrough(), checkWriterOptions({ format: Format.JSON }));
    expect(mockJson).toHaveBeenLastCalledWith(expect.any(WritableOutput), 65_536);
  });

  test('12 that cannot be opened is an IO error', () => {
    expect(() => open('missing/x.json')).toThrow(expect.objectContaining({ code: 'IO', systemCode: 'ENOENT' }) as Error);
    const ended = new PassThrough();
    ended.end();
    expect(() => openStream(ended, checkWriterOptions({}))).toThrow('it was ended before');
  });
});

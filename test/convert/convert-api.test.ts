/** convertTrace around the addon's converter, which a fake stands in for: files, options, errors, progress. */
import { closeSync, existsSync, linkSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { convertTrace, Format, TraceSmithError, type ConvertOptions, type ConvertProgress } from '../../lib';
import type {
  NativeConversion,
  NativeConversionOptions,
  NativeConvertProgress,
  NativeConvertReport,
  NativeFinding,
} from '../../lib/addon/contract';

const COUNTS = {
  bytes: 5, inputBytes: 2, textBytes: 3, spilledBytes: 4, events: 10, slices: 1, instants: 2, counters: 3, flows: 4, flowsUndrawn: 5,
  flowsBackward: 1, flowsUndrawnBy: { startMissing: 2, endMissing: 2, backwards: 1 },
  samples: 6, lanes: 7, unclosed: 8, unmatched: 9,
};
const finding = (category: NativeFinding['category'], reason: string): NativeFinding =>
  ({ category, reason, count: 2, offset: 17, line: 3, excerpt: '{"ph"' });

/** Writes a file as the addon would, and does what the test wants. */
class FakeConversion implements Pick<NativeConversion, 'run' | 'progress' | 'cancel'> {
  static last: FakeConversion;
  /** What run() does before it reports. */
  static work: (conversion: FakeConversion) => Promise<void> | void = () => undefined;
  static findings: NativeFinding[] = [];

  isCancelled = false;
  state: NativeConvertProgress = { phase: 0, bytesRead: 1, totalBytes: 2, events: 10, written: 0 };
  private wake: () => void = () => undefined;

  constructor(readonly options: NativeConversionOptions) {
    FakeConversion.last = this;
  }

  async run(): Promise<NativeConvertReport> {
    // As the addon does: whatever is there is overwritten, nothing is made anew beside it.
    if (typeof this.options.output === 'string') writeFileSync(this.options.output, 'trace');
    await FakeConversion.work(this);
    if (this.isCancelled) throw Object.assign(new Error('cancelled'), { code: 'CANCELLED' });
    const isRefused = this.options.strict && FakeConversion.findings.some(({ category }) => category !== 'ignored');
    return { written: !isRefused, isGzip: false, timeShift: 0, ...COUNTS, phases: { X: 1 }, findings: FakeConversion.findings };
  }

  progress(): NativeConvertProgress {
    return this.state;
  }

  cancel(): void {
    this.isCancelled = true;
    this.wake();
  }

  untilCancelled(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }
}

let mockHasAddon = true;
jest.mock('../../lib/addon/load', () => ({
  isSDKAvailable: () => mockHasAddon,
  sdkInfo: () => ({ reason: 'the test turned it off' }),
  requireAddon: () => {
    throw Object.assign(new Error('no addon'), { code: 'SDK_UNAVAILABLE' });
  },
  createNativeConversion: (options: NativeConversionOptions) => new FakeConversion(options),
}));

let folder: string;
let input: string;
let output: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
  input = join(folder, 'in.json');
  output = join(folder, 'out.pftrace');
  writeFileSync(input, '[]');
  mockHasAddon = true;
  FakeConversion.work = () => undefined;
  FakeConversion.findings = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const told = () => FakeConversion.last.options;
const files = () => readdirSync(folder).sort();
const convert = (options?: ConvertOptions) => convertTrace(input, output, options);
const onlyPosix = process.platform === 'win32' ? describe.skip : describe;

describe('what the addon is told', () => {
  it('the defaults', async () => {
    await convert();
    expect(told()).toEqual({
      input,
      output: expect.stringMatching(/out\.pftrace\.[0-9a-f]+\.tmp$/) as string,
      inputName: input,
      outputName: output,
      compression: 0,
      level: 1,
      memoryBudget: 64 * 2 ** 20,
      spillPath: told().output,
      gpuEvents: 0,
      dropZeroTimes: false,
      strict: false,
      contents: false,
      blockSize: 0,
    });
  });

  it.each<[ConvertOptions, Partial<NativeConversionOptions>]>([
    [{ compression: 'gzip', level: 9 }, { compression: 1, level: 9 }],
    [{ compression: 'packets' }, { compression: 2 }],
    [{ gpuEvents: 'render-stages' }, { gpuEvents: 1 }],
    [{ gpuEvents: 'both' }, { gpuEvents: 2 }],
    [{ memoryBudget: 2 ** 20 }, { memoryBudget: 2 ** 20 }],
    [{ strict: true }, { strict: true }],
    [{ dropZeroTimes: true }, { dropZeroTimes: true }],
  ])('%p', async (options, expected) => {
    await convert(options);
    expect(told()).toMatchObject(expected);
  });

  it.each<[string, ConvertOptions, number]>([
    ['x.pftrace.gz', {}, 1],
    ['x.pftrace.gz', { compression: 'none' }, 0],
    ['x.pb.gz', { compression: 'packets' }, 2],
    ['x', { format: Format.PROTOBUF }, 0],
  ])('the compression of %s with %p', async (name, options, compression) => {
    await convertTrace(input, join(folder, name), options);
    expect(told().compression).toBe(compression);
  });

  it('descriptors for the standard streams, and a folder for what is spilled', async () => {
    const report = await convertTrace('-');
    expect(report).toMatchObject({ input: '-', path: '-' });
    expect(told()).toMatchObject({
      input: 0,
      output: 1,
      inputName: 'standard input',
      outputName: 'standard output',
      spillPath: `${tmpdir()}${sep}`,
    });
  });
});

describe('options', () => {
  it.each<[unknown, RegExp]>([
    [null, /Expected options to be an object but received null/],
    [{ memorybudget: 1 }, /Unknown option memorybudget; there are format, .*memoryBudget/],
    [{ format: 2 }, /Expected format to be Format\.JSON or Format\.PROTOBUF but received the number 2/],
    [{ compression: 'zip' }, /Expected compression to be one of "none", "gzip", "packets" but received the string "zip"/],
    [{ level: 0 }, /Expected level to be an integer from 1 to 9 but received the number 0/],
    [{ gpuEvents: true }, /Expected gpuEvents to be one of "tracks", "render-stages", "both" but received the boolean true/],
    [{ memoryBudget: 2 ** 20 - 1 }, /Expected memoryBudget to be a number of bytes, at least 1048576 \(1 MiB\) but received the number 1048575/],
    [{ memoryBudget: '64M' }, /Expected memoryBudget .* received the string "64M"/],
    [{ dropZeroTimes: 1 }, /Expected dropZeroTimes to be true or false/],
    [{ strict: 1 }, /Expected strict to be true or false/],
    [{ fallback: 'proto' }, /Expected fallback to be one of "json", "error"/],
    [{ signal: {} }, /Expected signal to be an AbortSignal but received an object/],
    [{ onProgress: 1 }, /Expected onProgress to be a function/],
  ])('%p is refused', async (options, message) => {
    await expect(convert(options as ConvertOptions)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message) as string,
    });
    expect(files()).toEqual(['in.json']);
  });

  it.each<[unknown, unknown, RegExp]>([
    ['', 'x', /Expected input to be the path of a file, or "-"/],
    [5, 'x', /Expected input/],
    ['x', '', /Expected output/],
  ])('the paths %p and %p are refused', async (from, to, message) => {
    await expect(convertTrace(from as string, to as string)).rejects.toThrow(message);
  });

  it('packets of JSON are refused', async () => {
    await expect(convertTrace(input, join(folder, 'o.json'), { compression: 'packets' })).rejects.toThrow(/JSON, which has no packets/);
  });
});

describe('the report', () => {
  it('has the counts, and the findings by category', async () => {
    FakeConversion.findings = [finding('repaired', 'a'), finding('ignored', 'b'), finding('damaged', 'c'), finding('dropped', 'd'), finding('dropped', 'e')];
    const kept = { count: 2, offset: 17, line: 3, excerpt: '{"ph"' };
    expect(await convert()).toEqual({
      input,
      path: output,
      format: Format.PROTOBUF,
      fallback: false,
      compression: 'none',
      ...COUNTS,
      timeShift: 0,
      phases: { X: 1 },
      repaired: [{ reason: 'a', ...kept }],
      ignored: [{ reason: 'b', ...kept }],
      damaged: [{ reason: 'c', ...kept }],
      dropped: [{ reason: 'd', ...kept }, { reason: 'e', ...kept }],
    });
  });

  it('is an error that lists them where strict is set', async () => {
    FakeConversion.findings = [finding('repaired', 'a'), finding('ignored', 'b'), finding('damaged', 'c')];
    await expect(convert({ strict: true })).rejects.toMatchObject({
      name: 'TraceSmithError',
      code: 'INVALID_INPUT',
      message: [
        `${input} is not as it should be, and strict does not allow that; nothing was written`,
        'damaged: line 3, byte 17: c (2 times): {"ph"',
        'repaired: line 3, byte 17: a (2 times): {"ph"',
      ].join('\n'),
    });
    expect(files()).toEqual(['in.json']);
  });

  it('strict allows what is ignored', async () => {
    FakeConversion.findings = [finding('ignored', 'b')];
    expect((await convert({ strict: true })).ignored).toHaveLength(1);
    expect(readFileSync(output, 'utf8')).toBe('trace');
  });
});

describe('the output', () => {
  it('appears whole, in the place of the old file and with its mode', async () => {
    writeFileSync(output, 'old', { mode: 0o640 });
    FakeConversion.work = () => expect(readFileSync(output, 'utf8')).toBe('old');
    await convert();
    expect(readFileSync(output, 'utf8')).toBe('trace');
    expect(files()).toEqual(['in.json', 'out.pftrace']);
    if (process.platform !== 'win32') expect(statSync(output).mode & 0o777).toBe(0o640);
  });

  it.each(['IO', 'INVALID_INPUT', 'INTERNAL'])('stays as it was after an error of code %s', async (code) => {
    writeFileSync(output, 'old');
    FakeConversion.work = () => {
      throw Object.assign(new Error('what the addon says'), { code, systemCode: 'ENOSPC' });
    };
    const error = await convert().catch((reason: unknown) => reason as TraceSmithError);
    expect(error).toBeInstanceOf(TraceSmithError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/what the addon says$/) as string });
    if (code === 'IO') expect(error).toMatchObject({ systemCode: 'ENOSPC', message: 'what the addon says' });
    if (code === 'INVALID_INPUT') expect(error).toMatchObject({ message: 'what the addon says' });
    expect(readFileSync(output, 'utf8')).toBe('old');
    expect(files()).toEqual(['in.json', 'out.pftrace']);
  });

  it.each<[string, () => void]>([
    ['a folder', () => mkdirSync(output)],
    ['in a folder that is not there', () => (output = join(folder, 'none', 'x.pftrace'))],
  ])('is refused before anything is read where it is %s', async (_, prepare) => {
    prepare();
    const before = files();
    const work = jest.fn();
    FakeConversion.work = work;
    await expect(convert()).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining(output) as string });
    expect(work).not.toHaveBeenCalled();
    expect(files()).toEqual(before);
  });

  onlyPosix('that is the input', () => {
    it.each<[string, () => void]>([
      ['by its name', () => (output = join(folder, '.', 'in.json'))],
      ['by a link', () => symlinkSync(input, output)],
      ['by another name', () => linkSync(input, output)],
    ])('%s is refused', async (_, prepare) => {
      prepare();
      await expect(convert({ format: Format.PROTOBUF })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(/is the input/) as string });
      expect(readFileSync(input, 'utf8')).toBe('[]');
    });
  });

  onlyPosix('that is a device', () => {
    it('is written directly', async () => {
      output = '/dev/null';
      await convert({ format: Format.PROTOBUF });
      expect(told()).toMatchObject({ output: '/dev/null', spillPath: `${tmpdir()}${sep}` });
      expect(existsSync('/dev/null')).toBe(true);
      closeSync(openSync('/dev/null', 'r'));
    });
  });
});

describe('the signal', () => {
  it('cancels, and its reason comes out', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    FakeConversion.work = async (conversion) => {
      setImmediate(() => controller.abort(reason));
      await conversion.untilCancelled();
    };
    await expect(convert({ signal: controller.signal })).rejects.toBe(reason);
    expect(files()).toEqual(['in.json']);
  });

  it('counts to the very end', async () => {
    const reason = new Error('late');
    const controller = new AbortController();
    FakeConversion.work = (conversion) => {
      conversion.cancel = () => undefined; // too late for the addon
      controller.abort(reason);
    };
    await expect(convert({ signal: controller.signal })).rejects.toBe(reason);
    expect(files()).toEqual(['in.json']);
  });

  it('stops before anything where it is aborted already', async () => {
    const reason = new Error('no');
    await expect(convert({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(files()).toEqual(['in.json']);
  });
});

describe('progress', () => {
  const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('is told while it works, and at the end', async () => {
    const steps: ConvertProgress[] = [];
    FakeConversion.work = async (conversion) => {
      await later(250);
      conversion.state = { phase: 0, bytesRead: 2, totalBytes: 0, events: 20, written: 0 };
      await later(150);
      conversion.state = { phase: 1, bytesRead: 2, totalBytes: 2, events: 20, written: 20 };
    };
    await convert({ onProgress: (step) => steps.push(step) });
    expect(steps[0]).toEqual({ phase: 'read', bytesRead: 1, totalBytes: 2, events: 10, fraction: 0.35 });
    expect(steps).toContainEqual({ phase: 'read', bytesRead: 2, events: 20 });
    expect(steps.at(-1)).toEqual({ phase: 'write', bytesRead: 2, totalBytes: 2, events: 20, fraction: 1 });
    const count = steps.length;
    await later(250);
    expect(steps).toHaveLength(count);
  });

  it('is not asked for where nobody listens', async () => {
    const asked = jest.spyOn(FakeConversion.prototype, 'progress');
    FakeConversion.work = () => later(250) as Promise<void>;
    await convert();
    expect(asked).not.toHaveBeenCalled();
    asked.mockRestore();
  });

  it('stops the conversion by throwing', async () => {
    const error = new Error('thrown by the caller');
    FakeConversion.work = (conversion) => conversion.untilCancelled();
    await expect(convert({ onProgress: () => { throw error; } })).rejects.toBe(error);
    expect(files()).toEqual(['in.json']);
  });
});

describe('without the addon', () => {
  beforeEach(() => {
    mockHasAddon = false;
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });
  afterEach(() => jest.restoreAllMocks());

  it('JSON is written, and the report says so', async () => {
    const report = await convertTrace(input, output, { compression: 'packets' });
    expect(report).toMatchObject({ format: Format.JSON, fallback: true, compression: 'none' });
    expect(JSON.parse(readFileSync(output, 'utf8'))).toHaveProperty('traceEvents', []);
  });

  it('is an error where no fallback is wanted', async () => {
    await expect(convert({ fallback: 'error' })).rejects.toMatchObject({ code: 'SDK_UNAVAILABLE' });
    expect(files()).toEqual(['in.json']);
  });
});

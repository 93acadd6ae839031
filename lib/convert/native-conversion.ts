import { tmpdir } from 'node:os';
import { sep } from 'node:path';
import { ioError, TraceSmithError } from '../errors';
import { nameOfInput, STDIN } from '../input/trace-file';
import { createNativeConversion, type NativeConversion, type NativeConvertReport, type NativeFinding } from '../addon/load';
import { complete, destinationFor, discard, isSystemError, reserve, type Destination } from '../output/target';
import { progressOf, type ConvertProgress } from './options';
import { strictError, type ConvertReport, type Job, type JobReport } from './report';

const STDIN_DESCRIPTOR = 0;

const COMPRESSION_NUMBERS = { none: 0, gzip: 1, packets: 2 } as const;
const GPU_EVENTS_NUMBERS = { tracks: 0, 'render-stages': 1, both: 2 } as const;

const PROGRESS_INTERVAL_MS = 100;

/**
 * Converts through the addon, which reads and writes by itself.
 *
 * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
 */
export async function convertNatively(job: Job): Promise<JobReport> {
  const { output, options } = job;
  const destination = output.path === undefined ? undefined : destinationFor(output.path);
  try {
    if (destination !== undefined) reserve(destination);
    const native = await new Run(createConversion(job, destination), job).done();
    options.signal?.throwIfAborted();
    const report = reportOf(native);
    if (!native.written) throw strictError(nameOfInput(job.input), report) ?? new Error('nothing was written');
    if (destination !== undefined) await complete(destination);
    return report;
  } catch (error) {
    if (destination !== undefined) discard(destination);
    throw isSystemError(error) ? ioError('write', output.name, error) : error;
  }
}

function createConversion({ input, output, options }: Job, destination: Destination | undefined): NativeConversion {
  // Beside a device or pipe is no place for files.
  const isBeside = destination?.replaces !== undefined;
  return createNativeConversion({
    input: input === STDIN ? STDIN_DESCRIPTOR : input,
    output: destination?.path ?? output.descriptor!,
    inputName: nameOfInput(input),
    outputName: output.name,
    compression: COMPRESSION_NUMBERS[output.compression],
    level: options.level,
    memoryBudget: options.memoryBudget,
    spillPath: isBeside ? destination.path : `${tmpdir()}${sep}`,
    gpuEvents: GPU_EVENTS_NUMBERS[options.gpuEvents],
    strict: options.strict,
    blockSize: 0,
  });
}

/** The time in which the addon works: watches the signal, and tells how far it has come. */
class Run {
  private readonly timer: NodeJS.Timeout | undefined;
  /** What onProgress threw. */
  private failure: { error: unknown } | undefined;

  constructor(
    private readonly native: NativeConversion,
    private readonly job: Job,
  ) {
    if (job.options.onProgress === undefined) return;
    this.timer = setInterval(() => this.tell(), PROGRESS_INTERVAL_MS);
    this.timer.unref(); // the addon's own work keeps the process alive
  }

  async done(): Promise<NativeConvertReport> {
    const { native, job } = this;
    const { signal } = job.options;
    const cancel = () => native.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const report = await native.run();
      this.tell();
      if (this.failure !== undefined) throw this.failure.error;
      return report;
    } catch (error) {
      if (this.failure !== undefined) throw this.failure.error;
      signal?.throwIfAborted();
      throw conversionError(error, job);
    } finally {
      clearInterval(this.timer);
      signal?.removeEventListener('abort', cancel);
    }
  }

  private tell(): void {
    const { onProgress } = this.job.options;
    if (onProgress === undefined || this.failure !== undefined) return;
    try {
      onProgress(this.progress());
    } catch (error) {
      this.failure = { error };
      this.native.cancel();
    }
  }

  private progress(): ConvertProgress {
    const { phase, totalBytes, ...rest } = this.native.progress();
    return progressOf(phase === 0 ? 'read' : 'write', { ...rest, totalBytes: totalBytes || undefined });
  }
}

function reportOf(native: NativeConvertReport): JobReport {
  const { written, isGzip, findings, ...counts } = native;
  const listOf = (category: NativeFinding['category']): ConvertReport['dropped'] =>
    findings.filter((finding) => finding.category === category).map(({ category, ...finding }) => finding);
  return {
    ...counts,
    repaired: listOf('repaired'),
    dropped: listOf('dropped'),
    ignored: listOf('ignored'),
    damaged: listOf('damaged'),
  };
}

/** An error of the addon as one of this package; its texts are final. */
function conversionError(error: unknown, { input }: Job): unknown {
  const { code, systemCode, message } = error as Error & { code?: string; systemCode?: string };
  if (error instanceof TraceSmithError) return error;
  if (code === 'IO') {
    return new TraceSmithError('IO', message, { cause: Object.assign(new Error(message), { code: systemCode }) });
  }
  if (code === 'INVALID_INPUT') return new TraceSmithError('INVALID_INPUT', message, { cause: error });
  return new TraceSmithError('INTERNAL', `The addon could not convert ${nameOfInput(input)}: ${message}`, { cause: error });
}

import { tmpdir } from 'node:os';
import { sep } from 'node:path';
import { nameOfInput, STDIN } from '../input/trace-file';
import { COMPRESSION_NUMBERS, type NativeConversion, type NativeConvertReport, type NativeFinding } from '../addon/contract';
import { createNativeConversion } from '../addon/load';
import { nativeError } from '../addon/native-error';
import { WholeFile } from '../output/whole-file';
import { progressOf, type ConvertProgress } from './options';
import { strictError, type ConvertReport, type Job, type JobReport } from './report';

const STDIN_DESCRIPTOR = 0;

const GPU_EVENTS_NUMBERS = { tracks: 0, 'render-stages': 1, both: 2 } as const;

const PROGRESS_INTERVAL_MS = 100;

/**
 * Converts through the addon, which reads and writes by itself.
 *
 * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
 */
export async function convertNatively(job: Job): Promise<JobReport> {
  const { output, options } = job;
  const file = output.path === undefined ? undefined : WholeFile.create(output.path);
  try {
    const native = await new Run(createConversion(job, file), job).done();
    options.signal?.throwIfAborted();
    const report = reportOf(native);
    if (!native.written) throw strictError(nameOfInput(job.input), report) ?? new Error('nothing was written');
    await file?.complete();
    return report;
  } catch (error) {
    file?.discard();
    throw error;
  }
}

function createConversion({ input, output, options }: Job, file: WholeFile | undefined): NativeConversion {
  return createNativeConversion({
    input: input === STDIN ? STDIN_DESCRIPTOR : input,
    output: file?.path ?? output.descriptor!,
    inputName: nameOfInput(input),
    outputName: output.name,
    compression: COMPRESSION_NUMBERS[output.compression],
    level: options.level,
    memoryBudget: options.memoryBudget,
    // Beside a device or pipe is no place for files.
    spillPath: file?.isBeside ? file.path : `${tmpdir()}${sep}`,
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
      throw nativeError(error, `convert ${nameOfInput(job.input)}`);
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

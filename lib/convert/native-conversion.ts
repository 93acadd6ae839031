import { tmpdir } from 'node:os';
import { sep } from 'node:path';
import type { FindingLists } from '../chrome-json/read/findings';
import { nameOfInput, STDIN, STDIN_DESCRIPTOR } from '../input/trace-file';
import { COMPRESSION_NUMBERS, type NativeConversion, type NativeConvertReport, type NativeSurveyOptions } from '../addon/contract';
import { createNativeConversion } from '../addon/load';
import { nativeError } from '../addon/native-error';
import { STDOUT_DESCRIPTOR } from '../output/resolve';
import { WholeFile } from '../output/whole-file';
import { progressOf } from './options';
import { strictError, type Job, type JobReport } from './report';

const GPU_EVENTS_NUMBERS = { tracks: 0, 'render-stages': 1, both: 2 } as const;

const PROGRESS_INTERVAL_MS = 100;

/**
 * Converts through the addon, which reads and writes by itself.
 *
 * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
 */
export async function convertNatively(job: Job): Promise<JobReport> {
  const { output } = job;
  const file = output.path === undefined ? undefined : WholeFile.create(output.path);
  try {
    const conversion = createConversion(job, file);
    const native = await run(conversion, job, () => conversion.run());
    const report = reportOf(native);
    if (!native.written) throw strictError(nameOfInput(job.input), report) ?? new Error('nothing was written');
    await file?.complete();
    return report;
  } catch (error) {
    file?.discard();
    throw error;
  }
}

/** `file` is that of run(), or one beside which temporary files are written. */
export function createConversion(
  { input, output, options }: Job,
  file: Pick<WholeFile, 'path' | 'isBeside'> | undefined,
  survey?: NativeSurveyOptions,
): NativeConversion {
  return createNativeConversion({
    input: input === STDIN ? STDIN_DESCRIPTOR : input,
    output: file?.path ?? STDOUT_DESCRIPTOR,
    inputName: nameOfInput(input),
    outputName: output.name,
    compression: COMPRESSION_NUMBERS[output.compression],
    level: options.level,
    memoryBudget: options.memoryBudget,
    // Beside a device or pipe is no place for files.
    spillPath: file?.isBeside ? file.path : `${tmpdir()}${sep}`,
    gpuEvents: GPU_EVENTS_NUMBERS[options.gpuEvents],
    dropZeroTimes: options.dropZeroTimes,
    strict: options.strict,
    contents: false,
    blockSize: 0,
    survey,
  });
}

/** Watches the signal while the addon works, and tells how far it has come. */
export async function run<T>(native: NativeConversion, { input, options }: Job, work: () => Promise<T>): Promise<T> {
  const { onProgress } = options;
  // Aborted by what onProgress throws.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const cancel = () => native.cancel();
  const tell = () => {
    if (onProgress === undefined || signal.aborted) return;
    const { phase, totalBytes, ...rest } = native.progress();
    try {
      onProgress(progressOf(phase === 0 ? 'read' : 'write', { ...rest, totalBytes: totalBytes || undefined }));
    } catch (error) {
      failed.abort(error);
    }
  };
  // The addon's own work keeps the process alive.
  const timer = onProgress && setInterval(tell, PROGRESS_INTERVAL_MS).unref();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const result = await work();
    tell();
    signal.throwIfAborted();
    return result;
  } catch (error) {
    signal.throwIfAborted();
    throw nativeError(error, `convert ${nameOfInput(input)}`);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', cancel);
  }
}

export function reportOf({ written, isGzip, findings, ...counts }: NativeConvertReport): JobReport {
  const lists: FindingLists = { repaired: [], dropped: [], ignored: [], damaged: [] };
  for (const { category, ...finding } of findings) lists[category].push(finding);
  return { ...counts, ...lists };
}

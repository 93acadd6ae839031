import * as path from 'node:path';
import { isSDKAvailable } from '../addon/load';
import { TraceSmithError } from '../errors';
import { addCounts, filesOf, isSplit, timeWarnings, type FilePart, type TimeOverview } from '../filter/parts';
import type { Windows } from '../filter/windows';
import { nameOfInput } from '../input/trace-file';
import { makeFolder } from '../output/folder';
import { outputKindOf, Format, type Compression } from '../output/format';
import { STDOUT } from '../output/resolve';
import { isSameFile } from '../output/same-file';
import { NativeTrimmer } from './native-trimmer';
import { checkTrimOptions, type CheckedTrimOptions, type TrimOptions } from './options';
import { tellProgress } from './progress';
import type { TrimCounts, TrimReport } from './report';
import { ScriptTrimmer } from './script-trimmer';
import { TraceSource } from './source';
import type { TrimJob, Trimmer } from './trimmer';

/**
 * Copies the part of a native Perfetto trace that matters: ours or another writer's, plain, gzipped or with compressed
 * packets. What stays keeps its time, name, track and values; a slice across the edge of the time that stays is cut
 * there and gets the argument `trimmed`.
 *
 * @param input the path of a file or pipe; `-` is standard input
 * @param output the path to write; `-` is standard output; with `splitEvery` and `splitSteps` a folder
 * @throws TraceSmithError `INVALID_INPUT` for what is no native trace, is damaged, or has no slice that an option names;
 *   `INVALID_ARGUMENT`; `IO`.
 */
export async function trimTrace(input: string, output: string, options: TrimOptions = {}): Promise<TrimReport> {
  return trimWith(isSDKAvailable() ? NativeTrimmer : ScriptTrimmer, input, output, options);
}

/** trimTrace with one of the two ways to do it. */
export async function trimWith(
  TrimmerClass: new (job: TrimJob) => Trimmer,
  input: string,
  output: string,
  options: TrimOptions,
): Promise<TrimReport> {
  for (const [name, value] of Object.entries({ input, output })) {
    if (typeof value !== 'string' || value === '') {
      throw new TraceSmithError('INVALID_ARGUMENT', `Expected ${name} to be the path of a file, or "-"`);
    }
  }
  const checked = checkTrimOptions(options);
  checked.signal?.throwIfAborted();
  const split = isSplit(checked);
  if (split && output === STDOUT) throw new TraceSmithError('INVALID_ARGUMENT', 'Several files cannot be written to standard output');
  if (!split && isSameFile(input, output)) throw new TraceSmithError('INVALID_ARGUMENT', `${output} is the input; choose another output`);
  const compression = compressionOf(output, checked);

  const { level, onProgress } = checked;
  const stopped = new AbortController();
  const signal = AbortSignal.any([stopped.signal, ...(checked.signal === undefined ? [] : [checked.signal])]);
  const source = await TraceSource.open(input, signal);
  try {
    const trimmer = new TrimmerClass({ source, asked: options, options: checked, compression, level, signal });
    const progress = tellProgress(trimmer, onProgress, stopped);
    try {
      const overview = await trimmer.lookAt();
      const windows = overview.named.windows(overview.start ?? 0);
      const job = { input, folder: output, options: checked, compression };
      const parts = split ? await partsOf(job, overview, windows) : [{ path: output, windows }];
      progress.expect(parts.map((part) => part.windows));
      const files: { path: string; bytes: number; counts: TrimCounts }[] = [];
      for (const part of parts) files.push({ path: part.path, ...(await trimmer.write(part.path, part.windows)) });
      progress.finish();
      signal.throwIfAborted();
      return {
        input,
        path: output,
        files: files.map((file) => file.path),
        compression,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        inputBytes: source.bytes,
        windows: windows?.report ?? null,
        warnings: timeWarnings(overview, windows),
        ...addCounts(files.map(({ counts }) => counts)),
      };
    } finally {
      progress.stop();
    }
  } finally {
    await source.close();
  }
}

/** The files of a split trace, in a folder that is made. */
async function partsOf({ input, folder, options, compression }: SplitJob, overview: TimeOverview, windows: Windows | null): Promise<FilePart[]> {
  const name = path.basename(input === '-' ? 'trace' : input).replace(/(\.perfetto-trace|\.pftrace|\.pb)?(\.gz)?$/i, '');
  const extension = compression === 'gzip' ? '.perfetto-trace.gz' : '.perfetto-trace';
  const parts = filesOf(options, overview, windows, { folder, name, extension });
  await makeFolder(folder);
  return parts;
}

interface SplitJob {
  input: string;
  folder: string;
  options: CheckedTrimOptions;
  compression: Compression;
}

function compressionOf(output: string, options: CheckedTrimOptions): Compression {
  const { compression } = options;
  if (isSplit(options) || output === STDOUT) return compression ?? 'none';
  const { format, gzip } = outputKindOf(output);
  if (format === Format.JSON) {
    throw new TraceSmithError('INVALID_ARGUMENT', `${nameOfInput(output)} is the name of JSON, and a native trace stays one; choose .perfetto-trace`);
  }
  return compression ?? (gzip ? 'gzip' : 'none');
}

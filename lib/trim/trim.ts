import { promises as fs } from 'node:fs';
import * as path from 'node:path';
import { isSDKAvailable } from '../addon/load';
import { ioError, TraceSmithError } from '../errors';
import { Windows } from '../filter/windows';
import { nameOfInput } from '../input/trace-file';
import { outputKindOf, Format, type Compression } from '../output/format';
import { STDOUT } from '../output/resolve';
import { isSameFile } from '../output/same-file';
import { addExact } from '../protobuf/field-reader';
import { NativeTrimmer } from './native-trimmer';
import { checkTrimOptions, type CheckedTrimOptions, type TrimOptions } from './options';
import { tellProgress } from './progress';
import type { TrimCounts, TrimReport } from './report';
import { ScriptTrimmer } from './script-trimmer';
import { TraceSource } from './source';
import type { TraceOverview, TrimJob, Trimmer } from './trimmer';

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
  const isSplit = checked.splitEvery !== undefined || checked.splitSteps;
  if (isSplit && output === STDOUT) throw new TraceSmithError('INVALID_ARGUMENT', 'Several files cannot be written to standard output');
  if (!isSplit && isSameFile(input, output)) throw new TraceSmithError('INVALID_ARGUMENT', `${output} is the input; choose another output`);
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
      const parts = isSplit ? await partsOf(input, output, checked, compression, overview, windows) : [{ path: output, windows }];
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
        warnings: warningsOf(overview, windows),
        ...addCounts(files.map(({ counts }) => counts)),
      };
    } finally {
      progress.stop();
    }
  } finally {
    await source.close();
  }
}

/** A file of a split trace. */
interface Part {
  number: number;
  windows: Windows;
}

const MAX_PARTS = 10_000;

/** The files of a split trace, in a folder that is made, with the time of each. */
async function partsOf(
  input: string,
  folder: string,
  { splitEvery, splitSteps }: CheckedTrimOptions,
  compression: Compression,
  overview: TraceOverview,
  windows: Windows | null,
): Promise<{ path: string; windows: Windows }[]> {
  const parts = splitSteps ? overview.named.parts(windows) : partsOfTime(splitEvery!, overview, windows);
  if (parts.length === 0) throw new TraceSmithError('INVALID_INPUT', 'Nothing to split: the trace has nothing at the time that was asked for');
  await fs.mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw ioError('make the folder', folder, error);
  });
  const name = path.basename(input === '-' ? 'trace' : input).replace(/(\.perfetto-trace|\.pftrace|\.pb)?(\.gz)?$/i, '');
  const extension = compression === 'gzip' ? '.perfetto-trace.gz' : '.perfetto-trace';
  const digits = String(parts.at(-1)!.number).length;
  const prefix = splitSteps ? `${name}-step-` : `${name}-`;
  return parts.map((part) => {
    return { path: path.join(folder, `${prefix}${String(part.number).padStart(digits, '0')}${extension}`), windows: part.windows };
  });
}

function partsOfTime(step: number, { start = 0, end }: TraceOverview, windows: Windows | null): Part[] {
  const total = Math.floor(Number(addExact(end, -start)) / step) + 1;
  if (total > MAX_PARTS) {
    throw new TraceSmithError('INVALID_ARGUMENT', `splitEvery would make ${total} files; at most ${MAX_PARTS} are allowed`);
  }
  const parts: Part[] = [];
  for (let i = 0; i < total; i++) {
    const part = new Windows([{ from: addExact(start, i * step), to: addExact(start, (i + 1) * step) }]);
    const both = windows === null ? part : windows.and(part);
    if (both.list.length > 0) parts.push({ number: i + 1, windows: both });
  }
  return parts;
}

function warningsOf({ start, end }: TraceOverview, windows: Windows | null): string[] {
  if (windows === null) return [];
  if (windows.list.length === 0) return ['no time is in all that was asked for: nothing with a time is left'];
  return windows.touches(start ?? 0, addExact(end, 1)) ? [] : ['the trace has nothing at the time that was asked for'];
}

function compressionOf(output: string, { compression, splitEvery, splitSteps }: CheckedTrimOptions): Compression {
  if (splitEvery !== undefined || splitSteps || output === STDOUT) return compression ?? 'none';
  const { format, gzip } = outputKindOf(output);
  if (format === Format.JSON) {
    throw new TraceSmithError('INVALID_ARGUMENT', `${nameOfInput(output)} is the name of JSON, and a native trace stays one; choose .perfetto-trace`);
  }
  return compression ?? (gzip ? 'gzip' : 'none');
}

function addCounts(all: readonly TrimCounts[]): TrimCounts {
  const sum = { ...all[0] };
  for (const counts of all.slice(1)) for (const name of Object.keys(sum) as (keyof TrimCounts)[]) sum[name] += counts[name];
  return sum;
}

import { promises as fs } from 'node:fs';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ioError, TraceSmithError } from '../errors';
import { nameOfInput } from '../input/trace-file';
import { outputKindOf, Format, type Compression } from '../output/format';
import { STDOUT } from '../output/resolve';
import { isSameFile } from '../output/same-file';
import { writeToStdout } from '../output/stdout';
import { WholeFile } from '../output/whole-file';
import { addExact } from '../protobuf/field-reader';
import { metadataPacket } from './metadata';
import { checkTrimOptions, type CheckedTrimOptions, type TrimOptions } from './options';
import { compressChunk, PacketChunks } from './packet-output';
import { FlowsInside, Plan, type TrimCounts } from './plan';
import type { TrimReport } from './report';
import { Rewriter, type RewriteCounts } from './rewriter';
import { TraceSource } from './source';
import { Survey } from './survey';
import { PacketWalker, type WalkedPacket } from './walk';
import { Windows } from '../filter/windows';

type Counts = TrimCounts & RewriteCounts;

/**
 * Copies the part of a native Perfetto trace that matters: ours or another writer's, plain, gzipped or with compressed
 * packets. What stays keeps its time, name, track and values; a slice across the edge of the time that stays is cut
 * there and gets the argument `trimmed`.
 *
 * @param input the path of a file or pipe; `-` is standard input
 * @param output the path to write; `-` is standard output; with `splitEvery` a folder
 * @throws TraceSmithError `INVALID_INPUT` for what is no native trace, is damaged, or has no slice that an option names;
 *   `INVALID_ARGUMENT`; `IO`.
 */
export async function trimTrace(input: string, output: string, options: TrimOptions = {}): Promise<TrimReport> {
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

  const source = await TraceSource.open(input, checked.signal);
  try {
    const trim = await Trim.of(source, options, checked, compression);
    const files: { path: string; bytes: number; counts: Counts }[] = [];
    for (const part of isSplit ? await trim.parts(input, output) : [{ path: output, windows: trim.windows }]) {
      files.push({ path: part.path, ...(await trim.write(part.path, part.windows)) });
    }
    return {
      input,
      path: output,
      files: files.map((file) => file.path),
      compression,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      inputBytes: source.bytes,
      windows: trim.windows?.report ?? null,
      warnings: trim.warnings,
      ...addCounts(files.map(({ counts }) => counts)),
    };
  } finally {
    await source.close();
  }
}

/** One trace that is cut to one file or several. */
class Trim {
  readonly warnings: string[] = [];

  private constructor(
    private readonly source: TraceSource,
    private readonly asked: TrimOptions,
    private readonly options: CheckedTrimOptions,
    private readonly compression: Compression,
    private readonly survey: Survey,
    readonly windows: Windows | null,
  ) {}

  static async of(source: TraceSource, asked: TrimOptions, options: CheckedTrimOptions, compression: Compression): Promise<Trim> {
    const walker = new PacketWalker();
    const survey = new Survey(options, walker);
    await exhaust(source.read((packet) => survey.add(packet), walker));
    const trim = new Trim(source, asked, options, compression, survey, survey.windows());
    if (trim.windows?.list.length === 0) trim.warnings.push('no time is in all that was asked for: nothing with a time is left');
    else if (trim.windows !== null && !trim.windows.touches(survey.start ?? 0, addExact(survey.end, 1))) {
      trim.warnings.push('the trace has nothing at the time that was asked for');
    }
    return trim;
  }

  /** The files of a split trace, in a folder that is made, with the time of each. */
  async parts(input: string, folder: string): Promise<{ path: string; windows: Windows }[]> {
    const parts = this.options.splitSteps ? this.survey.named.parts(this.windows) : this.partsOfTime(this.options.splitEvery!);
    await fs.mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw ioError('make the folder', folder, error);
    });
    const name = path.basename(input === '-' ? 'trace' : input).replace(/(\.perfetto-trace|\.pftrace|\.pb)?(\.gz)?$/i, '');
    const extension = this.compression === 'gzip' ? '.perfetto-trace.gz' : '.perfetto-trace';
    const digits = String(parts.at(-1)?.number ?? '').length;
    const prefix = this.options.splitSteps ? `${name}-step-` : `${name}-`;
    return parts.map(({ number, windows }) => {
      return { path: path.join(folder, `${prefix}${String(number).padStart(digits, '0')}${extension}`), windows };
    });
  }

  private partsOfTime(step: number): Part[] {
    const { start = 0, end } = this.survey;
    const total = Math.floor(Number(addExact(end, -start)) / step) + 1;
    if (total > MAX_PARTS) {
      throw new TraceSmithError('INVALID_ARGUMENT', `splitEvery would make ${total} files; at most ${MAX_PARTS} are allowed`);
    }
    const parts: Part[] = [];
    for (let i = 0; i < total; i++) {
      const part = new Windows([{ from: addExact(start, i * step), to: addExact(start, (i + 1) * step) }]);
      const windows = this.windows === null ? part : this.windows.and(part);
      if (windows.list.length > 0) parts.push({ number: i + 1, windows });
    }
    return parts;
  }

  async write(output: string, windows: Windows | null): Promise<{ bytes: number; counts: Counts }> {
    const flows = windows === null ? null : new FlowsInside(windows);
    if (flows !== null) {
      await this.readAll((packet) => flows.add(packet));
      flows.finish();
    }
    const plan = new Plan(this.options, windows, flows, this.survey.tracks);
    await this.readAll((packet) => plan.add(packet));
    plan.finish();

    const result: { bytes: number; counts?: Counts } = { bytes: 0 };
    const chunks = this.chunks(windows, plan, result);
    if (output === STDOUT) await writeToStdout(chunks);
    else await writeFile(output, chunks, this.options.signal);
    return { bytes: result.bytes, counts: result.counts! };
  }

  private async *chunks(windows: Windows | null, plan: Plan, result: { bytes: number; counts?: Counts }): AsyncGenerator<Uint8Array> {
    const output = new PacketChunks();
    const compress = async (chunk: Buffer) => {
      const bytes = await compressChunk(chunk, this.compression, this.options.level);
      result.bytes += bytes.length;
      return bytes;
    };
    const walker = new PacketWalker();
    const rewriter = new Rewriter(this.options, windows, plan, this.survey.tracks, walker, (packet) => output.add(packet));
    const steps = this.source.read((packet) => rewriter.add(packet), walker);
    while (!(await steps.next()).done) {
      for (const chunk of output.take()) yield await compress(chunk);
    }
    rewriter.finish();
    result.counts = { ...plan.counts, ...rewriter.counts };
    output.add(metadataPacket(this.asked, result.counts));
    output.end();
    for (const chunk of output.take()) yield await compress(chunk);
  }

  private readAll(visit: (packet: WalkedPacket) => void): Promise<void> {
    return exhaust(this.source.read(visit));
  }
}

const MAX_PARTS = 10_000;

/** A file of a split trace. */
interface Part {
  number: number;
  windows: Windows;
}

async function exhaust(steps: AsyncGenerator<void>): Promise<void> {
  while (!(await steps.next()).done);
}

async function writeFile(output: string, chunks: AsyncGenerator<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  const whole = WholeFile.create(output);
  try {
    // Opened before: an error in the chunks could come first, and the file would be there again after it was deleted.
    const file = await fs.open(whole.path, 'w');
    await pipeline(chunks, file.createWriteStream());
    signal?.throwIfAborted();
    await whole.complete();
  } catch (error) {
    whole.fail(error);
  }
}

function compressionOf(output: string, { compression, splitEvery, splitSteps }: CheckedTrimOptions): Compression {
  if (splitEvery !== undefined || splitSteps || output === STDOUT) return compression ?? 'none';
  const { format, gzip } = outputKindOf(output);
  if (format === Format.JSON) {
    throw new TraceSmithError('INVALID_ARGUMENT', `${nameOfInput(output)} is the name of JSON, and a native trace stays one; choose .perfetto-trace`);
  }
  return compression ?? (gzip ? 'gzip' : 'none');
}

function addCounts(all: readonly Counts[]): Counts {
  const sum = { ...all[0] };
  for (const counts of all.slice(1)) for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
  return sum;
}

import { tmpdir } from 'node:os';
import { sep } from 'node:path';
import { COMPRESSION_NUMBERS, type NativeTrim, type NativeTrimOutput } from '../addon/contract';
import { createNativeTrim } from '../addon/load';
import { nativeError } from '../addon/native-error';
import { Criteria } from '../filter/criteria';
import { NamedTimes } from '../filter/named-times';
import { filterText } from '../filter/options';
import type { TimeOverview } from '../filter/parts';
import { ARROW_ARG, UNIQUE_ARGS } from '../filter/unique-args';
import type { Windows } from '../filter/windows';
import { STDOUT, STDOUT_DESCRIPTOR } from '../output/resolve';
import { WholeFile } from '../output/whole-file';
import { normalized } from '../protobuf/field-reader';
import type { TrimCounts } from './report';
import type { TrimJob, Trimmer } from './trimmer';

const ARGS_NUMBERS = { all: 0, lean: 1, none: 2 } as const;
const ALL_LEVELS = 0xffffffff;
const INCLUDED = 1;
const EXCLUDED = 2;

/** Trims through the addon, which reads and writes by itself. What patterns mean it asks here, once for each text. */
export class NativeTrimmer implements Trimmer {
  private readonly native: NativeTrim;
  private readonly named: NamedTimes;
  private readonly criteria: Criteria;

  constructor(private readonly job: TrimJob) {
    this.named = new NamedTimes(job.options);
    this.criteria = new Criteria(job.options);
    const { names, prefix } = this.named;
    this.native = createNativeTrim({ input: job.source.file, inputName: job.source.name, names: [...names], prefix, spillPath: `${tmpdir()}${sep}` });
  }

  async lookAt(): Promise<TimeOverview> {
    const { start, end, inputBytes, named } = await this.run(() => this.native.lookAt());
    this.job.source.bytes = inputBytes;
    for (const { name, from, to } of named) this.named.add(name, normalized(from), to === null ? undefined : normalized(to));
    return { start: start === null ? undefined : normalized(start), end: normalized(end), named: this.named };
  }

  async write(output: string, windows: Windows | null): Promise<{ bytes: number; counts: TrimCounts }> {
    const file = output === STDOUT ? undefined : WholeFile.create(output);
    try {
      const written = await this.run(() => this.native.write(this.outputOptions(output, file, windows)));
      await file?.complete();
      return written;
    } catch (error) {
      file?.discard();
      throw error;
    }
  }

  readingsOf(): number {
    return 1;
  }

  progress() {
    const { totalBytes, ...progress } = this.native.progress();
    return { ...progress, totalBytes: totalBytes || undefined };
  }

  private outputOptions(output: string, file: WholeFile | undefined, windows: Windows | null): NativeTrimOutput {
    const { asked, options, compression, level } = this.job;
    const { criteria, native } = this;
    const texts = criteria.asksNames || criteria.asksCategories ? native.texts() : [];
    const category = (text: string) => (criteria.includesCategory(text) ? INCLUDED : 0) | (criteria.excludesCategory(text) ? EXCLUDED : 0);
    return {
      output: file?.path ?? STDOUT_DESCRIPTOR,
      outputName: output === STDOUT ? 'standard output' : output,
      compression: COMPRESSION_NUMBERS[compression],
      level,
      windows: windows && BigInt64Array.from(windows.list.flatMap(({ from, to }) => [BigInt(from), BigInt(to)])),
      windowCount: windows?.list.length ?? 0,
      followsFlows: options.steps.length > 0 || options.splitSteps,
      names: criteria.asksNames ? Uint8Array.from(texts, (text) => Number(criteria.acceptsName(text))) : null,
      categories: criteria.asksCategories ? Uint8Array.from(texts, category) : null,
      needsCategory: criteria.needsCategory,
      tracks: criteria.asksOwners ? Uint8Array.from(native.tracks(), (owner) => Number(criteria.acceptsOwner(owner))) : null,
      minDuration: options.minDuration ?? 0,
      maxDepth: options.maxDepth ?? ALL_LEVELS,
      args: ARGS_NUMBERS[options.args],
      uniqueArgs: UNIQUE_ARGS,
      arrowArg: ARROW_ARG,
      optionsText: filterText(asked),
    };
  }

  /** Ends the work with the signal. */
  private async run<T>(work: () => Promise<T>): Promise<T> {
    const { signal, source } = this.job;
    const cancel = () => this.native.cancel();
    signal?.throwIfAborted();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const result = await work();
      signal?.throwIfAborted();
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      throw nativeError(error, `trim ${source.name}`);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

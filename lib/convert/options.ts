import { checkChoice, checkNames, checkSignal, checkWithin, invalid } from '../checks';
import { checkFilterOptions, FILTER_OPTIONS, type CheckedFilterOptions, type FilterOptions } from '../filter/options';
import { checkFormat, Format, type Compression } from '../output/format';

/** Options of `convertTrace`. Those of FilterOptions choose a part of the trace. */
export interface ConvertOptions extends FilterOptions {
  /** What standard output, or a path without a known extension, is written as. Default: `Format.PROTOBUF`. */
  format?: Format;
  /**
   * `none`, `gzip` (the whole file) or `packets` (deflated groups of packets within a native trace).
   * Default: `gzip` behind a path that ends in `.gz`, else `none`.
   */
  compression?: Compression;
  /** Of the compression, 1 (fast, the default) to 9 (small). */
  level?: number;
  /**
   * What the kernels, copies and sets of a GPU become in a native trace: `tracks` (the default) slices like
   * any others, `render-stages` Perfetto's GPU stage events, `both` each of the two.
   */
  gpuEvents?: 'tracks' | 'render-stages' | 'both';
  /**
   * Bytes of events that are kept to be put in order, at least 1 MiB; more are spilled to temporary files
   * beside the output. Default: 64 MiB. For native traces only: JSON is put in order in memory.
   */
  memoryBudget?: number;
  /**
   * Whether events with a `ts` of 0 are left out if they lie years before all others, as those of timers that never started;
   * they squeeze the rest to a line. Default: false, which keeps them and reports them.
   */
  dropZeroTimes?: boolean;
  /**
   * Whether anything that has to be repaired or dropped, or is damaged, is an error; nothing is written
   * then. Default: false, which writes what can be read and reports the rest.
   */
  strict?: boolean;
  /**
   * What happens where a native trace is asked for and the addon is missing: `json` (the default) writes
   * Chrome JSON and warns once, `error` throws `SDK_UNAVAILABLE`.
   */
  fallback?: 'json' | 'error';
  /** Stops the conversion, which rejects with the signal's reason and leaves no output. */
  signal?: AbortSignal;
  /** Is told how far it has come, about ten times a second. What it throws stops the conversion. */
  onProgress?: (progress: ConvertProgress) => void;
}

/** How far a conversion has come. */
export interface ConvertProgress {
  phase: 'read' | 'write';
  /** Of the input, as it is stored. */
  bytesRead: number;
  /** Its size, where it is known. */
  totalBytes?: number;
  /** Events read so far. */
  events: number;
  /** Of the whole conversion, from 0 to 1, where it can be told. */
  fraction?: number;
}

/** Those that may stay undefined: the compression is then what the path says. */
type Undecided = 'compression' | 'signal' | 'onProgress';

type OwnOptions = Omit<ConvertOptions, keyof FilterOptions>;

/** Options with every default applied and every value checked. */
export interface CheckedConvertOptions extends Required<Omit<OwnOptions, Undecided>>, Pick<OwnOptions, Undecided> {
  /** Where a part of the trace is asked for. */
  filters?: FilterWishes;
}

export interface FilterWishes extends CheckedFilterOptions {
  /** As they were given. */
  asked: FilterOptions;
}

const KNOWN = [
  'format', 'compression', 'level', 'gpuEvents', 'memoryBudget', 'dropZeroTimes', 'strict', 'fallback', 'signal', 'onProgress',
];

export const MIN_MEMORY_BUDGET = 2 ** 20;
const DEFAULT_MEMORY_BUDGET = 64 * 2 ** 20;

export function checkConvertOptions(options: ConvertOptions): CheckedConvertOptions {
  checkNames(options, [...KNOWN, ...FILTER_OPTIONS]);

  const { format = Format.PROTOBUF, compression, level = 1, gpuEvents = 'tracks' } = options;
  const { memoryBudget = DEFAULT_MEMORY_BUDGET, dropZeroTimes = false, strict = false, fallback = 'json', signal, onProgress } = options;

  checkFormat(format);
  if (compression !== undefined) checkChoice(compression, 'compression', ['none', 'gzip', 'packets']);
  checkWithin(level, 'level', 1, 9);
  checkChoice(gpuEvents, 'gpuEvents', ['tracks', 'render-stages', 'both']);
  if (!Number.isSafeInteger(memoryBudget) || memoryBudget < MIN_MEMORY_BUDGET) {
    throw invalid('memoryBudget', `a number of bytes, at least ${MIN_MEMORY_BUDGET} (1 MiB)`, memoryBudget);
  }
  if (typeof dropZeroTimes !== 'boolean') throw invalid('dropZeroTimes', 'true or false', dropZeroTimes);
  if (typeof strict !== 'boolean') throw invalid('strict', 'true or false', strict);
  checkChoice(fallback, 'fallback', ['json', 'error']);
  checkSignal(signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') throw invalid('onProgress', 'a function', onProgress);

  const filters = filtersOf(options);
  return { format, compression, level, gpuEvents, memoryBudget, dropZeroTimes, strict, fallback, signal, onProgress, filters };
}

/** Undefined where everything stays. */
function filtersOf(options: ConvertOptions): FilterWishes | undefined {
  const checked = checkFilterOptions(options);
  const { args, splitSteps } = checked;
  const asked = Object.fromEntries(FILTER_OPTIONS.map((name) => [name, options[name]] as const).filter(([, value]) => value !== undefined));
  const choosing = Object.entries(asked).filter(([name, value]) => {
    if (name === 'args') return args !== 'all';
    if (name === 'splitSteps') return splitSteps;
    return name !== 'margin' && !(Array.isArray(value) && value.length === 0);
  });
  return choosing.length === 0 ? undefined : { ...checked, asked };
}

/** A path or `-`. */
export function checkPath(path: unknown, name: string): asserts path is string {
  if (typeof path !== 'string' || path === '') throw invalid(name, `the path of a file, or "-"`, path);
}

/** How much of the work reading is; the rest is writing. */
const READ_SHARE = 0.7;

/** How far a conversion has come, as callers are told. */
export function progressOf(
  phase: ConvertProgress['phase'],
  { bytesRead, totalBytes, events, written }: { bytesRead: number; totalBytes?: number; events: number; written: number },
): ConvertProgress {
  const progress: ConvertProgress = { phase, bytesRead, events };
  if (totalBytes !== undefined) progress.totalBytes = totalBytes;
  if (phase === 'write') {
    progress.fraction = READ_SHARE + (1 - READ_SHARE) * (events === 0 ? 0 : Math.min(written / events, 1));
  } else if (totalBytes !== undefined) {
    progress.fraction = READ_SHARE * (totalBytes === 0 ? 1 : Math.min(bytesRead / totalBytes, 1));
  }
  return progress;
}

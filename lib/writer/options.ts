import type { Writable } from 'node:stream';
import { threadId } from 'node:worker_threads';
import { checkChoice, checkNames, checkSignal, checkWithin, invalid } from '../checks';
import { MAX_UINT32 } from '../limits';
import { checkFormat, Format } from '../output/format';

/** The clock that `now()` and `span()` read, and that the times of the trace are of. */
export type ClockName = 'boottime' | 'monotonic' | 'realtime';

/** How the bytes of a trace are compressed. */
export type Compression = 'none' | 'gzip' | 'packets';

/** Options of `TraceWriter.open`. */
export interface WriterOptions {
  /** The format of a Writable, and of a path without a known extension. Default: `Format.PROTOBUF`. */
  format?: Format;
  /**
   * What happens if a native trace is asked for and the addon is missing: `json` (the default)
   * writes Chrome JSON and warns once, `error` throws `SDK_UNAVAILABLE`.
   */
  fallback?: 'json' | 'error';
  /**
   * `none`, `gzip` (the whole file) or `packets` (deflated groups of packets within a native trace).
   * Default: `gzip` behind a path that ends in `.gz`, else `none`. A gzip file is only sure to load
   * once it is closed; the others load up to the last flush.
   */
  compression?: Compression;
  /** Of the compression, 1 (fast, the default) to 9 (small). */
  level?: number;
  /**
   * The clock of the trace's times. If it is given, a native trace says how that clock
   * stands to the others. Default: `boottime`, without a word about the others.
   */
  clock?: ClockName;
  /**
   * How many slices are held back to be put in order, 1 to 16,777,216. Slices that come later than
   * that are written with their own times, on a lane of their own if they cannot nest. Default: 65,536.
   */
  reorderWindow?: number;
  /**
   * What the slices of GPU streams become in a native trace: `tracks` (the default) slices like any
   * others, `render-stages` Perfetto's GPU stage events, `both` each of the two.
   */
  gpuEvents?: 'tracks' | 'render-stages' | 'both';
  /**
   * Of the numbers of tracks in a native trace, 0 to 2^32 - 1. Traces whose calls differ in a track or in the time of
   * the first event have different numbers, and can be joined; those with the same calls need different seeds. Default:
   * 0, in a worker thread its number.
   */
  seed?: number;
  /** Aborts the trace: calls that wait reject with the signal's reason. */
  signal?: AbortSignal;
}

/** Options with every default applied and every value checked; without `compression` the path decides. */
export type CheckedWriterOptions = WriterOptions & Required<Omit<WriterOptions, 'compression' | 'clock' | 'signal'>>;

const KNOWN = ['format', 'fallback', 'compression', 'level', 'clock', 'reorderWindow', 'gpuEvents', 'seed', 'signal'];
const DEFAULT_WINDOW = 65_536;
const MAX_WINDOW = 2 ** 24;

export function checkTarget(target: unknown): asserts target is string | Writable {
  if (typeof target === 'string' ? target !== '' : isWritable(target)) return;
  throw invalid('the target', 'the path of a file or a stream.Writable', target);
}

export function checkWriterOptions(options: WriterOptions): CheckedWriterOptions {
  checkNames(options, KNOWN);

  const { format = Format.PROTOBUF, fallback = 'json', compression, level = 1, clock } = options;
  const { reorderWindow = DEFAULT_WINDOW, gpuEvents = 'tracks', seed = threadId, signal } = options;

  checkFormat(format);
  checkChoice(fallback, 'fallback', ['json', 'error']);
  if (compression !== undefined) checkChoice(compression, 'compression', ['none', 'gzip', 'packets']);
  checkWithin(level, 'level', 1, 9);
  if (clock !== undefined) checkChoice(clock, 'clock', ['boottime', 'monotonic', 'realtime']);
  checkWithin(reorderWindow, 'reorderWindow', 1, MAX_WINDOW);
  checkChoice(gpuEvents, 'gpuEvents', ['tracks', 'render-stages', 'both']);
  checkWithin(seed, 'seed', 0, MAX_UINT32);
  checkSignal(signal);

  return { format, fallback, compression, level, clock, reorderWindow, gpuEvents, seed, signal };
}

function isWritable(target: unknown): boolean {
  const stream = target as Partial<Writable> | null | undefined;
  // Not instanceof: streams of other realms and of userland are as good.
  return [stream?.write, stream?.end, stream?.destroy, stream?.on].every((method) => typeof method === 'function');
}

import { checkChoice, checkNames, checkSignal, checkWithin, invalid } from '../checks';
import { checkFilterOptions, FILTER_OPTIONS, type CheckedFilterOptions, type FilterOptions } from '../filter/options';
import type { Compression } from '../output/format';

/** Options of `trimTrace`. */
export interface TrimOptions extends FilterOptions {
  /** Default: `gzip` behind a path that ends in `.gz`, else `none`. */
  compression?: Compression;
  /** Of the compression, 1 (the default) to 9. */
  level?: number;
  /** Stops the work, which rejects with the signal's reason and leaves no output. */
  signal?: AbortSignal;
  /** Is told how far it has come, about ten times a second. What it throws stops the work. */
  onProgress?: (progress: TrimProgress) => void;
}

/** How far trimming has come. The trace is read several times. */
export interface TrimProgress {
  /** Of the input, in all readings so far. */
  bytesRead: number;
  /** Its size. */
  totalBytes?: number;
  /** Of all the work, from 0 to 1. */
  fraction: number;
}

export interface CheckedTrimOptions extends CheckedFilterOptions {
  compression?: Compression;
  level: number;
  signal?: AbortSignal;
  onProgress?: (progress: TrimProgress) => void;
}

export function checkTrimOptions(options: TrimOptions): CheckedTrimOptions {
  checkNames(options, [...FILTER_OPTIONS, 'compression', 'level', 'signal', 'onProgress']);
  const { compression, level = 1, signal, onProgress } = options;
  const filters = checkFilterOptions(options);
  if (compression !== undefined) checkChoice(compression, 'compression', ['none', 'gzip', 'packets']);
  checkWithin(level, 'level', 1, 9);
  checkSignal(signal);
  if (onProgress !== undefined && typeof onProgress !== 'function') throw invalid('onProgress', 'a function', onProgress);
  return { ...filters, compression, level, signal, onProgress };
}

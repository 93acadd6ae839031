import { checkChoice, checkNames, checkSignal, checkWithin } from '../checks';
import { checkFilterOptions, FILTER_OPTIONS, type CheckedFilterOptions, type FilterOptions } from '../filter/options';
import type { Compression } from '../output/format';

/** Options of `trimTrace`. */
export interface TrimOptions extends FilterOptions {
  /** Default: `gzip` behind a path that ends in `.gz`, else `none`. */
  compression?: Compression;
  /** Of the compression, 1 (the default) to 9. */
  level?: number;
  signal?: AbortSignal;
}

export interface CheckedTrimOptions extends CheckedFilterOptions {
  compression?: Compression;
  level: number;
  signal?: AbortSignal;
}

export function checkTrimOptions(options: TrimOptions): CheckedTrimOptions {
  checkNames(options, [...FILTER_OPTIONS, 'compression', 'level', 'signal']);
  const { compression, level = 1, signal } = options;
  const filters = checkFilterOptions(options);
  if (compression !== undefined) checkChoice(compression, 'compression', ['none', 'gzip', 'packets']);
  checkWithin(level, 'level', 1, 9);
  checkSignal(signal);
  return { ...filters, compression, level, signal };
}

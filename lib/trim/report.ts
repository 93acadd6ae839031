import type { WindowReport } from '../filter/windows';
import type { Compression } from '../output/format';
import type { TrimCounts } from './plan';
import type { RewriteCounts } from './rewriter';

/** What was kept and what was left out. */
export interface TrimReport extends TrimCounts, RewriteCounts {
  /** The input as it was given; `-` for standard input. */
  input: string;
  /** The output; `-` for standard output. With `splitEvery` the folder. */
  path: string;
  /** The files that were written, with `splitEvery` several. */
  files: string[];
  compression: Compression;
  /** Size of the output. */
  bytes: number;
  /** Size of the input as it was read. */
  inputBytes: number;
  /** The parts of the time that stay; null: all of it. */
  windows: WindowReport[] | null;
  warnings: string[];
}

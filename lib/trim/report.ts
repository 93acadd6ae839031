import type { WindowReport } from '../filter/windows';
import type { Compression } from '../output/format';
import type { PlanCounts } from './plan';
import type { RewriteCounts } from './rewriter';

/** What stayed and what went, in counts. */
export interface TrimCounts extends PlanCounts, RewriteCounts {}

/** What was kept and what was left out. */
export interface TrimReport extends TrimCounts {
  /** The input as it was given; `-` for standard input. */
  input: string;
  /** The output; `-` for standard output. Of a split trace the folder. */
  path: string;
  /** The files that were written, of a split trace several. */
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

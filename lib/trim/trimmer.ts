import type { CheckedFilterOptions, FilterOptions } from '../filter/options';
import type { TimeOverview } from '../filter/parts';
import type { Windows } from '../filter/windows';
import type { Compression } from '../output/format';
import type { TrimCounts } from './report';
import type { TraceSource } from './source';

/** A trace, and what of it is wanted. */
export interface TrimJob {
  source: TraceSource;
  /** The filters as they were given, for the metadata of the trace. */
  asked: FilterOptions;
  options: CheckedFilterOptions;
  compression: Compression;
  level: number;
  signal: AbortSignal | undefined;
}

/** Reads and writes: through the addon, or in JavaScript. For the same job both write the same packets. */
export interface Trimmer {
  /** Must be called once, first. @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason. */
  lookAt(): Promise<TimeOverview>;
  /** Writes the part within the windows, or all of the time, to a path or to standard output. @throws the same */
  write(output: string, windows: Windows | null): Promise<{ bytes: number; counts: TrimCounts }>;
  /** How often write() reads the input. */
  readingsOf(windows: Windows | null): number;
  /** How far the current reading of the input has come. */
  progress(): { readings: number; bytesRead: number; totalBytes?: number };
}

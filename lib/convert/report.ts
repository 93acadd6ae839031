import { describeFindings, WARNINGS, type Finding } from '../chrome-json/read/findings';
import { TraceSmithError } from '../errors';
import type { Compression, Format } from '../output/format';
import type { ResolvedOutput } from '../output/resolve';
import type { FilterReport } from './filter-report';
import type { CheckedConvertOptions } from './options';

export type { Finding };

/** Arrows that cannot be drawn, each counted once. */
export interface UndrawnFlows {
  /** No slice for the arrow to leave from. */
  startMissing: number;
  /** No slice for it to arrive at. */
  endMissing: number;
  /** It would arrive more than a millisecond before it leaves. */
  backwards: number;
}

/** The results of a conversion. */
export interface ConvertReport {
  /** The input as it was given; `-` for standard input. */
  input: string;
  /** The output; `-` for standard output. Of a split trace the folder. */
  path: string;
  /** The format that was written. */
  format: Format;
  /** True where a native trace was asked for and Chrome JSON was written, since the addon is missing. */
  fallback: boolean;
  /** How the output is compressed. */
  compression: Compression;
  /** Size of the output. */
  bytes: number;
  /** Size of the input as it was read. */
  inputBytes: number;
  /** Size of the JSON text: where the input is gzipped, behind that. */
  textBytes: number;
  /** Bytes written to temporary files and read again, to stay within the memory budget. */
  spilledBytes: number;
  /** All events of the input. */
  events: number;
  /** The same by phase; what is no phase is counted as `other`. */
  phases: Record<string, number>;
  slices: number;
  instants: number;
  /** Counter samples. */
  counters: number;
  /** Arrows. */
  flows: number;
  /**
   * Of these, the arrows to a slice that begins before, as by clocks that differ a little: readers draw them from the slice
   * that begins first.
   */
  flowsBackward: number;
  /** Arrows that cannot be drawn. */
  flowsUndrawn: number;
  /** The same by cause. */
  flowsUndrawnBy: UndrawnFlows;
  /** Samples of call stacks. */
  samples: number;
  /** Nanoseconds that were added to all times, so that none is below 0; 0 where none was. */
  timeShift: number;
  /** Lanes beside the tracks themselves, where slices overlap without nesting. */
  lanes: number;
  /** Slices that nothing ended; they stay open. */
  unclosed: number;
  /** Ends that no beginning matches. */
  unmatched: number;
  /** Events that were read, but not as they were written. */
  repaired: Finding[];
  /** Events that could not be read, or have no place on a timeline. */
  dropped: Finding[];
  /** What means nothing in a trace, such as events of other phases. */
  ignored: Finding[];
  /** Text around the events that is not as it should be, or not there. */
  damaged: Finding[];
  /**
   * What was left out, where a part of the trace was asked for. The numbers of slices, instants, counters, arrows and samples
   * are then those that stayed.
   */
  filter?: FilterReport;
}

/** The part of the report that the work itself finds out; the rest is decided before. */
export type JobReport = Omit<ConvertReport, 'input' | 'path' | 'format' | 'fallback' | 'compression'>;

/** One conversion, with all that was decided about it. */
export interface Job {
  input: string;
  output: ResolvedOutput;
  options: CheckedConvertOptions;
}

/** What strict does not allow, as a text of several lines. */
export class StrictError extends TraceSmithError {
  constructor(
    readonly summary: string,
    readonly findings: readonly string[],
  ) {
    super('INVALID_INPUT', [summary, ...findings].join('\n'));
  }
}

/** The error of a strict conversion, with a line for each finding; undefined where there is none. */
export function strictError(input: string, findings: Pick<ConvertReport, (typeof WARNINGS)[number]>): TraceSmithError | undefined {
  const lines = describeFindings(findings, WARNINGS);
  if (lines.length === 0) return undefined;
  return new StrictError(`${input} is not as it should be, and strict does not allow that; nothing was written`, lines);
}

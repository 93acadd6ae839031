import type { ConvertReport } from './report';
import type { CheckedConvertOptions, ConvertProgress } from './options';

/** One conversion, with all that was decided about it. */
export interface Job {
  input: string;
  output: string;
  compression: ConvertReport['compression'];
  options: CheckedConvertOptions;
}

/** What a conversion finds out. */
export type JobReport = Omit<ConvertReport, 'input' | 'path' | 'format' | 'fallback' | 'compression'>;

/** How much of the work reading is; the rest is writing. */
const READ_SHARE = 0.7;

/** How far a conversion has come, in the form that callers get. */
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

import type { Windows } from '../filter/windows';
import type { TrimProgress } from './options';
import type { Trimmer } from './trimmer';

const INTERVAL_MS = 100;

/** Tells a caller about ten times a second how far a trimmer has come, and stops the work where the caller throws. */
export function tellProgress(trimmer: Trimmer, onProgress: ((progress: TrimProgress) => void) | undefined, stop: AbortController) {
  // Until it is known: one to look at the trace, and as many as one file may take.
  let readings = 4;
  let shown = 0;
  const tell = (isDone: boolean) => {
    if (onProgress === undefined || stop.signal.aborted) return;
    const { readings: done, bytesRead, totalBytes } = trimmer.progress();
    const part = totalBytes === undefined ? 0 : Math.min(bytesRead / totalBytes, 1);
    shown = isDone ? 1 : Math.max(shown, Math.min((done + part) / readings, 1));
    try {
      onProgress({ bytesRead: done * (totalBytes ?? 0) + bytesRead, totalBytes, fraction: shown });
    } catch (error) {
      stop.abort(error);
    }
  };
  // The work itself keeps the process alive.
  const timer = onProgress && setInterval(() => tell(false), INTERVAL_MS).unref();
  return {
    /** Takes what stays in each of the files to write. */
    expect: (files: readonly (Windows | null)[]) => {
      readings = 1;
      for (const windows of files) readings += trimmer.readingsOf(windows);
    },
    finish: () => tell(true),
    stop: () => clearInterval(timer),
  };
}

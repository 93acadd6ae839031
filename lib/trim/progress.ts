import type { Windows } from '../filter/windows';
import type { TrimProgress } from './options';
import type { Trimmer } from './trimmer';

const INTERVAL_MS = 100;

/** Tells a caller about ten times a second how far a trimmer has come, and stops the work where the caller throws. */
export function tellProgress(trimmer: Trimmer, onProgress: ((progress: TrimProgress) => void) | undefined, stop: AbortController) {
  let readings = 1;
  const tell = (isDone: boolean) => {
    if (onProgress === undefined || stop.signal.aborted) return;
    const { readings: done, bytesRead, totalBytes } = trimmer.progress();
    const part = totalBytes === undefined ? 0 : Math.min(bytesRead / totalBytes, 1);
    try {
      onProgress({ bytesRead, totalBytes, fraction: isDone ? 1 : Math.min((done + part) / readings, 1) });
    } catch (error) {
      stop.abort(error);
    }
  };
  // The work itself keeps the process alive.
  const timer = onProgress && setInterval(() => tell(false), INTERVAL_MS).unref();
  return {
    /** The files to write: with windows the trace is read three times for each, else twice. */
    expect: (files: readonly (Windows | null)[]) => {
      for (const windows of files) readings += windows === null ? 2 : 3;
    },
    finish: () => tell(true),
    stop: () => clearInterval(timer),
  };
}

/** Reads what a trace file holds, without loading it into anything. */
import { TraceSmithError } from '../errors';
import { readChromeTrace } from './json-trace';
import { readNativeTrace } from './native-trace';
import { contentProblem, sniff, SNIFF_BYTES } from '../input/sniff';
import { openTraceFile, peek } from '../input/trace-file';
import type { TraceInfo } from './trace-info';

export type { EventCounts, TimeRange, TraceInfo, TrackInfo, TrackType } from './trace-info';

export interface InspectOptions {
  /** Stops reading; inspectTrace then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Says what a trace file holds: a native Perfetto trace or Chrome / Kineto JSON, gzipped or not. The
 * content decides, not the name. A native trace is read in a stream and may be of any size.
 *
 * @throws TraceSmithError `INVALID_INPUT` for what is no trace, is damaged or cut off, with how far it
 *   was readable; `IO` where the file cannot be read.
 */
export async function inspectTrace(path: string, options: InspectOptions = {}): Promise<TraceInfo> {
  const { signal } = options;
  signal?.throwIfAborted();
  const file = await openTraceFile(path, signal);
  try {
    const { head, chunks } = await peek(file.chunks, SNIFF_BYTES);
    const start = head.subarray(0, SNIFF_BYTES);
    const kind = sniff(start);
    if (kind !== 'json' && kind !== 'perfetto') throw new TraceSmithError('INVALID_INPUT', `${path} is ${contentProblem(kind, start)}`);
    const found = await (kind === 'perfetto' ? readNativeTrace : readChromeTrace)(path, chunks, signal);
    return { path, gzip: file.gzip, bytes: file.progress.bytesRead, kind: kind === 'json' ? 'chrome-json' : kind, ...found };
  } finally {
    await file.chunks.return(undefined);
  }
}

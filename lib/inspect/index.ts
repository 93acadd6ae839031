/** Reads what a trace file holds, without loading it into anything. */
import { readChromeTrace } from './json-trace';
import { readNativeTrace } from './native-trace';
import { preview, sniff, SNIFF_BYTES } from '../input/sniff';
import { openTraceFile, peek, unreadable } from '../input/trace-file';
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
    if (head.length === 0) throw unreadable(path, 'there is nothing in it');
    const kind = sniff(head.subarray(0, SNIFF_BYTES));
    if (kind === null) throw unreadable(path, `it begins like neither a Perfetto trace nor JSON: ${preview(head)}`);
    const found = await (kind === 'perfetto' ? readNativeTrace : readChromeTrace)(path, chunks, signal);
    return { path, gzip: file.gzip, bytes: file.progress.bytesRead, kind, ...found };
  } finally {
    await file.chunks.return(undefined);
  }
}

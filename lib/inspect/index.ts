/** Reads what a trace file holds, without loading it into anything. */
import { TraceSmithError } from '../errors';
import { isSDKAvailable } from '../addon/load';
import { readChromeTrace } from './json-trace';
import { surveyNatively } from './native-survey';
import type { InspectOptions } from './options';
import { readNativeTrace } from './native-trace';
import { contentProblem, sniff, SNIFF_BYTES } from '../input/sniff';
import { openTraceFile, peek } from '../input/trace-file';
import type { TraceInfo } from './trace-info';

export type { InspectOptions, InspectProgress } from './options';
export type { EventCounts, TimeRange, TraceInfo, TrackInfo, TrackType } from './trace-info';

/**
 * Says what a trace file holds: a native Perfetto trace or Chrome / Kineto JSON, gzipped or not. The
 * content decides, not the name. A native trace is read in a stream and may be of any size.
 *
 * @throws TraceSmithError `INVALID_INPUT` for what is no trace, is damaged or cut off, with how far it
 *   was readable; `IO` where the file cannot be read.
 */
export async function inspectTrace(path: string, options: InspectOptions = {}): Promise<TraceInfo> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const file = await openTraceFile(path, signal);
  const { bytes: totalBytes, gzip, progress } = file;
  const onChunk = () => {
    signal?.throwIfAborted();
    onProgress?.({ bytesRead: progress.bytesRead, ...(totalBytes !== undefined && { totalBytes }) });
  };
  try {
    const { head, chunks } = await peek(file.chunks, SNIFF_BYTES);
    const start = head.subarray(0, SNIFF_BYTES);
    const kind = sniff(start);
    if (kind !== 'json' && kind !== 'perfetto') throw new TraceSmithError('INVALID_INPUT', `${path} is ${contentProblem(kind, start)}`);
    // The addon reads a file from its beginning again, which a pipe has no more.
    const isNative = kind === 'json' && totalBytes !== undefined && isSDKAvailable();
    const found = isNative ? await surveyNatively(path, options) : await (kind === 'perfetto' ? readNativeTrace : readChromeTrace)(path, chunks, onChunk);
    return { path, gzip, bytes: totalBytes ?? progress.bytesRead, ...found };
  } finally {
    await file.chunks.return(undefined);
  }
}

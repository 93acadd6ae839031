/** Reads what a trace file holds, without loading it into anything. */
import { readChromeTrace } from './json-trace';
import { readNativeTrace } from './native-trace';
import { preview, sniff, SNIFF_BYTES } from '../input/sniff';
import { continued, openTraceFile, unreadable } from '../input/trace-file';
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
    const head = await readHead(file.chunks);
    if (head.length === 0) throw unreadable(path, 'there is nothing in it');
    const kind = sniff(head.subarray(0, SNIFF_BYTES));
    if (kind !== null) {
      const content = continued(head, file.chunks);
      const findings = await (kind === 'perfetto' ? readNativeTrace : readChromeTrace)(path, content, signal);
      return { path, gzip: file.gzip, bytes: file.progress.bytesRead, kind, ...findings };
    }
    throw unreadable(path, `it begins like neither a Perfetto trace nor JSON: ${preview(head)}`);
  } finally {
    await file.chunks.return(undefined);
  }
}

async function readHead(chunks: AsyncGenerator<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  while (length < SNIFF_BYTES) {
    const next = await chunks.next();
    if (next.done) break;
    parts.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(parts);
}

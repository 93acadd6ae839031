import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventBatch } from '../batch/batch';
import { BATCH_ROWS } from '../batch/layout';
import { availableFormat, createBackend } from '../backend';
import type { ExportResult } from '../export/exporter';
import { Format, outputKindOf } from '../output/format';
import { writeChunks } from '../output/target';
import type { ChromeEvent } from './chrome-event';
import { ChromeRows } from './chrome-rows';
import { ChromeTracks } from './chrome-tracks';
import { readJsonTrace } from './read-json';

export interface ConvertOptions {
  /** What happens without the addon where the output is native; see the exporter's option. */
  fallback?: 'json' | 'error';
  /** Stops the conversion, which rejects with the signal's reason and leaves no output. */
  signal?: AbortSignal;
  onProgress?: (progress: ConvertProgress) => void;
}

export interface ConvertProgress {
  phase: 'read' | 'parse' | 'convert' | 'write';
  /** Of the whole conversion, from 0 to 1. */
  fraction: number;
}

/** What a conversion read and wrote. */
export interface ConvertResult extends ExportResult {
  input: string;
  inputBytes: number;
  /** Events in the input. */
  events: number;
  /** Events by phase that mean nothing in a timeline. */
  ignored: Record<string, number>;
  /** Events that could not be read, by reason. */
  dropped: Record<string, number>;
}

/** Where each phase ends, by what it takes on the traces of a training run. */
const ENDS = { read: 0.15, parse: 0.4, convert: 0.7, write: 1 };

/** `trace.json.gz` becomes `trace.perfetto-trace`. */
export function defaultOutput(input: string): string {
  return `${input.replace(/(\.json)?(\.gz)?$/i, '')}.perfetto-trace`;
}

/**
 * Converts a Chrome or Kineto JSON trace, plain or gzipped. The extension of the output decides its
 * format as it does for the exporter; native is the default.
 *
 * @throws TraceSmithError `INVALID_INPUT` where the input is no such trace, `IO`, `SDK_UNAVAILABLE`.
 */
export async function convertFile(
  input: string,
  output: string = defaultOutput(input),
  options: ConvertOptions = {},
): Promise<ConvertResult> {
  const { fallback = 'json', signal, onProgress } = options;
  const report = (phase: ConvertProgress['phase'], fraction: number) => onProgress?.({ phase, fraction });
  const kind = outputKindOf(output);
  const wanted = kind.format ?? Format.PROTOBUF;
  const format = availableFormat(wanted, fallback);

  const trace = await readJsonTrace(input, signal, (part) => report(part < 1 ? 'read' : 'parse', part * ENDS.read));
  const backend = createBackend(format, trace.events.length);
  const batch = new EventBatch(backend);
  const tracks = new ChromeTracks(batch);
  const rows = new ChromeRows(batch, tracks);
  const events = trace.events as ChromeEvent[];
  for (const event of events) if (typeof event === 'object' && event !== null) tracks.learn(event);
  for (let start = 0; start < events.length; start += BATCH_ROWS) {
    await nextTurn();
    signal?.throwIfAborted();
    addRange(rows, events, start, Math.min(start + BATCH_ROWS, events.length));
    report('convert', ENDS.parse + (ENDS.convert - ENDS.parse) * (start / events.length));
  }
  rows.end();
  batch.flush();

  const counts = await backend.finishAsync();
  report('write', ENDS.convert);
  const bytes = await writeChunks(output, backend.chunks(), { gzip: kind.gzip, signal });
  report('write', ENDS.write);
  return {
    input,
    inputBytes: trace.inputBytes,
    events: events.length,
    path: output,
    format,
    fallback: format !== wanted,
    compressed: kind.gzip,
    bytes,
    ...counts,
    ...rows.leftovers,
  };
}

function addRange(rows: ChromeRows, events: readonly ChromeEvent[], start: number, end: number): void {
  for (let i = start; i < end; i++) rows.add(events[i]);
}

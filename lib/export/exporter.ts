import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventBatch } from '../batch/batch';
import { BATCH_ROWS } from '../batch/layout';
import { availableFormat, createBackend, type Backend } from '../sinks/whole-sink';
import type { TraceEvent } from './events';
import { isSDKAvailable } from '../addon/load';
import { invalid } from '../checks';
import type { TimelineCounts } from '../order/timeline';
import { Format, outputKindOf } from '../output/format';
import { writeChunks, writeChunksSync } from '../output/target';
import { GpuEventPacker, packCounters } from './gpu-events';
import { GpuTracks } from './gpu-tracks';
import { checkOptions, type CheckedOptions, type ExporterOptions } from './options';

/** What an export wrote. */
export interface ExportResult {
  path: string;
  /** What the file really is. */
  format: Format;
  /** True where a native trace was asked for and Chrome JSON was written, since the addon is missing. */
  fallback: boolean;
  /** True where the file is gzipped. */
  compressed: boolean;
  /** Size of the file. */
  bytes: number;
  slices: number;
  instants: number;
  /** Arrows. */
  flows: number;
  /** Arrows that cannot be drawn: backwards in time, or with one end missing. */
  flowsUndrawn: number;
  /** Counter samples. */
  counters: number;
  /** Lanes beside the tracks themselves, where slices overlap without nesting. */
  lanes: number;
  /** Slices that nothing ended; they stay open. */
  unclosed: number;
  /** Ends without a beginning and without a length; they became instants. */
  unmatched: number;
}

/** How long packing may hold the thread before others get a turn, in ms. */
const TURN_MS = 12;

/**
 * Writes GPU events as a native Perfetto trace or as Chrome JSON.
 *
 * The extension of the path decides: `.perfetto-trace`, `.pftrace` and `.pb` are native, `.json` is
 * JSON, `.gz` behind either compresses; any other path gets the exporter's format. Events may come in
 * any order; the same events in the same order give the same bytes.
 */
export class PerfettoProtoExporter {
  static readonly Format = Format;

  /** Whether native traces can be written; without it they become Chrome JSON. */
  static isSDKAvailable(): boolean {
    return isSDKAvailable();
  }

  /** What a path without a known extension is written as. */
  readonly format: Format;
  private readonly defaults: ExporterOptions;

  /** @throws TraceSmithError `INVALID_ARGUMENT` for an option that is not one. */
  constructor(format: Format | ExporterOptions = Format.PROTOBUF) {
    this.defaults = typeof format === 'number' ? { format } : format;
    this.format = checkOptions(this.defaults).format;
  }

  /**
   * Writes a file. Packs events in turns, and encodes and writes off the main thread. The file
   * appears whole: until then an old one of that name stays as it is.
   *
   * @throws TraceSmithError `INVALID_EVENT` for an event that cannot be written, before anything is;
   *   `IO` where the file cannot be written; `SDK_UNAVAILABLE` with `fallback: 'error'`.
   */
  async exportToFile(
    events: Iterable<TraceEvent> | AsyncIterable<TraceEvent>,
    path: string,
    options: ExporterOptions = {},
  ): Promise<ExportResult> {
    const checked = this.check(options);
    const { signal } = checked;
    signal?.throwIfAborted();
    const output = this.outputFor(path, checked);
    const backend = createBackend(output.format, lengthOf(events));
    const pack = new Packing(backend, checked);
    let turnEnds = performance.now() + TURN_MS;
    const perhapsTakeTurns = async () => {
      if (performance.now() < turnEnds) return;
      await nextTurn();
      signal?.throwIfAborted();
      turnEnds = performance.now() + TURN_MS;
    };
    if (isAsyncIterable(events)) {
      for await (const event of events) {
        pack.add(event);
        await perhapsTakeTurns();
      }
    } else {
      for (const end of pack.addInParts(events)) if (end) await perhapsTakeTurns();
    }
    pack.end();
    signal?.throwIfAborted();
    const counts = await backend.finishAsync();
    signal?.throwIfAborted();
    const bytes = await writeChunks(path, backend.chunks(), { gzip: output.compressed, signal });
    return { path, ...output, bytes, ...counts };
  }

  /** The same as exportToFile, all on this thread. */
  exportToFileSync(events: Iterable<TraceEvent>, path: string, options: ExporterOptions = {}): ExportResult {
    const checked = this.check(options);
    const output = this.outputFor(path, checked);
    const { backend, counts } = encode(events, output.format, checked, false);
    const bytes = writeChunksSync(path, backend.chunks(), { gzip: output.compressed });
    return { path, ...output, bytes, ...counts };
  }

  /**
   * The native trace as bytes.
   *
   * @throws TraceSmithError `SDK_UNAVAILABLE` without the addon; `INVALID_EVENT`.
   */
  exportToProto(events: Iterable<TraceEvent>, options: ExporterOptions = {}): Uint8Array {
    return encode(events, Format.PROTOBUF, this.check(options), true).backend.bytes();
  }

  /** Chrome JSON as UTF-8. @throws TraceSmithError `INVALID_EVENT`. */
  exportToJSON(events: Iterable<TraceEvent>, options: ExporterOptions = {}): Buffer {
    return encode(events, Format.JSON, this.check(options), true).backend.bytes();
  }

  private check(options: ExporterOptions): CheckedOptions {
    return checkOptions(typeof options === 'object' && options !== null ? { ...this.defaults, ...options } : options);
  }

  private outputFor(path: string, options: CheckedOptions): { format: Format; fallback: boolean; compressed: boolean } {
    if (typeof path !== 'string' || path === '') throw invalid('path', 'the path of a file', path);
    const kind = outputKindOf(path);
    const wanted = kind.format ?? options.format;
    const format = availableFormat(wanted, options.fallback);
    return { format, fallback: format !== wanted, compressed: kind.gzip };
  }
}

/** One export's way from events to a backend. */
class Packing {
  private readonly batch: EventBatch;
  private readonly tracks: GpuTracks;
  private readonly packer: GpuEventPacker;

  constructor(
    backend: Backend,
    private readonly options: CheckedOptions,
  ) {
    this.batch = new EventBatch(backend);
    this.tracks = new GpuTracks(this.batch, options.processName, options.deviceNames);
    this.packer = new GpuEventPacker(this.batch, this.tracks);
  }

  add(event: TraceEvent): void {
    this.packer.add(event);
  }

  /**
   * Adds all events, and stops after each part so that an asynchronous caller can let others run.
   * Parts are small also because one long loop loses its optimised code at a major collection.
   */
  *addInParts(events: Iterable<TraceEvent>): Generator<true> {
    if (Array.isArray(events)) {
      const array = events as readonly TraceEvent[];
      for (let start = 0; start < array.length; start += BATCH_ROWS) {
        this.addRange(array, start, Math.min(start + BATCH_ROWS, array.length));
        yield true;
      }
      return;
    }
    if (typeof (events as Iterable<TraceEvent> | null)?.[Symbol.iterator] !== 'function') {
      throw invalid('events', 'an array or other iterable of TraceEvent', events);
    }
    let count = 0;
    for (const event of events) {
      this.packer.add(event);
      if (++count % BATCH_ROWS === 0) yield true;
    }
  }

  /** Adds the counters and hands over what is left. */
  end(): void {
    packCounters(this.batch, this.tracks, this.options.counters);
    this.batch.flush();
  }

  private addRange(events: readonly TraceEvent[], start: number, end: number): void {
    for (let i = start; i < end; i++) this.packer.add(events[i]);
  }
}

function encode(
  events: Iterable<TraceEvent>,
  format: Format,
  options: CheckedOptions,
  inOnePiece: boolean,
): { backend: Backend; counts: TimelineCounts } {
  const backend = createBackend(format, lengthOf(events), inOnePiece);
  const pack = new Packing(backend, options);
  for (const part of pack.addInParts(events)) void part;
  pack.end();
  return { backend, counts: backend.finish() };
}

/** The number of events where it is known, else 0. */
function lengthOf(events: unknown): number {
  return Array.isArray(events) ? events.length : 0;
}

function isAsyncIterable(events: unknown): events is AsyncIterable<TraceEvent> {
  return typeof (events as AsyncIterable<TraceEvent> | null)?.[Symbol.asyncIterator] === 'function';
}

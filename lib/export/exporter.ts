import { setImmediate as nextTurn } from 'node:timers/promises';
import { EventBatch } from '../batch/batch';
import { BATCH_ROWS } from '../batch/layout';
import { availableFormat, openMemory, openWhole } from '../sinks/open';
import type { WholeCounts, WholeSink } from '../sinks/sink';
import type { TraceEvent } from './events';
import { isSDKAvailable } from '../addon/load';
import { invalid } from '../checks';
import { Format } from '../output/format';
import { resolveOutput, type ResolvedOutput } from '../output/resolve';
import { GpuEventPacker, packCounters } from './gpu-events';
import { GpuTracks } from './gpu-tracks';
import { checkOptions, type CheckedOptions, type ExporterOptions } from './options';

/** What an export wrote. */
export interface ExportResult extends WholeCounts {
  path: string;
  /** What the file really is. */
  format: Format;
  /** True where a native trace was asked for and Chrome JSON was written, since the addon is missing. */
  fallback: boolean;
  /** True where the file is gzipped. */
  compressed: boolean;
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
    const sink = openWhole(output, lengthOf(events));
    let turnEnds = performance.now() + TURN_MS;
    const perhapsTakeTurns = async () => {
      if (performance.now() < turnEnds) return;
      await nextTurn();
      signal?.throwIfAborted();
      turnEnds = performance.now() + TURN_MS;
    };
    try {
      const pack = new Packing(sink, checked);
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
      return resultOf(output, await sink.finish(signal));
    } catch (error) {
      sink.abort();
      throw error;
    }
  }

  /** The same as exportToFile, all on this thread. */
  exportToFileSync(events: Iterable<TraceEvent>, path: string, options: ExporterOptions = {}): ExportResult {
    const checked = this.check(options);
    const output = this.outputFor(path, checked);
    return resultOf(output, writeAll(events, openWhole(output, lengthOf(events)), checked));
  }

  /**
   * The native trace as bytes.
   *
   * @throws TraceSmithError `SDK_UNAVAILABLE` without the addon; `INVALID_EVENT`.
   */
  exportToProto(events: Iterable<TraceEvent>, options: ExporterOptions = {}): Uint8Array {
    return this.exportToMemory(events, Format.PROTOBUF, options);
  }

  /** Chrome JSON as UTF-8. @throws TraceSmithError `INVALID_EVENT`. */
  exportToJSON(events: Iterable<TraceEvent>, options: ExporterOptions = {}): Buffer {
    return this.exportToMemory(events, Format.JSON, options);
  }

  private exportToMemory(events: Iterable<TraceEvent>, format: Format, options: ExporterOptions): Buffer {
    const checked = this.check(options);
    const sink = openMemory(format, lengthOf(events));
    writeAll(events, sink, checked);
    return sink.bytes();
  }

  private check(options: ExporterOptions): CheckedOptions {
    return checkOptions(typeof options === 'object' && options !== null ? { ...this.defaults, ...options } : options);
  }

  private outputFor(path: string, { format, fallback }: CheckedOptions): ResolvedOutput & { path: string } {
    if (typeof path !== 'string' || path === '') throw invalid('path', 'the path of a file', path);
    return { ...resolveOutput(path, { format, fallback }, availableFormat), path };
  }
}

/** What an export says of its output. */
function resultOf({ path, format, fallback, compression }: ResolvedOutput & { path: string }, counts: WholeCounts): ExportResult {
  return { path, format, fallback, compressed: compression === 'gzip', ...counts };
}

/** One export's way from events to a sink. */
class Packing {
  private readonly batch: EventBatch;
  private readonly tracks: GpuTracks;
  private readonly packer: GpuEventPacker;

  constructor(
    sink: WholeSink,
    private readonly options: CheckedOptions,
  ) {
    this.batch = new EventBatch(sink);
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

/** Writes all events on this thread. */
function writeAll(events: Iterable<TraceEvent>, sink: WholeSink, options: CheckedOptions): WholeCounts {
  try {
    const pack = new Packing(sink, options);
    for (const part of pack.addInParts(events)) void part;
    pack.end();
    return sink.finishSync();
  } catch (error) {
    sink.abort();
    throw error;
  }
}

/** The number of events where it is known, else 0. */
function lengthOf(events: unknown): number {
  return Array.isArray(events) ? events.length : 0;
}

function isAsyncIterable(events: unknown): events is AsyncIterable<TraceEvent> {
  return typeof (events as AsyncIterable<TraceEvent> | null)?.[Symbol.asyncIterator] === 'function';
}

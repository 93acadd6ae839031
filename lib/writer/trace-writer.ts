import type { Writable } from 'node:stream';
import { Channel, GpuEvents, RowKind, TrackKind } from '../batch/layout';
import { TraceSmithError } from '../errors';
import { nativeClocks } from '../addon/load';
import { Format } from '../output/format';
import { onAbort } from './abort-signals';
import type { StreamCounts } from '../sinks/sink';
import { Clock, SilentClock } from './clock';
import { closeAtExit, isClosed } from './exit';
import { NullSink } from '../sinks/null-sink';
import { openStream, type OpenedStream } from '../sinks/open';
import { checkTarget, checkWriterOptions, type CheckedWriterOptions, type Compression, type WriterOptions } from './options';
import { UnwritableValue, writeRowArgs } from './row-options';
import { ROOT, TraceRows } from './trace-rows';
import { GpuTrack, ProcessTrack } from './process-tracks';
import { TrackParent } from './track';
import { gpuAttributes, processAttributes, type GpuOptions, type ProcessOptions } from './track-options';

/** The result of a trace that was closed. */
export interface WriterResult extends StreamCounts {
  /** Undefined for a Writable. */
  path: string | undefined;
  /** The format that was written. */
  format: Format;
  /** True if a native trace was asked for and Chrome JSON was written, since the addon is missing. */
  fallback: boolean;
  compression: Compression;
  /** How many events the program asked for that are not in the trace. */
  notWritten: number;
}

/** The property of streams that says how their slices are written; none is as tracks. */
const GPU_EVENTS = { tracks: undefined, 'render-stages': GpuEvents.RenderStages, both: GpuEvents.Both };

/** How long rows wait at most until what the window has released of them is written, in ms. */
const FLUSH_INTERVAL_MS = 1000;

/**
 * Writes a trace while it happens: rows go into a batch, batches are encoded and written as they fill
 * and every second, so that a trace may be larger than memory and what was flushed survives the
 * process. docs/writer.md describes each call.
 *
 * An open writer does not hold the process. At the exit of the process it is closed, if it writes a path, and warned of
 * (`TRACESMITH_NOT_CLOSED`).
 */
export class TraceWriter extends TrackParent {
  /** The file that is written; undefined for a Writable. */
  readonly path: string | undefined;
  /** The format that is written. */
  readonly format: Format;
  /** True if a native trace was asked for and the addon is missing. */
  readonly fallback: boolean;

  private readonly processes = new Map<number, string>();
  private readonly gpus = new Map<number, string>();
  private readonly compression: Compression;
  private readonly gpuEvents: CheckedWriterOptions['gpuEvents'];
  private readonly signal: AbortSignal | undefined;
  private readonly ignoreSignal: (() => void) | undefined;
  private readonly timer?: NodeJS.Timeout;
  /** Rejects each call that waits for the sink. */
  private readonly waiting = new Set<(reason: unknown) => void>();
  private closing?: Promise<WriterResult>;
  private hasClosed = false;
  private aborting?: Promise<void>;
  private abortReason: unknown;

  /**
   * Opens a trace on a path, which is emptied, or on a Writable, which is ended when the trace is.
   *
   * The extension of a path decides the format: `.perfetto-trace`, `.pftrace` and `.pb` are native,
   * `.json` is JSON, `.gz` behind either compresses.
   *
   * @throws TraceSmithError `INVALID_ARGUMENT` for an option that is not one; `IO` where the output
   *   cannot be opened; `SDK_UNAVAILABLE` with `fallback: 'error'`. All as rejections.
   */
  static open(target: string | Writable, options: WriterOptions = {}): Promise<TraceWriter> {
    return Promise.resolve().then(() => {
      checkTarget(target);
      const checked = checkWriterOptions(options);
      checked.signal?.throwIfAborted();
      const opened = openStream(target, checked);
      const clock = new Clock(checked.clock ?? 'boottime', nativeClocks());
      const isPath = typeof target === 'string';
      return new TraceWriter(isPath ? target : undefined, opened, checked, new TraceRows(opened.sink, opened.name, !isPath, clock));
    });
  }

  /**
   * A writer that writes nothing, for programs whose tracing is off: its calls cost next to nothing, `span()` runs
   * its function, `close()` returns zeros.
   */
  static disabled(): TraceWriter {
    const sink = new NullSink();
    const name = 'a disabled trace';
    const rows = new TraceRows(sink, name, false, new SilentClock('boottime', nativeClocks()));
    rows.disable();
    const opened: OpenedStream = { sink, name, format: Format.PROTOBUF, fallback: false, compression: 'none' };
    return new TraceWriter(undefined, opened, checkWriterOptions({}), rows);
  }

  private constructor(path: string | undefined, opened: OpenedStream, options: CheckedWriterOptions, rows: TraceRows) {
    super(rows, ROOT, 'The trace');
    this.path = path;
    this.format = opened.format;
    this.fallback = opened.fallback;
    this.compression = opened.compression;
    this.gpuEvents = options.gpuEvents;
    this.signal = options.signal;
    this.ignoreSignal = this.signal && onAbort(this.signal, this.onSignal);
    if (rows.isDisabled) return;
    this.timer = setInterval(() => this.sendSoon(), FLUSH_INTERVAL_MS).unref();
    closeAtExit(this, opened.name, () => this.closeNow());
  }

  /**
   * How many events the program asked for that are not in the trace so far: those that came after its end or once
   * its output failed, and those with a value that cannot be written. The first is warned of
   * (`TRACESMITH_NOT_WRITTEN`).
   */
  get notWritten(): number {
    return this.rows.notWritten;
  }

  /** A process, shown as a group of its tracks. Each pid once. @throws TraceSmithError as track() does. */
  process(options: ProcessOptions): ProcessTrack {
    const attributes = processAttributes(options, this.reject);
    const { pid, name } = options;
    this.checkIsNew(pid, this.processes.get(pid), name, 'pid');
    const number = this.rows.defineTrack(this.where, TrackKind.Process, ROOT, name, attributes);
    this.processes.set(pid, name);
    return new ProcessTrack(this.rows, number, name);
  }

  /** A GPU, shown as a group of its streams and counters. Each id once. @throws TraceSmithError as track() does. */
  gpu(options: GpuOptions): GpuTrack {
    const attributes = gpuAttributes(options, this.reject);
    const { id, name = `GPU ${id}` } = options;
    this.checkIsNew(id, this.gpus.get(id), name, 'id');
    const number = this.rows.defineTrack(this.where, TrackKind.Plain, ROOT, name, attributes);
    this.gpus.set(id, name);
    return new GpuTrack(this.rows, number, name, GPU_EVENTS[this.gpuEvents]);
  }

  /**
   * Says something about the whole trace. Native traces only.
   *
   * @throws TraceSmithError as track() does.
   */
  metadata(entries: object): void {
    const { batch } = this.rows;
    if (batch.rows >= batch.fullAt && !this.rows.makeRoom(this.where)) return;
    batch.begin(RowKind.Metadata, Channel.None, 0, 0, 0, 0);
    try {
      writeRowArgs(batch, entries, 'metadata', this.reject);
      batch.commit();
    } catch (error) {
      if (!(error instanceof UnwritableValue)) throw error;
      this.rows.lose(this.where, error.message);
    }
  }

  /** The time of the trace's clock, the option `clock`, in ns. It never goes back. */
  now(): bigint {
    return this.rows.clock.now();
  }

  /**
   * The time of the trace's clock, in ns, of a time of `performance`: what `performance.now()` returns, or the
   * `startTime` of an entry of a PerformanceObserver, in ms. Of the same thread, and exact to about a microsecond.
   *
   * @throws TraceSmithError `INVALID_ARGUMENT`
   */
  fromPerformance(ms: number): bigint {
    if (!Number.isFinite(ms)) this.reject('ms', 'a time of performance.now() in milliseconds', ms);
    return this.rows.clock.fromPerformance(ms);
  }

  /**
   * An id for a flow that no other call returns: 2^62, 2^62 + 1 and so on, above what addresses, times
   * and counters come to.
   */
  newFlow(): bigint {
    return this.rows.newFlow();
  }

  /**
   * Resolves when a fast producer may go on, at once if little is queued. One that never waits is
   * held up in its calls if the trace is a path, and refused with `BACKPRESSURE` if it is a Writable.
   */
  ready(): Promise<void> {
    return this.whileOpen(() => this.rows.ready());
  }

  /** Writes everything that came so far, also what is held back to be put in order. */
  flush(): Promise<void> {
    return this.whileOpen(() => this.rows.flush());
  }

  /**
   * Writes the rest and closes the file or ends the Writable. Later calls return the same promise.
   * Slices that are still open stay so in the trace.
   *
   * @throws TraceSmithError `IO` if not everything could be written; what was flushed stays.
   */
  close(): Promise<WriterResult> {
    return (this.closing ??= this.whileOpen(() => this.finish()));
  }

  /**
   * Gives the trace up: deletes the file or destroys the Writable. Calls that wait reject with
   * `INVALID_STATE`. Does nothing once close() is done.
   */
  abort(): Promise<void> {
    return this.giveUp(new TraceSmithError('INVALID_STATE', `${this.rows.target} was aborted`));
  }

  /** close(), or nothing if the trace was aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.aborting !== undefined) await this.aborting;
    else await this.close();
  }

  private async finish(): Promise<WriterResult> {
    const { path, format, fallback, compression } = this;
    clearInterval(this.timer);
    try {
      const counts = await this.rows.close();
      return { path, format, fallback, compression, ...counts, notWritten: this.rows.notWritten + this.rows.openSpans };
    } finally {
      this.hasClosed = true;
      isClosed(this);
      this.ignoreSignal?.();
    }
  }

  /** At the exit of the process, also in the middle of close(). Whether it was the program that forgot, and is written. */
  private closeNow(): 'forgotten' | 'lost' | 'closing' {
    const wasClosing = this.closing !== undefined;
    if (!this.rows.closeSync()) return 'lost';
    return wasClosing ? 'closing' : 'forgotten';
  }

  private giveUp(reason: unknown): Promise<void> {
    if (this.hasClosed) return Promise.resolve();
    return (this.aborting ??= this.stop(reason));
  }

  private stop(reason: unknown): Promise<void> {
    clearInterval(this.timer);
    isClosed(this);
    this.ignoreSignal?.();
    this.abortReason = reason;
    for (const reject of this.waiting) reject(reason);
    return this.rows.abort();
  }

  private readonly onSignal = (): void => {
    // No caller waits for this; a file that could not be deleted stays.
    this.giveUp(this.signal!.reason).catch(() => undefined);
  };

  /** Rejects with the reason of an abort at once, even if the sink never answers. */
  private async whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.aborting !== undefined) throw this.abortReason;
    return new Promise<T>((resolve, reject) => {
      this.waiting.add(reject);
      void work()
        .then(resolve, reject)
        .finally(() => this.waiting.delete(reject));
    });
  }

  private sendSoon(): void {
    try {
      this.rows.sendSoon();
    } catch {
      // The sink keeps the error for the next call of the user.
    }
  }
}

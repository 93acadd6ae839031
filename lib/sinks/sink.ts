import type { BatchSink, EventBatch } from '../batch/batch';
import type { StreamTimelineCounts } from '../order/stream-timeline';
import type { TimelineCounts } from '../order/timeline';
import type { Format } from '../output/format';

/** What a whole trace came to. */
export interface WholeCounts extends TimelineCounts {
  /** The size of its file; 0 for a trace in memory. */
  bytes: number;
}

/**
 * Takes the batches of a whole trace, whose events come in any order, and writes it when all of it is there: to a file,
 * which appears whole or not at all, or to memory. Producers fill an EventBatch that flushes into the sink, then finish it.
 */
export interface WholeSink extends BatchSink {
  /**
   * Orders, encodes and writes, without blocking this thread where it can. No batch may come afterwards. Where the signal
   * is aborted meanwhile, rejects with its reason and leaves the target as it was.
   */
  finish(signal?: AbortSignal): Promise<WholeCounts>;
  /** The same on this thread. */
  finishSync(): WholeCounts;
  /** The trace in memory, once, after finishing. */
  bytes(): Buffer;
  /** Gives up; the target stays as it was. Does nothing once the trace is in its place. */
  abort(): void;
}

/**
 * Takes the batches of a stream while it happens and writes them to a file or Writable.
 *
 * The first failure is sticky: once the output failed, every call but abort() throws or rejects with
 * that same TraceSmithError.
 */
export interface StreamSink extends BatchSink {
  readonly format: Format;
  /** Bytes that wait: batches that are not encoded yet and output that is not written yet. */
  readonly queuedBytes: number;
  /** Takes a copy of the batch and writes what the window releases. */
  append(batch: EventBatch): void;
  /**
   * Writes all that came, with `all` also what the window still holds. Resolves when it is in the
   * file or the Writable has taken it.
   */
  flush(all: boolean): Promise<void>;
  /** Writes what the window has released, and waits for nothing. Called every second. */
  flushSoon(): void;
  /** Resolves when so little is queued that a fast producer may go on. */
  ready(): Promise<void>;
  /** Writes everything and closes the output. Once, and last. */
  close(): Promise<StreamCounts>;
  /**
   * The same on this thread, for a process that exits, also while close() waits; undefined for an output that cannot be
   * written so.
   */
  closeSync?: (() => void) | undefined;
  /** Gives up: deletes the file of a path, destroys a Writable. */
  abort(): Promise<void>;
}

/** What a stream came to. */
export interface StreamCounts extends StreamTimelineCounts {
  /** Bytes of output, compressed where it is. */
  bytes: number;
}

/**
 * Past this many queued bytes a producer has to wait: a writer on a path does so within the call, one
 * on a Writable refuses rows with `BACKPRESSURE`.
 */
export const MAX_QUEUED_BYTES = 16 << 20;

import type { BatchSink } from '../batch/batch';
import type { TimelineCounts } from '../order/timeline';

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

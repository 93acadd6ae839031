import { Format } from '../output/format';
import type { StreamCounts, StreamSink } from './sink';

/** The sink of a trace that is not written. */
export class NullSink implements StreamSink {
  readonly format = Format.PROTOBUF;
  readonly queuedBytes = 0;

  append(): void {
    // Nothing is kept.
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  flushSoon(): void {
    // Nothing waits.
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<StreamCounts> {
    return Promise.resolve({ slices: 0, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0, bytes: 0 });
  }

  abort(): Promise<void> {
    return Promise.resolve();
  }
}

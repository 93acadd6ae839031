import type { BatchSink, EventBatch } from '../../batch/batch';
import { EventTable } from '../../order/event-table';
import { StreamTimeline, type StreamTimelineCounts } from '../../order/stream-timeline';
import { ByteWriter } from './byte-writer';
import { EventWriter } from './event-writer';
import { FlowIds } from './flows';

/** A *chunk*, the bytes handed over at once, is longer than this, by one event at most; the last may be shorter. */
const CHUNK_BYTES = 64 * 1024;
const CHUNK_CAPACITY = CHUNK_BYTES + 16 * 1024;

/** Beyond the ids that operating systems give, so that tracks that come later can have their own. */
const FIRST_FRESH_ID = 1_000_000_000;

/**
 * Writes a stream of batches as Chrome JSON while they come: an array of events in UTF-8, `[`, one event a
 * line, `]`. Readers accept an array without its end, so the file is a trace whenever it ends after a whole
 * event. Copies the batches, and writes on the thread that appends.
 *
 * Times are microseconds with three decimals, counted from one hour before the first event that was
 * released; events that come more than an hour too late get negative times, which trace_processor drops.
 * A slice is an `X`, or a `B` if it has to be written before its end is known. The stream leaves out the same
 * things as a whole trace, and flows of an End whose Begin is written already.
 */
export class ChromeJsonStream implements BatchSink {
  private readonly table = new EventTable();
  private readonly out = new ByteWriter(CHUNK_CAPACITY);
  private readonly writer = new EventWriter(this.table, new FlowIds(this.table), this.out, FIRST_FRESH_ID);
  private readonly timeline: StreamTimeline;

  /**
   * @param onChunk gets the output, in order
   * @param window how many slices wait for earlier ones
   */
  constructor(
    private readonly onChunk: (chunk: Buffer) => void,
    window?: number,
  ) {
    this.timeline = new StreamTimeline(this.table, this.writer, window);
    this.out.text('[\n');
  }

  /** Copies the batch, and writes the rows that the window releases. */
  append(batch: EventBatch): void {
    const { table, timeline } = this;
    let row = table.rows;
    table.append(batch);
    for (; row < table.rows; row++) if (timeline.add(row)) this.writeReleased();
    timeline.compact();
  }

  /** Writes the rows that wait in the window too, and hands them over. */
  flushAll(): void {
    this.timeline.flush();
    this.writeReleased();
    this.timeline.compact();
    this.handOver();
  }

  /** Hands over all that is written. */
  handOver(): void {
    if (this.out.length > 0) this.onChunk(this.out.take());
  }

  /** Writes and hands over all that is left. Nothing may come afterwards. */
  finish(): StreamTimelineCounts {
    this.timeline.flush();
    this.writeReleased();
    this.timeline.endAllSlices();
    this.out.text('\n]\n');
    this.handOver();
    return this.timeline.counts;
  }

  private writeReleased(): void {
    this.writer.describeTracks();
    while (this.timeline.next()) {
      if (this.out.length > CHUNK_BYTES) this.handOver();
    }
  }
}

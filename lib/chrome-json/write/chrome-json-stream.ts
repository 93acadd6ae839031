import type { BatchSink, EventBatch } from '../../batch/batch';
import { EventTable } from '../../order/event-table';
import { StreamTimeline, type StreamTimelineCounts } from '../../order/stream-timeline';
import { ByteWriter } from './byte-writer';
import { EventWriter } from './event-writer';
import { FlowIds } from './flow-ids';

/** A chunk is handed over when it is longer than this; it can be longer by one event. */
const CHUNK_BYTES = 64 * 1024;
const CHUNK_CAPACITY = CHUNK_BYTES + 16 * 1024;

/** Beyond the ids that operating systems give, so that tracks that come later can have their own. */
const FIRST_FRESH_ID = 1_000_000_000;

/**
 * Writes batches as Chrome JSON while they come: an array of events in UTF-8, `[`, one event a line, `]`.
 * Readers take an array without its end, so the file is a trace whenever it ends after a whole event.
 *
 * Times are microseconds with three decimals, counted from one hour before the first event that was
 * released; events that come more than an hour too late get negative times, which trace_processor drops.
 * A slice is an `X`, or a `B` where it has to be written before its end is known. What JSON has no place
 * for is left out, as in a whole trace; so are flows of an End whose Begin is written already.
 */
export class ChromeJsonStream implements BatchSink {
  private readonly table = new EventTable();
  private readonly out = new ByteWriter(CHUNK_CAPACITY);
  private readonly writer = new EventWriter(this.table, new FlowIds(this.table), this.out, FIRST_FRESH_ID);
  private readonly timeline: StreamTimeline;

  /**
   * @param takeChunk takes the output, in order
   * @param window how many slices wait for earlier ones
   */
  constructor(
    private readonly takeChunk: (chunk: Buffer) => void,
    window?: number,
  ) {
    this.timeline = new StreamTimeline(this.table, this.writer, window);
    this.out.text('[\n');
  }

  /** Takes a copy of the batch, and writes what the window releases. */
  append(batch: EventBatch): void {
    const { table, timeline } = this;
    let row = table.rows;
    table.append(batch);
    for (; row < table.rows; row++) if (timeline.add(row)) this.writeReleased();
    timeline.compact();
  }

  /** Writes what is in the window too, and hands it over. */
  flushAll(): void {
    this.timeline.flush();
    this.writeReleased();
    this.timeline.compact();
    this.handOver();
  }

  /** Hands over what is written. */
  handOver(): void {
    if (this.out.length > 0) this.takeChunk(this.out.take());
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

import { EventBatch } from '../batch/batch';
import { AttrType, type TrackKind, type TrackProperty } from '../batch/layout';
import { TraceSmithError } from '../errors';
import type { Integer } from '../values';
import { MAX_QUEUED_BYTES, type StreamCounts, type StreamSink } from '../sinks/sink';
import type { Clock } from './clock';

/** With more strings than this, or longer ones in all (UTF-16 units), the next batch begins a new table. */
const MAX_TEXTS = 65_536;
const MAX_TEXT_UNITS = 4 << 20;

/** The first id that newFlow() returns: above addresses, times in ns and counters, which others use as ids. */
const FIRST_FRESH_FLOW = 2n ** 62n;

/** The parent of tracks that are below no other. */
export const ROOT = -1;

/** One property of a track's definition. */
export type TrackAttribute = readonly [key: TrackProperty, value: string | Integer | boolean];

/**
 * The rows of one trace on their way to its sink.
 *
 * A writer and all its tracks write into one batch. A call must either write its whole row or throw and
 * write nothing, whether the batch is full, the sink refuses it, or the trace has ended. A trace that
 * has ended keeps its batch full, so one comparison finds all three: the caller must call makeRoom() if
 * `batch.rows >= batch.fullAt`, before it looks up any string. It owns the batch; the sink is its to
 * close. Where the bytes go is the sink's matter alone.
 */
export class TraceRows {
  readonly batch: EventBatch;
  private ended?: 'closed' | 'aborted';
  private flowCount = 0n;

  /**
   * @param target what is written, for error texts
   * @param refusesRows whether rows are refused while too much is queued; otherwise the sink makes
   *   its caller wait
   * @param clock the trace's
   */
  constructor(
    readonly sink: StreamSink,
    readonly target: string,
    private readonly refusesRows: boolean,
    readonly clock: Clock,
  ) {
    this.batch = new EventBatch(sink);
  }

  /**
   * Sends the full batch. If it throws, the batch stays for the next attempt.
   *
   * @param where the track that a row is for, for error texts
   * @throws TraceSmithError `INVALID_STATE` after the end of the trace; `BACKPRESSURE`; `IO`
   */
  makeRoom(where: string): void {
    this.checkOpen(where);
    if (this.isOverfull()) {
      throw new TraceSmithError(
        'BACKPRESSURE',
        `${where}: ${this.sink.queuedBytes} bytes wait for ${this.target}, more than the ${MAX_QUEUED_BYTES} that may. ` +
          'The row was not written; await ready() and write it again.',
      );
    }
    this.send();
  }

  /** @throws TraceSmithError `INVALID_STATE` */
  checkOpen(where: string): void {
    if (this.ended === undefined) return;
    throw new TraceSmithError('INVALID_STATE', `${where}: ${this.target} is ${this.ended}; nothing can be written to it.`);
  }

  /** Defines a track below another or the ROOT, and returns its number. */
  defineTrack(
    where: string,
    kind: TrackKind,
    parent: number,
    name: string,
    attributes: readonly TrackAttribute[],
  ): number {
    const { batch } = this;
    if (batch.rows >= batch.fullAt) this.makeRoom(where);
    const track = batch.beginTrack(kind, parent === ROOT ? undefined : parent, name);
    for (const [key, value] of attributes) {
      if (typeof value === 'string') batch.attr(key, AttrType.Text, batch.text(value));
      else if (typeof value === 'boolean') batch.attr(key, AttrType.Bool, value ? 1 : 0);
      else batch.attrInteger(key, AttrType.Int, value);
    }
    batch.commit();
    return track;
  }

  newFlow(): bigint {
    return FIRST_FRESH_FLOW + this.flowCount++;
  }

  /** Hands over what there is and lets the sink write what it has; waits for nothing. */
  sendSoon(): void {
    if (!this.isOverfull()) this.send();
    this.sink.flushSoon();
  }

  async ready(): Promise<void> {
    this.checkOpen('ready()');
    await this.sink.ready();
  }

  async flush(): Promise<void> {
    this.checkOpen('flush()');
    this.send();
    await this.sink.flush(true);
  }

  /** Ends the trace; the sink is closed even if it refuses the last rows. */
  async close(): Promise<StreamCounts> {
    let refusal: unknown;
    try {
      this.send();
    } catch (error) {
      refusal = error;
    }
    this.end('closed');
    const counts = await this.sink.close();
    if (refusal !== undefined) throw refusal;
    return counts;
  }

  abort(): Promise<void> {
    this.end('aborted');
    return this.sink.abort();
  }

  private isOverfull(): boolean {
    return this.refusesRows && this.sink.queuedBytes > MAX_QUEUED_BYTES;
  }

  private send(): void {
    const { batch } = this;
    batch.flush();
    if (batch.textCount > MAX_TEXTS || batch.textUnits > MAX_TEXT_UNITS) batch.forgetTexts();
  }

  private end(how: 'closed' | 'aborted'): void {
    this.ended = how;
    this.batch.fullAt = 0;
  }
}

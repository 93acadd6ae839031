import { EventBatch } from '../batch/batch';
import { AttrType, RowKind, type TrackKind, type TrackProperty } from '../batch/layout';
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

/** The number of a track that could not be defined: no row is written any more. */
const NO_TRACK = 0;

/** One property of a track's definition. */
export type TrackAttribute = readonly [key: TrackProperty, value: string | Integer | boolean];

/**
 * The rows of one trace on their way to its sink.
 *
 * A writer and all its tracks write into one batch. A call must write its whole row or nothing, whether the
 * batch is full, the sink refuses it, or the trace has ended. A trace that has ended or failed keeps its batch
 * full, so one comparison finds all of these: the caller must call makeRoom() if `batch.rows >= batch.fullAt`,
 * before it looks up any string. It owns the batch; the sink is its to close. Where the bytes go is the sink's
 * matter alone.
 *
 * A trace must not end the program that it is of: a row that comes too late or finds the output broken is
 * counted, and the first one warned of.
 */
export class TraceRows {
  readonly batch: EventBatch;
  /** How many events were asked for and are not in the trace. */
  notWritten = 0;
  /** How many spans wait for their end, those of the running functions aside. */
  openSpans = 0;
  private ended?: 'closed' | 'aborted' | 'disabled';
  private failure?: TraceSmithError;
  private hasWarned = false;
  private hasEvents = false;
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

  /** Whether rows can still be written, as far as is known. */
  get isOpen(): boolean {
    return this.ended === undefined && this.failure === undefined;
  }

  /** Whether nothing is written at all. */
  get isDisabled(): boolean {
    return this.ended === 'disabled';
  }

  /**
   * Sends the full batch. If the sink refuses it, the batch stays.
   *
   * @param where the track that a row is for, for texts
   * @returns false if the row cannot be written, now or later; it is counted then
   * @throws TraceSmithError `BACKPRESSURE`: it can be written later
   */
  makeRoom(where: string): boolean {
    if (this.ended === 'disabled') return false;
    if (this.ended !== undefined) return this.lose(where, `${this.target} is ${this.ended}`);
    if (this.failure !== undefined) return this.lose(where, this.failure.message);
    if (this.isOverfull()) {
      throw new TraceSmithError(
        'BACKPRESSURE',
        `${where}: ${this.sink.queuedBytes} bytes wait for ${this.target}, more than the ${MAX_QUEUED_BYTES} that may. ` +
          'The row was not written; await ready() and write it again.',
      );
    }
    try {
      this.send();
      return true;
    } catch (error) {
      return this.lose(where, (error as Error).message);
    }
  }

  /** Counts an event that is not written, and warns of the first. */
  lose(where: string, reason: string): false {
    this.notWritten++;
    if (!this.hasWarned) {
      this.hasWarned = true;
      const text = reason.startsWith(where) ? reason : `${where}: ${reason}`;
      const sentence = text.replace(/\.?$/, '.');
      process.emitWarning(`An event was not written. ${sentence} Later ones of ${this.target} are only counted, in notWritten.`, {
        code: 'TRACESMITH_NOT_WRITTEN',
      });
    }
    return false;
  }

  /** @throws TraceSmithError `INVALID_STATE` */
  checkOpen(where: string): void {
    if (this.ended === undefined || this.isDisabled) return;
    throw new TraceSmithError('INVALID_STATE', `${where}: ${this.target} is ${this.ended}; nothing can be written to it.`);
  }

  /** Defines a track below another or the ROOT, and returns its number: NO_TRACK if nothing more is written. */
  defineTrack(
    where: string,
    kind: TrackKind,
    parent: number,
    name: string,
    attributes: readonly TrackAttribute[],
  ): number {
    const { batch } = this;
    if (!this.isOpen) return NO_TRACK;
    if (batch.rows >= batch.fullAt && !this.makeRoom(where)) return NO_TRACK;
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
    if (!this.isOverfull() && this.hasBegun()) this.send();
    this.sink.flushSoon();
  }

  /** Writes nothing from now on, without a word. */
  disable(): void {
    this.end('disabled');
  }

  async ready(): Promise<void> {
    this.checkOpen('ready()');
    await this.orFail(this.sink.ready());
  }

  async flush(): Promise<void> {
    this.checkOpen('flush()');
    this.send();
    await this.orFail(this.sink.flush(true));
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

  /**
   * Ends the trace on this thread, at the exit of the process, also in the middle of close().
   *
   * @returns false if the output cannot be written so
   * @throws TraceSmithError of the sink
   */
  closeSync(): boolean {
    if (this.sink.closeSync === undefined) return false;
    try {
      if (this.ended === undefined) this.send();
    } finally {
      this.end('closed');
      this.sink.closeSync();
    }
    return true;
  }

  abort(): Promise<void> {
    this.end('aborted');
    return this.sink.abort();
  }

  private async orFail(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.fail(error as TraceSmithError);
      throw error;
    }
  }

  /** The sink refuses everything from now on, also what is in the batch. */
  private fail(error: TraceSmithError): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    const { batch } = this;
    this.notWritten += batch.kind.subarray(0, batch.rows).filter(isEvent).length;
    batch.fullAt = 0;
  }

  /**
   * Whether an event came. The ids of a trace depend on its first batch, so that two traces can be joined: that batch
   * must not depend on a timer alone.
   */
  private hasBegun(): boolean {
    const { batch } = this;
    return (this.hasEvents ||= batch.kind.subarray(0, batch.rows).some(isEvent));
  }

  private isOverfull(): boolean {
    return this.refusesRows && this.sink.queuedBytes > MAX_QUEUED_BYTES;
  }

  private send(): void {
    const { batch } = this;
    try {
      batch.flush();
    } catch (error) {
      this.fail(error as TraceSmithError);
      throw error;
    }
    if (batch.textCount > MAX_TEXTS || batch.textUnits > MAX_TEXT_UNITS) batch.forgetTexts();
  }

  private end(how: 'closed' | 'aborted' | 'disabled'): void {
    if (!this.isDisabled) this.ended = how;
    this.batch.fullAt = 0;
  }
}

function isEvent(kind: number): boolean {
  return kind !== (RowKind.Track as number) && kind !== (RowKind.Metadata as number);
}

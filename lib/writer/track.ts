import type { EventBatch } from '../batch/batch';
import { Channel, RowKind, TrackKind, TrackProperty, type GpuEvents } from '../batch/layout';
import { checkCounterValue, checkDuration, checkNames, checkString, checkTime, rejectFor, type Reject } from '../checks';
import { TraceSmithError } from '../errors';
import type { Integer } from '../values';
import { inNanoseconds, type Clock } from './clock';
import {
  checkRowOptions,
  END_OPTIONS,
  writeRowArgs,
  writeRowOptions,
  type EndOptions,
  type RowOptions,
} from './row-options';
import type { TraceRows } from './trace-rows';
import {
  counterAttributes,
  plainAttributes,
  streamAttributes,
  threadAttributes,
  type CounterOptions,
  type PlainTrackOptions,
  type StreamOptions,
  type ThreadOptions,
} from './track-options';

/** Any other track than those of a process, thread, GPU or stream. */
export interface TrackOptions extends PlainTrackOptions {
  /** The track that this one is below, instead of the one that makes it. */
  parent?: Track;
}

const NO_CATEGORY = 0;

/** The trace itself or a track: other tracks can be below it. */
export abstract class TrackParent {
  protected readonly reject: Reject;

  /**
   * @param number that of its own track, ROOT for the trace
   * @param where what it is, for error texts
   */
  protected constructor(
    protected readonly rows: TraceRows,
    protected readonly number: number,
    protected readonly where: string,
  ) {
    this.reject = rejectFor(where);
  }

  /**
   * A track below this one, or below `parent`. Any depth.
   *
   * @throws TraceSmithError `INVALID_ARGUMENT`; `INVALID_STATE` if `parent` is of another trace, or
   *   this trace has ended; `BACKPRESSURE`; `IO`
   */
  track(options: TrackOptions): Track {
    const attributes = plainAttributes(options, this.reject);
    const { name, parent } = options;
    let parentNumber = this.number;
    if (parent !== undefined) {
      if (!(parent instanceof Track)) this.reject('parent', 'a track', parent);
      if (parent.rows !== this.rows) {
        throw new TraceSmithError(
          'INVALID_STATE',
          `${this.where}: expected parent to be a track of this trace, but ${JSON.stringify(parent.name)} is one of another`,
        );
      }
      parentNumber = parent.number;
    }
    const number = this.rows.defineTrack(this.where, TrackKind.Plain, parentNumber, name, attributes);
    return new Track(this.rows, number, name);
  }

  /** A counter below this track. @throws TraceSmithError as track() does. */
  counter(options: CounterOptions): CounterTrack {
    const attributes = counterAttributes(options, this.reject);
    const number = this.rows.defineTrack(this.where, TrackKind.Counter, this.number, options.name, attributes);
    return new CounterTrack(this.rows, number, options.name);
  }

  /** Refuses an id that has a name already. */
  protected checkIsNew(id: number, has: string | undefined, wants: string, field: string): void {
    if (has === undefined) return;
    this.reject(field, `new for ${JSON.stringify(wants)}, since ${JSON.stringify(has)} has it,`, id);
  }
}

/**
 * A row of the timeline that slices and instants are on. Made by `thread()`, `stream()` and `track()`;
 * processes and GPUs are tracks as well.
 *
 * Times and lengths are ns: safe integers or bigints from 0 to 2^63 - 1, ends included. A call that
 * throws has written nothing, and the trace goes on:
 * `INVALID_ARGUMENT` names the track, the field, what was expected and what came; `INVALID_STATE` is an
 * end without a begin, a begin or end earlier than the one before, or any call after the end of the
 * trace; `BACKPRESSURE` comes if a Writable does not keep up; `IO` once the output failed.
 */
export class Track extends TrackParent {
  /** How many slices are open on this track, begun and not ended. */
  private open = 0;
  /** The time of the last begin or end. */
  private lastTime: Integer = 0;
  private readonly batch: EventBatch;
  private readonly clock: Clock;

  constructor(
    rows: TraceRows,
    number: number,
    readonly name: string,
  ) {
    super(rows, number, `Track ${JSON.stringify(name)}`);
    this.batch = rows.batch;
    this.clock = rows.clock;
  }

  /** Writes a complete slice. Slices may come in any order. */
  slice(name: string, ts: Integer, dur: Integer, options?: RowOptions): void {
    // Nearly all calls are of this form, and a trace is millions of them.
    if (options === undefined && typeof name === 'string' && isSafeTime(ts) && isSafeTime(dur)) {
      const { batch } = this;
      if (batch.rows >= batch.fullAt) this.rows.makeRoom(this.where);
      batch.addSlice(this.number, batch.text(name), ts, dur);
    } else {
      this.anySlice(name, ts, dur, options);
    }
  }

  /** Writes a moment. */
  instant(name: string, ts: Integer, options?: RowOptions): void {
    checkString(name, 'name', this.reject);
    checkTime(ts, 'ts', this.reject);
    this.beginRow(RowKind.Instant, name, ts, options);
    this.batch.commit();
  }

  /** Opens a slice for end() to end. Begins and ends of one track come in the order of time. */
  begin(name: string, ts: Integer, options?: RowOptions): void {
    checkString(name, 'name', this.reject);
    checkTime(ts, 'ts', this.reject);
    if (ts < this.lastTime) this.goesBackwards('begin()', ts);
    this.beginRow(RowKind.Begin, name, ts, options);
    this.batch.commit();
    this.lastTime = ts;
    this.open++;
  }

  /** Ends the slice that was begun last on this track. */
  end(ts: Integer, options?: EndOptions): void {
    checkTime(ts, 'ts', this.reject);
    if (this.open === 0) throw this.invalidState(`end() at ${ts}, but no slice is open`);
    if (ts < this.lastTime) this.goesBackwards('end()', ts);
    if (options !== undefined) checkNames(options, END_OPTIONS, this.reject);
    const { batch } = this;
    if (batch.rows >= batch.fullAt) this.rows.makeRoom(this.where);
    batch.begin(RowKind.End, Channel.None, this.number, 0, NO_CATEGORY, ts);
    if (options?.args !== undefined) writeRowArgs(batch, options.args, 'args', this.reject);
    batch.commit();
    this.lastTime = ts;
    this.open--;
  }

  /**
   * Runs a function and writes a slice from its call to its return, or to the settling of the promise
   * that it returns, by the trace's clock. Returns its result. If it throws or rejects, the slice
   * gets the argument `error` with the message.
   *
   * Name, options and the state of the trace are checked before the function is called. If the slice
   * is refused all the same, as with `BACKPRESSURE`, that is thrown once the function has run, unless it
   * threw itself. Spans of one track may overlap: each is written as a complete slice at its end.
   */
  span<T>(name: string, fn: () => T, options?: RowOptions): T {
    checkString(name, 'name', this.reject);
    if (typeof fn !== 'function') this.reject('fn', 'a function', fn);
    if (options !== undefined) checkRowOptions(options, this.reject);
    this.rows.checkOpen(this.where);
    const { clock } = this;
    clock.read();
    const { low, high } = clock;
    let result: T;
    try {
      result = fn();
    } catch (error) {
      this.failedSpan(name, low, high, options, error);
      throw error;
    }
    // In a function of its own: what its callbacks hold would be kept in memory for every span.
    if (isThenable(result)) return this.spanUntilSettled(name, low, high, options, result) as T;
    this.endSpan(name, low, high, options);
    return result;
  }

  private spanUntilSettled<T>(
    name: string,
    low: number,
    high: number,
    options: RowOptions | undefined,
    promise: PromiseLike<T>,
  ): PromiseLike<T> {
    return promise.then(
      (value) => {
        this.endSpan(name, low, high, options);
        return value;
      },
      (error: unknown) => {
        this.failedSpan(name, low, high, options, error);
        throw error;
      },
    );
  }

  /** Writes a slice from a reading of the clock to now. */
  private endSpan(name: string, low: number, high: number, options: RowOptions | undefined): void {
    const { clock, batch } = this;
    clock.read();
    const extraLow = clock.low - low;
    const extraHigh = clock.high - high;
    const duration = extraHigh * 2 ** 32 + extraLow;
    if (options === undefined && duration <= Number.MAX_SAFE_INTEGER) {
      if (batch.rows >= batch.fullAt) this.rows.makeRoom(this.where);
      batch.addSliceAt(this.number, batch.text(name), low, high, duration);
    } else {
      this.anySlice(name, inNanoseconds(low, high), inNanoseconds(extraLow, extraHigh), options);
    }
  }

  private anySlice(name: string, ts: Integer, dur: Integer, options: RowOptions | undefined): void {
    checkString(name, 'name', this.reject);
    checkTime(ts, 'ts', this.reject);
    checkDuration(dur, ts, 'dur', this.reject);
    this.beginRow(RowKind.Slice, name, ts, options);
    this.batch.setExtent(dur);
    this.batch.commit();
  }

  /** Begins a row of a checked name and time, with its options; the caller commits it. */
  private beginRow(kind: RowKind, name: string, ts: Integer, options: RowOptions | undefined): void {
    const category = options === undefined ? undefined : checkRowOptions(options, this.reject);
    const { batch } = this;
    if (batch.rows >= batch.fullAt) this.rows.makeRoom(this.where);
    const categoryId = category === undefined ? NO_CATEGORY : batch.text(category);
    batch.begin(kind, Channel.None, this.number, batch.text(name), categoryId, ts);
    if (options !== undefined) writeRowOptions(batch, options, this.reject);
  }

  private failedSpan(
    name: string,
    low: number,
    high: number,
    options: RowOptions | undefined,
    error: unknown,
  ): void {
    const message = error instanceof Error ? error.message : String(error);
    try {
      this.endSpan(name, low, high, { ...options, args: { ...options?.args, error: message } });
    } catch {
      // The error of the function matters more to its caller than that of its slice.
    }
  }

  private goesBackwards(call: string, ts: Integer): never {
    throw this.invalidState(`${call} at ${ts} is before the begin or end at ${this.lastTime} that came last`);
  }

  private invalidState(text: string): TraceSmithError {
    return new TraceSmithError('INVALID_STATE', `${this.where}: ${text}`);
  }
}

/** A process and the track of what concerns all of it. Made by `process()` of a trace. */
export class ProcessTrack extends Track {
  private readonly threads = new Map<number, string>();

  /** A thread. Each tid once in a process. @throws TraceSmithError as track() does. */
  thread(options: ThreadOptions): Track {
    const attributes = threadAttributes(options, this.reject);
    const { tid, name } = options;
    this.checkIsNew(tid, this.threads.get(tid), name, 'tid');
    const number = this.rows.defineTrack(this.where, TrackKind.Thread, this.number, name, attributes);
    this.threads.set(tid, name);
    return new Track(this.rows, number, name);
  }
}

/** A GPU and the track of what concerns all of it. Made by `gpu()` of a trace. */
export class GpuTrack extends Track {
  private readonly streams = new Map<number, Track>();

  /** @param gpuEvents how slices of its streams are written; undefined: as those of any track */
  constructor(
    rows: TraceRows,
    number: number,
    name: string,
    private readonly gpuEvents: GpuEvents | undefined,
  ) {
    super(rows, number, name);
  }

  /**
   * The track of a stream, 0 to 2^31 - 1, always the same one for a number.
   *
   * @throws TraceSmithError as track() does; `INVALID_ARGUMENT` if it has another name already.
   */
  stream(stream: number, options: StreamOptions = {}): Track {
    const attributes = streamAttributes(stream, options, this.reject);
    const { name = `Stream ${stream}` } = options;
    const known = this.streams.get(stream);
    if (known !== undefined) {
      if (options.name !== undefined && name !== known.name) this.checkIsNew(stream, known.name, name, 'the stream');
      return known;
    }
    if (this.gpuEvents !== undefined) attributes.push([TrackProperty.GpuEvents, this.gpuEvents]);
    const number = this.rows.defineTrack(this.where, TrackKind.Plain, this.number, name, attributes);
    const track = new Track(this.rows, number, name);
    this.streams.set(stream, track);
    return track;
  }
}

/** A counter: a value that holds until the next one. Made by `counter()` of a trace or track. */
export class CounterTrack {
  private readonly where: string;
  private readonly reject: Reject;

  constructor(
    private readonly rows: TraceRows,
    private readonly number: number,
    readonly name: string,
  ) {
    this.where = `Counter ${JSON.stringify(name)}`;
    this.reject = rejectFor(this.where);
  }

  /**
   * Records a value, in any order of time.
   *
   * @param ts ns, 0 to 2^63 - 1, a safe integer or a bigint
   * @param value a finite number, written as a double, or a bigint within int64, written as an integer
   * @throws TraceSmithError `INVALID_ARGUMENT`, `INVALID_STATE`, `BACKPRESSURE`, `IO`
   */
  record(ts: Integer, value: number | bigint): void {
    checkTime(ts, 'ts', this.reject);
    checkCounterValue(value, 'value', this.reject);
    const { batch } = this.rows;
    if (batch.rows >= batch.fullAt) this.rows.makeRoom(this.where);
    batch.begin(RowKind.Counter, Channel.None, this.number, 0, 0, ts);
    batch.setExtent(value);
    batch.commit();
  }
}

/** Whether this is a time that needs no bigint. Two of them are far below 2^63 together. */
function isSafeTime(value: Integer): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

import type { EventBatch } from '../batch/batch';
import { Channel, RowKind, TrackKind } from '../batch/layout';
import { checkDuration, checkNames, checkString, checkTime, rejectFor, type Reject } from '../checks';
import { TraceSmithError } from '../errors';
import { MAX_UNITS } from '../limits';
import type { Integer } from '../values';
import { inNanoseconds, type Clock } from './clock';
import { CounterTrack } from './counter-track';
import {
  checkLaterOptions,
  checkRowOptions,
  END_OPTIONS,
  textOf,
  UnwritableValue,
  writeRowArgs,
  writeRowOptions,
  type EndOptions,
  type RowOptions,
} from './row-options';
import { Span } from './span';
import type { TraceRows } from './trace-rows';
import { counterAttributes, plainAttributes, type CounterOptions, type PlainTrackOptions } from './track-options';

/** Any other track than those of a process, thread, GPU or stream. */
export interface TrackOptions extends PlainTrackOptions {
  /** The track that this one is below, instead of the one that makes it. */
  parent?: Track;
}

const NO_CATEGORY = 0;

/** A track of its own for spans of one track, one at a time. */
interface Lane {
  readonly number: number;
  /** For slices below a span. It stays with the lane, since it has lanes of its own. */
  track?: Track;
}

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
   * @throws TraceSmithError `INVALID_ARGUMENT`; `INVALID_STATE` if `parent` is of another trace; `BACKPRESSURE`
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
 * end without a begin, or a begin or end earlier than the one before; `BACKPRESSURE` comes if a Writable does
 * not keep up. After the end of the trace, once the output failed, and for a value among the arguments that
 * cannot be written, a call returns as ever: its event is counted in `notWritten`.
 */
export class Track extends TrackParent {
  /** How many slices are open on this track, begun and not ended. */
  private open = 0;
  /** The time of the last begin or end. */
  private lastTime: Integer = 0;
  /** Where among the open slices those are that were not written; most tracks have none ever. */
  private lostBegins?: number[];
  /** Lanes of spans that are over. */
  private freeLanes?: Lane[];
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
      if (batch.rows >= batch.fullAt && !this.rows.makeRoom(this.where)) return;
      batch.addSlice(this.number, batch.text(name), ts, dur);
    } else {
      this.anySlice(name, ts, dur, options);
    }
  }

  /** Writes a moment. */
  instant(name: string, ts: Integer, options?: RowOptions): void {
    checkString(name, 'name', this.reject);
    checkTime(ts, 'ts', this.reject);
    if (this.beginRow(RowKind.Instant, this.number, name, ts, options)) this.batch.commit();
  }

  /** Opens a slice for end() to end. Begins and ends of one track come in the order of time. */
  begin(name: string, ts: Integer, options?: RowOptions): void {
    checkString(name, 'name', this.reject);
    checkTime(ts, 'ts', this.reject);
    if (ts < this.lastTime) this.goesBackwards('begin()', ts);
    if (this.beginRow(RowKind.Begin, this.number, name, ts, options)) this.batch.commit();
    else (this.lostBegins ??= []).push(this.open);
    this.lastTime = ts;
    this.open++;
  }

  /** Ends the slice that was begun last on this track. */
  end(ts: Integer, options?: EndOptions): void {
    checkTime(ts, 'ts', this.reject);
    if (!this.rows.isOpen) return void this.rows.makeRoom(this.where);
    if (this.open === 0) throw this.invalidState(`end() at ${ts}, but no slice is open`);
    if (ts < this.lastTime) this.goesBackwards('end()', ts);
    if (options !== undefined) checkNames(options, END_OPTIONS, this.reject);
    if (this.lostBegins?.at(-1) === this.open - 1) this.lostBegins.pop();
    else this.writeEnd(ts, options?.args);
    this.lastTime = ts;
    this.open--;
  }

  /**
   * Runs a function and writes a slice from its call to its return, or to the settling of the promise
   * that it returns, by the trace's clock. Returns its result. If it throws or rejects, the slice
   * gets the argument `error` with the message.
   *
   * Once the call itself is right, the function always runs, and its result is always returned: a slice that
   * cannot be written is counted (`notWritten`). Spans of one track may overlap: each is written as a complete
   * slice at its end. Those that run at the same time nest by their times alone; asyncSpan() keeps them apart.
   *
   * @throws TraceSmithError `INVALID_ARGUMENT`, before the function runs: for a name, an option or an argument
   *   that is none, such as a function among `args`
   */
  span<T>(name: string, fn: (span: Span) => T, options?: RowOptions): T {
    checkString(name, 'name', this.reject);
    if (typeof fn !== 'function') this.reject('fn', 'a function', fn);
    if (options !== undefined) this.checkSpan(options);
    const { clock } = this;
    clock.read();
    const { low, high } = clock;
    const span = new Span();
    let result: T;
    try {
      result = fn(span);
    } catch (error) {
      this.failedSpan(name, low, high, options, span, error);
      throw error;
    }
    // In a function of its own: what its callbacks hold would be kept in memory for every span.
    if (isObject(result) && hasThen(result)) return this.spanUntilSettled(name, low, high, options, span, result) as T;
    if (options === undefined && span.isPlain) this.endPlainSpan(name, low, high);
    else this.endSpan(name, low, high, options, span);
    return result;
  }

  /**
   * The same on a lane of this track that no other span is on, so that spans that run at the same time never
   * nest by accident. Slices that are to nest in this one go to `span.track`.
   *
   * @throws TraceSmithError as span() does
   */
  asyncSpan<T>(name: string, fn: (span: OpenSpan) => T, options?: RowOptions): T {
    if (typeof fn !== 'function') this.reject('fn', 'a function', fn);
    const span = this.startSpan(name, options);
    let result: T;
    try {
      result = fn(span);
    } catch (error) {
      span.fail(error);
      throw error;
    }
    if (isThenable(result) && !this.rows.isDisabled) {
      return settled(result, () => span.end(), (error) => span.fail(error)) as T;
    }
    span.end();
    return result;
  }

  /**
   * Begins a slice now that `end()` ends, on a lane of this track that no other span is on.
   *
   * @throws TraceSmithError `INVALID_ARGUMENT`, as span() does
   */
  startSpan(name: string, options?: RowOptions): OpenSpan {
    checkString(name, 'name', this.reject);
    if (options !== undefined) this.checkSpan(options);
    const lane = this.rows.isOpen ? this.takeLane() : undefined;
    const { clock } = this;
    clock.read();
    return new OpenSpan(this, lane, name, clock.low, clock.high, options);
  }

  /** @internal Writes the slice of a span and gives its lane back. */
  endOpenSpan(span: OpenSpan, lane: Lane | undefined, name: string, low: number, high: number, options?: RowOptions): void {
    this.clock.read();
    this.writeSpan(lane?.number ?? this.number, name, low, high, options, span);
    if (lane === undefined) return;
    this.rows.openSpans--;
    this.freeLanes!.push(lane);
  }

  /** @internal The track of a lane, always the same one. */
  trackOf(lane: Lane): Track {
    return (lane.track ??= new Track(this.rows, lane.number, this.name));
  }

  private takeLane(): Lane | undefined {
    const free = (this.freeLanes ??= []);
    try {
      const lane = free.pop() ?? { number: this.rows.defineTrack(this.where, TrackKind.Plain, this.number, this.name, []) };
      this.rows.openSpans++;
      return lane;
    } catch {
      return undefined; // a Writable is behind; the slice goes to this track
    }
  }

  /** Refuses what would be refused after the function has run. */
  private checkSpan(options: RowOptions): void {
    if (!this.rows.isDisabled) checkLaterOptions(options, this.reject);
  }

  private spanUntilSettled<T>(
    name: string,
    low: number,
    high: number,
    options: RowOptions | undefined,
    span: Span,
    promise: PromiseLike<T>,
  ): PromiseLike<T> {
    const { rows } = this;
    if (rows.isDisabled) return promise;
    rows.openSpans++;
    return settled(
      promise,
      () => {
        rows.openSpans--;
        this.endSpan(name, low, high, options, span);
      },
      (error) => {
        rows.openSpans--;
        this.failedSpan(name, low, high, options, span, error);
      },
    );
  }

  /** Writes a slice without options, as nearly all are, from a reading of the clock to now. */
  private endPlainSpan(name: string, low: number, high: number): void {
    const { clock, batch } = this;
    clock.read();
    const duration = (clock.high - high) * 2 ** 32 + (clock.low - low);
    if (batch.rows < batch.fullAt && duration <= Number.MAX_SAFE_INTEGER && name.length <= MAX_UNITS) {
      batch.addSliceAt(this.number, batch.text(name), low, high, duration);
    } else {
      this.writeSpan(this.number, name, low, high, undefined, new Span());
    }
  }

  /** Writes a slice from a reading of the clock to now. */
  private endSpan(name: string, low: number, high: number, options: RowOptions | undefined, span: Span): void {
    this.clock.read();
    this.writeSpan(this.number, name, low, high, options, span);
  }

  /** Writes the slice of a span up to the last reading of the clock, or counts it. Never throws. */
  private writeSpan(number: number, name: string, low: number, high: number, options: RowOptions | undefined, span: Span): void {
    const { clock } = this;
    const ts = inNanoseconds(low, high);
    const dur = inNanoseconds(clock.low - low, clock.high - high);
    try {
      const args = span.argsWith(options?.args);
      this.writeSlice(number, name, ts, dur, args === options?.args ? options : { ...options, args });
    } catch (error) {
      this.rows.lose(this.where, textOf(error));
    }
  }

  private anySlice(name: string, ts: Integer, dur: Integer, options: RowOptions | undefined): void {
    checkString(name, 'name', this.reject);
    checkTime(ts, 'ts', this.reject);
    checkDuration(dur, ts, 'dur', this.reject);
    this.writeSlice(this.number, name, ts, dur, options);
  }

  private writeSlice(number: number, name: string, ts: Integer, dur: Integer, options: RowOptions | undefined): void {
    if (!this.beginRow(RowKind.Slice, number, name, ts, options)) return;
    this.batch.setExtent(dur);
    this.batch.commit();
  }

  /** Begins a row of a checked name and time, with its options; the caller commits it. False if it is not written. */
  private beginRow(kind: RowKind, number: number, name: string, ts: Integer, options: RowOptions | undefined): boolean {
    const category = options === undefined ? undefined : checkRowOptions(options, this.reject);
    const { batch } = this;
    if (batch.rows >= batch.fullAt && !this.rows.makeRoom(this.where)) return false;
    const categoryId = category === undefined ? NO_CATEGORY : batch.text(category);
    batch.begin(kind, Channel.None, number, batch.text(name), categoryId, ts);
    if (options === undefined) return true;
    try {
      writeRowOptions(batch, options, this.reject);
      return true;
    } catch (error) {
      return this.loseRow(error);
    }
  }

  /** A value that only this run of the program brings costs the event; anything else is the caller's to mend. */
  private loseRow(error: unknown): false {
    if (!(error instanceof UnwritableValue)) throw error;
    return this.rows.lose(this.where, error.message);
  }

  private failedSpan(
    name: string,
    low: number,
    high: number,
    options: RowOptions | undefined,
    span: Span,
    error: unknown,
  ): void {
    if (this.rows.isDisabled) return;
    span.addArgs({ error: textOf(error) });
    this.endSpan(name, low, high, options, span);
  }

  /** An end without the arguments that cannot be written is better than a slice that never ends. */
  private writeEnd(ts: Integer, args: object | undefined): void {
    const { batch } = this;
    if (batch.rows >= batch.fullAt && !this.rows.makeRoom(this.where)) return;
    batch.begin(RowKind.End, Channel.None, this.number, 0, NO_CATEGORY, ts);
    try {
      if (args !== undefined) writeRowArgs(batch, args, 'args', this.reject);
    } catch (error) {
      this.loseRow(error);
      batch.begin(RowKind.End, Channel.None, this.number, 0, NO_CATEGORY, ts);
    }
    batch.commit();
  }

  private goesBackwards(call: string, ts: Integer): never {
    throw this.invalidState(`${call} at ${ts} is before the begin or end at ${this.lastTime} that came last`);
  }

  private invalidState(text: string): TraceSmithError {
    return new TraceSmithError('INVALID_STATE', `${this.where}: ${text}`);
  }
}

/** A span that was begun by `startSpan()` or `asyncSpan()`, on a lane of its own. */
export class OpenSpan extends Span {
  private isOver = false;

  constructor(
    private readonly owner: Track,
    private readonly lane: Lane | undefined,
    readonly name: string,
    private readonly low: number,
    private readonly high: number,
    private readonly options: RowOptions | undefined,
  ) {
    super();
  }

  /** The track that the slice is on: slices and spans written on it nest in this one. */
  get track(): Track {
    return this.lane === undefined ? this.owner : this.owner.trackOf(this.lane);
  }

  /** Ends the slice now, with more arguments or none. The first call counts. Never throws. */
  end(args?: object): void {
    if (this.isOver) return;
    this.isOver = true;
    if (args !== undefined) this.addArgs(args);
    this.owner.endOpenSpan(this, this.lane, this.name, this.low, this.high, this.options);
  }

  /** Ends the slice now, with the argument `error`: the message of what was thrown. */
  fail(error: unknown): void {
    this.end({ error: textOf(error) });
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

/** Whether this is a time that needs no bigint. Two of them are far below 2^63 together. */
function isSafeTime(value: Integer): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && hasThen(value);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A getter may throw; whoever awaits the value learns of it. */
function hasThen(value: object): value is PromiseLike<unknown> {
  try {
    return typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
  } catch {
    return false;
  }
}

/** A promise of the same result as that of a promise, once the callback has run. */
function settled<T>(promise: PromiseLike<T>, onResult: () => void, onError: (error: unknown) => void): PromiseLike<T> {
  return promise.then(
    (value) => {
      onResult();
      return value;
    },
    (error: unknown) => {
      onError(error);
      throw error;
    },
  );
}

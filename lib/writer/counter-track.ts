import { Channel, RowKind } from '../batch/layout';
import { checkTime, COUNTER_VALUE, isCounterValue, rejectFor, unexpected, type Reject } from '../checks';
import type { Integer } from '../values';
import type { TraceRows } from './trace-rows';

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
   * @param value a finite number, written as a double, or a bigint within int64, written as an integer. Any other
   *   number is not written, and counted.
   * @throws TraceSmithError `INVALID_ARGUMENT`, `BACKPRESSURE`
   */
  record(ts: Integer, value: number | bigint): void {
    const { batch } = this.rows;
    if (batch.rows >= batch.fullAt && !this.rows.makeRoom(this.where)) return;
    checkTime(ts, 'ts', this.reject);
    if (!isCounterValue(value)) return this.refuse(value);
    batch.begin(RowKind.Counter, Channel.None, this.number, 0, 0, ts);
    batch.setExtent(value);
    batch.commit();
  }

  /** A number of the program, such as a quotient of zeros, must not end it. */
  private refuse(value: unknown): void {
    const isNumber = typeof value === 'number' || typeof value === 'bigint';
    if (!isNumber) this.reject('value', COUNTER_VALUE, value);
    this.rows.lose(this.where, unexpected(this.where, 'value', COUNTER_VALUE, value));
  }
}

import { checkTime, type Reject } from '../batch/args';
import { Channel, RowKind } from '../batch/layout';
import type { Integer } from '../values';
import type { TraceRows } from './trace-rows';
import { rejectFor } from './track-options';

/** A counter: a value that holds until the next one. Made by `counter()` of a trace or track. */
export class CounterTrack {
  private readonly reject: Reject;

  constructor(
    private readonly rows: TraceRows,
    private readonly number: number,
    readonly name: string,
  ) {
    this.reject = rejectFor(`Counter ${JSON.stringify(name)}`);
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
    // Neither the UI nor JSON has a place for NaN and infinities.
    if (!Number.isFinite(value) && !isInt64(value)) {
      this.reject('value', 'a finite number, or a bigint of at most 64 bits', value);
    }
    const { batch } = this.rows;
    if (batch.rows >= batch.fullAt) this.rows.makeRoom(`Counter ${JSON.stringify(this.name)}`);
    batch.begin(RowKind.Counter, Channel.None, this.number, 0, 0, ts);
    batch.setExtent(value);
    batch.commit();
  }
}

function isInt64(value: unknown): boolean {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
}

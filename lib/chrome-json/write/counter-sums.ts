import type { EventTable } from '../../order/event-table';
import { doubleText } from './args-writer';

/**
 * The values of counters as JSON has them, which knows neither multipliers nor differences: what an
 * incremental counter has come to is written, exact up to 2^53.
 */
export class CounterSums {
  /** By track of an incremental counter. */
  private readonly sums: number[] = [];

  constructor(private readonly table: EventTable) {}

  /** The value to write for a sample; asked for once, in the order of the file. */
  valueOf(row: number): string {
    const { table } = this;
    const { isIncremental, unitMultiplier } = table.tracks[table.track[row]];
    const integer = table.counterInteger(row);
    if (isIncremental !== true && unitMultiplier === undefined) {
      return integer === undefined ? doubleText(table.extent[row]) : String(integer);
    }
    let value = (integer === undefined ? table.extent[row] : Number(integer)) * Number(unitMultiplier ?? 1);
    if (isIncremental === true) value = this.sums[table.track[row]] = (this.sums[table.track[row]] ?? 0) + value;
    return doubleText(value);
  }
}

/** What lib/order makes of a stream: the rows in the order in which they are written. */
import { EventTable } from '../../lib/order/event-table';
import { StreamTimeline, type StreamTimelineCounts } from '../../lib/order/stream-timeline';
import { sendRows, type StreamRow, type Whole } from './event-rows';
import type { Outcome } from './naive-order';

export interface StreamOutcome {
  ops: Outcome['ops'];
  counts: StreamTimelineCounts;
  /** The most rows that the table held. */
  mostRows: number;
}

/**
 * Orders rows with a window; batches are of `batchRows` rows, or full ones. Rows get their numbers as
 * names, since the table drops those it has written.
 */
export function orderedStream(rows: readonly StreamRow[], window: number, batchRows?: number): StreamOutcome {
  const table = new EventTable();
  const ops: Outcome['ops'] = [];
  let mostRows = 0;
  const absolute = (time: number): Whole => {
    const value = BigInt(time) + table.origin;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
  };
  const numberOf = (row: number): number => Number(table.strings[table.name[row]]);
  const timeline = new StreamTimeline(
    table,
    {
      begin: (row, lane) => ops.push(['B', numberOf(row), lane]),
      end: (track, lane, time) => ops.push(['E', track, lane, absolute(time)]),
      instant: (row) => ops.push(['I', numberOf(row)]),
      counter: (row) => ops.push(['C', numberOf(row)]),
    },
    window,
  );
  const release = (): void => {
    while (timeline.next());
    timeline.compact();
  };
  const flush = (): void => {
    timeline.flush();
    release();
  };
  const sink = {
    append(batch: Parameters<EventTable['append']>[0]): void {
      let row = table.rows;
      table.append(batch);
      mostRows = Math.max(mostRows, table.rows);
      for (; row < table.rows; row++) if (timeline.add(row)) while (timeline.next());
      timeline.compact();
    },
  };
  const named = rows.map((row, number) => (row.kind === 'flush' ? row : { ...row, name: String(number) }));
  sendRows(named, sink, flush, batchRows);
  flush();
  timeline.endAllSlices();
  return { ops, counts: timeline.counts, mostRows };
}

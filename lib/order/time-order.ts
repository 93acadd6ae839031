import { RowKind } from '../batch/layout';
import type { EventTable } from './event-table';

// The order of rows: by time, and within a *tie*, the rows of one time, as readers need them. The C++ twin
// is binding/order/time_order.cc.

/** All rows of the table, stably sorted by time. */
export function orderByTime(table: EventTable): Uint32Array {
  const order = new Uint32Array(table.rows);
  for (let row = 0; row < order.length; row++) order[row] = row;
  sortByTime(table, order);
  return order;
}

/** Sorts ascending rows by time, stably. */
export function sortByTime({ time }: EventTable, rows: Uint32Array): void {
  sortRange(rows, 0, rows.length, (a, b) => time[a] - time[b]);
}

/** Merges two arrays of rows that are sorted by time; in a tie the rows of `first` come first. */
export function mergeByTime({ time }: EventTable, first: Uint32Array, second: Uint32Array): Uint32Array {
  const rows = new Uint32Array(first.length + second.length);
  let a = 0;
  let b = 0;
  for (let to = 0; to < rows.length; to++) {
    const isFirst = b === second.length || (a < first.length && time[first[a]] <= time[second[b]]);
    rows[to] = isFirst ? first[a++] : second[b++];
  }
  return rows;
}

/** The position behind the tie that begins at `begin`. */
export function endOfTie({ time }: EventTable, order: Uint32Array, begin: number): number {
  const tieTime = time[order[begin]];
  let end = begin + 1;
  while (end < order.length && time[order[end]] === tieTime) end++;
  return end;
}

/** Calls `visit` with the range of each tie of two or more rows. */
export function forEachTie(table: EventTable, order: Uint32Array, visit: (begin: number, end: number) => void): void {
  for (let begin = 0; begin < order.length; ) {
    const end = endOfTie(table, order, begin);
    if (end - begin > 1) visit(begin, end);
    begin = end;
  }
}

/**
 * Compares two rows of a tie: slices that are open end first; then slices begin before anything else
 * happens, the longest first, because a parent must be open when its child begins. All others stay as
 * they are.
 */
export function compareInTie({ kind, extent }: EventTable): CompareRows {
  return (a, b) => {
    const rank = rankInTie(kind[a]);
    const difference = rank - rankInTie(kind[b]);
    if (difference !== 0 || rank !== SLICE_RANK || extent[a] === extent[b]) return difference;
    return extent[b] - extent[a];
  };
}

const SLICE_RANK = 1;

function rankInTie(kind: RowKind): number {
  if (kind === RowKind.End) return 0;
  return kind === RowKind.Slice || kind === RowKind.Begin ? SLICE_RANK : 2;
}

export type CompareRows = (a: number, b: number) => number;

/** Sorts the rows from position `begin` to before `end`, stably. */
export function sortRange(order: Uint32Array, begin: number, end: number, compare: CompareRows): void {
  let sorted = true;
  for (let i = begin + 1; sorted && i < end; i++) sorted = compare(order[i - 1], order[i]) <= 0;
  if (!sorted) order.subarray(begin, end).sort(compare);
}

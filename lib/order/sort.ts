import type { EventTable } from './event-table';

/** The rows of the table, stably sorted by time. */
export function orderByTime(table: EventTable): Uint32Array {
  const { time, rows } = table;
  const order = new Uint32Array(rows);
  let sorted = true;
  for (let row = 0; row < rows; row++) {
    order[row] = row;
    if (row > 0 && time[row] < time[row - 1]) sorted = false;
  }
  if (!sorted) order.sort((a, b) => time[a] - time[b] || a - b);
  return order;
}

/** Calls `visit` with the range of each run of two or more rows of one time. */
export function forEachTie(table: EventTable, order: Uint32Array, visit: (begin: number, end: number) => void): void {
  const { time } = table;
  const length = order.length;
  let begin = 0;
  while (begin < length) {
    const moment = time[order[begin]];
    let end = begin + 1;
    while (end < length && time[order[end]] === moment) end++;
    if (end - begin > 1) visit(begin, end);
    begin = end;
  }
}

export type CompareRows = (a: number, b: number) => number;

/** Sorts a part of an array, stably. */
export function sortRange(order: Uint32Array, begin: number, end: number, compare: CompareRows): void {
  let sorted = true;
  for (let i = begin + 1; sorted && i < end; i++) sorted = compare(order[i - 1], order[i]) <= 0;
  if (!sorted) order.subarray(begin, end).sort(compare);
}

/**
 * What a reader makes of a written order, and what it should make of it: independent of lib/order/, which
 * it checks. A reader sorts by time, keeps the order of the file at one time, and knows no names: an end
 * ends whatever began last on its lane.
 */
import type { StreamRow } from './event-rows';
import type { Outcome } from './naive-order';

export interface ReadSlice {
  track: number;
  begin: number;
  /** Undefined: it never ended. */
  end: number | undefined;
}

export interface Reading {
  /** By row. */
  slices: Map<number, ReadSlice>;
  deepest: number;
}

/** The slices that rows mean. */
export function meantSlices(rows: readonly StreamRow[]): Map<number, ReadSlice> {
  const slices = new Map<number, ReadSlice>();
  const open = new Map<number, ReadSlice[]>();
  rows.forEach((row, number) => {
    if (row.kind !== 'slice' && row.kind !== 'begin' && row.kind !== 'end') return;
    const { track } = row;
    const time = Number(row.time);
    if (!open.has(track)) open.set(track, []);
    if (row.kind === 'end') {
      open.get(track)!.pop()!.end = time;
      return;
    }
    const end = row.kind === 'slice' && row.extent !== undefined ? time + Number(row.extent) : undefined;
    const slice: ReadSlice = { track, begin: time, end };
    slices.set(number, slice);
    if (row.kind === 'begin') open.get(track)!.push(slice);
  });
  return slices;
}

/** The slices that a reader finds. */
export function readSlices(ops: Outcome['ops'], rows: readonly StreamRow[]): Reading {
  const slices = new Map<number, ReadSlice>();
  const lanes = new Map<string, ReadSlice[]>();
  let deepest = 0;
  const on = (track: number, lane: number): ReadSlice[] => {
    const key = `${track}/${lane}`;
    if (!lanes.has(key)) lanes.set(key, []);
    return lanes.get(key)!;
  };
  const timed = ops
    .filter(([op]) => op === 'B' || op === 'E')
    .map(([op, a, b, c]) => {
      const row = op === 'B' ? rows[Number(a)] : undefined;
      const begins = row !== undefined && row.kind !== 'flush' ? row : undefined;
      const [track, lane] = begins !== undefined ? [begins.track, Number(b)] : [Number(a), Number(b)];
      return { number: Number(a), begins, track, lane, time: Number(begins?.time ?? c) };
    })
    .toSorted((a, b) => a.time - b.time);
  for (const { number, begins, track, lane, time } of timed) {
    const stack = on(track, lane);
    if (begins === undefined) {
      const ended = stack.pop();
      if (ended === undefined) throw new Error(`nothing ends at ${time} on lane ${lane} of track ${track}`);
      ended.end = time;
      continue;
    }
    const slice: ReadSlice = { track, begin: time, end: undefined };
    slices.set(number, slice);
    deepest = Math.max(deepest, stack.push(slice));
  }
  return { slices, deepest };
}

/** Random rows for the ordering rules, reproducible by their seed. */
import type { EventRow } from './event-rows';

/** A small generator with a seed, so that a failure can be run again. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Rows of few tracks, times, ids and lengths, so that everything meets everything. */
export function randomRows(seed: number): EventRow[] {
  const random = randomFrom(seed);
  const pick = <T>(...values: T[]): T => values[random(values.length)];
  const times = pick(4, 12, 60);
  const flows = (): [number, number][] => Array.from({ length: pick(0, 0, 1, 2) }, () => [random(2), random(3)]);
  return Array.from({ length: random(40) }, (): EventRow => {
    const kind = pick<EventRow['kind']>('slice', 'slice', 'instant', 'open', 'close', 'counter', 'flow');
    const row: EventRow = { kind, track: kind === 'counter' ? 4 : random(3), time: random(times) };
    if (kind === 'slice' || kind === 'counter' || (kind === 'close' && random(3) === 0)) row.extent = random(10);
    if (kind === 'flow') row.channel = pick('next', undefined);
    else if (kind !== 'counter') row.channel = pick('kernel', 'kernel', 'range', 'collective', undefined);
    if (random(2) === 0 && kind !== 'counter') row.correlation = random(4);
    if (kind !== 'counter') Object.assign(row, { flowOut: flows(), flowIn: flows() });
    return row;
  });
}

/** Random rows for the ordering rules, reproducible by their seed. */
import type { EventRow, StreamRow } from './event-rows';

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
    if ((kind === 'slice' && random(12) !== 0) || kind === 'counter' || (kind === 'close' && random(3) === 0)) row.extent = random(10);
    if (kind === 'flow') row.channel = pick('next', undefined);
    else if (kind !== 'counter') row.channel = pick('kernel', 'kernel', 'range', 'collective', undefined);
    if (random(2) === 0 && kind !== 'counter') row.correlation = random(4);
    if (kind !== 'counter') Object.assign(row, { flowOut: flows(), flowIn: flows() });
    return row;
  });
}

/**
 * Rows as a writer's front end sends them: in any order, but the begins and ends of a track in the order of
 * time, and no end without a begin; between them demands to write all that came.
 */
export function randomStream(seed: number): StreamRow[] {
  const random = randomFrom(seed);
  const times = [8, 40, 200][random(3)];
  const flushes = random(3) === 0 ? 0 : 2 + random(20);
  const latest = [0, 0, 0];
  const open = [0, 0, 0];
  return Array.from({ length: random(120) }, (_, index): StreamRow => {
    if (flushes > 0 && random(flushes) === 0) return { kind: 'flush' };
    const track = random(3);
    // Late by little, by much, or not at all.
    const now = Math.floor((index * times) / 60);
    const time = Math.max(0, now - random([1, 4, times][random(3)]));
    const inOrder = (): number => (latest[track] = Math.max(latest[track], time));
    switch (random(8)) {
      case 0:
        return { kind: 'instant', track, time };
      case 1:
        return { kind: 'counter', track: 3, time, extent: 1 };
      case 2:
      case 3:
        open[track]++;
        return { kind: 'begin', track, time: inOrder() };
      case 4:
      case 5:
        if (open[track] === 0) return { kind: 'slice', track, time, extent: random(times) };
        open[track]--;
        return { kind: 'end', track, time: inOrder() };
      default:
        if (random(16) === 0) return { kind: 'slice', track, time };
        return { kind: 'slice', track, time, extent: random([1, 6, times][random(3)]) };
    }
  });
}

/** The ordering rules of a stream, by the golden vectors and by what must hold for any rows. */
import { EventTable } from '../../lib/order/event-table';
import { WholeTimeline } from '../../lib/order/whole-timeline';
import { expectEqual } from '../support/equal';
import { sendRows, type EventRow, type StreamRow } from '../support/event-rows';
import { orderedStream } from '../support/ordered-stream';
import { readStreamVector, streamVectors } from '../support/order-vectors';
import { randomFrom, randomStream } from '../support/random-rows';
import { meantSlices, readSlices } from '../support/stack-machine';

const MAX_DEPTH = 512;

describe('golden vectors', () => {
  test.each(streamVectors)('%s', (file) => {
    const { rows, window, expected } = readStreamVector(file);
    const { ops, counts } = orderedStream(rows, window);
    expect(ops).toEqual(expected.ops);
    expect(counts).toEqual(expected.counts);
  });
});

describe('random streams', () => {
  test('every slice begins and ends when it should, whatever comes late', () => {
    for (let seed = 1; seed <= 3000; seed++) {
      const rows = randomStream(seed);
      const { ops, counts } = orderedStream(rows, 1 + (seed % 20));
      const { slices, deepest } = readSlices(ops, rows);
      const meant = meantSlices(rows);
      expectEqual({ seed, slices: [...slices].sort(byNumber) }, { seed, slices: [...meant].sort(byNumber) });
      expect(deepest).toBeLessThanOrEqual(MAX_DEPTH);
      expect(counts.slices).toBe(meant.size);
      expect(counts.unclosed).toBe([...meant.values()].filter(({ end }) => end === undefined).length);
    }
  });

  test('rows that come less than a window too late are written as those of a whole trace', () => {
    for (let seed = 1; seed <= 1000; seed++) {
      const window = 1 + (seed % 20);
      const rows = displaced(seed, window);
      const { ops, counts } = orderedStream(rows, window);
      expectEqual({ seed, ops, late: counts.lateSlices }, { seed, ops: wholeTrace(rows), late: 0 });
    }
  });

  test('what is released does not depend on the batches', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const rows = randomStream(seed).filter(({ kind }) => kind !== 'flush');
      const { ops } = orderedStream(rows, 3);
      expectEqual({ seed, ops: orderedStream(rows, 3, 1).ops }, { seed, ops });
    }
  });
});

function byNumber([a]: [number, unknown], [b]: [number, unknown]): number {
  return a - b;
}

/** Rows in the order in which they must be written, then each moved by less than `distance` places. */
function displaced(seed: number, distance: number): EventRow[] {
  const random = randomFrom(seed);
  const kinds = ['slice', 'slice', 'slice', 'instant', 'counter'] as const;
  const times = [20, 100, 500][random(3)];
  return Array.from({ length: random(150) }, (): EventRow => {
    const kind = kinds[random(kinds.length)];
    const track = kind === 'counter' ? 3 : random(3);
    return { kind, track, time: random(times), ...(kind === 'instant' ? {} : { extent: random(times >> random(4)) }) };
  })
    .sort((a, b) => Number(a.time) - Number(b.time) || lengthOf(b) - lengthOf(a))
    .map((row, index) => ({ row, place: index + random(distance) }))
    .sort((a, b) => a.place - b.place)
    .map(({ row }) => row);
}

function lengthOf({ kind, extent }: EventRow): number {
  return kind === 'slice' ? Number(extent) : -1;
}

function wholeTrace(rows: readonly EventRow[]): (string | number)[][] {
  const table = new EventTable();
  sendRows(rows, table);
  const ops: (string | number)[][] = [];
  const origin = Number(table.origin);
  const visitNext = new WholeTimeline(table).visit({
    begin: (row, lane) => ops.push(['B', row, lane]),
    end: (track, lane, time) => ops.push(['E', track, lane, time + origin]),
    instant: (row) => ops.push(['I', row]),
    counter: (row) => ops.push(['C', row]),
  });
  while (visitNext());
  return ops;
}

describe('depth', () => {
  test('begins, late parents and slices stay below what trace_processor takes', () => {
    const rows: StreamRow[] = [];
    // Around what has ended, again and again.
    for (let k = 0; k < 700; k++) {
      rows.push({ kind: 'slice', track: 0, time: 1000 - k, extent: 2 * k + 1 }, { kind: 'flush' });
      rows.push({ kind: 'instant', track: 1, time: 5000 }, { kind: 'flush' });
    }
    for (let k = 0; k < 700; k++) rows.push({ kind: 'begin', track: 0, time: 6000 + k }, { kind: 'flush' });
    const { ops, counts } = orderedStream(rows, 10);
    const { slices, deepest } = readSlices(ops, rows);
    expect([...slices].sort(byNumber)).toEqual([...meantSlices(rows)].sort(byNumber));
    expect(deepest).toBe(500);
    expect(counts).toMatchObject({ slices: 1400, lanes: 1, unclosed: 700, lateSlices: 699 });
  });
});

describe('endless streams', () => {
  test('the table holds little more than the window', () => {
    const window = 1000;
    const rows = Array.from({ length: 100_000 }, (_, k): StreamRow => {
      const row = { track: k % 4, time: k };
      return k % 8 < 4 ? { kind: 'begin', ...row } : { kind: 'end', ...row };
    });
    const { counts, mostRows } = orderedStream(rows, window);
    expect(counts).toMatchObject({ slices: 50_000, lanes: 0, unclosed: 0, lateSlices: 0 });
    expect(mostRows).toBeLessThan(4 * window + 2 * 4096);
  });
});

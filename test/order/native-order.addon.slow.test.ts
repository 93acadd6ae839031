/**
 * The C++ ordering rules by what the encoder writes: the golden vectors that lib/order is held to as
 * well, and random rows against the same naive model. Packets are read back with protobufjs.
 */
import type { NativeCounts } from '../../lib/addon/contract';
import { createNativeWriter, isSDKAvailable } from '../../lib/addon/load';
import { nativeOptions } from '../../lib/sinks/native-sinks';
import { decodeTrace } from '../support/decode-trace';
import { expectEqual } from '../support/equal';
import { sendRows, whole, type EventRow, type StreamRow } from '../support/event-rows';
import { naiveOrder, type Outcome } from '../support/naive-order';
import { readStreamVector, readWholeVector, streamVectors, wholeVectors } from '../support/order-vectors';
import { orderedStream } from '../support/ordered-stream';
import { randomRows, randomStream } from '../support/random-rows';

const describeNative = isSDKAvailable() ? describe : describe.skip;

/** A packet tells which row it comes from by its name, a counter by its value. */
function named<Row extends StreamRow>(rows: readonly Row[]): Row[] {
  return rows.map((row, index) =>
    row.kind === 'flush' ? row : { ...row, name: `row ${index}`, ...(row.kind === 'counter' ? { extent: index } : {}) },
  );
}

/** Encodes rows natively and reads the order of the packets back. */
function encoded(rows: readonly EventRow[]): Outcome & ReadOrder {
  const writer = createNativeWriter(nativeOptions());
  sendRows(named(rows), writer);
  const { lateSlices, bytes, ...counts } = writer.finishSync();
  expect([lateSlices, bytes]).toEqual([0, 0]);
  return { ...readOrder(writer.bytes(), rows), counts };
}

/** The same as a stream. */
async function streamed(rows: readonly StreamRow[], window: number): Promise<{ ops: Outcome['ops']; counts: NativeCounts }> {
  const writer = createNativeWriter({ ...nativeOptions(), window });
  const flushes: Promise<void>[] = [];
  sendRows(named(rows), writer, () => void flushes.push(writer.flush(true)));
  const counts = await writer.finish();
  await Promise.all(flushes);
  const chunks: Uint8Array[] = [];
  for (let chunk = writer.take(); chunk !== null; chunk = writer.take()) chunks.push(chunk);
  return { ops: readOrder(Buffer.concat(chunks), rows).ops, counts };
}

interface ReadOrder extends Pick<Outcome, 'ops' | 'arrows'> {
  /** The ids of flows of each row that has any, as its arguments in a vector name them. */
  flows: Record<string, [string, number][]>;
}

function readOrder(bytes: Uint8Array, rows: readonly StreamRow[]): ReadOrder {
  const trace = decodeTrace(bytes);
  // Ids that are written as they are, or those of arrows: no vector has both.
  const hasFlowIds = rows.some((row) => row.kind !== 'flush' && (row.flows ?? row.terminatingFlows) !== undefined);
  const flows: ReadOrder['flows'] = {};

  // Tracks and their lanes share a name; lanes follow in the order of their descriptors.
  const lanes = new Map<bigint, [track: number, lane: number]>();
  const seen = new Map<number, number>();
  for (const { uuid, name } of trace.tracks) {
    const track = Number(name.slice('track '.length));
    const lane = seen.get(track) ?? 0;
    seen.set(track, lane + 1);
    lanes.set(uuid, [track, lane]);
  }
  const ops: Outcome['ops'] = [];
  const starts = new Map<bigint, number>();
  const ends = new Map<bigint, number>();
  for (const event of trace.events) {
    const [track, lane] = lanes.get(event.track)!;
    if (event.type === 'end') {
      const time = event.time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(event.time) : String(event.time);
      ops.push(['E', track, lane, time]);
      continue;
    }
    const row = event.type === 'counter' ? event.value! : Number(event.name!.slice('row '.length));
    if (event.type === 'begin') ops.push(['B', row, lane]);
    else ops.push([event.type === 'instant' ? 'I' : 'C', row]);
    if (event.time !== BigInt(whole((rows[row] as EventRow).time))) throw new Error(`row ${row} is at ${event.time}`);
    if (hasFlowIds) {
      const ofRow = [
        ...event.leaving.map((id): [string, number] => ['flow', Number(id)]),
        ...event.arriving.map((id): [string, number] => ['terminatingFlow', Number(id)]),
      ];
      if (ofRow.length > 0) flows[row] = ofRow;
      continue;
    }
    for (const arrow of event.leaving) starts.set(arrow, row);
    for (const arrow of event.arriving) {
      if (!starts.has(arrow)) throw new Error(`arrow ${arrow} arrives before it leaves`);
      ends.set(arrow, row);
    }
  }
  const arrows = [...starts].sort(([a], [b]) => Number(a - b)).map(([arrow, row]): [number, number] => [row, ends.get(arrow)!]);
  return { ops, arrows, flows };
}

describeNative('golden vectors', () => {
  test.each(wholeVectors)('%s', (file) => {
    const { rows, expected } = readWholeVector(file);
    const { ops, arrows, flows, counts } = encoded(rows);
    expect(ops).toEqual(expected.ops);
    expect(arrows).toEqual(expected.arrows ?? []);
    if (Object.keys(flows).length > 0) expect(flows).toEqual(expected.args);
    expect(counts).toEqual(expected.counts);
  });
});

describeNative('random rows', () => {
  test('agree with the naive model', () => {
    for (let seed = 1; seed <= 1500; seed++) {
      const rows = randomRows(seed);
      const { ops, arrows, counts } = encoded(rows);
      expectEqual({ seed, ops, arrows, counts }, { seed, ...naiveOrder(rows) });
    }
  });
});

/**
 * By lane, in the order in which a reader takes them. A flush writes the ends that are known, where lib/order
 * tells of them when their time has come; a lane's own order is the same.
 */
function asRead(ops: Outcome['ops'], rows: readonly StreamRow[]): Record<string, unknown[]> {
  const byLane: Record<string, { time: bigint; op: unknown }[]> = {};
  for (const op of ops) {
    const row = op[0] === 'E' ? undefined : (rows[Number(op[1])] as EventRow);
    const lane = op[0] === 'E' ? `${op[1]}/${op[2]}` : op[0] === 'B' ? `${row!.track}/${op[2]}` : String(op[0]);
    (byLane[lane] ??= []).push({ time: BigInt(row?.time ?? op[3]), op });
  }
  const read = (events: { time: bigint; op: unknown }[]) => events.sort((a, b) => Number(a.time - b.time)).map(({ op }) => op);
  return Object.fromEntries(Object.entries(byLane).map(([lane, events]) => [lane, read(events)]));
}

describeNative('streams', () => {
  test.each(streamVectors)('%s', async (file) => {
    const { window, rows, expected } = readStreamVector(file);
    const { ops, counts } = await streamed(rows, window);
    if (rows.some(({ kind }) => kind === 'flush')) {
      expect(asRead(ops, rows)).toEqual(asRead(expected.ops, rows));
    } else {
      expect(ops).toEqual(expected.ops);
    }
    expect(counts).toMatchObject(expected.counts);
  });

  test('random ones are written as lib/order writes them', async () => {
    for (let seed = 1; seed <= 500; seed++) {
      const rows = randomStream(seed);
      const window = 1 + (seed % 20);
      const { ops, counts } = await streamed(rows, window);
      const twin = orderedStream(rows, window);
      expectEqual({ seed, read: asRead(ops, rows) }, { seed, read: asRead(twin.ops, rows) });
      expect(counts).toMatchObject(twin.counts);
    }
  });
});

/**
 * The C++ ordering rules by what the encoder writes: the golden vectors that lib/order is held to as
 * well, and random rows against the same naive model. Packets are read back with protobufjs.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createNativeEncoder, createNativeWriter, isSDKAvailable } from '../../lib/addon/load';
import type { StreamCounts } from '../../lib/sinks/stream-sink';
import { decodeTrace } from '../support/decode-trace';
import { expectEqual } from '../support/equal';
import { sendRows, whole, type EventRow, type StreamRow } from '../support/event-rows';
import { naiveOrder, type Outcome } from '../support/naive-order';
import { orderedStream } from '../support/ordered-stream';
import { randomRows, randomStream } from '../support/random-rows';

const VECTORS = path.join(__dirname, '../fixtures', 'order');
const NO_COUNTS = { slices: 0, instants: 0, counters: 0, flows: 0, lanes: 0, unclosed: 0, unmatched: 0, flowsUndrawn: 0 };

const NO_STREAM_COUNTS = { slices: 0, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0 };

const describeNative = isSDKAvailable() ? describe : describe.skip;

/** A packet tells which row it comes from by its name, a counter by its value. */
function named<Row extends StreamRow>(rows: readonly Row[]): Row[] {
  return rows.map((row, index) =>
    row.kind === 'flush' ? row : { ...row, name: `row ${index}`, ...(row.kind === 'counter' ? { extent: index } : {}) },
  );
}

/** Encodes rows natively and reads the order of the packets back. */
function encoded(rows: readonly EventRow[]): Outcome {
  const encoder = createNativeEncoder();
  sendRows(named(rows), encoder);
  const counts = encoder.encode();
  const bytes = new Uint8Array(encoder.byteLength);
  expect(encoder.read(0, bytes)).toBe(bytes.length);
  return { ...readOrder(bytes, rows), counts: { ...counts } };
}

/** The same as a stream. */
async function streamed(rows: readonly StreamRow[], window: number): Promise<{ ops: Outcome['ops']; counts: StreamCounts }> {
  const writer = createNativeWriter({ path: null, window, compression: 0, level: 1, clock: 0 });
  const flushes: Promise<void>[] = [];
  sendRows(named(rows), writer, () => void flushes.push(writer.flush(true)));
  const counts = await writer.finish();
  await Promise.all(flushes);
  const chunks: Uint8Array[] = [];
  for (let chunk = writer.take(); chunk !== null; chunk = writer.take()) chunks.push(chunk);
  return { ops: readOrder(Buffer.concat(chunks), rows).ops, counts };
}

function readOrder(bytes: Uint8Array, rows: readonly StreamRow[]): Pick<Outcome, 'ops' | 'arrows'> {
  const trace = decodeTrace(bytes);

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
    for (const arrow of event.leaving) starts.set(arrow, row);
    for (const arrow of event.arriving) {
      if (!starts.has(arrow)) throw new Error(`arrow ${arrow} arrives before it leaves`);
      ends.set(arrow, row);
    }
  }
  const arrows = [...starts].sort(([a], [b]) => Number(a - b)).map(([arrow, row]): [number, number] => [row, ends.get(arrow)!]);
  return { ops, arrows };
}

describeNative('golden vectors', () => {
  const files = fs.readdirSync(VECTORS).filter((file) => file.endsWith('.json') && !file.startsWith('stream-'));
  test.each(files)('%s', (file) => {
    const { rows, expected } = JSON.parse(fs.readFileSync(path.join(VECTORS, file), 'utf8')) as {
      rows: EventRow[];
      expected: { ops: unknown[]; arrows?: unknown[]; counts: Record<string, number> };
    };
    const { ops, arrows, counts } = encoded(rows);
    expect(ops).toEqual(expected.ops);
    expect(arrows).toEqual(expected.arrows ?? []);
    expect(counts).toEqual({ ...NO_COUNTS, ...expected.counts });
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
  const files = fs.readdirSync(VECTORS).filter((file) => file.startsWith('stream-'));
  test.each(files)('%s', async (file) => {
    const { window, rows, expected } = JSON.parse(fs.readFileSync(path.join(VECTORS, file), 'utf8')) as {
      window: number;
      rows: StreamRow[];
      expected: { ops: unknown[]; counts: Record<string, number> };
    };
    const { ops, counts } = await streamed(rows, window);
    if (rows.some(({ kind }) => kind === 'flush')) {
      expect(asRead(ops, rows)).toEqual(asRead(expected.ops as Outcome['ops'], rows));
    } else {
      expect(ops).toEqual(expected.ops);
    }
    expect(counts).toMatchObject({ ...NO_STREAM_COUNTS, ...expected.counts });
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

/**
 * The C++ ordering rules by what the encoder writes: the golden vectors that lib/order is held to as
 * well, and random rows against the same naive model. Packets are read back with protobufjs.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createNativeEncoder, isSDKAvailable } from '../lib/native';
import { decodeTrace } from './support/decode-trace';
import { sendRows, whole, type EventRow } from './support/event-rows';
import { naiveOrder, type Outcome } from './support/naive-order';
import { randomRows } from './support/random-rows';

const VECTORS = path.join(__dirname, 'fixtures', 'order');
const NO_COUNTS = { slices: 0, instants: 0, counters: 0, flows: 0, lanes: 0, unclosed: 0, unmatched: 0, flowsUndrawn: 0 };

const describeNative = isSDKAvailable() ? describe : describe.skip;

/** Encodes rows natively and reads the order of the packets back. */
function encoded(rows: readonly EventRow[]): Outcome {
  const encoder = createNativeEncoder();
  // A packet tells which row it comes from by its name, a counter by its value.
  sendRows(
    rows.map((row, index) => ({ ...row, name: `row ${index}`, ...(row.kind === 'counter' ? { extent: index } : {}) })),
    encoder,
  );
  const counts = encoder.encode();
  const bytes = new Uint8Array(encoder.byteLength);
  expect(encoder.read(0, bytes)).toBe(bytes.length);
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
    if (event.time !== BigInt(whole(rows[row].time))) throw new Error(`row ${row} is at ${event.time}`);
    for (const arrow of event.leaving) starts.set(arrow, row);
    for (const arrow of event.arriving) {
      if (!starts.has(arrow)) throw new Error(`arrow ${arrow} arrives before it leaves`);
      ends.set(arrow, row);
    }
  }
  const arrows = [...starts].sort(([a], [b]) => Number(a - b)).map(([arrow, row]): [number, number] => [row, ends.get(arrow)!]);
  return { ops, arrows, counts: { ...counts } };
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
      expect({ seed, ops, arrows, counts }).toEqual({ seed, ...naiveOrder(rows) });
    }
  });
});

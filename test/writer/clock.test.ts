import * as os from 'node:os';
import type { NativeClocks } from '../../lib/addon/contract';
import { nativeClocks } from '../../lib/addon/load';
import { EventBatch } from '../../lib/batch/batch';
import { RowFlag } from '../../lib/batch/layout';
import { Clock, inNanoseconds } from '../../lib/writer/clock';
import type { ClockName } from '../../lib/writer/options';

jest.mock('node:os', () => ({ ...jest.requireActual<typeof os>('node:os'), uptime: jest.fn() }));
const uptime = os.uptime as jest.MockedFunction<typeof os.uptime>;

const monotonic = () => process.hrtime.bigint();
const seconds = (time: bigint) => Number(time) / 1e9;

/** Both ways of reading a clock, in ns: each is between the two of the other. */
function clockReader(name: ClockName, native: NativeClocks | undefined): () => bigint {
  const clock = new Clock(name, native);
  return () => {
    const before = clock.now();
    clock.read();
    const [whole, beyond] = clock.cell;
    const time = BigInt(whole) * 1_000_000_000n + BigInt(beyond);
    expect(beyond).toBeLessThan(1_000_000_000);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(clock.now()).toBeGreaterThanOrEqual(time);
    return time;
  };
}

describe('the clocks of a trace, without the addon', () => {
  test('01 monotonic is that of the system', () => {
    const before = monotonic();
    const time = clockReader('monotonic', undefined)();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(monotonic());
  });

  test('02 boottime counts the sleep of the machine', () => {
    uptime.mockReturnValue(seconds(monotonic()) + 100);
    const now = clockReader('boottime', undefined);
    expect(seconds(now() - monotonic())).toBeCloseTo(100, 1);
  });

  test('03 boottime is monotonic where the machine has not slept', () => {
    uptime.mockReturnValue(seconds(monotonic()) + 0.5);
    expect(seconds(clockReader('boottime', undefined)() - monotonic())).toBeCloseTo(0, 2);
  });

  test('04 realtime is the wall clock, and does not go back with it', () => {
    const now = clockReader('realtime', undefined);
    expect(Math.abs(seconds(now()) - Date.now() / 1000)).toBeLessThan(0.5);
    const before = now();
    jest.spyOn(Date, 'now').mockReturnValue(0);
    expect(now()).toBeGreaterThan(before);
    jest.restoreAllMocks();
  });
});

describe('the clocks of a trace, with the addon', () => {
  const times: Record<number, bigint> = { 1: 5_000n, 3: 1_700_000_000_000_000_000n };
  const clockCell = new Uint32Array(4);
  const read = (number: number) => () => {
    const time = number === 2 ? monotonic() : times[number];
    clockCell[0] = Number(time / 1_000_000_000n);
    clockCell[1] = Number(time % 1_000_000_000n);
    new BigUint64Array(clockCell.buffer)[1] = time;
  };
  const native = { clockCell, readBoottime: read(1), readMonotonic: read(2), readRealtime: read(3) };

  test('05 boottime is read each time', () => {
    const now = clockReader('boottime', native);
    expect(now()).toBe(5_000n);
    times[1] = 6_000n;
    expect(now()).toBe(6_000n);
  });

  test('06 realtime is read once, and goes on from there', () => {
    const now = clockReader('realtime', native);
    const first = now();
    expect(first).toBeGreaterThanOrEqual(1_700_000_000_000_000_000n);
    times[3] = 0n;
    expect(now()).toBeGreaterThanOrEqual(first);
  });

  test('07 a wall clock that is behind the time since the start', () => {
    times[3] = monotonic() - 1_500_000_000n;
    const now = clockReader('realtime', native);
    expect(seconds(monotonic() - now())).toBeCloseTo(1.5, 1);
  });

  test('08 those of the addon are those of the system', () => {
    const clocks = nativeClocks();
    if (clocks === undefined) return;
    const before = monotonic();
    const time = clockReader('monotonic', clocks)();
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(monotonic());
    expect(clockReader('boottime', clocks)()).toBeGreaterThanOrEqual(before);
    expect(Math.abs(seconds(clockReader('realtime', clocks)()) - Date.now() / 1000)).toBeLessThan(0.5);
  });
});

describe('a reading in nanoseconds', () => {
  test('09 is a safe integer where it can be one', () => {
    expect(inNanoseconds(5, 7)).toBe(5_000_000_007);
    expect(inNanoseconds(9_007_198, 999_999_999)).toBe(9_007_198_999_999_999);
    expect(inNanoseconds(9_007_199, 1)).toBe(9_007_199_000_000_001n);
    expect(inNanoseconds(1, -1)).toBe(999_999_999);
  });

  test('10 goes exactly into the column of times', () => {
    const rows: bigint[] = [];
    const batch = new EventBatch({
      append({ rows: count, flags, time }) {
        const integers = new BigUint64Array(time.buffer);
        for (let i = 0; i < count; i++) rows.push(flags[i] & RowFlag.TimeIs64Bit ? integers[i] : BigInt(time[i]));
      },
    });
    const times: [number, number][] = [[0, 0], [9_007_199, 254_740_991], [9_007_199, 254_740_992], [9_007_199, 254_740_993]];
    for (let i = 1; i < 1000; i++) times.push([(i * 4_294_967) >>> 0, (i * 2_654_435_761) % 1e9], [2 ** 32 - i, 1e9 - i]);
    for (const [whole, beyond] of times) batch.addSliceAt(0, 0, whole, beyond, 1);
    batch.flush();
    expect(rows).toEqual(times.map(([whole, beyond]) => BigInt(whole) * 1_000_000_000n + BigInt(beyond)));
  });
});

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
    const time = BigInt(clock.high) * 2n ** 32n + BigInt(clock.low);
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
  const clockCell = new BigUint64Array(1);
  const read = (number: number) => () => void (clockCell[0] = times[number]);
  const native = { clockCell, readBoottime: read(1), readRealtime: read(3) };

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
    expect(inNanoseconds(5, 7)).toBe(7 * 2 ** 32 + 5);
    expect(inNanoseconds(2 ** 32 - 1, 2 ** 21 - 1)).toBe(2 ** 53 - 1);
    expect(inNanoseconds(0, 2 ** 21)).toBe(2n ** 53n);
    expect(inNanoseconds(1, 2 ** 31 - 1)).toBe((2n ** 31n - 1n) * 2n ** 32n + 1n);
    expect(inNanoseconds(-1, 1)).toBe(2 ** 32 - 1);
    expect(inNanoseconds(-1, 2 ** 22)).toBe(2n ** 54n - 1n);
  });

  test('10 goes exactly into the column of times', () => {
    const rows: bigint[] = [];
    const batch = new EventBatch({
      append({ rows: count, flags, time }) {
        const integers = new BigUint64Array(time.buffer);
        for (let i = 0; i < count; i++) rows.push(flags[i] & RowFlag.TimeIs64Bit ? integers[i] : BigInt(time[i]));
      },
    });
    const times: [number, number][] = [[0, 0], [2 ** 32 - 1, 2 ** 21 - 1], [0, 2 ** 21], [1, 2 ** 21], [2 ** 32 - 1, 2 ** 31 - 1]];
    for (let i = 1; i < 1000; i++) times.push([(i * 2_654_435_761) % 2 ** 32, i * 2 ** 21 - 1], [2 ** 32 - i, 2 ** 31 - i]);
    for (const [low, high] of times) batch.addSliceAt(0, 0, low, high, 1);
    batch.flush();
    expect(rows).toEqual(times.map(([low, high]) => BigInt(high) * 2n ** 32n + BigInt(low)));
  });
});

import * as os from 'node:os';
import { clockReader } from '../../lib/writer/clock';

jest.mock('node:os', () => ({ uptime: jest.fn() }));
const uptime = os.uptime as jest.MockedFunction<typeof os.uptime>;

const monotonic = () => process.hrtime.bigint();
const seconds = (time: bigint) => Number(time) / 1e9;

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
  const read = (clock: number) => times[clock];

  test('05 boottime is read each time', () => {
    const now = clockReader('boottime', read);
    expect(now()).toBe(5_000n);
    times[1] = 6_000n;
    expect(now()).toBe(6_000n);
  });

  test('06 realtime is read once, and goes on from there', () => {
    const now = clockReader('realtime', read);
    const first = now();
    expect(first).toBeGreaterThanOrEqual(1_700_000_000_000_000_000n);
    times[3] = 0n;
    expect(now()).toBeGreaterThanOrEqual(first);
  });
});

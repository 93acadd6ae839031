import * as os from 'node:os';
import type { ClockName } from './options';

/** Clocks by the number that the addon knows them by; 0 is none. */
export const CLOCK_NUMBERS: Readonly<Record<ClockName, 1 | 2 | 3>> = { boottime: 1, monotonic: 2, realtime: 3 };

/** Below this the machine has not slept, and the difference is that of two readings. */
const MIN_SLEEP_NS = 1_000_000_000n;

/** Reads a clock of the system by its number, in ns. */
type ReadNative = (clock: number) => bigint;

/**
 * What reads a clock, in ns.
 *
 * The addon reads any of them. Without it (no `readNative`) there is CLOCK_MONOTONIC only, and the
 * others are that one plus a distance measured now: boottime by how long the machine has slept (from
 * `os.uptime()`, to 10 ms), realtime by the wall clock (to 1 ms). realtime keeps its distance even
 * with the addon: the wall clock may be set back while a trace is written, its times may not.
 */
export function clockReader(clock: ClockName, readNative: ReadNative | undefined): () => bigint {
  const monotonic = () => process.hrtime.bigint();
  if (clock === 'monotonic') return monotonic;
  if (clock === 'boottime' && readNative !== undefined) return () => readNative(CLOCK_NUMBERS.boottime);
  const distance = clock === 'boottime' ? sleptSoFar() : wallClock(readNative) - monotonic();
  return () => monotonic() + distance;
}

function sleptSoFar(): bigint {
  const slept = BigInt(Math.round(os.uptime() * 1e9)) - process.hrtime.bigint();
  return slept > MIN_SLEEP_NS ? slept : 0n;
}

function wallClock(readNative: ReadNative | undefined): bigint {
  return readNative === undefined ? BigInt(Date.now()) * 1_000_000n : readNative(CLOCK_NUMBERS.realtime);
}

import * as os from 'node:os';
import type { NativeClocks } from '../addon/contract';
import type { Integer } from '../values';
import type { ClockName } from './options';

const NS_A_SECOND = 1_000_000_000;
/** Below this many seconds nanoseconds are safe integers: 104 days. */
const MAX_SAFE_SECONDS = 9_007_199;
/** Below this the machine has not slept, and the difference is that of two readings. */
const MIN_SLEEP_NS = 1_000_000_000n;

/**
 * Reads the clock of a trace.
 *
 * A span reads it twice, so a reading must be cheap, exact to the nanosecond, and must not go back. A
 * bigint takes as long to make as the clock takes to read, and 53 bits are too few for the nanoseconds
 * since 1970. A reading is therefore two small integers: whole seconds, and the nanoseconds beyond them.
 * All clocks of a thread share the cell that holds them: take both before anything else is called.
 *
 * boottime is read through the addon each time: a distance to monotonic, once measured, would be wrong
 * from when the machine wakes up until somebody measured it again. realtime is monotonic plus their
 * distance when the trace was opened, since the wall clock may be set back while a trace is written, and
 * its times may not. Without the addon boottime is such a sum too, of how long the machine had slept
 * (from `os.uptime()`, to 10 ms), and the wall clock is known to 1 ms.
 */
export class Clock {
  /** The last reading: seconds, and nanoseconds from 0 to 999,999,999. */
  readonly cell: Uint32Array;
  private readonly readSource: () => void;
  private readonly sourceTime: () => bigint;
  /** From the source to this clock, in ns, and the same as a reading. */
  private readonly distance: bigint = 0n;
  private readonly distanceSeconds: number = 0;
  private readonly distanceNanoseconds: number = 0;

  constructor(clock: ClockName, native: NativeClocks | undefined) {
    if (native === undefined) {
      this.cell = nodeCell;
      this.readSource = readNode;
      this.sourceTime = () => process.hrtime.bigint();
    } else {
      const time = new BigUint64Array(native.clockCell.buffer, 8, 1);
      const read = clock === 'boottime' ? native.readBoottime : native.readMonotonic;
      this.cell = native.clockCell;
      this.readSource = read;
      this.sourceTime = () => {
        read();
        return time[0];
      };
    }
    if (clock === 'boottime' && native === undefined) this.distance = sleptSoFar();
    if (clock === 'realtime') this.distance = wallClock(native) - this.sourceTime();
    // The seconds are negative if the wall clock is not set; the nanoseconds are never.
    const second = BigInt(NS_A_SECOND);
    const beyond = ((this.distance % second) + second) % second;
    this.distanceSeconds = Number((this.distance - beyond) / second);
    this.distanceNanoseconds = Number(beyond);
  }

  /** Writes the time now into the cell. */
  read(): void {
    this.readSource();
    const { cell, distanceSeconds, distanceNanoseconds } = this;
    if (distanceSeconds === 0 && distanceNanoseconds === 0) return;
    const sum = cell[1] + distanceNanoseconds;
    const carry = sum >= NS_A_SECOND ? 1 : 0;
    cell[0] += distanceSeconds + carry;
    cell[1] = sum - carry * NS_A_SECOND;
  }

  /** The time now, in ns. */
  now(): bigint {
    return this.sourceTime() + this.distance;
  }
}

const nodeCell = new Uint32Array(2);

/** Reads Node's clock, which is monotonic. */
function readNode(): void {
  const [seconds, nanoseconds] = process.hrtime();
  nodeCell[0] = seconds;
  nodeCell[1] = nanoseconds;
}

/** A reading, or the difference of two, in ns: a safe integer, or a bigint if it is too large for one. */
export function inNanoseconds(seconds: number, nanoseconds: number): Integer {
  if (seconds < MAX_SAFE_SECONDS) return seconds * NS_A_SECOND + nanoseconds;
  return BigInt(seconds) * BigInt(NS_A_SECOND) + BigInt(nanoseconds);
}

function sleptSoFar(): bigint {
  const slept = BigInt(Math.round(os.uptime() * 1e9)) - process.hrtime.bigint();
  return slept > MIN_SLEEP_NS ? slept : 0n;
}

function wallClock(native: NativeClocks | undefined): bigint {
  if (native === undefined) return BigInt(Date.now()) * 1_000_000n;
  native.readRealtime();
  return BigInt(native.clockCell[0]) * BigInt(NS_A_SECOND) + BigInt(native.clockCell[1]);
}

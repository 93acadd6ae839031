import * as os from 'node:os';
import { performance } from 'node:perf_hooks';
import type { NativeClocks } from '../addon/contract';
import { HIGH_HALF, LOW_HALF } from '../batch/batch';
import { MAX_TIME } from '../limits';
import type { Integer } from '../values';
import type { ClockName } from './options';

/** Below this the machine has not slept, and the difference is that of two readings. */
const MIN_SLEEP_NS = 1_000_000_000n;

/** Node's clock, which is monotonic. Bound, it takes a quarter less time, and nobody who replaces `process.hrtime` changes it. */
const readNode = process.hrtime.bigint.bind(process.hrtime);

/**
 * Reads the clock of a trace.
 *
 * A span reads it twice, so a reading must be cheap, exact to the nanosecond, and must not go back. A
 * bigint takes half as long to make as the clock takes to read, and 53 bits are too few for the nanoseconds
 * since 1970. A reading is therefore written into a cell, as an integer of 64 bits, and taken out as two of 32.
 * All boottime clocks of a thread share the cell: take both before anything else is called.
 *
 * boottime is read through the addon each time: a distance to monotonic, once measured, would be wrong
 * from when the machine wakes up until somebody measured it again. realtime is monotonic plus their
 * distance when the trace was opened, since the wall clock may be set back while a trace is written, and
 * its times may not. Without the addon boottime is such a sum too, of how long the machine had slept
 * (from `os.uptime()`, to 10 ms), and the wall clock is known to 1 ms.
 */
export class Clock {
  private readonly cell: BigUint64Array;
  private readonly halves: Uint32Array;
  /** Writes the time into the cell; undefined: it is Node's clock plus the distance. */
  private readonly readNative?: () => void;
  private readonly distance: bigint = 0n;
  /** What this clock shows when performance.now() is 0, in ns; measured when it is first asked for. */
  private performanceOrigin?: bigint;

  constructor(clock: ClockName, native: NativeClocks | undefined) {
    if (clock === 'boottime' && native !== undefined) this.readNative = native.readBoottime;
    this.cell = this.readNative && native ? native.clockCell : new BigUint64Array(1);
    this.halves = new Uint32Array(this.cell.buffer);
    if (clock === 'boottime' && native === undefined) this.distance = sleptSoFar();
    if (clock === 'realtime') this.distance = wallClock(native) - readNode();
  }

  /** Takes the time now, for `low` and `high`. */
  read(): void {
    // With asUintN() V8 makes no bigint of it.
    if (this.readNative === undefined) this.cell[0] = BigInt.asUintN(64, readNode() + this.distance);
    else this.readNative();
  }

  /** The lower and the upper 32 bits of the last reading, in ns. */
  get low(): number {
    return this.halves[LOW_HALF];
  }

  get high(): number {
    return this.halves[HIGH_HALF];
  }

  /** The last reading. */
  protected get value(): bigint {
    return this.cell[0];
  }

  /** The time now, in ns. */
  now(): bigint {
    this.read();
    return this.value;
  }

  /** The time of this clock, in ns, when performance.now() was `ms`. All of one clock have the same distance. */
  fromPerformance(ms: number): bigint {
    return (this.performanceOrigin ??= this.originOfPerformance()) + BigInt(Math.round(ms * 1e6));
  }

  /** Between two readings that are close together the other clock is read too. */
  private originOfPerformance(): bigint {
    let origin = 0n;
    let least = MAX_TIME;
    for (let i = 0; i < 10; i++) {
      const before = this.now();
      const other = performance.now();
      const took = this.now() - before;
      if (took >= least) continue;
      least = took;
      origin = before + took / 2n - BigInt(Math.round(other * 1e6));
    }
    return origin;
  }
}

/** The clock of a trace that is not written: spans do not read it. */
export class SilentClock extends Clock {
  override read(): void {
    // A span of a disabled trace has no time.
  }

  override now(): bigint {
    super.read();
    return this.value;
  }
}

/** The halves of a reading, or the differences of those of two, as ns: a safe integer, or else a bigint. */
export function inNanoseconds(low: number, high: number): Integer {
  const time = high * 2 ** 32 + low;
  return time <= Number.MAX_SAFE_INTEGER ? time : BigInt(high) * 2n ** 32n + BigInt(low);
}

function sleptSoFar(): bigint {
  const slept = BigInt(Math.round(os.uptime() * 1e9)) - readNode();
  return slept > MIN_SLEEP_NS ? slept : 0n;
}

function wallClock(native: NativeClocks | undefined): bigint {
  if (native === undefined) return BigInt(Date.now()) * 1_000_000n;
  native.readRealtime();
  return native.clockCell[0];
}

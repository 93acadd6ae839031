import { addExact, type Exact, type FieldReader, type Fields } from './field-reader';

/** perfetto.protos.ClockSnapshot. */
const ClockSnapshot = { clocks: 1, primaryTraceClock: 2 } as const;

const BOOTTIME = 6;
/** These ids mean something else on each sequence. */
const FIRST_SEQUENCE_CLOCK = 64;
const LAST_SEQUENCE_CLOCK = 127;

/** A clock of a sequence, related to the trace's by the last snapshot. */
interface SequenceClock {
  isIncremental: boolean;
  multiplier: Exact;
  /** The time of the last packet on an incremental clock, in ns of that clock. */
  last: Exact;
  /** What turns a time of this clock into one of the trace; null where that is not known. */
  offset: Exact | null;
}

export type SequenceClocks = Map<number, SequenceClock>;

/** perfetto.protos.ClockSnapshot.Clock. */
interface Reading {
  id: number;
  timestamp: Exact;
  isIncremental: number;
  multiplier: Exact;
}

const READING: Fields<Reading> = {
  1: ['id', 'number'],
  2: ['timestamp', 'integer'],
  3: ['isIncremental', 'number'],
  4: ['multiplier', 'integer'],
};

/** Turns the times of packets into times of the trace, by the clock snapshots that came before. */
export class TraceClocks {
  /** The id of the clock that the trace's times count on. */
  traceClock = BOOTTIME;
  private isTraceClockKnown = false;
  private readonly offsets = new Map<number, Exact>();

  /** Learns from a ClockSnapshot of a sequence. */
  learn(snapshot: FieldReader, sequence: SequenceClocks): void {
    const readings: Reading[] = [];
    let primary: number | undefined;
    while (snapshot.next()) {
      if (snapshot.field === ClockSnapshot.clocks) {
        readings.push(snapshot.message().into({ id: 0, timestamp: 0, isIncremental: 0, multiplier: 1 }, READING));
      } else if (snapshot.field === ClockSnapshot.primaryTraceClock) {
        primary = snapshot.number();
      }
    }
    if (primary !== undefined && !this.isTraceClockKnown) this.traceClock = primary;
    this.isTraceClockKnown = true;

    const traceTime = this.traceTimeOf(readings);
    for (const { id, timestamp, isIncremental, multiplier } of readings) {
      const last = times(timestamp, multiplier);
      const offset = traceTime === null ? null : addExact(traceTime, -last);
      if (isSequenceClock(id)) sequence.set(id, { isIncremental: isIncremental !== 0, multiplier, last, offset });
      else if (offset !== null) this.offsets.set(id, offset);
    }
  }

  /**
   * The time of a packet; null where its clock has no known relation to the trace's. Must be called
   * for each packet with a time, since an incremental clock counts from packet to packet.
   */
  resolve(timestamp: Exact, clockId: number, sequence: SequenceClocks): Exact | null {
    // Without a clock, or on the trace's own, the time is what it says.
    if (clockId === 0 || clockId === this.traceClock) return timestamp;
    const clock = sequence.get(clockId);
    if (!isSequenceClock(clockId) || clock === undefined) {
      const offset = this.offsets.get(clockId);
      return offset === undefined ? null : addExact(timestamp, offset);
    }
    const own = times(timestamp, clock.multiplier);
    clock.last = clock.isIncremental ? addExact(clock.last, own) : own;
    return clock.offset === null ? null : addExact(clock.last, clock.offset);
  }

  /** What the trace's clock showed at a snapshot: directly, or by a clock that an earlier one related. */
  private traceTimeOf(readings: readonly Reading[]): Exact | null {
    const direct = readings.find(({ id }) => id === this.traceClock);
    if (direct !== undefined) return times(direct.timestamp, direct.multiplier);
    for (const { id, timestamp, multiplier } of readings) {
      const offset = isSequenceClock(id) ? undefined : this.offsets.get(id);
      if (offset !== undefined) return addExact(times(timestamp, multiplier), offset);
    }
    return null;
  }
}

function isSequenceClock(id: number): boolean {
  return id >= FIRST_SEQUENCE_CLOCK && id <= LAST_SEQUENCE_CLOCK;
}

function times(value: Exact, factor: Exact): Exact {
  if (factor === 1 || factor === 0) return value;
  const product = typeof value === 'number' && typeof factor === 'number' ? value * factor : NaN;
  return Number.isSafeInteger(product) ? product : BigInt(value) * BigInt(factor);
}

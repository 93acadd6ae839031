import { addExact, type Exact, type FieldReader, type Fields } from '../protobuf/field-reader';
import { MessageWriter } from '../protobuf/message-writer';
import { contentOf, type PacketWalker, type WalkedPacket } from './walk';
import { difference } from './tracks';
import type { Windows } from '../filter/windows';

interface BundleClock {
  clock: number;
  ftraceTime?: Exact;
  bootTime?: Exact;
}

const CLOCK: Fields<BundleClock> = { 5: ['clock', 'number'], 6: ['ftraceTime', 'integer'], 7: ['bootTime', 'integer'] };
const EVENT: Fields<{ timestamp: Exact }> = { 1: ['timestamp', 'integer'] };

/** perfetto.protos.FtraceEventBundle. */
const Bundle = { event: 2, compactSched: 4 } as const;
const Compact = { switchTime: 1, wakingTime: 7 } as const;
/** The columns of CompactSched that have a value for each switch, and for each waking. */
const SWITCH_COLUMNS: ReadonlySet<number> = new Set([2, 3, 4, 6]);
const WAKING_COLUMNS: ReadonlySet<number> = new Set([8, 9, 10, 11, 12]);

const BOOTTIME = 6;
const MONOTONIC_RAW = 5;
/** FtraceClock.FTRACE_CLOCK_MONO_RAW; 0 is the boot clock, the others are related by the bundle's own two times. */
const FTRACE_MONO_RAW = 3;

/** The times of the events of a bundle. */
export function* bundleTimes(packet: WalkedPacket, walker: PacketWalker): Generator<Exact> {
  const toTrace = timesOf(packet, walker);
  const bundle = contentOf(packet);
  while (bundle.next()) {
    if (bundle.field === Bundle.event) yield toTrace(bundle.message().into({ timestamp: 0 }, EVENT).timestamp);
    else if (bundle.field === Bundle.compactSched) {
      const columns = bundle.message();
      while (columns.next()) {
        if (columns.field === Compact.switchTime || columns.field === Compact.wakingTime) yield* absolute(columns.integers()).map(toTrace);
      }
    }
  }
}

/** The bundle with the events that lie in the windows alone, and how many there are not. */
export function trimBundle(packet: WalkedPacket, walker: PacketWalker, windows: Windows): { content: Buffer; dropped: number } {
  const toTrace = timesOf(packet, walker);
  const written = new MessageWriter();
  const bundle = contentOf(packet);
  let dropped = 0;
  while (bundle.next()) {
    if (bundle.field === Bundle.event) {
      if (windows.has(toTrace(bundle.message().into({ timestamp: 0 }, EVENT).timestamp))) written.raw(bundle.raw());
      else dropped++;
    } else if (bundle.field === Bundle.compactSched) {
      const compact = trimCompact(bundle.message(), (time) => windows.has(toTrace(time)));
      written.data(Bundle.compactSched, compact.content);
      dropped += compact.dropped;
    } else {
      written.raw(bundle.raw());
    }
  }
  return { content: written.finish(), dropped };
}

/** CompactSched is a table in columns; each first time is absolute, the others count from the one before. */
function trimCompact(table: FieldReader, stays: (time: Exact) => boolean): { content: Buffer; dropped: number } {
  const written = new MessageWriter();
  const columns = new Map<number, Exact[]>();
  while (table.next()) {
    const { field } = table;
    const isColumn = field === Compact.switchTime || field === Compact.wakingTime || SWITCH_COLUMNS.has(field) || WAKING_COLUMNS.has(field);
    if (!isColumn) written.raw(table.raw());
    else columns.set(field, [...(columns.get(field) ?? []), ...table.integers()]);
  }
  let dropped = 0;
  for (const [timeField, others] of [[Compact.switchTime, SWITCH_COLUMNS], [Compact.wakingTime, WAKING_COLUMNS]] as const) {
    const times = absolute(columns.get(timeField) ?? []);
    const kept = times.map(stays);
    const left = times.filter((_, i) => kept[i]);
    dropped += times.length - left.length;
    if (left.length === 0) continue;
    written.packed(timeField, left.map((time, i) => (i === 0 ? time : difference(time, left[i - 1]))));
    for (const field of others) {
      const values = columns.get(field);
      if (values !== undefined) written.packed(field, values.filter((_, i) => kept[i]));
    }
  }
  return { content: written.finish(), dropped };
}

function absolute(differences: readonly Exact[]): Exact[] {
  let time: Exact = 0;
  return differences.map((step) => (time = addExact(time, step)));
}

function timesOf(packet: WalkedPacket, walker: PacketWalker): (time: Exact) => Exact {
  const { clock, ftraceTime, bootTime } = contentOf(packet).into<BundleClock>({ clock: 0 }, CLOCK);
  const resolve = (time: Exact, id: number) => walker.clocks.resolve(time, id, packet.sequence.clocks) ?? time;
  if (clock === 0) return (time) => resolve(time, BOOTTIME);
  if (clock === FTRACE_MONO_RAW) return (time) => resolve(time, MONOTONIC_RAW);
  const offset = ftraceTime === undefined || bootTime === undefined ? 0 : difference(bootTime, ftraceTime);
  return (time) => resolve(addExact(time, offset), BOOTTIME);
}

import type { Exact } from '../protobuf/field-reader';
import { MessageWriter } from '../protobuf/message-writer';
import { contentOf, type PacketWalker, type WalkedPacket } from './walk';
import type { Windows } from '../filter/windows';

/** A StreamingProfilePacket with the samples that stay. */
export interface TrimmedSamples {
  /** Null: none stays. */
  content: Buffer | null;
  dropped: number;
  /** Microseconds of samples that went, for the next one that stays. */
  left: number;
}

/** The times of the samples of a packet. */
export function* sampleTimes(packet: WalkedPacket, walker: PacketWalker): Generator<Exact> {
  const { sequence } = packet;
  const steps: Exact[] = [];
  const fields = contentOf(packet);
  while (fields.next()) if (fields.field === 2) steps.push(...fields.integers());
  let at = sequence.microseconds - total(steps);
  for (const step of steps) yield walker.fromMicroseconds((at += signed(step)), sequence);
}

/** The time of each sample counts from the one before; `gone` is what those before would have added. */
export function trimSamples(packet: WalkedPacket, walker: PacketWalker, windows: Windows | null, gone: number): TrimmedSamples {
  const { sequence } = packet;
  const written = new MessageWriter();
  const stacks: Exact[] = [];
  const steps: Exact[] = [];
  const fields = contentOf(packet);
  while (fields.next()) {
    if (fields.field === 1) stacks.push(...fields.integers());
    else if (fields.field === 2) steps.push(...fields.integers());
    else written.raw(fields.raw());
  }
  // The walker has added the steps of this packet already.
  let at = sequence.microseconds - total(steps);
  let left = gone;
  let kept = 0;
  for (const [i, stack] of stacks.entries()) {
    const step = signed(steps[i] ?? 0);
    at += step;
    if (windows !== null && !windows.has(walker.fromMicroseconds(at, sequence))) {
      left += step;
      continue;
    }
    kept++;
    written.integer(1, stack).integer(2, step + left);
    left = 0;
  }
  return { content: kept === 0 ? null : written.finish(), dropped: stacks.length - kept, left };
}

function total(steps: readonly Exact[]): number {
  return steps.reduce<number>((sum, step) => sum + signed(step), 0);
}

function signed(value: Exact): number {
  return Number(BigInt.asIntN(64, BigInt(value)));
}

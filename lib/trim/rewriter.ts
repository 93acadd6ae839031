import { addExact, FieldReader, type Exact } from '../protobuf/field-reader';
import { MessageWriter } from '../protobuf/message-writer';
import { Decision } from './decisions';
import { FlowSteps } from './flow-steps';
import { trimBundle } from './ftrace';
import { keepsArg, trimmedArg } from './args';
import type { Plan } from './plan';
import { RelativeValues, type Rebased } from './relative';
import { trimSamples } from './samples';
import { Sequence } from './sequence';
import { difference, type Tracks } from './tracks';
import { contentOf, isDescription, Payload, type PacketWalker, type WalkedPacket } from './walk';
import type { CheckedFilterOptions } from '../filter/options';
import type { Windows } from '../filter/windows';

/** perfetto.protos.TracePacket, beside its content. */
const Field = { timestamp: 8, interned: 12, clockId: 58, first: 87 } as const;

/** What went beside the events that a Plan counts. */
export interface RewriteCounts {
  /** Arrows of which one end stays and the other goes. */
  flowsCut: number;
  droppedKernelEvents: number;
  droppedSamples: number;
  /** GPU stage events. */
  droppedStages: number;
  /** Packets of other kinds with a time that does not stay. */
  droppedPackets: number;
}

/** Writes the packets that stay, in the order of the file, so that each means what it meant. */
export class Rewriter {
  readonly counts: RewriteCounts = { flowsCut: 0, droppedKernelEvents: 0, droppedSamples: 0, droppedStages: 0, droppedPackets: 0 };
  private readonly relative: RelativeValues;
  private readonly flows = new FlowSteps();
  private events = 0;

  constructor(
    private readonly options: CheckedFilterOptions,
    private readonly windows: Windows | null,
    private readonly plan: Plan,
    tracks: Tracks,
    private readonly walker: PacketWalker,
    private readonly emit: (packet: Uint8Array) => void,
  ) {
    this.relative = new RelativeValues(tracks);
  }

  add(packet: WalkedPacket): void {
    if (packet.isSkipped) return this.writeState(packet);
    this.relative.begin(packet, Sequence.isCleared(packet.head));
    switch (packet.payload) {
      case Payload.trackEvent:
        return this.addEvent(packet);
      case Payload.gpuRenderStageEvent:
        return this.addStage(packet);
      case Payload.ftraceEvents:
        return this.addBundle(packet);
      case Payload.streamingProfilePacket:
        return this.addSamples(packet);
    }
    if (isDescription(packet.payload) || packet.time === null || (this.windows?.has(packet.time) ?? true)) {
      this.keep(packet);
    } else {
      this.counts.droppedPackets++;
      this.drop(packet);
    }
  }

  finish(): void {
    this.counts.flowsCut = this.flows.cut;
  }

  private addEvent(packet: WalkedPacket): void {
    const event = packet.event!;
    const index = this.events++;
    const decision = this.plan.decisions.get(index);
    const ids = event.flows.length === 0 ? undefined : this.flows.step(event.flows, decision !== 0);
    if (decision === 0) {
      this.relative.dropValues(packet);
      this.drop(packet);
      return;
    }
    const cut = this.cutOf(packet, index, decision);
    const isMoved = cut !== undefined && cut.time !== packet.time;
    const values = this.relative.keepValues(packet, isMoved);
    if (cut !== undefined) this.relative.dropTimes(packet);
    const times = cut === undefined ? this.relative.keepTimes(packet) : { timestamp: cut.time };
    const rebased = { ...values, ...times };
    // The beginning of a slice says for both of its ends what was cut.
    const trimmed = event.kind === 'end' || decision === Decision.keep ? undefined : trimmedArg(decision);
    const isSame = Object.keys(rebased).length === 0 && ids === undefined && trimmed === undefined && cut === undefined;
    if (isSame && this.options.args === 'all') return this.emit(packet.bytes);
    this.write(packet, rebased, cut !== undefined, this.rewriteEvent(packet, { rebased, ids, trimmed, cut, isMoved }));
  }

  /** The time and duration of an event at an edge; undefined where it stays at its own time. */
  private cutOf({ event, time, duration }: WalkedPacket, index: number, decision: number): Cut | undefined {
    if (this.windows === null || time === null || decision === Decision.keep) return undefined;
    const { kind } = event!;
    const from = (decision & Decision.cutBegin) !== 0 && kind !== 'end' ? this.plan.beginEdge(index, time) : time;
    if (kind === 'complete') {
      const end = addExact(time, duration);
      const to = (decision & Decision.cutEnd) !== 0 ? this.plan.endEdge(index, end) : end;
      return { time: from, duration: difference(to, from) };
    }
    if (kind === 'begin' && from !== time) return { time: from };
    if (kind === 'end' && (decision & Decision.cutEnd) !== 0) return { time: this.plan.endEdge(index, time) };
    return undefined;
  }

  private rewriteEvent(packet: WalkedPacket, { rebased, ids, trimmed, cut, isMoved }: EventChange): Buffer {
    const written = new MessageWriter();
    const { args } = this.options;
    const hasFlow = packet.event!.flows.length > 0;
    const counters = new Map<number, (number | bigint)[]>([...(rebased.counters ?? [])].map(([field, values]) => [field, [...values]]));
    const flowIds = ids?.values();
    const fields = contentOf(packet);
    while (fields.next()) {
      const { field } = fields;
      if ((field === 1 || field === 16) && cut !== undefined) continue;
      if ((field === 12 || field === 46) && isMoved) continue;
      if (field === 1 && rebased.microseconds !== undefined) written.integer(1, rebased.microseconds);
      else if (field === 2 && rebased.threadMicroseconds !== undefined) written.integer(2, rebased.threadMicroseconds);
      else if (field === 8 && rebased.instructions !== undefined) written.integer(8, rebased.instructions);
      else if (field === 4 && args !== 'all' && !keepsArg(fields.message(), packet.sequence, args, hasFlow)) continue;
      else if (field === 6 && cut?.duration !== undefined) written.data(6, withDuration(fields.message(), cut.duration));
      else if ((field === 12 || field === 30) && counters.has(field)) {
        for (let n = fields.integers().length; n > 0; n--) written.integer(field, BigInt(counters.get(field)!.shift()!));
      } else if ((field === 44 || field === 46) && counters.has(field)) {
        for (let n = fields.doubles().length; n > 0; n--) written.double(field, Number(counters.get(field)!.shift()!));
      } else if ((field === 36 || field === 42) && flowIds !== undefined) {
        for (let n = fields.integers().length; n > 0; n--) written.integer(field, flowIds.next().value!);
      } else if ((field === 47 || field === 48) && flowIds !== undefined) {
        for (let n = fields.fixed64s().length; n > 0; n--) written.fixed64(field, flowIds.next().value!);
      } else written.raw(fields.raw());
    }
    if (trimmed !== undefined) written.data(4, trimmed);
    return written.finish();
  }

  private addStage(packet: WalkedPacket): void {
    const { time, duration } = packet;
    const { minDuration } = this.options;
    const isInside = this.windows === null || time === null || this.windows.touches(time, addExact(time, duration));
    if (!isInside || (minDuration !== undefined && duration < minDuration)) {
      this.counts.droppedStages++;
      return this.drop(packet);
    }
    const cut = this.windows === null || time === null ? undefined : cutSlice(this.windows, time, duration);
    if (cut === undefined || (cut.time === time && cut.duration === duration)) return this.keep(packet);
    this.relative.dropTimes(packet);
    const stage = new MessageWriter().integer(2, cut.duration!);
    const fields = contentOf(packet);
    while (fields.next()) if (fields.field !== 2) stage.raw(fields.raw());
    this.write(packet, { timestamp: cut.time }, true, stage.finish());
  }

  private addBundle(packet: WalkedPacket): void {
    if (this.windows === null) return this.keep(packet);
    const { content, dropped } = trimBundle(packet, this.walker, this.windows);
    this.counts.droppedKernelEvents += dropped;
    if (dropped === 0) this.keep(packet);
    else this.write(packet, this.relative.keepTimes(packet), false, content);
  }

  private addSamples(packet: WalkedPacket): void {
    const { sequence } = packet;
    const { content, dropped, left } = trimSamples(packet, this.walker, this.windows, this.relative.takeMicroseconds(sequence));
    this.relative.addMicroseconds(sequence, left);
    this.counts.droppedSamples += dropped;
    if (content === null) this.drop(packet);
    else this.write(packet, this.relative.keepTimes(packet), false, content);
  }

  private keep(packet: WalkedPacket): void {
    const rebased = this.relative.keepTimes(packet);
    if (rebased.timestamp === undefined) this.emit(packet.bytes);
    else this.write(packet, rebased, false);
  }

  private drop(packet: WalkedPacket): void {
    this.relative.dropTimes(packet);
    this.writeState(packet);
  }

  /** Leaves what later packets rely on, without an event or a time. */
  private writeState(packet: WalkedPacket): void {
    const { head } = packet;
    let isNeeded = head.defaults !== undefined || Sequence.isCleared(head) || head.previousPacketDropped !== 0;
    const state = new MessageWriter();
    const fields = new FieldReader(packet.bytes);
    while (fields.next()) {
      const { field } = fields;
      if (field === packet.payload || field === Field.timestamp || field === Field.clockId) continue;
      if (field === Field.interned || field === Field.first) isNeeded = true;
      state.raw(fields.raw());
    }
    if (isNeeded) this.emit(state.finish());
  }

  /** The packet with another time, and with another content where one is given. */
  private write(packet: WalkedPacket, { timestamp }: Rebased, isAbsolute: boolean, content?: Uint8Array): void {
    const written = new MessageWriter();
    if (timestamp !== undefined) written.integer(Field.timestamp, timestamp);
    if (isAbsolute) written.integer(Field.clockId, this.walker.clocks.traceClock);
    const fields = new FieldReader(packet.bytes);
    while (fields.next()) {
      const { field } = fields;
      if (field === Field.timestamp && timestamp !== undefined) continue;
      if (field === Field.clockId && isAbsolute) continue;
      if (field === packet.payload && content !== undefined) written.data(field, content);
      else written.raw(fields.raw());
    }
    this.emit(written.finish());
  }
}

interface Cut {
  time: Exact;
  /** ns; of what says its duration itself. */
  duration?: Exact;
}

interface EventChange {
  rebased: Rebased;
  ids?: Exact[];
  trimmed?: Buffer;
  cut?: Cut;
  /** Whether the cut begins or ends it at another time. */
  isMoved: boolean;
}

function cutSlice(windows: Windows, time: Exact, duration: Exact): Cut {
  const begin = windows.cutBegin(time);
  return { time: begin, duration: difference(windows.cutEnd(addExact(time, duration)), begin) };
}

function withDuration(legacy: FieldReader, duration: Exact): Buffer {
  const written = new MessageWriter().integer(3, Math.round(Number(duration) / 1000));
  while (legacy.next()) if (legacy.field !== 3) written.raw(legacy.raw());
  return written.finish();
}

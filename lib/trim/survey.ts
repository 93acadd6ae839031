import { NamedTimes } from '../filter/named-times';
import type { CheckedFilterOptions } from '../filter/options';
import { addExact, type Exact } from '../protobuf/field-reader';
import { bundleTimes } from './ftrace';
import { sampleTimes } from './samples';
import { SliceStacks, type LateTracks } from './slice-stacks';
import { Tracks } from './tracks';
import { contentOf, isDescription, Payload, type PacketWalker, type WalkedPacket } from './walk';

/** The first look at a trace: its tracks, its time, and where the slices are by which the time is chosen. */
export class Survey {
  readonly tracks = new Tracks();
  start?: Exact;
  end: Exact = 0;
  readonly named: NamedTimes;
  private readonly stacks: SliceStacks;
  private events = 0;

  constructor(
    options: CheckedFilterOptions,
    private readonly walker: PacketWalker,
    late: LateTracks,
  ) {
    this.named = new NamedTimes(options);
    this.stacks = new SliceStacks(late, ({ name, begin }, end) => {
      if (this.named.isWanted(name)) this.named.add(name, begin, end?.time);
    });
  }

  add(packet: WalkedPacket): void {
    const { payload, time, event, duration } = packet;
    if (packet.isSkipped) return;
    if (payload === Payload.trackDescriptor) this.tracks.learn(contentOf(packet));
    else if (payload === Payload.processDescriptor) this.tracks.learnProcess(contentOf(packet));
    else if (payload === Payload.threadDescriptor) this.tracks.learnThread(contentOf(packet));
    else if (payload === Payload.ftraceEvents) for (const at of bundleTimes(packet, this.walker)) this.include(at);
    else if (payload === Payload.streamingProfilePacket) for (const at of sampleTimes(packet, this.walker)) this.include(at);
    if (time === null || isDescription(payload)) return;
    this.include(time);
    this.include(addExact(time, duration));
    if (event === undefined || !this.named.isAsked) return;
    if (this.stacks.add(event, this.events++, time)) return;
    if (event.kind === 'instant' && this.named.isWanted(event.name ?? '')) this.named.add(event.name ?? '', time, time);
  }

  finish(): void {
    this.stacks.finish();
  }

  private include(time: Exact): void {
    if (this.start === undefined || time < this.start) this.start = time;
    if (time > this.end) this.end = time;
  }
}

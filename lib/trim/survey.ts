import { NamedTimes } from '../filter/named-times';
import type { CheckedFilterOptions } from '../filter/options';
import type { Windows } from '../filter/windows';
import { addExact, type Exact } from '../protobuf/field-reader';
import { bundleTimes } from './ftrace';
import { sampleTimes } from './samples';
import { SliceStacks } from './slice-stacks';
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
  ) {
    this.named = new NamedTimes(options);
    this.stacks = new SliceStacks(({ name, begin }, end) => {
      if (this.named.isWanted(name)) this.named.add(name, begin, end?.time);
    });
  }

  add(packet: WalkedPacket): void {
    const { payload, time, event, duration } = packet;
    if (payload === Payload.trackDescriptor) this.tracks.learn(contentOf(packet));
    else if (payload === Payload.processDescriptor) this.tracks.learnProcess(contentOf(packet));
    else if (payload === Payload.threadDescriptor) this.tracks.learnThread(contentOf(packet));
    else if (payload === Payload.ftraceEvents) for (const at of bundleTimes(packet, this.walker)) this.include(at);
    else if (payload === Payload.streamingProfilePacket) for (const at of sampleTimes(packet, this.walker)) this.include(at);
    if (time === null || isDescription(payload)) return;
    this.include(time);
    const end = addExact(time, duration);
    this.include(end);
    if (event === undefined || !this.named.isAsked) return;
    const index = this.events++;
    if (event.kind === 'begin') this.stacks.begin(event, index, time);
    else if (event.kind === 'complete') this.stacks.complete(event, index, time, end);
    else if (event.kind === 'end') this.stacks.end(event, index, time);
    else if (event.kind === 'instant' && this.named.isWanted(event.name ?? '')) this.named.add(event.name ?? '', time, time);
  }

  /** The parts of the time that stay; null: all. @throws TraceSmithError `INVALID_INPUT` for a name that is not there. */
  windows(): Windows | null {
    this.stacks.finish();
    return this.named.windows(this.start ?? 0);
  }

  private include(time: Exact): void {
    if (this.start === undefined || time < this.start) this.start = time;
    if (time > this.end) this.end = time;
  }
}

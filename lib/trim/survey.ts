import { TraceSmithError } from '../errors';
import { addExact, normalized, type Exact } from '../protobuf/field-reader';
import { bundleTimes } from './ftrace';
import type { CheckedTrimOptions, TrimTime } from './options';
import { sampleTimes } from './samples';
import { SliceStacks } from './slice-stacks';
import { Tracks } from './tracks';
import { contentOf, isDescription, Payload, type PacketWalker, type WalkedPacket } from './walk';
import { Windows, type Window } from './windows';

/** Above every time that a trace has. */
const FOREVER = 2n ** 64n;

/** The first look at a trace: its tracks, its time, and where the slices are by which the time is chosen. */
export class Survey {
  readonly tracks = new Tracks();
  start?: Exact;
  end: Exact = 0;
  private readonly stacks: SliceStacks;
  private readonly named = new Map<string, Window[]>();
  private events = 0;

  constructor(
    private readonly options: CheckedTrimOptions,
    private readonly walker: PacketWalker,
  ) {
    const wanted = new Set(options.around.map((text) => parseAround(text).name));
    const isWanted = (name: string) => wanted.has(name) || (options.steps.length > 0 && name.startsWith(STEP));
    this.stacks = new SliceStacks(({ name, begin }, end) => {
      if (isWanted(name)) this.addNamed(name, begin, end?.time);
    });
    this.isWanted = isWanted;
    this.needsSlices = options.around.length > 0 || options.steps.length > 0;
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
    // Nothing asks for slices by name.
    if (event === undefined || !this.needsSlices) return;
    const index = this.events++;
    if (event.kind === 'begin') this.stacks.begin(event, index, time);
    else if (event.kind === 'complete') this.stacks.complete(event, index, time, end);
    else if (event.kind === 'end') this.stacks.end(event, index, time);
    else if (event.kind === 'instant' && this.isWanted(event.name ?? '')) this.addNamed(event.name ?? '', time, time);
  }

  /** The parts of the time that stay; null: all. @throws TraceSmithError `INVALID_INPUT` for a name that is not there. */
  windows(): Windows | null {
    this.stacks.finish();
    for (const list of this.named.values()) list.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
    const { from, to, around, steps } = this.options;
    const all: Windows[] = [];
    if (from !== undefined || to !== undefined) {
      all.push(new Windows([{ from: from === undefined ? 0 : this.timeOf(from), to: to === undefined ? FOREVER : this.timeOf(to) }]));
    }
    if (around.length > 0) all.push(new Windows(around.flatMap((text) => this.windowsAround(text))));
    if (steps.length > 0) all.push(this.windowsOfSteps());
    return all.length === 0 ? null : all.reduce((a, b) => a.and(b));
  }

  private readonly needsSlices: boolean;
  private readonly isWanted: (name: string) => boolean;

  private windowsAround(text: string): Window[] {
    const { name, number } = parseAround(text);
    const found = this.named.get(name) ?? this.named.get(text) ?? [];
    const chosen = number === undefined ? found : found.slice(number - 1, number);
    if (chosen.length === 0) {
      const there = number === undefined || found.length === 0 ? 'there is none' : `there are ${found.length}`;
      throw new TraceSmithError('INVALID_INPUT', `Nothing to keep around ${JSON.stringify(text)}: of slices and instants of that name ${there}`);
    }
    const { margin } = this.options;
    // A part of the time without its last ns would be none for an instant.
    return chosen.map(({ from, to }) => ({ from: addExact(from, -margin), to: addExact(to, margin + (from === to ? 1 : 0)) }));
  }

  private windowsOfSteps(): Windows {
    const { steps } = this.options;
    const numbers = new Set<number>();
    const windows: Window[] = [];
    for (const [name, found] of this.named) {
      const number = Number(name.slice(STEP.length));
      if (!name.startsWith(STEP) || !/^\d+$/.test(name.slice(STEP.length))) continue;
      numbers.add(number);
      if (steps.some(([first, last]) => number >= first && number <= last)) windows.push(...found);
    }
    if (windows.length > 0) return new Windows(windows);
    const there = numbers.size === 0 ? 'there are no slices ProfilerStep#N' : `there are ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
    throw new TraceSmithError('INVALID_INPUT', `None of the steps ${steps.map((range) => range.join('..')).join(', ')} is in the trace: ${there}`);
  }

  private timeOf(time: TrimTime): Exact {
    return typeof time === 'number' ? addExact(this.start ?? 0, time) : normalized(time.at);
  }

  private addNamed(name: string, from: Exact, to: Exact = FOREVER): void {
    const list = this.named.get(name);
    if (list === undefined) this.named.set(name, [{ from, to }]);
    else list.push({ from, to });
  }

  private include(time: Exact): void {
    if (this.start === undefined || time < this.start) this.start = time;
    if (time > this.end) this.end = time;
  }
}

const STEP = 'ProfilerStep#';

/** `NAME#K`; a K of 0, or none, belongs to the name. */
function parseAround(text: string): { name: string; number?: number } {
  const [, name, number] = /^(.+)#([1-9]\d*)$/s.exec(text) ?? [];
  // ProfilerStep#12 is a name, not the twelfth ProfilerStep.
  return name === undefined || `${name}#` === STEP ? { name: text } : { name, number: Number(number) };
}


import type { Args, ArgValue } from '../../values';
import {
  endOf,
  flowIdOf,
  isTime,
  numberOf,
  readId,
  readTime,
  textOf,
  WrittenNumber,
  type ChromeEvent,
  type Time,
  type TimeProblem,
} from './chrome-event';
import { ChromeTracks, type ChromeTrack } from './chrome-tracks';
import { describeFinding, Dropped, Findings, type TextPlace } from './findings';
import { TraceSmithError } from '../../errors';
import { JsonEventReader } from './json-events';

/** An event that has a place on a timeline. */
export interface ReadEvent {
  track: ChromeTrack;
  time: Time;
  name: string;
  category: string;
  /** Nested to at most MAX_ARG_DEPTH. */
  args: Args | undefined;
  event: ChromeEvent;
  /** Where it begins in the text. */
  offset: number;
}

interface TimedEvent extends Pick<ReadEvent, 'time' | 'args' | 'event' | 'offset'> {
  phase: string;
}

/** Takes what the events of a trace are, in the order of the file. */
export interface ChromeTraceHandler {
  /** Without a duration it never ends. */
  slice(event: ReadEvent, duration: Time | undefined): void;
  /** A begin or end. */
  half(event: ReadEvent, isEnd: boolean): void;
  instant(event: ReadEvent): void;
  counter(track: ChromeTrack, time: Time, value: number): void;
  /** An integer of 64 bits, or a text; `isNext`: it arrives at the next slice of the track. */
  flowPoint(event: ReadEvent, id: bigint | string, isNext: boolean): void;
  /** Whether parts of CPU profiles have a meaning for it. */
  readonly knowsProfiles?: boolean;
}

/** Only if the events at 0 lie years before the rest. */
const ZERO_TIME = 'a ts of 0, years before the other events';
const YEAR_NS = 365 * 86_400e9;

/** Phases of events at a time. */
const TIMED = new Set('XBEbenSpFiIRCstf');
const PROFILE_KEYS = ['cpuProfile', 'nodes', 'timeDeltas', 'samples'];
const PROFILE_PARTS = new Set(['Profile', 'ProfileChunk', 'CpuProfile']);

/**
 * Reads a Chrome or Kineto JSON trace, and says what its events mean: docs/convert.md lists the phases. It is the one
 * reader of `info` and of the conversion without the addon, and has the rules of the addon (binding/chrome_json,
 * binding/convert): which processes and threads there are, which events count, and what is found to be wrong.
 *
 * It keeps the tracks and the findings, and hands events over as they come. What it may not know before the end is
 * what tracks are called.
 */
export class ChromeTraceReader {
  readonly tracks = new ChromeTracks();
  readonly findings = new Findings();
  /** Events so far, the unusable ones among them. */
  events = 0;
  /** The same by phase; what is no phase is counted as `other`. */
  readonly phases: Record<string, number> = {};
  /** Events that have a place in the trace; of a counter each value. */
  private placed = 0;
  private withoutPhase = 0;
  /** The lowest time, ns; 0 if none is below. */
  lowestTime: Time = 0;
  /** The lowest time above 0. */
  private firstTime: Time = Infinity;
  /** The text and its list of events. */
  readonly text = new JsonEventReader(this.findings, (...read) => this.add(...read));

  constructor(private readonly handler: ChromeTraceHandler) {}

  /**
   * Reads the whole text, or as much of it as comes before the data it is compressed in are damaged.
   *
   * @param problemOf names that damage
   */
  async readAll(chunks: AsyncIterable<Buffer>, problemOf: (error: TraceSmithError) => string, onChunk: () => void): Promise<void> {
    const { text } = this;
    try {
      for await (const chunk of chunks) {
        text.write(chunk);
        onChunk();
      }
    } catch (error) {
      const isDamage = error instanceof TraceSmithError && error.code === 'INVALID_INPUT';
      if (!isDamage || text.bytes === 0) throw error;
      text.isWhole = false;
      this.findings.add('damaged', problemOf(error), () => text.endPlace());
    }
    text.end();
  }

  private add(event: ChromeEvent, where: () => TextPlace, offset: number): void {
    // `{}` stands for an event that was left out.
    if (Object.keys(event).length === 0) return;
    this.events++;
    const phase = phaseOf(event.ph);
    const known = /^[\0-\x7f]$/.test(phase) ? phase : 'other';
    this.phases[known] = (this.phases[known] ?? 0) + 1;
    const args = argsOf(event, () => this.findings.add('repaired', 'args that are no object', where));
    if (phase === '') {
      this.withoutPhase++;
      throw new Dropped('no phase');
    }
    if (isOfProfile(event, phase, args)) {
      if (!this.handler.knowsProfiles) this.findings.add('ignored', 'CPU profiles, for whose samples JSON has no place', where);
      return;
    }
    if (phase === 'M') return this.tracks.learn(event, args ?? {});
    if (TIMED.has(phase) || (phase === 'T' && hasId(event))) {
      this.addTimed({ event, phase, time: checkedTime(readTime(event.ts), NO_TIME), args, offset }, where);
      if ('XBbn'.includes(phase)) this.noteUnboundFlow(event, where);
    } else {
      this.findings.add('ignored', /^[!-~]$/.test(phase) ? `events of phase ${phase}` : 'events of unknown phases', where);
    }
  }

  private addTimed(timed: TimedEvent, where: () => TextPlace): void {
    const { tracks, handler } = this;
    const { event, phase, time, args, offset } = timed;
    const { name, cat } = event;
    const on = (track: ChromeTrack): ReadEvent => {
      this.noteTime(time, where);
      return { track, time, name: textOf(name), category: textOf(cat), args, event, offset };
    };
    switch (phase) {
      case 'X': {
        const duration = durationOf(event, time);
        return handler.slice(on(tracks.thread(event)), duration);
      }
      case 'B':
      case 'E':
        return handler.half(on(tracks.thread(event)), phase === 'E');
      case 'b':
      case 'e':
      case 'S':
      case 'F':
        return handler.half(on(this.asyncTrack(event, time)), phase === 'e' || phase === 'F');
      case 'n':
      case 'p':
      case 'T':
        return handler.instant(on(this.asyncTrack(event, time)));
      case 'C':
        return this.addCounters(event, time, args, where);
      case 's':
      case 't':
      case 'f': {
        const flow = flowOf(event);
        return handler.flowPoint(on(tracks.thread(event)), flow, phase === 'f' && textOf(event.bp) !== 'e');
      }
      default:
        handler.instant(on(this.instantTrack(event)));
        if (name === '[memory]') this.addMemory(event, time, args);
    }
  }

  /** Kineto's profiler of memory tells with each allocation what is allocated and reserved then, in bytes. */
  private addMemory({ pid }: ChromeEvent, time: Time, args: Args = {}): void {
    const device = numberOf(args['Device Id']) ?? -1;
    const isOfGpu = (numberOf(args['Device Type']) ?? 0) > 0 && device >= 0 && device < 1024;
    for (const name of ['Allocated', 'Reserved']) {
      const value = numberOf(args[`Total ${name}`]);
      if (value === undefined) continue;
      const process = this.tracks.process(isOfGpu ? Math.trunc(device) : pid);
      this.handler.counter(this.tracks.counter(process, name.toLowerCase()), time, value);
    }
  }

  private addCounters(event: ChromeEvent, time: Time, args: Args = {}, where: () => TextPlace): void {
    const id = readId(event.id) === undefined ? '' : ` id: ${textOf(event.id)}`;
    let values = 0;
    let hasOthers = false;
    for (const [arg, value] of Object.entries(args)) {
      if (value === null) continue;
      const number = numberOf(value);
      if (number === undefined) {
        hasOthers = true;
        continue;
      }
      const process = this.tracks.process(event.pid);
      this.noteTime(time, where);
      this.handler.counter(this.tracks.counter(process, `${textOf(event.name)}${id} ${arg}`), time, number);
      values++;
    }
    if (values === 0) throw new Dropped('a counter without a number');
    if (hasOthers) this.findings.add('repaired', 'values of a counter that are no numbers', where);
  }

  private noteTime(time: Time, where: () => TextPlace): void {
    this.placed++;
    if (time < this.lowestTime) this.lowestTime = time;
    if (time > 0 && time < this.firstTime) this.firstTime = time;
    if (time === 0) this.findings.add('repaired', ZERO_TIME, where);
  }

  /**
   * To be called at the end: whether there are events at 0 that lie years before all others. If there are none, the finding
   * goes; if they are to be left out, it says that they were dropped.
   */
  judgeZeroTimes(drops: boolean): boolean {
    const { repaired, dropped } = this.findings;
    const zero = repaired.findIndex(({ reason }) => reason === ZERO_TIME);
    if (zero < 0) return false;
    const areYearsBefore = this.lowestTime === 0 && this.firstTime !== Infinity && this.firstTime >= YEAR_NS;
    if (areYearsBefore && !drops) return true;
    const [finding] = repaired.splice(zero, 1);
    if (areYearsBefore) dropped.push(finding);
    dropped.sort((a, b) => a.offset - b.offset);
    return areYearsBefore;
  }

  /** To be called at the end: the error about a text that has nothing for a trace; undefined if it has. */
  emptyProblem(name: string): TraceSmithError | undefined {
    const { text, events, findings } = this;
    const invalid = (message: string) => new TraceSmithError('INVALID_INPUT', message);
    if (!text.hasEvents && events === 0) {
      return invalid(`${name} is a JSON object with no array traceEvents, nor with nodes and samples of a CPU profile`);
    }
    const [lost] = [...findings.dropped, ...findings.damaged].sort((a, b) => a.offset - b.offset);
    if (this.placed > 0 || lost === undefined) return undefined;
    if (this.withoutPhase === events && text.isWhole) return invalid(`${name} is JSON but no trace: no object in it has a phase ("ph")`);
    return invalid(`nothing of ${name} can be kept: ${describeFinding(lost)}`);
  }

  private noteUnboundFlow({ flow_in, flow_out, bind_id }: ChromeEvent, where: () => TextPlace): void {
    if (!isSet(flow_in) && !isSet(flow_out)) return;
    const id = readId(bind_id);
    if (id !== undefined && flowIdOf(id) !== undefined) return;
    this.findings.add('repaired', 'flow_in or flow_out without a bind_id: no arrow', where);
  }

  private asyncTrack(event: ChromeEvent, time: Time): ChromeTrack {
    const { local, global } = id2Of(event);
    const isLocal = readId(local) !== undefined;
    const id = readId(local) ?? readId(global) ?? readId(event.id);
    if (id === undefined) throw new Dropped('an async event without an id');
    // A number and a text that spells it are two.
    const text = typeof id === 'string' ? JSON.stringify(id) : typeof id === 'bigint' ? String(id) : `other ${id.text}`;
    // The old async events are told apart by their names, too.
    const name = 'STpF'.includes(textOf(event.ph).charAt(0)) ? textOf(event.name) : null;
    const key = `${JSON.stringify([textOf(event.cat), textOf(event.scope), name])} ${text}`;
    return this.tracks.async(key, this.tracks.process(event.pid), isLocal, textOf(event.name), time);
  }

  private instantTrack(event: ChromeEvent): ChromeTrack {
    const scope = textOf(event.s);
    if (scope === 'p') return this.tracks.process(event.pid);
    if (scope !== 'g') return this.tracks.thread(event);
    // Perfetto's importer shows its thread, too. Kineto has instants of no process: their pid is an empty text.
    if (event.pid !== '') this.tracks.thread(event);
    return this.tracks.global();
  }
}

/** Of a text the first letter counts. */
function phaseOf(ph: unknown): string {
  return typeof ph === 'string' ? ph.charAt(0) : textOf(ph);
}

/** Whether an event is a CPU profile or a part of one: by its name if its phase is P, else by what it holds, too. */
function isOfProfile({ name }: ChromeEvent, phase: string, args: Args | undefined): boolean {
  if (!PROFILE_PARTS.has(name as string)) return false;
  const data = args?.data as Args | null | undefined;
  const holds = typeof data === 'object' && data !== null && PROFILE_KEYS.some((key) => key in data);
  return phase === 'P' || holds;
}

function hasId(event: ChromeEvent): boolean {
  const { local, global } = id2Of(event);
  return [local, global, event.id].some((id) => readId(id) !== undefined);
}

/** An id2 that is no object is local. */
function id2Of({ id2 }: ChromeEvent): { local?: unknown; global?: unknown } {
  const isObject = typeof id2 === 'object' && id2 !== null && !Array.isArray(id2) && !(id2 instanceof WrittenNumber);
  return isObject ? id2 : { local: id2 };
}

function flowOf(event: ChromeEvent): bigint | string {
  const id = readId(event.id);
  if (id === undefined) throw new Dropped('a flow event without an id');
  const flow = flowIdOf(id);
  if (flow === undefined) throw new Dropped("a flow's id that is no integer");
  return flow;
}

/** Arguments that are no object become one that holds them. */
function argsOf({ args }: ChromeEvent, isNoObject: () => void): Args | undefined {
  if (args === undefined || args === null) return undefined;
  if (typeof args === 'object' && !Array.isArray(args)) return args as Args;
  isNoObject();
  return { args: args as ArgValue };
}

const NO_TIME = {
  absent: 'no ts',
  overflow: 'a ts beyond 2^63 ns',
  'no number': 'a ts that is no number',
};
const NO_DURATION = {
  overflow: 'an end beyond 2^63 ns',
  'no number': 'a dur that is no number',
};

/** Undefined where the event does not say how long it took; `tdur` counts where only that is there. */
function durationOf({ ts, dur, tdur }: ChromeEvent, time: Time): Time | undefined {
  const duration = readTime(dur);
  if (duration === 'absent') {
    const threadTime = readTime(tdur);
    if (!isTime(threadTime) || threadTime < 0) return undefined;
  } else if (checkedTime(duration, NO_DURATION) < 0) {
    throw new Dropped('a dur below 0');
  }
  const end = checkedTime(endOf(ts, duration === 'absent' ? tdur : dur), NO_DURATION);
  return typeof end === 'number' && typeof time === 'number' ? end - time : BigInt(end) - BigInt(time);
}

function checkedTime(time: Time | TimeProblem, reasons: Partial<Record<TimeProblem, string>>): Time {
  if (isTime(time)) return time;
  throw new Dropped(reasons[time]);
}

function isSet(flag: unknown): boolean {
  const text = textOf(flag);
  return text === 'true' || text === '1';
}

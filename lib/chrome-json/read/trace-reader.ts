import { MAX_TIME } from '../../limits';
import type { Args, ArgValue } from '../../values';
import { MAX_ARG_DEPTH } from '../../batch/layout';
import {
  flowIdOf,
  foldedArgs,
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
import { Dropped, Findings } from './findings';
import { JsonEventReader } from './json-events';
import type { TextPlace } from './text-places';

/** An event that has a place on a timeline. */
export interface ReadEvent {
  track: ChromeTrack;
  time: Time;
  name: string;
  category: string;
  /** Nested to at most MAX_ARG_DEPTH. */
  args: Args | undefined;
  event: ChromeEvent;
}

/** Takes what the events of a trace are, in the order of the file. */
export interface ChromeTraceHandler {
  slice(event: ReadEvent, duration: Time): void;
  /** A begin or end; `hasComplete`: complete events came before, which changes the order of what is at one time. */
  half(event: ReadEvent, isEnd: boolean, hasComplete: boolean): void;
  instant(event: ReadEvent): void;
  counter(track: ChromeTrack, time: Time, value: number): void;
  /** An integer of 64 bits, or a text; `isNext`: it arrives at the next slice of the track. */
  flowPoint(event: ReadEvent, id: bigint | string, isNext: boolean): void;
  /** Whether parts of CPU profiles have a meaning for it. */
  readonly knowsProfiles?: boolean;
}

/** Phases of events at a time. */
const TIMED = new Set('XBEbeniIRCstf');
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
  /** The text and its list of events. */
  readonly text = new JsonEventReader(this.findings, (event, where, depth) => this.add(event, where, depth));

  private hasComplete = false;

  constructor(private readonly handler: ChromeTraceHandler) {}

  private add(event: ChromeEvent, where: () => TextPlace, depth: number): void {
    // `{}` stands for an event that was left out.
    if (Object.keys(event).length === 0) return;
    this.events++;
    const phase = textOf(event.ph);
    const known = /^[\0-\x7f]$/.test(phase) ? phase : 'other';
    this.phases[known] = (this.phases[known] ?? 0) + 1;
    const args = argsOf(event, depth, () => this.findings.add('repaired', 'args that are no object', where));
    if (phase === '') throw new Dropped('no phase');
    if (phase === 'M') return this.tracks.learn(event, args ?? {});
    if (TIMED.has(phase)) {
      this.addTimed(event, phase, timeOf(event.ts, NO_TIME), args);
      if ('XBbn'.includes(phase)) this.noteUnboundFlow(event, where);
    } else if (phase !== 'P' || !PROFILE_PARTS.has(textOf(event.name)) || !this.handler.knowsProfiles) {
      this.findings.add('ignored', /^[!-~]$/.test(phase) ? `events of phase ${phase}` : 'events of unknown phases', where);
    }
  }

  private addTimed(event: ChromeEvent, phase: string, time: Time, args: Args | undefined): void {
    const { tracks, handler } = this;
    const { name, cat } = event;
    const on = (track: ChromeTrack): ReadEvent => ({ track, time, name: textOf(name), category: textOf(cat), args, event });
    switch (phase) {
      case 'X': {
        const duration = timeOf(event.dur, NO_DURATION);
        if (BigInt(time) + BigInt(duration) > MAX_TIME) throw new Dropped(NO_DURATION.overflow);
        this.hasComplete = true;
        return handler.slice(on(tracks.thread(event)), duration);
      }
      case 'B':
      case 'E':
        return handler.half(on(tracks.thread(event)), phase === 'E', this.hasComplete);
      case 'b':
      case 'e':
        return handler.half(on(this.asyncTrack(event, time)), phase === 'e', this.hasComplete);
      case 'n':
        return handler.instant(on(this.asyncTrack(event, time)));
      case 'C':
        return this.addCounters(event, time, args);
      case 's':
      case 't':
      case 'f': {
        const flow = flowOf(event);
        return handler.flowPoint(on(tracks.thread(event)), flow, phase === 'f' && textOf(event.bp) !== 'e');
      }
      default:
        return handler.instant(on(this.instantTrack(event)));
    }
  }

  private addCounters(event: ChromeEvent, time: Time, args: Args = {}): void {
    const id = readId(event.id) === undefined ? '' : ` id: ${textOf(event.id)}`;
    let values = 0;
    for (const [arg, value] of Object.entries(args)) {
      const number = numberOf(value);
      if (number === undefined) continue;
      const process = this.tracks.process(event.pid);
      this.handler.counter(this.tracks.counter(process, `${textOf(event.name)}${id} ${arg}`), time, number);
      values++;
    }
    if (values === 0) throw new Dropped('a counter without a number');
  }

  private noteUnboundFlow({ flow_in, flow_out, bind_id }: ChromeEvent, where: () => TextPlace): void {
    if (!isSet(flow_in) && !isSet(flow_out)) return;
    const id = readId(bind_id);
    if (id !== undefined && flowIdOf(id) !== undefined) return;
    this.findings.add('repaired', 'flow_in or flow_out without a bind_id: no arrow', where);
  }

  private asyncTrack(event: ChromeEvent, time: Time): ChromeTrack {
    const { local, global } = (typeof event.id2 === 'object' ? event.id2 ?? {} : {}) as { local?: unknown; global?: unknown };
    const isLocal = readId(local) !== undefined;
    const id = readId(local) ?? readId(global) ?? readId(event.id);
    if (id === undefined) throw new Dropped('an async event without an id');
    // A number and a text that spells it are two.
    const text = typeof id === 'string' ? JSON.stringify(id) : typeof id === 'bigint' ? String(id) : `other ${id.text}`;
    const key = `${JSON.stringify([textOf(event.cat), event.scope === undefined ? null : textOf(event.scope)])} ${text}`;
    return this.tracks.async(key, this.tracks.process(event.pid), isLocal, textOf(event.name), time);
  }

  private instantTrack(event: ChromeEvent): ChromeTrack {
    const scope = textOf(event.s);
    if (scope === 'p') return this.tracks.process(event.pid);
    const thread = this.tracks.thread(event);
    return scope === 'g' ? this.tracks.global() : thread;
  }
}

function flowOf(event: ChromeEvent): bigint | string {
  const id = readId(event.id);
  if (id === undefined) throw new Dropped('a flow event without an id');
  const flow = flowIdOf(id);
  if (flow === undefined) throw new Dropped("a flow's id that is no integer");
  return flow;
}

/** Arguments that are no object become one that holds them. */
function argsOf({ args }: ChromeEvent, depth: number, isNoObject: () => void): Args | undefined {
  if (args === undefined || args === null) return undefined;
  let object = args as Args;
  if (typeof args !== 'object' || Array.isArray(args) || args instanceof WrittenNumber) {
    isNoObject();
    object = { args: (args instanceof WrittenNumber ? Number(args.text) : args) as ArgValue };
  }
  // The event's own brackets and those of the arguments do not count.
  return depth > MAX_ARG_DEPTH + 2 ? foldedArgs(object, MAX_ARG_DEPTH) : object;
}

const NO_TIME = {
  absent: 'no ts',
  negative: 'a ts below 0',
  overflow: 'a ts beyond 2^63 ns',
  'no number': 'a ts that is no number',
};
const NO_DURATION = {
  absent: 'a complete event without dur',
  negative: 'a dur below 0',
  overflow: 'an end beyond 2^63 ns',
  'no number': 'a dur that is no number',
};

function timeOf(microseconds: unknown, reasons: Record<TimeProblem, string>): Time {
  const time = readTime(microseconds);
  if (isTime(time)) return time;
  throw new Dropped(reasons[time]);
}

function isSet(flag: unknown): boolean {
  const text = textOf(flag);
  return text === 'true' || text === '1';
}

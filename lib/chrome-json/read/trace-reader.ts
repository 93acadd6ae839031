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
} from './chrome-event';
import { ChromeTracks, type ChromeTrack } from './chrome-tracks';
import { Findings } from './findings';
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
  /** A part of a CPU profile. */
  profilePart?(where: () => TextPlace): void;
}

/** Why an event has no place on a timeline. */
class Unusable extends Error {}

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
  readonly text = new JsonEventReader({
    event: (event, where, depth) => this.add(event, where, depth),
    found: (category, reason, where) => this.findings.add(category, reason, where),
  });

  private hasComplete = false;

  constructor(private readonly handler: ChromeTraceHandler) {}

  private add(event: ChromeEvent, where: () => TextPlace, depth: number): void {
    // `{}` stands for an event that was left out.
    if (Object.keys(event).length === 0) return;
    this.events++;
    const phase = textOf(event.ph);
    const known = /^[\0-\x7f]$/.test(phase) ? phase : 'other';
    this.phases[known] = (this.phases[known] ?? 0) + 1;
    try {
      this.addByPhase(event, phase, argsOf(event, depth, () => this.findings.add('repaired', 'args that are no object', where)), where);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.findings.add('dropped', error.message, where);
    }
  }

  private addByPhase(event: ChromeEvent, phase: string, args: Args | undefined, where: () => TextPlace): void {
    const { tracks, handler } = this;
    switch (phase) {
      case 'X': {
        const time = timeOf(event);
        const duration = durationOf(event, time);
        this.hasComplete = true;
        this.noteUnboundFlow(event, where);
        return handler.slice(read(event, tracks.thread(event), time, args), duration);
      }
      case 'B':
      case 'E': {
        const time = timeOf(event);
        if (phase === 'B') this.noteUnboundFlow(event, where);
        return handler.half(read(event, tracks.thread(event), time, args), phase === 'E', this.hasComplete);
      }
      case 'b':
      case 'e':
      case 'n': {
        const time = timeOf(event);
        const track = this.asyncTrack(event, time);
        if (phase !== 'e') this.noteUnboundFlow(event, where);
        if (phase === 'n') return handler.instant(read(event, track, time, args));
        return handler.half(read(event, track, time, args), phase === 'e', this.hasComplete);
      }
      case 'i':
      case 'I':
      case 'R': {
        const time = timeOf(event);
        return handler.instant(read(event, this.instantTrack(event), time, args));
      }
      case 'C':
        return this.addCounters(event, timeOf(event), args);
      case 's':
      case 't':
      case 'f':
        return this.addFlowPoint(event, timeOf(event));
      case 'M':
        return tracks.learn(event, args ?? {});
      case '':
        throw new Unusable('no phase');
      case 'P':
        if (PROFILE_PARTS.has(textOf(event.name)) && handler.profilePart !== undefined) return handler.profilePart(where);
    }
    this.findings.add('ignored', /^[!-~]$/.test(phase) ? `events of phase ${phase}` : 'events of unknown phases', where);
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
    if (values === 0) throw new Unusable('a counter without a number');
  }

  private addFlowPoint(event: ChromeEvent, time: Time): void {
    const id = readId(event.id);
    if (id === undefined) throw new Unusable('a flow event without an id');
    const flow = flowIdOf(id);
    if (flow === undefined) throw new Unusable("a flow's id that is no integer");
    const isNext = event.ph === 'f' && textOf(event.bp) !== 'e';
    this.handler.flowPoint(read(event, this.tracks.thread(event), time, undefined), flow, isNext);
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
    if (id === undefined) throw new Unusable('an async event without an id');
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

function read(event: ChromeEvent, track: ChromeTrack, time: Time, args: Args | undefined): ReadEvent {
  return { track, time, name: textOf(event.name), category: textOf(event.cat), args, event };
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

function timeOf(event: ChromeEvent): Time {
  const time = readTime(event.ts);
  if (isTime(time)) return time;
  const reasons = { absent: 'no ts', negative: 'a ts below 0', overflow: 'a ts beyond 2^63 ns', 'no number': 'a ts that is no number' };
  throw new Unusable(reasons[time]);
}

function durationOf(event: ChromeEvent, time: Time): Time {
  const duration = readTime(event.dur);
  const ENDS_LATE = 'an end beyond 2^63 ns';
  if (isTime(duration)) {
    if (BigInt(time) + BigInt(duration) > MAX_TIME) throw new Unusable(ENDS_LATE);
    return duration;
  }
  const reasons = { absent: 'a complete event without dur', negative: 'a dur below 0', overflow: ENDS_LATE, 'no number': 'a dur that is no number' };
  throw new Unusable(reasons[duration]);
}

function isSet(flag: unknown): boolean {
  const text = textOf(flag);
  return text === 'true' || text === '1';
}

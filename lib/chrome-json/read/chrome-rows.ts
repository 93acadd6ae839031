import { MAX_TIME } from '../../limits';
import type { Args } from '../../values';
import type { EventBatch } from '../../batch/batch';
import { writeArgs } from '../../batch/args';
import { AttrType, Channel, RowKind } from '../../batch/layout';
import { argsOf, flowId, nanoseconds, textOf, type ChromeEvent } from './chrome-event';
import type { ChromeTracks } from './chrome-tracks';
import type { Findings, Where } from './findings';

type Time = number | bigint;

/** A begin or end, waiting for the others of its track. */
interface Half {
  event: ChromeEvent;
  time: Time;
  isEnd: boolean;
}

/** Why an event cannot become a row. */
class Unusable extends Error {}

/**
 * Writes the events of a Chrome trace as rows, by the meaning that Perfetto's own importer gives
 * them: docs/convert.md lists the phases.
 */
export class ChromeRows {
  /** Events by phase. */
  readonly phases: Record<string, number> = {};
  /** Ends that no begin matches. */
  unmatched = 0;

  /** Begins and ends by track; they may come in any order, so they are paired at the end. */
  private readonly halves = new Map<number, Half[]>();

  constructor(
    private readonly batch: EventBatch,
    private readonly tracks: ChromeTracks,
    private readonly findings: Findings,
  ) {}

  /** Takes the next entry of the list of events. */
  add(event: unknown, where: Where): void {
    if (typeof event !== 'object' || event === null || Array.isArray(event)) {
      this.findings.add('dropped', 'not an object', where);
      return;
    }
    if (Object.keys(event).length === 0) return;
    try {
      this.tracks.learn(event);
      this.addByPhase(event, where);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.findings.add('dropped', error.message, where);
    }
  }

  /** Writes what waited for the end of the input. */
  end(): void {
    for (const [track, halves] of this.halves) this.pairHalves(track, halves);
    this.halves.clear();
    this.tracks.define();
  }

  private addByPhase(event: ChromeEvent, where: Where): void {
    this.countPhase(event.ph);
    switch (event.ph) {
      case 'X':
        return this.addComplete(event);
      case 'B':
      case 'E':
        return this.addHalf(this.tracks.thread(event), event, event.ph === 'E');
      case 'b':
      case 'e':
        return this.addHalf(this.asyncTrack(event), event, event.ph === 'e');
      case 'n':
        return this.addInstant(this.asyncTrack(event), event);
      case 'i':
      case 'I':
      case 'R':
        return this.addInstant(this.instantTrack(event), event);
      case 'C':
        return this.addCounter(event);
      case 's':
      case 't':
      case 'f':
        return this.addFlow(event);
      case 'M':
        // What it says is known already; whom it names is there, with events or without.
        if (textOf(event.name).startsWith('thread_')) this.tracks.thread(event);
        else this.tracks.process(event);
        return;
      default:
        this.findings.add('ignored', `phase ${nameOfPhase(event.ph)}`, where);
    }
  }

  private countPhase(phase: unknown): void {
    if (typeof phase !== 'string') throw new Unusable('no phase');
    const name = nameOfPhase(phase);
    this.phases[name] = (this.phases[name] ?? 0) + 1;
  }

  private addComplete(event: ChromeEvent): void {
    const time = timeOf(event);
    const duration = nanoseconds(event.dur);
    if (duration === null) throw new Unusable('complete event without a valid dur');
    if (BigInt(time) + BigInt(duration) > MAX_TIME) throw new Unusable('ends beyond 2^63 ns');
    this.beginRow(RowKind.Slice, Channel.None, this.tracks.thread(event), event, time);
    this.batch.setExtent(duration);
    this.writeArgs(argsOf(event));
    this.batch.commit();
  }

  private addInstant(track: number, event: ChromeEvent): void {
    const time = timeOf(event);
    this.beginRow(RowKind.Instant, Channel.None, track, event, time);
    this.writeArgs(argsOf(event));
    this.batch.commit();
  }

  private addCounter(event: ChromeEvent): void {
    const time = timeOf(event);
    const id = event.id === undefined ? '' : ` id: ${textOf(event.id)}`;
    for (const [arg, value] of Object.entries(argsOf(event) ?? {})) {
      const number = typeof value === 'string' || typeof value === 'bigint' ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isFinite(number)) continue;
      const track = this.tracks.counter(event, `${textOf(event.name)}${id} ${arg}`);
      this.batch.begin(RowKind.Counter, Channel.None, track, 0, 0, time);
      this.batch.setExtent(number);
      this.batch.commit();
    }
  }

  private addFlow(event: ChromeEvent): void {
    const time = timeOf(event);
    const id = flowId(event.id);
    if (id === null) throw new Unusable('flow event without an id');
    const bindsToNext = event.ph === 'f' && event.bp !== 'e';
    const track = this.tracks.thread(event);
    // The arrow's type is its category and name together; an id that is text joins them.
    const type = `${textOf(event.cat)}\n${textOf(event.name)}${typeof id === 'string' ? `\n${id}` : ''}`;
    const typeId = this.batch.text(type);
    this.batch.begin(RowKind.FlowPoint, bindsToNext ? Channel.Kernel : Channel.None, track, 0, 0, time);
    const number = typeof id === 'string' ? 0n : id;
    if (event.ph !== 's') this.batch.attr64(typeId, AttrType.FlowIn, number);
    if (event.ph !== 'f') this.batch.attr64(typeId, AttrType.FlowOut, number);
    this.batch.commit();
  }

  private addHalf(track: number, event: ChromeEvent, isEnd: boolean): void {
    const half = { event, time: timeOf(event), isEnd };
    const halves = this.halves.get(track);
    if (halves === undefined) this.halves.set(track, [half]);
    else halves.push(half);
  }

  /** An end closes the latest open begin whose name and category match; what it does not say matches any. */
  private pairHalves(track: number, halves: Half[]): void {
    halves.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : Number(b.isEnd) - Number(a.isEnd)));
    const open: Half[] = [];
    for (const half of halves) {
      if (!half.isEnd) {
        open.push(half);
        continue;
      }
      const { name, cat } = half.event;
      const found = open.findLastIndex(
        ({ event }) => (name === undefined || event.name === name) && (cat === undefined || event.cat === cat),
      );
      if (found < 0) {
        this.unmatched++;
        continue;
      }
      const [begin] = open.splice(found, 1);
      this.addPair(track, begin, half);
    }
    for (const begin of open) this.addPair(track, begin, undefined);
  }

  private addPair(track: number, begin: Half, end: Half | undefined): void {
    // An Open that nothing closes becomes a slice without end.
    if (end === undefined) {
      this.beginRow(RowKind.Open, Channel.Range, track, begin.event, begin.time);
    } else {
      this.beginRow(RowKind.Slice, Channel.None, track, begin.event, begin.time);
      this.batch.setExtent(BigInt(end.time) - BigInt(begin.time));
    }
    this.writeArgs({ ...argsOf(begin.event), ...(end && argsOf(end.event)) });
    this.batch.commit();
  }

  private beginRow(kind: RowKind, channel: Channel, track: number, event: ChromeEvent, time: Time): void {
    const category = textOf(event.cat);
    const categoryId = category === '' ? 0 : this.batch.text(category);
    this.batch.begin(kind, channel, track, this.batch.text(textOf(event.name)), categoryId, time);
  }

  private writeArgs(args: Args | undefined): void {
    if (args === undefined) return;
    writeArgs(this.batch, args, 'args', (_, expected) => {
      throw new Unusable(`expected args to have ${expected}`); // the same for all, so that they are counted as one
    });
  }

  /** An async track has the name of the first event with its category and id. */
  private asyncTrack(event: ChromeEvent): number {
    const id2 = event.id2 as { local?: unknown; global?: unknown } | undefined;
    const id = textOf(id2?.local ?? id2?.global ?? event.id);
    if (id === '') throw new Unusable('async event without an id');
    const parent = this.tracks.process(event);
    const scope = id2?.local === undefined ? '' : String(parent);
    return this.tracks.plain(`async ${scope} ${textOf(event.cat)} ${id}`, textOf(event.name), parent);
  }

  private instantTrack(event: ChromeEvent): number {
    if (event.s === 'p') return this.tracks.process(event);
    const thread = this.tracks.thread(event);
    return event.s === 'g' ? this.tracks.plain('global instants', 'Global instants', undefined) : thread;
  }
}

function timeOf(event: ChromeEvent): Time {
  const time = nanoseconds(event.ts);
  if (time === null) throw new Unusable(event.ts === undefined ? 'no ts' : 'ts is no time from 0 to 2^63 ns');
  return time;
}

/** All phases are one character. */
function nameOfPhase(phase: unknown): string {
  return typeof phase === 'string' && phase.length === 1 ? phase : 'other';
}

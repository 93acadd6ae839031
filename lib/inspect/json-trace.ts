import { nanoseconds, textOf, type ChromeEvent } from '../chrome-json/read/chrome-event';
import { TraceSmithError } from '../errors';
import { JsonEventReader, type JsonEventHandler, type Place } from '../chrome-json/read/json-events';
import { JsonTracks } from './json-tracks';
import { addExact, count, noEvents, TimeSpan, type EventCounts, type TraceInfo } from './trace-info';

type Findings = Pick<TraceInfo, 'form' | 'records' | 'recordKinds' | 'events' | 'tracks' | 'time' | 'warnings'>;

/** What an event of a phase counts as; other phases have no place in a timeline. */
const COUNTED: Readonly<Record<string, keyof EventCounts>> = {
  X: 'slices',
  B: 'slices',
  b: 'slices',
  i: 'instants',
  I: 'instants',
  R: 'instants',
  n: 'instants',
  s: 'flowPoints',
  t: 'flowPoints',
  f: 'flowPoints',
};

/** Reads a Chrome or Kineto JSON trace, event by event. */
export async function readChromeTrace(path: string, chunks: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<Findings> {
  const events = new ChromeTraceReader(path);
  const reader = new JsonEventReader(events);
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    reader.write(chunk);
    events.check();
  }
  reader.end();
  events.check();
  if (!reader.hasEvents) throw new TraceSmithError('INVALID_INPUT', `${path} is no JSON trace: there is no array traceEvents in it`);
  return { form: reader.form, ...events.findings() };
}

class ChromeTraceReader implements JsonEventHandler {
  private readonly kinds: Record<string, number> = {};
  private readonly events = noEvents();
  private readonly tracks = new JsonTracks();
  private readonly span = new TimeSpan();
  private broken = 0;
  private badTimes = 0;
  private records = 0;
  private problem?: string;

  constructor(private readonly path: string) {}

  lost(reason: string, place: Place): void {
    this.damage(reason, place);
  }

  damage(reason: string, { line, offset }: Place): void {
    this.problem ??= `${reason}, line ${line}, byte ${offset}`;
  }

  /** Throws what was found to be wrong. */
  check(): void {
    if (this.problem !== undefined) throw new TraceSmithError('INVALID_INPUT', `${this.path} is not valid JSON: ${this.problem}`);
  }

  event(event: unknown): void {
    this.records++;
    if (typeof event !== 'object' || event === null) {
      this.broken++;
      return;
    }
    const { ph, ts, dur } = event as ChromeEvent;
    const phase = textOf(ph);
    count(this.kinds, phase === '' ? 'none' : phase);
    if (phase === 'M') {
      this.tracks.learn(event);
      return;
    }
    if (phase === 'C') this.events.counters += this.tracks.countSamples(event);
    const kind = COUNTED[phase];
    if (kind !== undefined) {
      this.events[kind]++;
      if (kind !== 'flowPoints') this.tracks.countEvent(event, phase);
    }
    if (kind === undefined && phase !== 'C' && phase !== 'E' && phase !== 'e') return;
    const time = nanoseconds(ts);
    if (time === null) {
      this.badTimes++;
      return;
    }
    this.span.include(time);
    const duration = phase === 'X' ? nanoseconds(dur) : null;
    if (duration !== null) this.span.include(addExact(time, duration));
  }

  findings(): Omit<Findings, 'form'> {
    const warnings: string[] = [];
    if (this.broken > 0) warnings.push(`${this.broken} entries are no objects`);
    if (this.badTimes > 0) warnings.push(`${this.badTimes} events have no time from 0 to 2^63 ns`);
    const time = this.span.range();
    return { records: this.records, recordKinds: this.kinds, events: this.events, tracks: this.tracks.list(), time, warnings };
  }
}

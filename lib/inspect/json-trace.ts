import { nanoseconds, textOf, type ChromeEvent } from '../convert/chrome-event';
import { readJsonTrace } from '../convert/read-json';
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

/** Reads a Chrome or Kineto JSON trace, whole into memory. */
export async function readChromeTrace(path: string, signal?: AbortSignal): Promise<Findings> {
  const trace = await readJsonTrace(path, signal);
  const reader = new ChromeTraceReader();
  for (const event of trace.events) reader.add(event);
  return { form: trace.form, records: trace.events.length, ...reader.findings() };
}

class ChromeTraceReader {
  private readonly kinds: Record<string, number> = {};
  private readonly events = noEvents();
  private readonly tracks = new JsonTracks();
  private readonly span = new TimeSpan();
  private broken = 0;
  private badTimes = 0;

  add(event: unknown): void {
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

  findings(): Omit<Findings, 'form' | 'records'> {
    const warnings: string[] = [];
    if (this.broken > 0) warnings.push(`${this.broken} entries are no objects`);
    if (this.badTimes > 0) warnings.push(`${this.badTimes} events have no time from 0 to 2^63 ns`);
    const time = this.span.range();
    return { recordKinds: this.kinds, events: this.events, tracks: this.tracks.list(), time, warnings };
  }
}

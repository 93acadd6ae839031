import type { Time } from '../chrome-json/read/chrome-event';
import { shownName, type ChromeTrack } from '../chrome-json/read/chrome-tracks';
import { describeFindings } from '../chrome-json/read/findings';
import { ChromeTraceReader, type ChromeTraceHandler, type ReadEvent } from '../chrome-json/read/trace-reader';
import { gzipProblem } from '../input/trace-file';
import { addExact } from '../protobuf/field-reader';
import { noEvents, TimeSpan, TrackList, type TraceInfo, type TrackInfo } from './trace-info';

export type Found = Pick<TraceInfo, 'kind' | 'form' | 'records' | 'recordKinds' | 'events' | 'tracks' | 'time' | 'warnings'>;

/**
 * Reads a Chrome or Kineto JSON trace, event by event, with the reader of the conversion.
 *
 * @throws TraceSmithError `INVALID_INPUT` where there is nothing for a trace in it
 */
export async function readChromeTrace(path: string, chunks: AsyncIterable<Buffer>, onChunk: () => void): Promise<Found> {
  const counts = new EventCounter();
  const reader = new ChromeTraceReader(counts);
  await reader.readAll(chunks, gzipProblem, onChunk);
  const problem = reader.emptyProblem(path);
  if (problem !== undefined) throw problem;
  reader.judgeZeroTimes(false);
  return {
    kind: 'chrome-json',
    form: reader.text.form,
    records: reader.text.entries,
    recordKinds: reader.phases,
    events: counts.events,
    tracks: counts.list(reader.tracks.list),
    time: counts.span.range(),
    warnings: describeFindings(reader.findings, ['damaged', 'dropped', 'repaired', 'ignored']),
  };
}

class EventCounter implements ChromeTraceHandler {
  /** Their samples are not counted. */
  readonly knowsProfiles = true;
  readonly events = noEvents();
  readonly span = new TimeSpan();
  /** Events on each track, by index. */
  private readonly onTrack: number[] = [];

  slice(event: ReadEvent, duration: Time | undefined): void {
    this.count('slices', event.track, event.time);
    if (duration !== undefined) this.span.include(addExact(event.time, duration));
  }

  half({ track, time }: ReadEvent, isEnd: boolean): void {
    if (isEnd) this.span.include(time);
    else this.count('slices', track, time);
  }

  instant({ track, time }: ReadEvent): void {
    this.count('instants', track, time);
  }

  counter(track: ChromeTrack, time: Time): void {
    this.count('counters', track, time);
  }

  flowPoint({ time }: ReadEvent): void {
    this.events.flowPoints++;
    this.span.include(time);
  }

  /** Processes, threads, and other tracks, each in the order in which they appeared; async tracks of one name as one. */
  list(tracks: readonly ChromeTrack[]): TrackInfo[] {
    const list = new TrackList();
    const groupOf = ({ kind }: ChromeTrack) => (kind === 'process' ? 0 : kind === 'thread' ? 1 : 2);
    for (const track of [...tracks].sort((a, b) => groupOf(a) - groupOf(b))) {
      const { kind, index, process } = track;
      const events = this.onTrack[index] ?? 0;
      if (kind === 'global') {
        list.add(kind, globalTrack(events));
        continue;
      }
      const name = kind === 'process' || kind === 'thread' ? shownName(track) : track.name;
      const key = kind === 'async' ? `async ${process!.index} ${name}` : String(index);
      const path = process ? [shownName(process)] : [];
      list.add(key, { type: kind === 'async' ? 'other' : kind, name, path, ...idsOf(track), events });
    }
    return list.tracks;
  }

  private count(kind: 'slices' | 'instants' | 'counters', { index }: ChromeTrack, time: Time): void {
    this.events[kind]++;
    this.onTrack[index] = (this.onTrack[index] ?? 0) + 1;
    this.span.include(time);
  }
}

/** Of the instants of the whole trace, which lie on its root. */
export function globalTrack(events: number): Omit<TrackInfo, 'lanes'> {
  return { type: 'other', name: 'Global', path: [], events };
}

/** A number as a number, anything else as its text; nothing where the events have none. */
function idsOf(track: ChromeTrack): Pick<TrackInfo, 'pid' | 'tid'> {
  const idOf = ({ number, id }: ChromeTrack) => number ?? id;
  const pid = idOf(track.process ?? track);
  const ids = pid === '' ? {} : { pid };
  if (track.kind !== 'thread') return ids;
  const tid = idOf(track);
  return tid === '' ? ids : { ...ids, tid };
}

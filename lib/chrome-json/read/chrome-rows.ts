import { EventBatch, type BatchSink } from '../../batch/batch';
import { writeArgs } from '../../batch/args';
import { AttrType, Channel, RowKind, TrackKind, TrackProperty } from '../../batch/layout';
import type { Args } from '../../values';
import type { Time } from './chrome-event';
import { hasNativeId, nativeIds, shownName, type ChromeTrack } from './chrome-tracks';
import type { Findings } from './findings';
import type { ChromeTraceHandler, ReadEvent } from './trace-reader';

/** A begin or end, waiting for the others of its track. */
interface Half {
  event: ReadEvent;
  isEnd: boolean;
}

/** An end that no open begin fits. */
interface StrayEnd {
  end: Half;
  /** The begins before it. */
  begins: number;
}

const ENDS_ANOTHER = 'an end whose begin has another name: it ends the innermost open slice';
/** As long as the excerpts of the text are. */
const EXCERPT_LENGTH = 80;

/**
 * Writes the events of a Chrome trace as rows for a sink of batches. B, E, b and e events may come in any order: they wait as
 * objects, and are paired at the end. The tracks are defined at the end, too, when all that names them is known.
 */
export class ChromeRows implements ChromeTraceHandler {
  /** Ends that no begin matches. */
  unmatched = 0;

  private readonly halves = new Map<ChromeTrack, Half[]>();
  /** Numbers of tracks in the batch, by index. */
  private readonly numbers: number[] = [];

  private readonly batch: EventBatch;

  constructor(sink: BatchSink) {
    this.batch = new EventBatch(sink);
  }

  slice(event: ReadEvent, duration: Time | undefined): void {
    if (duration === undefined) return this.endless(event);
    this.begin(RowKind.Slice, Channel.None, event);
    this.batch.setExtent(duration);
    this.finish(event.args);
  }

  /** An Open that nothing closes becomes a slice without end. */
  private endless(event: ReadEvent): void {
    this.begin(RowKind.Open, Channel.Range, event);
    this.finish(event.args);
  }

  instant(event: ReadEvent): void {
    this.begin(RowKind.Instant, Channel.None, event);
    this.finish(event.args);
  }

  counter(track: ChromeTrack, time: Time, value: number): void {
    this.batch.begin(RowKind.Counter, Channel.None, this.numberOf(track), 0, 0, time);
    this.batch.setExtent(value);
    this.batch.commit();
  }

  flowPoint({ track, time, name, category, event }: ReadEvent, id: bigint | string, isNext: boolean): void {
    // The arrow's type is its category and name together; an id that is text joins them.
    const type = this.batch.text(`${category}\n${name}${typeof id === 'string' ? `\n${id}` : ''}`);
    this.batch.begin(RowKind.FlowPoint, isNext ? Channel.Kernel : Channel.None, this.numberOf(track), 0, 0, time);
    const number = typeof id === 'string' ? 0n : id;
    if (event.ph !== 's') this.batch.attr64(type, AttrType.FlowIn, number);
    if (event.ph !== 'f') this.batch.attr64(type, AttrType.FlowOut, number);
    this.batch.commit();
  }

  half(event: ReadEvent, isEnd: boolean): void {
    const half = { event, isEnd };
    const halves = this.halves.get(event.track);
    if (halves === undefined) this.halves.set(event.track, [half]);
    else halves.push(half);
  }

  /** Writes what waited for the end of the input, and hands over what is left. */
  end(tracks: readonly ChromeTrack[], findings: Findings): void {
    for (const halves of this.halves.values()) this.pair(halves, findings);
    findings.repaired.sort((a, b) => a.offset - b.offset);
    this.halves.clear();
    this.define(tracks);
    this.batch.flush();
  }

  /**
   * An end closes the latest open begin whose name and category match; what one of them does not say matches any. An end that
   * fits none belongs to the next begin of its time that it fits; else it ends the innermost slice that nothing else ends.
   */
  private pair(halves: Half[], findings: Findings): void {
    halves.sort((a, b) => compare(a.event.time, b.event.time));
    let begins = 0;
    const open: { begin: Half; number: number }[] = [];
    const strays: StrayEnd[] = [];
    for (const half of halves) {
      const { time, track } = half.event;
      if (half.isEnd) {
        const found = open.findLastIndex(({ begin }) => matches(half, begin));
        if (found >= 0) this.addPair(open.splice(found, 1)[0].begin, half);
        else if (track.kind === 'thread') strays.push({ end: half, begins });
        else this.unmatched++;
        continue;
      }
      const early = strays.findIndex(({ end }) => end.event.time === time && matches(end, half));
      if (early < 0) open.push({ begin: half, number: begins });
      else this.addPair(half, strays.splice(early, 1)[0].end);
      begins++;
    }
    const waiting: Half[] = [];
    let next = 0;
    for (const { end, begins: before } of strays) {
      for (; next < open.length && open[next].number < before; next++) waiting.push(open[next].begin);
      const begin = waiting.pop();
      if (begin === undefined) {
        this.unmatched++;
        continue;
      }
      this.addPair(begin, end);
      const { offset, name } = end.event;
      findings.add('repaired', ENDS_ANOTHER, () => ({ offset, line: 0, excerpt: name.slice(0, EXCERPT_LENGTH) }));
    }
    for (const begin of [...waiting, ...open.slice(next).map(({ begin: rest }) => rest)]) this.endless(begin.event);
  }

  private addPair({ event }: Half, end: Half): void {
    this.begin(RowKind.Slice, Channel.None, event);
    this.batch.setExtent(BigInt(end.event.time) - BigInt(event.time));
    this.finish({ ...event.args, ...end.event.args });
  }

  private begin(kind: RowKind, channel: Channel, { track, time, name, category }: ReadEvent): void {
    const categoryId = category === '' ? 0 : this.batch.text(category);
    this.batch.begin(kind, channel, this.numberOf(track), this.batch.text(name), categoryId, time);
  }

  private finish(args: Args | undefined): void {
    // Counted without the arguments' own brackets, as the reader does.
    if (args !== undefined) writeArgs(this.batch, args, 'args', refuse, 0);
    this.batch.commit();
  }

  private numberOf({ index }: ChromeTrack): number {
    return (this.numbers[index] ??= this.batch.numberTrack());
  }

  /** The tracks by their numbers in the batch, behind end(). */
  numbered(tracks: readonly ChromeTrack[]): ChromeTrack[] {
    const numbered: ChromeTrack[] = [];
    for (const track of tracks) numbered[this.numberOf(track)] = track;
    return numbered;
  }

  private define(tracks: readonly ChromeTrack[]): void {
    const ids = nativeIds(tracks);
    for (const track of tracks) {
      const { kind, process, name, sortIndex, labels } = track;
      const hasId = kind === 'process' || kind === 'thread';
      const parent = process === undefined ? undefined : this.numberOf(process);
      this.batch.beginTrackOf(this.numberOf(track), KINDS[kind], parent, hasId ? shownName(track) : name);
      if (hasId) this.batch.attr(kind === 'process' ? TrackProperty.Pid : TrackProperty.Tid, AttrType.Int, ids.get(track)!);
      if (sortIndex !== undefined) this.batch.attr(TrackProperty.SortIndex, AttrType.Int, sortIndex);
      for (const label of labels) this.batch.attr(TrackProperty.Label, AttrType.Text, this.batch.text(label));
      if (kind === 'process' && !hasNativeId(track) && name !== '') {
        this.batch.attr(TrackProperty.Label, AttrType.Text, this.batch.text(`pid ${track.id}`));
      }
      this.batch.commit();
    }
  }
}

const KINDS = {
  process: TrackKind.Process,
  thread: TrackKind.Thread,
  async: TrackKind.Plain,
  counter: TrackKind.Counter,
  global: TrackKind.Plain,
};

function compare(a: Time, b: Time): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is absent or empty on either side matches any; the category of an async event is part of its id. */
function matches({ event: end }: Half, { event: begin }: Half): boolean {
  const fits = (a: string, b: string): boolean => a === '' || b === '' || a === b;
  return fits(end.name, begin.name) && (end.track.kind === 'async' || fits(end.category, begin.category));
}

/** The reader leaves nothing in arguments that a batch could not hold. */
function refuse(field: string, expected: string): never {
  throw new Error(`expected ${field} to have ${expected}`);
}

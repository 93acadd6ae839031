import { EventBatch, type BatchSink } from '../../batch/batch';
import { writeArgs } from '../../batch/args';
import { AttrType, Channel, RowKind, TrackKind, TrackProperty } from '../../batch/layout';
import type { Args } from '../../values';
import { textOf, type Time } from './chrome-event';
import { hasNativeId, nativeIds, shownName, type ChromeTrack } from './chrome-tracks';
import type { ChromeTraceHandler, ReadEvent } from './trace-reader';

/** A begin or end, waiting for the others of its track. */
interface Half {
  event: ReadEvent;
  isEnd: boolean;
  /** Among those of one time, in front. */
  isFirst: boolean;
}

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

  slice(event: ReadEvent, duration: Time): void {
    this.begin(RowKind.Slice, Channel.None, event);
    this.batch.setExtent(duration);
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

  half(event: ReadEvent, isEnd: boolean, hasComplete: boolean): void {
    const half = { event, isEnd, isFirst: isEnd && hasComplete };
    const halves = this.halves.get(event.track);
    if (halves === undefined) this.halves.set(event.track, [half]);
    else halves.push(half);
  }

  /** Writes what waited for the end of the input, and hands over what is left. */
  end(tracks: readonly ChromeTrack[]): void {
    for (const halves of this.halves.values()) this.pair(halves);
    this.halves.clear();
    this.define(tracks);
    this.batch.flush();
  }

  /** An end closes the latest open begin whose name and category match; what it does not say matches any. */
  private pair(halves: Half[]): void {
    halves.sort((a, b) => compare(a.event.time, b.event.time) || Number(b.isFirst) - Number(a.isFirst));
    const open: Half[] = [];
    /** Ends that match nothing yet: a begin of the same time may follow. */
    let early: Half[] = [];
    for (const half of halves) {
      const { time, track } = half.event;
      if (half.isEnd) {
        const found = open.findLastIndex((begin) => matches(half, begin));
        if (found >= 0) {
          this.addPair(open.splice(found, 1)[0], half);
        } else {
          this.unmatched++;
          if (track.kind === 'thread') early.push(half);
        }
        continue;
      }
      early = early.filter((end) => end.event.time === time);
      const end = early.findIndex((earlier) => matches(earlier, half));
      if (end < 0) {
        open.push(half);
      } else {
        this.unmatched--;
        this.addPair(half, early.splice(end, 1)[0]);
      }
    }
    for (const begin of open) this.addPair(begin, undefined);
  }

  private addPair({ event }: Half, end: Half | undefined): void {
    // An Open that nothing closes becomes a slice without end.
    this.begin(end === undefined ? RowKind.Open : RowKind.Slice, end === undefined ? Channel.Range : Channel.None, event);
    if (end !== undefined) this.batch.setExtent(BigInt(end.event.time) - BigInt(event.time));
    this.finish({ ...event.args, ...end?.event.args });
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

function matches(end: Half, begin: Half): boolean {
  const { name, cat } = end.event.event;
  const of = begin.event.event;
  return isWanted(name, of.name) && isWanted(cat, of.cat);
}

function isWanted(wanted: unknown, value: unknown): boolean {
  if (wanted === undefined || wanted === null) return true;
  return value !== undefined && value !== null && textOf(wanted) === textOf(value);
}

/** The reader leaves nothing in arguments that a batch could not hold. */
function refuse(field: string, expected: string): never {
  throw new Error(`expected ${field} to have ${expected}`);
}

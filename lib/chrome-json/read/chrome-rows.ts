import { EventBatch, type BatchSink } from '../../batch/batch';
import { writeArgs } from '../../batch/args';
import { AttrType, Channel, RowKind, TrackKind, TrackProperty } from '../../batch/layout';
import type { Args } from '../../values';
import { textOf, type ChromeEvent, type Time } from './chrome-event';
import { hasNativeId, nativeIds, shownName, type ChromeTrack } from './chrome-tracks';
import type { Findings } from './findings';
import type { ChromeTraceHandler, ReadEvent } from './trace-reader';

/** A begin or end, waiting for the others of its track. */
interface Half {
  event: ReadEvent;
  isEnd: boolean;
}

/** A flow event: it starts a flow, goes on with it, or ends it. */
export interface ReadFlowPoint {
  /** What the events of one flow have in common. */
  flow: string;
  role: 's' | 't' | 'f';
  /** It belongs to the next slice of its track, not to the one around it. */
  isNext: boolean;
  track: number;
  time: Time;
  place: number;
}

export interface ReadFlows {
  points: readonly ReadFlowPoint[];
  /** By row: where it stands in the file, above 0; of a slice that is two events, also where the second stands, else 0. */
  places: { begin: Float64Array; end: Float64Array };
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

  private rows = 0;
  private readonly places = { begin: new NumberColumn(), end: new NumberColumn() };
  /** In the order of the file. */
  private readonly points: ReadFlowPoint[] = [];

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
    this.rows++;
    this.batch.begin(RowKind.Counter, Channel.None, this.numberOf(track), 0, 0, time);
    this.batch.setExtent(value);
    this.batch.commit();
  }

  flowPoint({ track, time, name, category, event, offset }: ReadEvent, id: bigint | string, isNext: boolean): void {
    const flow = JSON.stringify([category, name, typeof id, String(id)]);
    this.points.push({ flow, role: roleOf(event), isNext, track: this.numberOf(track), time, place: placeOf(offset) });
  }

  /** The flow events, and where all rows stand in the file. To be called at the end. */
  get flows(): ReadFlows {
    const { rows, points, places } = this;
    return { points, places: { begin: places.begin.upTo(rows), end: places.end.upTo(rows) } };
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
    this.places.end.set(this.rows - 1, placeOf(end.event.offset));
    this.batch.setExtent(BigInt(end.event.time) - BigInt(event.time));
    this.finish({ ...event.args, ...end.event.args });
  }

  private begin(kind: RowKind, channel: Channel, { track, time, name, category, offset }: ReadEvent): void {
    this.places.begin.set(this.rows++, placeOf(offset));
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

/** A number for each row; 0 unless it was set. */
class NumberColumn {
  private values = new Float64Array(4096);

  set(row: number, value: number): void {
    if (row >= this.values.length) this.reserve(2 * row);
    this.values[row] = value;
  }

  /** The numbers of the first rows. */
  upTo(rows: number): Float64Array {
    if (rows > this.values.length) this.reserve(rows);
    return this.values.subarray(0, rows);
  }

  private reserve(rows: number): void {
    const { values } = this;
    this.values = new Float64Array(rows);
    this.values.set(values);
  }
}

function placeOf(offset: number): number {
  return offset + 1;
}

function roleOf({ ph }: ChromeEvent): ReadFlowPoint['role'] {
  const phase = textOf(ph).charAt(0);
  return phase === 's' || phase === 't' ? phase : 'f';
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

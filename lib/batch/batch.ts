import { TraceSmithError } from '../errors';
import { MAX_INT64, MAX_UNITS } from '../limits';
import type { Integer } from '../values';
import {
  AttrHead,
  AttrType,
  BATCH_ROWS,
  Channel,
  MAX_STRINGS,
  RowFlag,
  RowKind,
  type TrackKind,
} from './layout';

/** Where the columns begin that are not the first of their width. */
const CHANNEL = BATCH_ROWS;
const FLAGS = 2 * BATCH_ROWS;
const NAME = BATCH_ROWS;
const CATEGORY = 2 * BATCH_ROWS;
const ATTR_END = 3 * BATCH_ROWS;
const EXTENT = BATCH_ROWS;

/** Where the halves of a 64-bit integer lie: that depends on the machine. */
export const LOW_HALF = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;
export const HIGH_HALF = 1 - LOW_HALF;

// What grows begins small: a writer should cost little to open.
const INITIAL_ATTRS = 1024;
const INITIAL_WORDS = 256;
const INITIAL_TEXT_BYTES = 1 << 14;
const INITIAL_TEXTS = 256;

/** What the new strings (bytes) and the attributes and words of a batch may come to before it is full early. */
const MAX_TEXT_BYTES = 1 << 20;
const MAX_DETAILS = 1 << 18;
/** Memory for strings that an empty batch keeps. One huge string grows it; it must not stay for good. */
const MAX_KEPT_TEXT_BYTES = 4 * MAX_TEXT_BYTES;

/**
 * What takes a full batch. It copies what it needs: the batch is filled again when it returns. Where
 * it throws, the batch stays as it is and comes again.
 */
export interface BatchSink {
  append(batch: EventBatch): void;
}

/**
 * Columns that producers fill row by row and that go to a backend when they are full.
 *
 * A row is written by `begin`, any number of `attr...` calls, and `commit`. What was not committed
 * is overwritten by the next `begin`: an error in the middle of a row leaves the batch as it was.
 * A full batch goes to the sink when the next row begins, so that a sink that refuses it refuses a row
 * that is not there yet.
 * Values are not checked here; the callers have done that and know the event to name.
 */
export class EventBatch {
  rows = 0;
  attrs = 0;
  words = 0;

  /**
   * The number of rows at which a producer of a stream should flush: all that fit, or fewer where the
   * rows are heavy. A row may begin all the same as long as there is room.
   */
  fullAt = BATCH_ROWS;

  // Columns of one width lie behind each other in one array, through which rows are written: three arrays stay in
  // registers, one for each column would be fetched for each value.
  private readonly bytes = new Uint8Array(3 * BATCH_ROWS);
  private readonly numbers = new Uint32Array(4 * BATCH_ROWS);
  private readonly doubles = new Float64Array(2 * BATCH_ROWS);
  private readonly integers = new BigUint64Array(this.doubles.buffer);
  /** The halves of the 64-bit integers. */
  private readonly halves = new Uint32Array(this.doubles.buffer);

  readonly kind = columnAt(this.bytes, 0);
  readonly channel = columnAt(this.bytes, CHANNEL);
  readonly flags = columnAt(this.bytes, FLAGS);
  readonly track = columnAt(this.numbers, 0);
  readonly name = columnAt(this.numbers, NAME);
  readonly category = columnAt(this.numbers, CATEGORY);
  readonly attrEnd = columnAt(this.numbers, ATTR_END);
  readonly time = columnAt(this.doubles, 0);
  readonly extent = columnAt(this.doubles, EXTENT);

  attrHead = new Uint32Array(INITIAL_ATTRS);
  attrValue = new Float64Array(INITIAL_ATTRS);
  private attrValue64 = new BigUint64Array(this.attrValue.buffer);
  word = new Uint32Array(INITIAL_WORDS);

  /** Strings that are new in this batch: their UTF-8, and where each ends. */
  newTexts = 0;
  textBytes = new Uint8Array(INITIAL_TEXT_BYTES);
  textEnd = new Uint32Array(INITIAL_TEXTS);
  /** The same strings for a backend that lives in JavaScript. */
  readonly newStrings: string[] = [];

  /**
   * Which table the batch's string ids are of: counted up by forgetTexts(), after which ids begin at 1
   * again.
   */
  generation = 0;
  /** The length of all strings of the table, in UTF-16 units. */
  textUnits = 0;

  private readonly ids = new Map<string, number>();
  private readonly encoder = new TextEncoder();
  private tracks = 0;
  private committedAttrs = 0;
  private committedWords = 0;

  constructor(private readonly sink: BatchSink) {}

  /** The id of a string, new or known. Ids start at 1; 0 means none. */
  text(value: string): number {
    return this.ids.get(value) ?? this.addText(value);
  }

  /** How many strings the table holds. */
  get textCount(): number {
    return this.ids.size;
  }

  /**
   * Begins a new table of strings, so that a stream with ever new ones stays small. The batch must be
   * empty, and ids from before mean nothing any more.
   */
  forgetTexts(): void {
    this.ids.clear();
    this.textUnits = 0;
    this.generation++;
  }

  /** Starts a row at a time. */
  begin(
    kind: RowKind,
    channel: Channel | TrackKind,
    track: number,
    name: number,
    category: number,
    time: Integer,
  ): void {
    if (this.rows === BATCH_ROWS) this.flush();
    const { rows: row, bytes, numbers } = this;
    this.attrs = this.committedAttrs;
    this.words = this.committedWords;
    bytes[row] = kind;
    bytes[CHANNEL + row] = channel;
    numbers[row] = track;
    numbers[NAME + row] = name;
    numbers[CATEGORY + row] = category;
    if (typeof time === 'number') {
      bytes[FLAGS + row] = 0;
      this.doubles[row] = time;
    } else {
      bytes[FLAGS + row] = RowFlag.TimeIs64Bit;
      this.integers[row] = time;
    }
  }

  /** Gives the row that was begun a length, or a counter its value. */
  setExtent(value: Integer): void {
    const { rows: row, bytes } = this;
    if (typeof value === 'number') {
      bytes[FLAGS + row] |= RowFlag.HasExtent;
      this.doubles[EXTENT + row] = value;
    } else {
      bytes[FLAGS + row] |= RowFlag.HasExtent | RowFlag.ExtentIs64Bit;
      this.integers[EXTENT + row] = value;
    }
  }

  /**
   * A whole row at once, of which most traces have most: a slice without attributes, whose times are safe integers.
   * There must be room.
   */
  addSlice(track: number, name: number, time: number, duration: number): void {
    const { rows: row, bytes, numbers, doubles } = this;
    bytes[row] = RowKind.Slice;
    bytes[CHANNEL + row] = Channel.None;
    bytes[FLAGS + row] = RowFlag.HasExtent;
    numbers[row] = track;
    numbers[NAME + row] = name;
    numbers[CATEGORY + row] = 0;
    numbers[ATTR_END + row] = this.committedAttrs;
    doubles[row] = time;
    doubles[EXTENT + row] = duration;
    this.rows = row + 1;
  }

  /** The same for a time in two halves of 32 bits: no bigint needs to be made. */
  addSliceAt(track: number, name: number, low: number, high: number, duration: number): void {
    const row = this.rows;
    const time = high * 2 ** 32 + low;
    this.addSlice(track, name, time, duration);
    if (time <= Number.MAX_SAFE_INTEGER) return;
    this.bytes[FLAGS + row] = RowFlag.HasExtent | RowFlag.TimeIs64Bit;
    this.halves[2 * row + LOW_HALF] = low;
    this.halves[2 * row + HIGH_HALF] = high;
  }

  /** An attribute whose value is a double, a safe integer, an id or an offset. */
  attr(key: number, type: AttrType, value: number): void {
    const i = this.attrs;
    if (i === this.attrHead.length) this.growAttrs();
    this.attrHead[i] = (key << AttrHead.KeyShift) | type;
    this.attrValue[i] = value;
    this.attrs = i + 1;
  }

  /** An attribute whose value is a 64-bit integer. */
  attr64(key: number, type: AttrType, value: bigint): void {
    const i = this.attrs;
    if (i === this.attrHead.length) this.growAttrs();
    this.attrHead[i] = (key << AttrHead.KeyShift) | AttrHead.Is64Bit | type;
    this.attrValue64[i] = value;
    this.attrs = i + 1;
  }

  /** An integer attribute of the given type, from a safe integer or a bigint. */
  attrInteger(key: number, type: AttrType, value: Integer): void {
    if (typeof value === 'number') this.attr(key, type, value);
    else if (type === AttrType.Int && value > MAX_INT64) this.attr64(key, AttrType.Uint, value);
    else this.attr64(key, type, value);
  }

  /** Reserves words for the row and gives the offset of the first. */
  reserveWords(count: number): number {
    const start = this.words;
    this.words = start + count;
    this.word = withRoom(this.word, this.words);
    return start;
  }

  commit(): void {
    const row = this.rows;
    this.committedAttrs = this.attrs;
    this.committedWords = this.words;
    this.numbers[ATTR_END + row] = this.attrs;
    this.rows = row + 1;
    if (this.attrs + this.words > MAX_DETAILS) this.fullAt = 0;
  }

  /**
   * Numbers a new track and starts its defining row; the caller adds properties and commits. It gets
   * the uuid that is asked for, unless another has it; uuid 0, the root of all tracks, asks for none.
   */
  beginTrack(kind: TrackKind, parent: number | undefined, name: string, uuid: Integer = 0): number {
    const track = this.numberTrack();
    this.beginTrackOf(track, kind, parent, name, uuid);
    return track;
  }

  /** Numbers a new track, to be defined later; only for backends that look at tracks at the end. */
  numberTrack(): number {
    return this.tracks++;
  }

  /** Starts the defining row of a track that has its number. */
  beginTrackOf(track: number, kind: TrackKind, parent: number | undefined, name: string, uuid: Integer = 0): void {
    this.begin(RowKind.Track, kind, track, this.text(name), parent === undefined ? 0 : parent + 1, uuid);
  }

  /** Hands what is there to the sink. */
  flush(): void {
    if (this.rows === 0 && this.newTexts === 0) return;
    this.attrs = this.committedAttrs;
    this.words = this.committedWords;
    this.sink.append(this);
    this.rows = 0;
    this.attrs = this.committedAttrs = 0;
    this.words = this.committedWords = 0;
    this.newTexts = 0;
    this.newStrings.length = 0;
    this.fullAt = BATCH_ROWS;
    if (this.textBytes.length > MAX_KEPT_TEXT_BYTES) this.textBytes = new Uint8Array(INITIAL_TEXT_BYTES);
  }

  private addText(value: string): number {
    const id = this.ids.size + 1;
    if (id >= MAX_STRINGS) {
      throw new TraceSmithError('INVALID_ARGUMENT', `A trace can hold ${MAX_STRINGS - 1} distinct strings; this one has more.`);
    }
    if (value.length > MAX_UNITS) {
      const received = `${value.length} that begin with ${JSON.stringify(value.slice(0, 20))}`;
      throw new TraceSmithError('INVALID_ARGUMENT', `A string can have ${MAX_UNITS} UTF-16 units; received ${received}.`);
    }
    const start = this.newTexts === 0 ? 0 : this.textEnd[this.newTexts - 1];
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.textBytes = withRoom(this.textBytes, start + value.length * 3);
    this.textEnd = withRoom(this.textEnd, this.newTexts + 1);
    const { written } = this.encoder.encodeInto(value, this.textBytes.subarray(start));
    this.textEnd[this.newTexts++] = start + written;
    if (start + written > MAX_TEXT_BYTES) this.fullAt = 0;
    this.newStrings.push(value);
    this.textUnits += value.length;
    this.ids.set(value, id);
    return id;
  }

  private growAttrs(): void {
    this.attrHead = withRoom(this.attrHead, this.attrs + 1);
    this.attrValue = withRoom(this.attrValue, this.attrs + 1);
    this.attrValue64 = new BigUint64Array(this.attrValue.buffer);
  }
}

function columnAt<T>(columns: { subarray(begin: number, end: number): T }, begin: number): T {
  return columns.subarray(begin, begin + BATCH_ROWS);
}

/** The array, or a copy of at least twice its length that holds `length`. */
export function withRoom<T extends Uint8Array | Uint32Array | Float64Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}

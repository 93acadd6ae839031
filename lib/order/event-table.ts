import { withRoom, type EventBatch } from '../batch/batch';
import { AttrHead, AttrType, LAUNCH_WORDS, RowFlag, RowKind, TrackProperty, type TrackKind } from '../batch/layout';
import type { Integer } from '../values';
import { LaunchTable } from './launch-table';

/** The extent of a row without one: of a slice whose end is not known, or that nothing closed. */
export const NO_END = Infinity;
/** The extent of a slice that never ends: all that comes later on its track is in it. Below NO_END. */
export const NEVER_ENDS = Number.MAX_VALUE;

/** Stands for no row. */
export const NO_ROW = -1;

const INITIAL_ROWS = 4096;
const TYPE_MASK = AttrHead.Is64Bit - 1;

const COLUMNS = [
  'kind', 'channel', 'flags', 'track', 'name', 'category', 'time', 'extent', 'attrBegin', 'attrEnd', 'lane',
] as const;

/** A track as its Track row describes it. */
export interface Track {
  kind: TrackKind;
  name: string;
  /** The number of the parent track; undefined for a track at the root. */
  parent?: number;
  pid?: Integer;
  tid?: Integer;
  sortIndex?: Integer;
  labels: string[];
  rank?: Integer;
  childOrdering?: Integer;
  /** The values of a counter are differences to the one before. */
  isIncremental?: boolean;
  /** Each value of a counter is multiplied with it. */
  unitMultiplier?: Integer;
}

/** Above this many launch configurations the table drops those that no row has any more. */
const MANY_LAUNCHES = 4096;

/**
 * A million events as objects would cost a million allocations. The table holds them in one array per
 * column, copied from the batches, which their producers fill again. A stream drops rows it has written.
 *
 * Times are nanoseconds since `origin`, the time of the first event, as doubles: exact within 2^53 ns
 * (104 days) of it, else the nearest double. Track rows define `tracks` and have no row here; neither have
 * Metadata rows. The C++ twin is binding/order/event_table.cc.
 */
export class EventTable {
  rows = 0;
  kind = new Uint8Array(INITIAL_ROWS);
  channel = new Uint8Array(INITIAL_ROWS);
  flags = new Uint8Array(INITIAL_ROWS);
  track = new Uint32Array(INITIAL_ROWS);
  name = new Uint32Array(INITIAL_ROWS);
  category = new Uint32Array(INITIAL_ROWS);
  /** ns since `origin`. */
  time = new Float64Array(INITIAL_ROWS);
  /** ns, NEVER_ENDS or NO_END; the value of a counter. */
  extent = new Float64Array(INITIAL_ROWS);
  private extent64 = new BigUint64Array(this.extent.buffer);
  /** The attributes of a row: from `attrBegin` to before `attrEnd`. */
  attrBegin = new Uint32Array(INITIAL_ROWS);
  attrEnd = new Uint32Array(INITIAL_ROWS);
  /** The lane of a slice once it is known; of an End row, the lane of the slice that it ends. */
  lane = new Uint32Array(INITIAL_ROWS);

  attrs = 0;
  attrHead = new Uint32Array(INITIAL_ROWS);
  attrValue = new Float64Array(INITIAL_ROWS);
  private attrValue64 = new BigUint64Array(this.attrValue.buffer);

  /** The value of a Launch attribute is an index of these. */
  launches = new LaunchTable();
  private manyLaunches = MANY_LAUNCHES;

  readonly tracks: Track[] = [];
  /** By string id; id 0 means none. */
  strings: string[] = [''];
  private generation = 0;
  /** Added to the string ids of batches: strings of older generations come before theirs. */
  private stringBase = 0;

  /** Counts how often ids of strings and launch configurations have changed. */
  renumberings = 0;

  /** Whether any row is an Open or a Close, has a FlowOut or FlowIn, is a FlowPoint, has a Flow or TerminatingFlow. */
  hasPairs = false;
  hasFlows = false;
  hasFlowPoints = false;
  hasFlowIds = false;

  /** The time of the first event, ns. */
  origin = 0n;
  private hasOrigin = false;
  /** The same as a number; undefined if it is not a safe integer. */
  private safeOrigin?: number;

  /** Copies a batch. Chrome JSON has no place for call stacks: their words are left out. */
  append(batch: EventBatch): void {
    if (batch.generation !== this.generation) this.beginGeneration(batch.generation);
    for (const text of batch.newStrings) this.strings.push(text);
    this.reserveRows(this.rows + batch.rows);
    const firstAttr = this.appendAttrs(batch);
    const times = integersOf(batch.time);
    const extents = integersOf(batch.extent);
    const inThisTable = (id: number): number => id + this.stringBase;
    let attrBegin = firstAttr;
    for (let from = 0; from < batch.rows; from++) {
      const attrEnd = firstAttr + batch.attrEnd[from];
      const kind: RowKind = batch.kind[from];
      if (kind === RowKind.Track) {
        this.appendTrack(batch, from, attrBegin, attrEnd);
      } else if (kind !== RowKind.Metadata) {
        const row = this.appendEvent(batch, from, times, extents);
        this.attrBegin[row] = attrBegin;
        this.attrEnd[row] = attrEnd;
        if (this.stringBase !== 0) this.moveStrings(row, inThisTable);
      }
      attrBegin = attrEnd;
    }
  }

  /** The string of an id of the batch that is being appended. */
  stringOf(id: number): string {
    return this.strings[id === 0 ? 0 : id + this.stringBase];
  }

  /** Keeps the given rows, in ascending order, as rows 0, 1, ...; drops the others and their attributes. */
  keep(kept: Uint32Array): void {
    const { kind, channel, flags, track, name, category, time, lane } = this;
    for (const column of [kind, channel, flags, track, name, category, time, lane]) {
      for (let row = 0; row < kept.length; row++) column[row] = column[kept[row]];
    }
    // As bits: a 64-bit integer that looks like a NaN must not be read as a double.
    const extent = new Uint32Array(this.extent.buffer);
    for (let row = 0; row < kept.length; row++) {
      extent[2 * row] = extent[2 * kept[row]];
      extent[2 * row + 1] = extent[2 * kept[row] + 1];
    }
    this.rows = kept.length;
    this.keepAttrs(kept);
    if (this.launches.count > this.manyLaunches) this.renumberLaunches();
  }

  /** The correlation id of a row, its first attribute; 0 for none. */
  correlationOf(row: number): Integer {
    const first = this.attrBegin[row];
    if (first === this.attrEnd[row] || this.attrType(first) !== AttrType.Correlation) return 0;
    return this.attrInteger(first);
  }

  /** The end of a slice, ns since `origin`, NEVER_ENDS or NO_END: those absorb any time that is added. */
  endOf(row: number): number {
    return this.time[row] + this.extent[row];
  }

  attrType(attr: number): AttrType {
    return this.attrHead[attr] & TYPE_MASK;
  }

  attrKey(attr: number): number {
    return this.attrHead[attr] >>> AttrHead.KeyShift;
  }

  /** An integer value: a number if it is a safe integer, so that equal values compare equal. */
  attrInteger(attr: number): Integer {
    if ((this.attrHead[attr] & AttrHead.Is64Bit) === 0) return this.attrValue[attr];
    const value = this.attrValue64[attr];
    return narrowed(this.attrType(attr) === AttrType.Int ? BigInt.asIntN(64, value) : value);
  }

  /** The value of a counter that was given as a 64-bit integer; undefined for a double. */
  counterInteger(row: number): bigint | undefined {
    if ((this.flags[row] & RowFlag.ExtentIs64Bit) === 0) return undefined;
    return BigInt.asIntN(64, this.extent64[row]);
  }

  /** Copies attributes to the end of the attribute columns. */
  copyAttrs(begin: number, end: number): void {
    this.reserveAttrs(this.attrs + end - begin);
    this.attrHead.copyWithin(this.attrs, begin, end);
    this.attrValue.copyWithin(this.attrs, begin, end);
    this.attrs += end - begin;
  }

  /** Adds an argument that is a text to the end of the attribute columns. */
  appendText(key: string, value: string): void {
    this.reserveAttrs(this.attrs + 1);
    this.attrHead[this.attrs] = (this.idOf(key) << AttrHead.KeyShift) | AttrType.Text;
    this.attrValue[this.attrs++] = this.idOf(value);
  }

  private idOf(text: string): number {
    const known = this.strings.indexOf(text);
    return known >= 0 ? known : this.strings.push(text) - 1;
  }

  private appendTrack(batch: EventBatch, from: number, attrBegin: number, attrEnd: number): void {
    const track: Track = { kind: batch.channel[from], name: this.stringOf(batch.name[from]), labels: [] };
    for (let attr = attrBegin; attr < attrEnd; attr++) {
      const key: TrackProperty = this.attrKey(attr);
      const value = this.attrInteger(attr);
      const field = INTEGERS[key];
      if (field !== undefined) track[field] = value;
      else if (key === TrackProperty.Incremental) track.isIncremental = value !== 0;
      else if (key === TrackProperty.Label) track.labels.push(this.stringOf(Number(value)));
    }
    if (batch.category[from] !== 0) track.parent = batch.category[from] - 1;
    this.tracks[batch.track[from]] = track;
  }

  /** Copies the columns of a row, and returns the new row. */
  private appendEvent(batch: EventBatch, from: number, times: BigUint64Array, extents: BigUint64Array): number {
    const row = this.rows++;
    const kind = batch.kind[from];
    const flags = batch.flags[from];
    this.kind[row] = kind;
    this.channel[row] = batch.channel[from];
    this.flags[row] = flags;
    this.track[row] = batch.track[from];
    this.name[row] = batch.name[from];
    this.category[row] = batch.category[from];
    if (kind === RowKind.Open || kind === RowKind.Close) this.hasPairs = true;
    if (kind === RowKind.FlowPoint) this.hasFlowPoints = true;

    const time = (flags & RowFlag.TimeIs64Bit) === 0 ? batch.time[from] : narrowed(BigInt.asIntN(64, times[from]));
    if (!this.hasOrigin) this.setOrigin(time);
    this.time[row] = this.sinceOrigin(time);

    if ((flags & RowFlag.ExtentIs64Bit) === 0) {
      const none = kind === RowKind.Slice ? NEVER_ENDS : NO_END;
      this.extent[row] = (flags & RowFlag.HasExtent) === 0 ? none : batch.extent[from];
    } else if (kind === RowKind.Counter) {
      this.extent64[row] = extents[from];
    } else {
      this.extent[row] = Number(extents[from]);
    }
    return row;
  }

  private setOrigin(time: Integer): void {
    this.hasOrigin = true;
    this.origin = BigInt(time);
    if (typeof time === 'number') this.safeOrigin = time;
  }

  private sinceOrigin(time: Integer): number {
    if (typeof time === 'number' && this.safeOrigin !== undefined) return time - this.safeOrigin;
    return Number(BigInt(time) - this.origin);
  }

  private appendAttrs(batch: EventBatch): number {
    const first = this.attrs;
    this.reserveAttrs(first + batch.attrs);
    // Whole arrays: a 64-bit integer that looks like a NaN must not be read as a double.
    this.attrHead.set(batch.attrHead.subarray(0, batch.attrs), first);
    this.attrValue.set(batch.attrValue.subarray(0, batch.attrs), first);
    this.attrs = first + batch.attrs;
    for (let attr = first; attr < this.attrs; attr++) {
      const type = this.attrHead[attr] & TYPE_MASK;
      if (type === AttrType.Launch) this.attrValue[attr] = this.launches.indexOf(batch.word, this.attrValue[attr]);
      else if (type === AttrType.FlowOut || type === AttrType.FlowIn) this.hasFlows = true;
      else if (type === AttrType.Flow || type === AttrType.TerminatingFlow) this.hasFlowIds = true;
    }
    return first;
  }

  /** Moves the attributes of kept rows to new columns: those of merged rows lie out of order. */
  private keepAttrs(kept: Uint32Array): void {
    const heads = this.attrHead;
    const values = new Uint32Array(this.attrValue.buffer);
    this.attrs = 0;
    if (kept.length === 0) return;
    this.attrHead = new Uint32Array(heads.length);
    this.attrValue = new Float64Array(heads.length);
    this.attrValue64 = new BigUint64Array(this.attrValue.buffer);
    const keptValues = new Uint32Array(this.attrValue.buffer);
    for (let row = 0; row < kept.length; row++) {
      const end = this.attrEnd[kept[row]];
      let from = this.attrBegin[kept[row]];
      this.attrBegin[row] = this.attrs;
      for (; from < end; from++) {
        const to = this.attrs++;
        this.attrHead[to] = heads[from];
        keptValues[2 * to] = values[2 * from];
        keptValues[2 * to + 1] = values[2 * from + 1];
      }
      this.attrEnd[row] = this.attrs;
    }
  }

  /** Drops the launch configurations that no row has. */
  private renumberLaunches(): void {
    const { words } = this.launches;
    this.launches = new LaunchTable();
    for (let attr = 0; attr < this.attrs; attr++) {
      if (this.attrType(attr) !== AttrType.Launch) continue;
      this.attrValue[attr] = this.launches.indexOf(words, this.attrValue[attr] * LAUNCH_WORDS);
    }
    this.manyLaunches = Math.max(MANY_LAUNCHES, 2 * this.launches.count);
    this.renumberings++;
  }

  /** Begins a new table of strings with those that rows still have. */
  private beginGeneration(generation: number): void {
    const old = this.strings;
    const newIds = new Map<number, number>();
    this.strings = [''];
    const newIdOf = (id: number): number => {
      let newId = newIds.get(id);
      if (newId === undefined) newIds.set(id, (newId = this.strings.push(old[id]) - 1));
      return newId;
    };
    for (let row = 0; row < this.rows; row++) this.moveStrings(row, newIdOf);
    this.stringBase = this.strings.length - 1;
    this.generation = generation;
    this.renumberings++;
  }

  /** Replaces the ids of the strings of a row. */
  private moveStrings(row: number, idOf: (id: number) => number): void {
    if (this.name[row] !== 0) this.name[row] = idOf(this.name[row]);
    if (this.category[row] !== 0) this.category[row] = idOf(this.category[row]);
    for (let attr = this.attrBegin[row]; attr < this.attrEnd[row]; attr++) {
      const type = this.attrType(attr);
      const key = this.attrKey(attr);
      if (type === AttrType.Text) this.attrValue[attr] = idOf(this.attrValue[attr]);
      if (key !== 0 && type <= AttrType.End) {
        this.attrHead[attr] = (idOf(key) << AttrHead.KeyShift) | (this.attrHead[attr] & (AttrHead.Is64Bit | TYPE_MASK));
      }
    }
  }

  private reserveRows(rows: number): void {
    if (rows <= this.kind.length) return;
    for (const column of COLUMNS) this[column] = withRoom(this[column], rows) as never;
    this.extent64 = new BigUint64Array(this.extent.buffer);
  }

  private reserveAttrs(attrs: number): void {
    if (attrs <= this.attrHead.length) return;
    this.attrHead = withRoom(this.attrHead, attrs);
    this.attrValue = withRoom(this.attrValue, attrs);
    this.attrValue64 = new BigUint64Array(this.attrValue.buffer);
  }
}

type IntegerField = 'pid' | 'tid' | 'sortIndex' | 'rank' | 'childOrdering' | 'unitMultiplier';

/** The properties of a track that are integers; JSON has no place for others. */
const INTEGERS: Readonly<Partial<Record<TrackProperty, IntegerField>>> = {
  [TrackProperty.Pid]: 'pid',
  [TrackProperty.Tid]: 'tid',
  [TrackProperty.SortIndex]: 'sortIndex',
  [TrackProperty.Rank]: 'rank',
  [TrackProperty.ChildOrdering]: 'childOrdering',
  [TrackProperty.UnitMultiplier]: 'unitMultiplier',
};

function narrowed(value: bigint): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The same column as 64-bit integers. */
function integersOf(column: Float64Array): BigUint64Array {
  return new BigUint64Array(column.buffer, column.byteOffset, column.length);
}

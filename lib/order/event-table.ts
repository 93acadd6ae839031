import type { EventBatch } from '../batch/batch';
import { AttrHead, AttrType, RowFlag, RowKind } from '../batch/layout';
import type { Integer } from '../events';
import { LaunchTable } from './launch-table';
import { readTrack, type Track } from './track';

/** The extent of a slice that has no end, and of a row without an extent. */
export const NO_END = Infinity;

const INITIAL_ROWS = 4096;
const TYPE_MASK = AttrHead.Is64Bit - 1;

/**
 * All events of a trace, copied from the batches that brought them: one array per column, so that a
 * million events are a few dozen arrays and not a million objects.
 *
 * Times are nanoseconds since `origin`, the time of the first event, as doubles: exact where all
 * times lie within 2^53 ns (104 days) of it. The rows of track definitions go to `tracks`, they are
 * no events and have no row here.
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
  /** ns, NO_END where there is none; the value of a counter. */
  extent = new Float64Array(INITIAL_ROWS);
  private extent64 = new BigUint64Array(this.extent.buffer);
  /** The attributes of a row: from `attrBegin` to before `attrEnd`. */
  attrBegin = new Uint32Array(INITIAL_ROWS);
  attrEnd = new Uint32Array(INITIAL_ROWS);

  attrs = 0;
  attrHead = new Uint32Array(INITIAL_ROWS);
  attrValue = new Float64Array(INITIAL_ROWS);
  private attrValue64 = new BigUint64Array(this.attrValue.buffer);

  /** The value of a Launch attribute is an index of these. */
  readonly launches = new LaunchTable();

  readonly tracks: Track[] = [];
  /** By string id; id 0 means none. */
  readonly strings: string[] = [''];

  /** Whether any row opens or closes; whether any has a flow attribute; whether any is a FlowPoint. */
  hasPairs = false;
  hasFlows = false;
  hasFlowPoints = false;

  /** The time of the first event, ns. */
  origin = 0n;
  /** The same as a number; undefined where that is not exact. */
  private safeOrigin?: number;

  /** Copies a batch; call stacks are left out, nothing that uses this table can write them. */
  append(batch: EventBatch): void {
    for (const text of batch.newStrings) this.strings.push(text);
    this.reserveRows(this.rows + batch.rows);
    const firstAttr = this.appendAttrs(batch);
    const times = new BigUint64Array(batch.time.buffer);
    const extents = new BigUint64Array(batch.extent.buffer);
    let attrBegin = firstAttr;
    for (let from = 0; from < batch.rows; from++) {
      const attrEnd = firstAttr + batch.attrEnd[from];
      if (batch.kind[from] === RowKind.Track) {
        const track = readTrack(this, batch.channel[from], batch.name[from], attrBegin, attrEnd);
        if (batch.category[from] !== 0) track.parent = batch.category[from] - 1;
        this.tracks[batch.track[from]] = track;
      } else {
        const row = this.appendEvent(batch, from, times, extents);
        this.attrBegin[row] = attrBegin;
        this.attrEnd[row] = attrEnd;
      }
      attrBegin = attrEnd;
    }
  }

  /** The row's first attribute, where that is its correlation id; 0 for none. */
  correlationOf(row: number): Integer {
    const first = this.attrBegin[row];
    if (first === this.attrEnd[row] || this.attrType(first) !== AttrType.Correlation) return 0;
    return this.attrInteger(first);
  }

  /** When a slice ends, ns since `origin`; NO_END for never. */
  endOf(row: number): number {
    return this.time[row] + this.extent[row];
  }

  attrType(attr: number): AttrType {
    return this.attrHead[attr] & TYPE_MASK;
  }

  attrKey(attr: number): number {
    return this.attrHead[attr] >>> AttrHead.KeyShift;
  }

  /** An integer value: a number where it is a safe integer, so that equal values compare equal. */
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

  /** Copies the columns of a row, and gives the new row. */
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

    const time = (flags & RowFlag.TimeIs64Bit) === 0 ? batch.time[from] : narrowed(times[from]);
    if (row === 0) this.setOrigin(time);
    this.time[row] = this.sinceOrigin(time);

    if ((flags & RowFlag.ExtentIs64Bit) === 0) {
      this.extent[row] = (flags & RowFlag.HasExtent) === 0 ? NO_END : batch.extent[from];
    } else if (kind === RowKind.Counter) {
      this.extent64[row] = extents[from];
    } else {
      this.extent[row] = Number(extents[from]);
    }
    return row;
  }

  private setOrigin(time: Integer): void {
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
    }
    return first;
  }

  private reserveRows(rows: number): void {
    if (rows <= this.kind.length) return;
    this.kind = withRoom(this.kind, rows, Uint8Array);
    this.channel = withRoom(this.channel, rows, Uint8Array);
    this.flags = withRoom(this.flags, rows, Uint8Array);
    this.track = withRoom(this.track, rows, Uint32Array);
    this.name = withRoom(this.name, rows, Uint32Array);
    this.category = withRoom(this.category, rows, Uint32Array);
    this.time = withRoom(this.time, rows, Float64Array);
    this.extent = withRoom(this.extent, rows, Float64Array);
    this.extent64 = new BigUint64Array(this.extent.buffer);
    this.attrBegin = withRoom(this.attrBegin, rows, Uint32Array);
    this.attrEnd = withRoom(this.attrEnd, rows, Uint32Array);
  }

  private reserveAttrs(attrs: number): void {
    if (attrs <= this.attrHead.length) return;
    this.attrHead = withRoom(this.attrHead, attrs, Uint32Array);
    this.attrValue = withRoom(this.attrValue, attrs, Float64Array);
    this.attrValue64 = new BigUint64Array(this.attrValue.buffer);
  }
}

function narrowed(value: bigint): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

interface Column<T> {
  readonly length: number;
  set(source: T): void;
}

/** The array, or a copy of at least twice its length that holds `length`. */
function withRoom<T extends Column<T>>(array: T, length: number, type: new (length: number) => T): T {
  if (length <= array.length) return array;
  const larger = new type(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}

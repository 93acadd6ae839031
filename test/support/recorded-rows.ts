/** A writer's backend that decodes what comes to it: every column of every batch, back to rows. */
import type { EventBatch } from '../../lib/batch/batch';
import { AttrHead, AttrType, FRAME_WORDS, LAUNCH_WORDS, RowFlag, RowKind, TrackKind, TrackProperty } from '../../lib/batch/layout';
import { Format } from '../../lib/output/format';
import type { StreamCounts, StreamSink } from '../../lib/sinks/sink';

type Value = string | number | bigint | boolean | Value[] | { [key: string]: Value };

export interface RecordedRow {
  kind: 'slice' | 'instant' | 'counter' | 'begin' | 'end' | 'metadata';
  /** The number of the track; absent for metadata. */
  track?: number;
  name?: string;
  category?: string;
  ts?: number | bigint;
  extent?: number | bigint;
  args?: Record<string, Value>;
  correlation?: number | bigint;
  flows?: (number | bigint)[];
  terminatingFlows?: (number | bigint)[];
  /** Presence bits, grid, block, shared memory, registers. */
  launch?: number[];
  /** The outermost frame first. */
  callStack?: { functionName?: string; fileName?: string; line: number; address: bigint }[];
}

export interface RecordedTrack {
  kind: 'process' | 'thread' | 'plain' | 'counter';
  name: string;
  parent?: number;
  /** By the name of the TrackProperty, in lower case; those that repeat as arrays. */
  properties: Record<string, Value>;
}

const ROW_KINDS: Record<number, RecordedRow['kind']> = {
  [RowKind.Slice]: 'slice',
  [RowKind.Instant]: 'instant',
  [RowKind.Counter]: 'counter',
  [RowKind.Begin]: 'begin',
  [RowKind.End]: 'end',
  [RowKind.Metadata]: 'metadata',
};
const TRACK_KINDS: Record<number, RecordedTrack['kind']> = {
  [TrackKind.Process]: 'process',
  [TrackKind.Thread]: 'thread',
  [TrackKind.Plain]: 'plain',
  [TrackKind.Counter]: 'counter',
};
const PROPERTIES: Record<number, string> = {
  [TrackProperty.Pid]: 'pid',
  [TrackProperty.Tid]: 'tid',
  [TrackProperty.SortIndex]: 'sortIndex',
  [TrackProperty.Label]: 'label',
  [TrackProperty.Unit]: 'unit',
  [TrackProperty.Rank]: 'rank',
  [TrackProperty.ChildOrdering]: 'childOrdering',
  [TrackProperty.Description]: 'description',
  [TrackProperty.CommandLine]: 'commandLine',
  [TrackProperty.UnitName]: 'unitName',
  [TrackProperty.UnitMultiplier]: 'unitMultiplier',
  [TrackProperty.Incremental]: 'incremental',
  [TrackProperty.YAxisShareKey]: 'yAxisShareKey',
  [TrackProperty.Gpu]: 'gpu',
  [TrackProperty.GpuVendor]: 'gpuVendor',
  [TrackProperty.GpuArchitecture]: 'gpuArchitecture',
  [TrackProperty.GpuUuid]: 'gpuUuid',
  [TrackProperty.GpuPciBdf]: 'gpuPciBdf',
  [TrackProperty.GpuStream]: 'gpuStream',
  [TrackProperty.GpuEvents]: 'gpuEvents',
};
const REPEATED = ['label', 'commandLine'];

export class RecordingBackend implements StreamSink {
  readonly format = Format.PROTOBUF;
  queuedBytes = 0;
  readonly rows: RecordedRow[] = [];
  readonly tracks: RecordedTrack[] = [];
  /** What was called, but append(). */
  readonly calls: string[] = [];
  /** Rows of each batch. */
  readonly batches: number[] = [];
  /** Thrown by append() and what waits, once set. */
  failure?: Error;
  /** What the calls that wait wait for. */
  until: Promise<void> = Promise.resolve();
  /** The table of strings; ids start at 1. */
  strings: string[] = [''];
  private generation = 0;

  append(batch: EventBatch): void {
    if (this.failure !== undefined) throw this.failure;
    this.learnStrings(batch);
    this.batches.push(batch.rows);
    for (let row = 0; row < batch.rows; row++) {
      if (batch.kind[row] === RowKind.Track) this.addTrack(batch, row);
      else this.rows.push(this.decodeRow(batch, row));
    }
  }

  async flush(all: boolean): Promise<void> {
    this.calls.push(`flush ${all}`);
    await this.until;
    if (this.failure !== undefined) throw this.failure;
  }

  flushSoon(): void {
    this.calls.push('flushSoon');
  }

  async ready(): Promise<void> {
    this.calls.push('ready');
    await this.until;
  }

  async close(): Promise<StreamCounts> {
    this.calls.push('close');
    await this.until;
    if (this.failure !== undefined) throw this.failure;
    const count = (...kinds: string[]) => this.rows.filter(({ kind }) => kinds.includes(kind)).length;
    return {
      slices: count('slice', 'begin'),
      instants: count('instant'),
      counters: count('counter'),
      lanes: 0,
      unclosed: count('begin') - count('end'),
      lateSlices: 0,
      bytes: 0,
    };
  }

  abort(): Promise<void> {
    this.calls.push('abort');
    return Promise.resolve();
  }

  /** The two ways in which strings come, as UTF-8 and as they are, must say the same. */
  private learnStrings(batch: EventBatch): void {
    if (batch.generation !== this.generation) this.strings = [''];
    this.generation = batch.generation;
    const decoder = new TextDecoder();
    for (let i = 0; i < batch.newTexts; i++) {
      const text = decoder.decode(batch.textBytes.subarray(i === 0 ? 0 : batch.textEnd[i - 1], batch.textEnd[i]));
      if (text !== batch.newStrings[i]) throw new Error(`string ${i} is ${text}, and ${batch.newStrings[i]}`);
      this.strings.push(text);
    }
  }

  private text(id: number): string {
    if (id === 0 || id >= this.strings.length) throw new Error(`there is no string ${id}`);
    return this.strings[id];
  }

  private addTrack(batch: EventBatch, row: number): void {
    if (batch.track[row] !== this.tracks.length) throw new Error(`track ${batch.track[row]} is out of turn`);
    if (!(batch.category[row] <= this.tracks.length)) throw new Error('a parent comes before its children');
    const properties: Record<string, Value> = {};
    for (let i = firstAttr(batch, row); i < batch.attrEnd[row]; i++) {
      const name = PROPERTIES[batch.attrHead[i] >>> AttrHead.KeyShift];
      const value = this.scalar(batch, i);
      if (REPEATED.includes(name)) properties[name] = [...((properties[name] ?? []) as Value[]), value];
      else properties[name] = value;
    }
    this.tracks.push({
      kind: TRACK_KINDS[batch.channel[row]],
      name: this.text(batch.name[row]),
      ...(batch.category[row] !== 0 && { parent: batch.category[row] - 1 }),
      properties,
    });
  }

  private decodeRow(batch: EventBatch, row: number): RecordedRow {
    const kind = ROW_KINDS[batch.kind[row]];
    const flags = batch.flags[row];
    const result: RecordedRow = { kind };
    if (kind !== 'metadata') {
      if (batch.track[row] >= this.tracks.length) throw new Error(`track ${batch.track[row]} is not defined`);
      result.track = batch.track[row];
      result.ts = number(batch.time, row, (flags & RowFlag.TimeIs64Bit) !== 0);
    }
    if (batch.name[row] !== 0) result.name = this.text(batch.name[row]);
    if (batch.category[row] !== 0) result.category = this.text(batch.category[row]);
    if ((flags & RowFlag.HasExtent) !== 0) {
      const extent = number(batch.extent, row, (flags & RowFlag.ExtentIs64Bit) !== 0);
      result.extent = typeof extent === 'bigint' ? BigInt.asIntN(64, extent) : extent;
    }
    this.decodeAttrs(batch, row, result);
    return result;
  }

  private decodeAttrs(batch: EventBatch, row: number, result: RecordedRow): void {
    const first = firstAttr(batch, row);
    for (let i = first; i < batch.attrEnd[row]; ) {
      const value = attrNumber(batch, i);
      switch (attrType(batch, i)) {
        case AttrType.Correlation:
          if (i !== first) throw new Error('a correlation id comes first in its row');
          result.correlation = value;
          break;
        case AttrType.Flow:
          (result.flows ??= []).push(value);
          break;
        case AttrType.TerminatingFlow:
          (result.terminatingFlows ??= []).push(value);
          break;
        case AttrType.Launch:
          result.launch = [...batch.word.subarray(Number(value), Number(value) + LAUNCH_WORDS)];
          break;
        case AttrType.CallStack:
          result.callStack = this.frames(batch, Number(value));
          break;
        default: {
          const key = this.text(batch.attrHead[i] >>> AttrHead.KeyShift);
          const [arg, next] = this.value(batch, i);
          (result.args ??= {})[key] = arg;
          i = next;
          continue;
        }
      }
      i++;
    }
  }

  /** A value and where the next attribute is. */
  private value(batch: EventBatch, at: number): [Value, next: number] {
    const type = attrType(batch, at);
    if (type !== AttrType.Dict && type !== AttrType.Array) return [this.scalar(batch, at), at + 1];
    const entries: [string, Value][] = [];
    let i = at + 1;
    while (attrType(batch, i) !== AttrType.End) {
      const key = batch.attrHead[i] >>> AttrHead.KeyShift;
      const [value, next] = this.value(batch, i);
      entries.push([type === AttrType.Dict ? this.text(key) : String(key), value]);
      i = next;
    }
    return [type === AttrType.Dict ? Object.fromEntries(entries) : entries.map(([, value]) => value), i + 1];
  }

  private scalar(batch: EventBatch, at: number): Value {
    const value = attrNumber(batch, at);
    switch (attrType(batch, at)) {
      case AttrType.Text:
        return this.text(Number(value));
      case AttrType.Bool:
        return value === 1;
      case AttrType.Int:
        return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
      case AttrType.Uint:
      case AttrType.Double:
        return value;
      default:
        throw new Error(`attribute ${at} is no value`);
    }
  }

  private frames(batch: EventBatch, at: number): RecordedRow['callStack'] {
    return Array.from({ length: batch.word[at] }, (_, frame) => {
      const [functionId, fileId, line, low, high] = batch.word.subarray(at + 1 + frame * FRAME_WORDS);
      return {
        ...(functionId !== 0 && { functionName: this.text(functionId) }),
        ...(fileId !== 0 && { fileName: this.text(fileId) }),
        line,
        address: (BigInt(high) << 32n) | BigInt(low),
      };
    });
  }
}

function firstAttr(batch: EventBatch, row: number): number {
  return row === 0 ? 0 : batch.attrEnd[row - 1];
}

function attrType(batch: EventBatch, at: number): AttrType {
  return (batch.attrHead[at] & (AttrHead.Is64Bit - 1));
}

function attrNumber(batch: EventBatch, at: number): number | bigint {
  return number(batch.attrValue, at, (batch.attrHead[at] & AttrHead.Is64Bit) !== 0);
}

function number(column: Float64Array, at: number, is64Bit: boolean): number | bigint {
  return is64Bit ? new BigUint64Array(column.buffer, column.byteOffset, column.length)[at] : column[at];
}

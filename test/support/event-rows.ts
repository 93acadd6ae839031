/** Rows as the golden vectors of test/fixtures/order write them, and the way from them into a backend. */
import { EventBatch, type BatchSink } from '../../lib/batch/batch';
import { writeArgs } from '../../lib/batch/args';
import { AttrType, BATCH_ROWS, Channel, LAUNCH_WORDS, RowKind, TrackKind } from '../../lib/batch/layout';
import type { Args, ArgValue, Integer } from '../../lib/values';

/** A whole number; a decimal string where it is beyond 2^53. */
export type Whole = number | string;

export interface EventRow {
  kind: 'slice' | 'instant' | 'open' | 'close' | 'counter' | 'flow' | 'begin' | 'end';
  track: number;
  time: Whole;
  extent?: Whole;
  channel?: 'kernel' | 'range' | 'collective' | 'next';
  correlation?: Whole;
  args?: [string, ArgValue][];
  launch?: number[];
  flowOut?: [number, Whole][];
  flowIn?: [number, Whole][];
  /** Ids of flows as they are, of which the second ones end here. */
  flows?: Whole[];
  terminatingFlows?: Whole[];
  name?: string;
  category?: string;
}

/** What a stream gets: rows, and between them demands to write all that came. */
export type StreamRow = EventRow | { kind: 'flush' };

const KINDS = {
  slice: RowKind.Slice,
  instant: RowKind.Instant,
  open: RowKind.Open,
  close: RowKind.Close,
  counter: RowKind.Counter,
  flow: RowKind.FlowPoint,
  begin: RowKind.Begin,
  end: RowKind.End,
};

/** For a FlowPoint any channel means the next slice. */
const CHANNELS = { kernel: Channel.Kernel, range: Channel.Range, collective: Channel.Collective, next: Channel.Kernel };

export function whole(value: Whole): Integer {
  return typeof value === 'string' ? BigInt(value) : value;
}

/**
 * Sends rows to a backend, after tracks for the numbers that they use: counters for counters, else plain
 * ones. Where a row demands it, sends what there is and calls `flush`. Batches are of `batchRows` rows, or
 * full ones.
 */
export function sendRows(
  rows: readonly StreamRow[],
  sink: BatchSink,
  flush?: () => void,
  batchRows = BATCH_ROWS,
): void {
  const batch = new EventBatch(sink);
  const events = rows.filter((row) => row.kind !== 'flush');
  const counters = new Set(events.filter(({ kind }) => kind === 'counter').map(({ track }) => track));
  const tracks = events.reduce((count, { track }) => Math.max(count, track + 1), 0);
  for (let track = 0; track < tracks; track++) {
    batch.beginTrack(counters.has(track) ? TrackKind.Counter : TrackKind.Plain, undefined, `track ${track}`);
    batch.commit();
  }
  for (const row of rows) {
    if (row.kind === 'flush') {
      batch.flush();
      flush?.();
    } else {
      sendRow(row, row.track, batch);
      if (batch.rows >= batchRows) batch.flush();
    }
  }
  batch.flush();
}

export function sendRow(row: EventRow, track: number, batch: EventBatch): void {
  const channel = row.channel === undefined ? Channel.None : CHANNELS[row.channel];
  const name = row.name === undefined ? 0 : batch.text(row.name);
  const category = row.category === undefined ? 0 : batch.text(row.category);
  batch.begin(KINDS[row.kind], channel, track, name, category, whole(row.time));
  if (row.extent !== undefined) batch.setExtent(whole(row.extent));
  if (row.correlation !== undefined) batch.attrInteger(0, AttrType.Correlation, whole(row.correlation));
  const args: Args = Object.fromEntries(row.args ?? []);
  writeArgs(batch, args, 'args', (field, expected) => {
    throw new Error(`${field} is not ${expected}`);
  });
  if (row.launch !== undefined) {
    const offset = batch.reserveWords(LAUNCH_WORDS);
    batch.word.set(row.launch, offset);
    batch.attr(0, AttrType.Launch, offset);
  }
  for (const [type, id] of row.flowOut ?? []) batch.attrInteger(type, AttrType.FlowOut, whole(id));
  for (const [type, id] of row.flowIn ?? []) batch.attrInteger(type, AttrType.FlowIn, whole(id));
  for (const id of row.flows ?? []) batch.attrInteger(0, AttrType.Flow, whole(id));
  for (const id of row.terminatingFlows ?? []) batch.attrInteger(0, AttrType.TerminatingFlow, whole(id));
  batch.commit();
}

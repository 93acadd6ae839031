/** Rows as the golden vectors of test/fixtures/order write them, and the way from them into a backend. */
import { EventBatch, type BatchSink } from '../../lib/batch/batch';
import { writeArgs } from '../../lib/batch/args';
import { AttrType, Channel, LAUNCH_WORDS, RowKind, TrackKind } from '../../lib/batch/layout';
import type { Args, ArgValue, Integer } from '../../lib/events';

/** A whole number; a decimal string where it is beyond 2^53. */
export type Whole = number | string;

export interface EventRow {
  kind: 'slice' | 'instant' | 'open' | 'close' | 'counter' | 'flow';
  track: number;
  time: Whole;
  extent?: Whole;
  channel?: 'kernel' | 'range' | 'collective' | 'next';
  correlation?: Whole;
  args?: [string, ArgValue][];
  launch?: number[];
  flowOut?: [number, Whole][];
  flowIn?: [number, Whole][];
  name?: string;
  category?: string;
}

const KINDS = {
  slice: RowKind.Slice,
  instant: RowKind.Instant,
  open: RowKind.Open,
  close: RowKind.Close,
  counter: RowKind.Counter,
  flow: RowKind.FlowPoint,
};

/** For a FlowPoint any channel means the next slice. */
const CHANNELS = { kernel: Channel.Kernel, range: Channel.Range, collective: Channel.Collective, next: Channel.Kernel };

export function whole(value: Whole): Integer {
  return typeof value === 'string' ? BigInt(value) : value;
}

/** Sends rows to a backend, after tracks for the numbers that they use: counters for counters, else plain ones. */
export function sendRows(rows: readonly EventRow[], sink: BatchSink): void {
  const batch = new EventBatch(sink);
  const counters = new Set(rows.filter(({ kind }) => kind === 'counter').map(({ track }) => track));
  const tracks = rows.reduce((count, { track }) => Math.max(count, track + 1), 0);
  for (let track = 0; track < tracks; track++) {
    batch.beginTrack(counters.has(track) ? TrackKind.Counter : TrackKind.Plain, undefined, `track ${track}`);
    batch.commit();
  }
  for (const row of rows) sendRow(row, row.track, batch);
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
  batch.commit();
}

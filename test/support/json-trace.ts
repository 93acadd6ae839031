/** Builds traces on the JSON backends, track by track and row by row, and reads what comes out. */
import { EventBatch, type BatchSink } from '../../lib/batch/batch';
import { AttrType, TrackKind, TrackProperty } from '../../lib/batch/layout';
import type { Integer } from '../../lib/values';
import { ChromeJsonBackend } from '../../lib/chrome-json/write/chrome-json';
import { ChromeJsonStream } from '../../lib/chrome-json/write/chrome-json-stream';
import type { StreamTimelineCounts } from '../../lib/order/stream-timeline';
import { sendRow, type EventRow } from './event-rows';

/** A trace event as the tests look at it. */
export interface JsonEvent {
  ph: string;
  name?: string;
  cat?: string;
  pid: number;
  tid?: number;
  ts: number;
  dur?: number;
  id?: number | string;
  bind_id?: number;
  flow_in?: boolean;
  flow_out?: boolean;
  args?: Record<string, unknown>;
}

export interface JsonTrace {
  baseTimeNanoseconds: number;
  displayTimeUnit: string;
  traceEvents: JsonEvent[];
}

/** A property of a track. */
export type Property = [key: TrackProperty, type: AttrType, value: Integer | string];

/** Tracks and rows on their way into a backend. */
class RowBuilder {
  readonly batch: EventBatch;

  constructor(sink: BatchSink) {
    this.batch = new EventBatch(sink);
  }

  process(name: string, pid?: Integer, properties: Property[] = []): number {
    return this.track(TrackKind.Process, undefined, name, [...numbered(TrackProperty.Pid, pid), ...properties]);
  }

  thread(process: number, name: string, tid?: Integer, properties: Property[] = []): number {
    return this.track(TrackKind.Thread, process, name, [...numbered(TrackProperty.Tid, tid), ...properties]);
  }

  plain(parent: number | undefined, name: string, properties: Property[] = []): number {
    return this.track(TrackKind.Plain, parent, name, properties);
  }

  counter(parent: number | undefined, name: string, properties: Property[] = []): number {
    return this.track(TrackKind.Counter, parent, name, properties);
  }

  add(...rows: EventRow[]): this {
    for (const row of rows) sendRow(row, row.track, this.batch);
    return this;
  }

  private track(kind: TrackKind, parent: number | undefined, name: string, properties: Property[]): number {
    const track = this.batch.beginTrack(kind, parent, name);
    for (const [property, type, value] of properties) {
      if (typeof value === 'string') this.batch.attr(property, type, this.batch.text(value));
      else this.batch.attrInteger(property, type, value);
    }
    this.batch.commit();
    return track;
  }
}

/** A whole trace. */
export class TraceBuilder extends RowBuilder {
  readonly backend: ChromeJsonBackend;

  constructor() {
    const backend = new ChromeJsonBackend();
    super(backend);
    this.backend = backend;
  }

  /** The bytes of the file. */
  bytes(): Buffer {
    this.batch.flush();
    this.backend.finish();
    return Buffer.concat([...this.backend.chunks()]);
  }

  text(): string {
    return this.bytes().toString('utf8');
  }

  parse(): JsonTrace {
    return JSON.parse(this.text()) as JsonTrace;
  }

  /** The events that are no metadata. */
  events(): JsonEvent[] {
    return eventsOf(this.parse().traceEvents);
  }

  /** What metadata says, as `name pid tid value`. */
  metadata(): string[] {
    return metadataOf(this.parse().traceEvents);
  }
}

/** A trace that is written while it comes. */
export class StreamBuilder extends RowBuilder {
  readonly stream: ChromeJsonStream;
  readonly chunks: Buffer[];

  constructor(window?: number) {
    const chunks: Buffer[] = [];
    const stream = new ChromeJsonStream((chunk) => chunks.push(chunk), window);
    super(stream);
    this.stream = stream;
    this.chunks = chunks;
  }

  /** Writes all that came. */
  flush(): this {
    this.batch.flush();
    this.stream.flushAll();
    return this;
  }

  finish(): StreamTimelineCounts {
    this.batch.flush();
    return this.stream.finish();
  }

  /** What was written so far. */
  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** All events so far; the array need not be closed. */
  parse(): JsonEvent[] {
    const text = this.text();
    return JSON.parse(text.endsWith(']\n') ? text : `${text}]`) as JsonEvent[];
  }

  events(): JsonEvent[] {
    return eventsOf(this.parse());
  }

  metadata(): string[] {
    return metadataOf(this.parse());
  }
}

function eventsOf(events: JsonEvent[]): JsonEvent[] {
  return events.filter(({ ph }) => ph !== 'M');
}

function metadataOf(events: JsonEvent[]): string[] {
  return events
    .filter(({ ph }) => ph === 'M')
    .map(({ name, pid, tid, args }) => [name, pid, tid ?? '-', ...Object.values(args!)].join(' '));
}

function numbered(property: TrackProperty, value: Integer | undefined): [TrackProperty, AttrType, Integer][] {
  return value === undefined ? [] : [[property, AttrType.Int, value]];
}

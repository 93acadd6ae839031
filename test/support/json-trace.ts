/** Builds a trace on the JSON backend, track by track and row by row, and reads what comes out. */
import { EventBatch } from '../../lib/batch/batch';
import { AttrType, TrackKind, TrackProperty } from '../../lib/batch/layout';
import type { Integer } from '../../lib/events';
import { ChromeJsonBackend } from '../../lib/json/chrome-json';
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

export class TraceBuilder {
  readonly backend = new ChromeJsonBackend();
  readonly batch = new EventBatch(this.backend);

  process(name: string, pid?: Integer, properties: Property[] = []): number {
    return this.track(TrackKind.Process, undefined, name, [...numbered(TrackProperty.Pid, pid), ...properties]);
  }

  thread(process: number, name: string, tid?: Integer, properties: Property[] = []): number {
    return this.track(TrackKind.Thread, process, name, [...numbered(TrackProperty.Tid, tid), ...properties]);
  }

  plain(parent: number | undefined, name: string, properties: Property[] = []): number {
    return this.track(TrackKind.Plain, parent, name, properties);
  }

  counter(parent: number | undefined, name: string): number {
    return this.track(TrackKind.Counter, parent, name, []);
  }

  add(...rows: EventRow[]): this {
    for (const row of rows) sendRow(row, row.track, this.batch);
    return this;
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
    return this.parse().traceEvents.filter(({ ph }) => ph !== 'M');
  }

  /** What metadata says, as `name pid tid value`. */
  metadata(): string[] {
    return this.parse()
      .traceEvents.filter(({ ph }) => ph === 'M')
      .map(({ name, pid, tid, args }) => [name, pid, tid ?? '-', ...Object.values(args!)].join(' '));
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

function numbered(property: TrackProperty, value: Integer | undefined): [TrackProperty, AttrType, Integer][] {
  return value === undefined ? [] : [[property, AttrType.Int, value]];
}

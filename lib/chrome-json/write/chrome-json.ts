import type { BatchSink, EventBatch } from '../../batch/batch';
import { TraceSmithError } from '../../errors';
import { EventTable } from '../../order/event-table';
import type { TimelineCounts } from '../../order/timeline';
import { connectPoints, type FlowPoint, type SlicePlaces } from '../../order/flow-points';
import type { ArrowCounts } from '../../order/arrow-drawer';
import { WholeTimeline, type ArrangedTimeline } from '../../order/whole-timeline';
import type { Integer } from '../../values';
import { ByteWriter } from './byte-writer';
import { EventWriter, FIRST_TIME_NS } from './event-writer';
import { ArrowFlows } from './flows';

/** A *chunk*, the bytes handed over at once, is longer than this, by one event at most. */
const CHUNK_BYTES = 128 * 1024;
const CHUNK_CAPACITY = CHUNK_BYTES + 16 * 1024;

/** The flow events of a file, with their times as they are there, and where its slices stand. */
export interface FileFlows {
  points: readonly (Omit<FlowPoint, 'time'> & { time: Integer })[];
  places: SlicePlaces;
}

/** All tracks are known, so ids that none of them has are free. */
const FIRST_FRESH_ID = 1;

/**
 * Writes a whole trace as Chrome JSON, without the addon: `{"traceEvents":[...]}` in UTF-8. Copies the
 * batches, and orders and writes them on the thread that asks for it.
 *
 * Times are microseconds with three decimals, counted from one hour before the first event;
 * `baseTimeNanoseconds` is that time, as in a Kineto trace. Units of counters, call stacks and the
 * nesting of tracks beyond process and thread are not in it.
 */
export class ChromeJsonBackend implements BatchSink {
  private readonly table = new EventTable();
  private timeline?: WholeTimeline;
  private written?: ArrangedTimeline;
  private members = '';
  private shift = 0n;

  append(batch: EventBatch): void {
    if (this.timeline !== undefined) throw new TraceSmithError('INTERNAL', 'The trace is finished: no batch can come.');
    this.table.append(batch);
  }

  /**
   * Pairs and orders the events. No batch may come afterwards.
   *
   * @param shift added to all times, ns
   * @param leavesOutZero leaves out the events at 0, behind the shift
   * @param flows the flow events, if they are not in the batches
   */
  finish(shift: Integer = 0, leavesOutZero = false, flows?: FileFlows): TimelineCounts & { arrows?: ArrowCounts } {
    this.shift = BigInt(shift);
    const { table } = this;
    const leftOut = leavesOutZero ? Number(-table.origin) : undefined;
    if (flows === undefined) {
      this.timeline ??= new WholeTimeline(table, leftOut);
      return { ...this.timeline.counts };
    }
    const points = flows.points.map((point) => ({ ...point, time: Number(BigInt(point.time) - table.origin) }));
    const kept = points.filter(({ time }) => time !== leftOut);
    let arrows: ArrowCounts | undefined;
    this.timeline ??= new WholeTimeline(table, leftOut, (_table, order) => {
      const connected = connectPoints(table, order, kept, flows.places);
      arrows = connected.counts;
      return connected;
    });
    return { ...this.timeline.counts, arrows };
  }

  /** Gives the events to one who chooses among them. Only after finishing. */
  read<T>(use: (table: EventTable, timeline: WholeTimeline) => T): T {
    return use(this.table, this.timeline!);
  }

  /**
   * Writes but these rows from now on. Only after finishing.
   *
   * @param members of the file beside the events
   */
  restrict(rows: ArrangedTimeline, members: Readonly<Record<string, unknown>>): void {
    this.written = rows;
    this.members = Object.entries(members).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`).join('');
  }

  /**
   * The file, in chunks of about 128 KiB: a string of all of it could not be longer than 512 MiB. Only
   * after finishing; each call begins anew.
   */
  *chunks(): Generator<Buffer> {
    const { table } = this;
    const timeline = this.written ?? this.timeline;
    if (timeline === undefined) throw new TraceSmithError('INTERNAL', 'The trace is not finished: it has no chunks.');
    const out = new ByteWriter(CHUNK_CAPACITY);
    const writer = new EventWriter(table, new ArrowFlows(table, timeline), out, FIRST_FRESH_ID);
    const first = timeline.order.length === 0 ? 0 : table.time[timeline.order[0]];
    const base = table.origin + this.shift + BigInt(first - FIRST_TIME_NS);
    const shift = this.shift === 0n ? '' : `"timeShiftNanoseconds":${this.shift},`;
    out.text(`{"displayTimeUnit":"ns","baseTimeNanoseconds":${base},${shift}${this.members}"traceEvents":[\n`);
    writer.describeTracks();
    const visitNext = timeline.visit(writer);
    while (visitNext()) {
      if (out.length > CHUNK_BYTES) yield out.take();
    }
    out.text('\n]}\n');
    yield out.take();
  }

  /** The whole file. */
  bytes(): Buffer {
    return Buffer.concat([...this.chunks()]);
  }
}

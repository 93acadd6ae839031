import type { EventTable } from '../order/event-table';
import { NO_END } from '../order/event-table';
import type { Timeline, TimelineVisitor } from '../order/timeline';
import { ArgsWriter, doubleText } from './args-writer';
import type { ByteWriter, Fragment } from './byte-writer';
import { FlowForms, hasNoLength } from './flow-forms';
import { JsonStrings } from './json-strings';
import { TrackTable, type Thread } from './track-table';

/** Readers drop negative times and lose digits of large ones: the first event is at one hour. */
const FIRST_TIME_NS = 3600e9;

const enum Phase {
  Complete,
  Begin,
  End,
  Instant,
}

/** How an event of a phase begins. */
const PHASE_STARTS: Record<Phase, string> = {
  [Phase.Complete]: '{"ph":"X",',
  [Phase.Begin]: '{"ph":"B",',
  [Phase.End]: '{"ph":"E",',
  [Phase.Instant]: '{"ph":"i","s":"t",',
};

const COMMA = 0x2c;
const NEW_LINE = 0x0a;
const CLOSE_BRACE = 0x7d;

/** Writes the events of a timeline as trace events, separated by commas. */
export class EventWriter implements TimelineVisitor {
  private readonly names: JsonStrings;
  private readonly categories: JsonStrings;
  private readonly args: ArgsWriter;
  private readonly tracks: TrackTable;
  private readonly forms: FlowForms;
  private readonly hasArrows: boolean;
  /** By track of a counter, once it was needed. */
  private readonly counterStarts: Fragment[] = [];
  private readonly duration: Fragment;
  private readonly value: Fragment;
  /** What is subtracted from each time. */
  private readonly base: number;
  private isFirst = true;

  constructor(
    private readonly table: EventTable,
    private readonly timeline: Timeline,
    private readonly out: ByteWriter,
  ) {
    this.names = new JsonStrings(table.strings, out, ',"name":', '');
    this.categories = new JsonStrings(table.strings, out, ',"cat":', '');
    this.args = new ArgsWriter(table, out);
    this.tracks = new TrackTable(table);
    this.forms = new FlowForms(table, timeline);
    this.hasArrows = timeline.arrows.count > 0;
    this.duration = out.define(',"dur":');
    this.value = out.define(',"args":{"value":');
    this.base = baseTime(table, timeline);
  }

  /** Says what processes and threads there are. Comes before any event. */
  describeTracks(): void {
    this.describe(this.tracks.describeAll());
  }

  begin(row: number, lane: number): void {
    const { table } = this;
    const thread = this.threadOf(table.track[row], lane);
    if (table.extent[row] === NO_END) this.write(Phase.Begin, thread, row);
    else if (!this.forms.isInFileOrder(row)) this.complete(thread, row, table.extent[row]);
    else this.write(hasNoLength(table, row) ? Phase.Instant : Phase.Begin, thread, row);
    if (this.hasArrows) this.detachedArrows(thread, row);
  }

  end(track: number, lane: number, time: number, row: number): void {
    if (!this.forms.isInFileOrder(row) || hasNoLength(this.table, row)) return;
    this.start(Phase.End, this.threadOf(track, lane), time);
    this.out.byte(CLOSE_BRACE);
  }

  instant(row: number): void {
    const thread = this.threadOf(this.table.track[row], 0);
    // Only slices can be bound; one without a length is shown as the same.
    if (this.hasArrows && !this.forms.isInFileOrder(row) && this.hasArrow(row)) this.complete(thread, row, 0);
    else this.write(Phase.Instant, thread, row);
    if (this.hasArrows) this.detachedArrows(thread, row);
  }

  counter(row: number): void {
    const { table, out } = this;
    const track = table.track[row];
    const integer = table.counterInteger(row);
    this.separate();
    out.fragment((this.counterStarts[track] ??= out.define(`{"ph":"C",${this.tracks.counter(track)}`)));
    out.microseconds(table.time[row] - this.base);
    out.fragment(this.value);
    out.text(integer === undefined ? doubleText(table.extent[row]) : String(integer));
    out.byte(CLOSE_BRACE);
    out.byte(CLOSE_BRACE);
  }

  private complete(thread: Thread, row: number, duration: number): void {
    this.start(Phase.Complete, thread, this.table.time[row]);
    this.out.fragment(this.duration);
    this.out.microseconds(duration);
    this.rest(row);
  }

  private write(phase: Phase, thread: Thread, row: number): void {
    this.start(phase, thread, this.table.time[row]);
    this.rest(row);
  }

  /** Begins an event, up to its time. */
  private start(phase: Phase, thread: Thread, time: number): void {
    this.separate();
    this.out.fragment((thread.starts[phase] ??= this.out.define(PHASE_STARTS[phase] + thread.place)));
    this.out.microseconds(time - this.base);
  }

  /** Ends an event: name, category, arrows, arguments. */
  private rest(row: number): void {
    const { table } = this;
    this.names.write(table.name[row]);
    if (table.category[row] !== 0) this.categories.write(table.category[row]);
    if (this.hasArrows) this.boundArrows(row);
    this.args.write(row);
    this.out.byte(CLOSE_BRACE);
  }

  /** An event with bound arrows has either ones that leave, of one `bind_id`, or one that arrives. */
  private boundArrows(row: number): void {
    const { out, forms } = this;
    const { arrows } = this.timeline;
    const isBound = (arrow: number): boolean => !forms.isDetached(arrow);
    const leaving = arrows.from(row).find(isBound);
    const bound = leaving ?? arrows.to(row).find(isBound);
    if (bound === undefined) return;
    out.text(`,"bind_id":${forms.bindId(bound)},"flow_${leaving === undefined ? 'in' : 'out'}":true`);
  }

  private hasArrow(row: number): boolean {
    const { arrows } = this.timeline;
    return arrows.from(row).length > 0 || arrows.to(row).length > 0;
  }

  /** The arrows of the event just written that are events of their own; they bind to it. */
  private detachedArrows(thread: Thread, row: number): void {
    const { arrows } = this.timeline;
    for (const arrow of arrows.to(row)) this.detachedArrow('"ph":"f","bp":"e"', arrow, thread, row);
    for (const arrow of arrows.from(row)) this.detachedArrow('"ph":"s"', arrow, thread, row);
  }

  private detachedArrow(phase: string, arrow: number, thread: Thread, row: number): void {
    if (!this.forms.isDetached(arrow)) return;
    this.separate();
    this.out.text(`{${phase},"cat":"flow","name":"flow","id":${arrow},${thread.place}`);
    this.out.microseconds(this.table.time[row] - this.base);
    this.out.byte(CLOSE_BRACE);
  }

  private threadOf(track: number, lane: number): Thread {
    const thread = this.tracks.thread(track, lane);
    if (thread.metadata.length > 0) this.describe(thread.metadata.splice(0));
    return thread;
  }

  private describe(events: string[]): void {
    for (const event of events) {
      this.separate();
      this.out.text(event);
    }
  }

  private separate(): void {
    if (this.isFirst) {
      this.isFirst = false;
    } else {
      this.out.byte(COMMA);
      this.out.byte(NEW_LINE);
    }
  }
}

/** What becomes 0 in the JSON, ns since the table's origin. */
export function baseTime(table: EventTable, timeline: Timeline): number {
  const first = timeline.order.length === 0 ? 0 : table.time[timeline.order[0]];
  return first - FIRST_TIME_NS;
}

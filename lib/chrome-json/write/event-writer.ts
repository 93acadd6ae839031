import { TraceSmithError } from '../../errors';
import { NEVER_ENDS, NO_ROW, type EventTable } from '../../order/event-table';
import type { TimelineVisitor } from '../../order/timeline';
import { ArgsWriter } from './args-writer';
import type { ByteWriter, Fragment } from './byte-writer';
import { CounterSums } from './counter-sums';
import type { EventFlows, FlowSource } from './event-flows';
import { hasNoLength } from './flow-forms';
import { JsonStrings } from './json-strings';
import type { Thread } from './thread';
import { TrackTable } from './track-table';

/** Readers drop negative times and lose digits of large ones: the first event is at one hour. */
export const FIRST_TIME_NS = 3600e9;
/** They make nanoseconds of 64 bits of them; this many microseconds is the last that a double holds exactly. */
const LAST_TIME_NS = 2 ** 53 * 1000;

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

/** What is written many times, by the ids that the table has for it. */
class Texts {
  readonly names: JsonStrings;
  readonly categories: JsonStrings;
  readonly args: ArgsWriter;
  readonly duration: Fragment;
  readonly value: Fragment;
  /** By track of a counter, once it was needed. */
  readonly counterStarts: Fragment[] = [];

  constructor(table: EventTable, out: ByteWriter) {
    this.names = new JsonStrings(table.strings, out, ',"name":', '');
    this.categories = new JsonStrings(table.strings, out, ',"cat":', '');
    this.args = new ArgsWriter(table, out);
    this.duration = out.define(',"dur":');
    this.value = out.define(',"args":{"value":');
  }
}

/** Writes the events of a timeline as trace events, separated by commas. */
export class EventWriter implements TimelineVisitor {
  private readonly tracks: TrackTable;
  private readonly sums: CounterSums;
  private texts: Texts;
  /** The renumberings of the table that `texts` has seen. */
  private renumberings: number;
  /** What is subtracted from each time: that of the first event minus one hour. */
  private base?: number;
  private isFirst = true;

  /** @param firstFreshId where to look for ids for processes and threads that have none to keep */
  constructor(
    private readonly table: EventTable,
    private readonly flows: FlowSource,
    private readonly out: ByteWriter,
    firstFreshId: number,
  ) {
    this.texts = new Texts(table, out);
    this.renumberings = table.renumberings;
    this.tracks = new TrackTable(table, firstFreshId);
    this.sums = new CounterSums(table);
  }

  /**
   * Says what processes and threads are new. Comes before the first event, and before more of them where
   * the table has got more tracks or other ids since.
   */
  describeTracks(): void {
    if (this.renumberings !== this.table.renumberings) this.forgetTexts();
    this.describe(this.tracks.describeNew());
  }

  begin(row: number, lane: number): void {
    const { table } = this;
    const thread = this.threadOf(table.track[row], lane);
    const flows = this.flows.of(row);
    const isEndless = table.extent[row] >= NEVER_ENDS;
    let time = table.time[row];
    if (!isEndless && !this.hasToStay(thread, row, flows)) {
      thread.beginComplete();
      this.complete(thread, row, table.extent[row], flows);
    } else if (hasNoLength(table, row)) {
      thread.beginComplete();
      this.write(Phase.Instant, thread, time, row, flows);
    } else {
      time = thread.begin(time);
      this.write(Phase.Begin, thread, time, row, flows);
    }
    this.finish(thread, time, flows);
  }

  end(track: number, lane: number, time: number, row: number): void {
    const thread = this.threadOf(track, lane);
    const written = thread.end(time);
    if (written === undefined) return;
    this.start(Phase.End, thread, written);
    if (row !== NO_ROW) this.texts.args.write(row);
    this.out.byte(CLOSE_BRACE);
  }

  instant(row: number): void {
    const time = this.table.time[row];
    const thread = this.threadOf(this.table.track[row], 0);
    const flows = this.flows.of(row);
    // Only slices can be bound; one without a length is shown as the same.
    if (flows.bound !== '') this.complete(thread, row, 0, flows);
    else this.write(Phase.Instant, thread, time, row, flows);
    this.finish(thread, time, flows);
  }

  counter(row: number): void {
    const { table, out, texts } = this;
    const track = table.track[row];
    this.separate();
    out.fragment((texts.counterStarts[track] ??= out.define(`{"ph":"C",${this.tracks.counter(track)}`)));
    this.time(table.time[row]);
    out.fragment(texts.value);
    out.text(this.sums.valueOf(row));
    out.byte(CLOSE_BRACE);
    out.byte(CLOSE_BRACE);
  }

  private hasToStay(thread: Thread, row: number, flows: EventFlows): boolean {
    if (flows.staysInPlace) return true;
    const hasFlows = flows.detached.length > 0;
    return (hasFlows && hasNoLength(this.table, row)) || thread.hasToStay(this.table.time[row], hasFlows);
  }

  private complete(thread: Thread, row: number, duration: number, flows: EventFlows): void {
    const time = this.table.time[row];
    this.start(Phase.Complete, thread, time);
    this.checkReach(time + duration);
    this.out.fragment(this.texts.duration);
    this.out.microseconds(duration);
    this.rest(row, flows);
  }

  private write(phase: Phase, thread: Thread, time: number, row: number, flows: EventFlows): void {
    this.start(phase, thread, time);
    this.rest(row, flows);
  }

  /** Begins an event, up to its time. */
  private start(phase: Phase, thread: Thread, time: number): void {
    this.separate();
    this.out.fragment((thread.starts[phase] ??= this.out.define(PHASE_STARTS[phase] + thread.place)));
    this.time(time);
  }

  private time(time: number): void {
    this.base ??= time - FIRST_TIME_NS;
    this.checkReach(time);
    this.out.microseconds(time - this.base);
  }

  /** Readers would lose what is written beyond their time, without a word. */
  private checkReach(time: number): void {
    if (time - this.base! <= LAST_TIME_NS) return;
    throw new TraceSmithError(
      'INVALID_EVENT',
      'Chrome JSON cannot hold events that lie further than 285 years (2^53 microseconds) behind the first one; ' +
        'a native trace can.',
    );
  }

  /** Ends an event: name, category, arrows, arguments. */
  private rest(row: number, flows: EventFlows): void {
    const { table, texts } = this;
    texts.names.write(table.name[row]);
    if (table.category[row] !== 0) texts.categories.write(table.category[row]);
    if (flows.bound !== '') this.out.text(flows.bound);
    texts.args.write(row);
    this.out.byte(CLOSE_BRACE);
  }

  /** Writes the flows of the event just written that are events of their own; they bind to it. */
  private finish(thread: Thread, time: number, flows: EventFlows): void {
    thread.note(time, flows.detached.length > 0);
    for (const start of flows.detached) {
      this.separate();
      this.out.text(start + thread.place);
      this.time(time);
      this.out.byte(CLOSE_BRACE);
    }
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

  private forgetTexts(): void {
    this.out.forgetFragments();
    this.texts = new Texts(this.table, this.out);
    this.tracks.forgetFragments();
    this.renumberings = this.table.renumberings;
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

import { MAX_INT64 } from '../../limits';
import { AttrType, LAUNCH_WORDS, LaunchHas } from '../../batch/layout';
import { TraceSmithError } from '../../errors';
import { NEVER_ENDS, NO_ROW, type EventTable } from '../../order/event-table';
import type { TimelineVisitor } from '../../order/timeline';
import type { Integer } from '../../values';
import { doubleText, JsonStrings, type ByteWriter, type Fragment } from './byte-writer';
import { hasNoLength, type EventFlows, type FlowSource } from './flows';
import { CounterSums, TrackTable, type Thread } from './tracks';

/** Readers drop negative times and lose digits of large ones: the first event is at one hour. */
export const FIRST_TIME_NS = 3600e9;
/** Readers make nanoseconds of 64 bits of them; a double holds microseconds exactly up to this many. */
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

const QUOTE = 0x22;
const COMMA = 0x2c;
const NEW_LINE = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The texts that are written many times, by the ids that the table has for them. */
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

/**
 * Writes the events of a timeline as trace events, separated by commas: a slice as `X`, or as `B` and `E` if
 * its end is not known when it begins or it must keep its place in the file.
 */
export class EventWriter implements TimelineVisitor {
  private readonly tracks: TrackTable;
  private readonly sums: CounterSums;
  private texts: Texts;
  /** The renumberings of the table that `texts` has seen. */
  private renumberings: number;
  /** Subtracted from each time: the time of the first event minus one hour. */
  private base?: number;
  private isFirst = true;

  /** @param firstFreshId the search for ids of processes and threads that have none to keep starts here */
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
   * Describes the processes and threads that are new. To be called before the first event, and before more
   * events if the table has got more tracks or other ids since.
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
      this.writeComplete(thread, row, table.extent[row], flows);
    } else if (hasNoLength(table, row)) {
      thread.beginComplete();
      this.writeEvent(Phase.Instant, thread, time, row, flows);
    } else {
      time = thread.begin(time);
      this.writeEvent(Phase.Begin, thread, time, row, flows);
    }
    this.writeDetached(thread, time, flows);
  }

  end(track: number, lane: number, time: number, row: number): void {
    const thread = this.threadOf(track, lane);
    const written = thread.end(time);
    if (written === undefined) return;
    this.writeStart(Phase.End, thread, written);
    if (row !== NO_ROW) this.texts.args.write(row);
    this.out.byte(CLOSE_BRACE);
  }

  instant(row: number): void {
    const time = this.table.time[row];
    const thread = this.threadOf(this.table.track[row], 0);
    const flows = this.flows.of(row);
    // Only slices can be bound; one without a length is shown as the same.
    if (flows.bound !== '') this.writeComplete(thread, row, 0, flows);
    else this.writeEvent(Phase.Instant, thread, time, row, flows);
    this.writeDetached(thread, time, flows);
  }

  counter(row: number): void {
    const { table, out, texts } = this;
    const track = table.track[row];
    this.separate();
    out.fragment((texts.counterStarts[track] ??= out.define(`{"ph":"C",${this.tracks.counter(track)}`)));
    this.writeTime(table.time[row]);
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

  private writeComplete(thread: Thread, row: number, duration: number, flows: EventFlows): void {
    const time = this.table.time[row];
    this.writeStart(Phase.Complete, thread, time);
    this.checkReach(time + duration);
    this.out.fragment(this.texts.duration);
    this.out.microseconds(duration);
    this.writeRest(row, flows);
  }

  private writeEvent(phase: Phase, thread: Thread, time: number, row: number, flows: EventFlows): void {
    this.writeStart(phase, thread, time);
    this.writeRest(row, flows);
  }

  /** Writes the beginning of an event, up to its time. */
  private writeStart(phase: Phase, thread: Thread, time: number): void {
    this.separate();
    this.out.fragment((thread.starts[phase] ??= this.out.define(PHASE_STARTS[phase] + thread.place)));
    this.writeTime(time);
  }

  private writeTime(time: number): void {
    this.base ??= time - FIRST_TIME_NS;
    this.checkReach(time);
    this.out.microseconds(time - this.base);
  }

  /** Readers would lose events beyond their time, without a word. */
  private checkReach(time: number): void {
    if (time - this.base! <= LAST_TIME_NS) return;
    throw new TraceSmithError(
      'INVALID_EVENT',
      'Chrome JSON cannot hold events that lie further than 285 years (2^53 microseconds) behind the first one; ' +
        'a native trace can.',
    );
  }

  /** Writes the rest of an event: name, category, bound arrow, arguments. */
  private writeRest(row: number, flows: EventFlows): void {
    const { table, texts } = this;
    texts.names.write(table.name[row]);
    if (table.category[row] !== 0) texts.categories.write(table.category[row]);
    if (flows.bound !== '') this.out.text(flows.bound);
    texts.args.write(row);
    this.out.byte(CLOSE_BRACE);
  }

  /** Writes the flows that are events of their own behind the event that they bind to. */
  private writeDetached(thread: Thread, time: number, flows: EventFlows): void {
    thread.note(time, flows.detached.length > 0);
    for (const start of flows.detached) {
      this.separate();
      this.out.text(start + thread.place);
      this.writeTime(time);
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

const NO_ARGUMENTS: ReadonlySet<AttrType> = new Set([
  AttrType.FlowOut, AttrType.FlowIn, AttrType.CallStack, AttrType.Flow, AttrType.TerminatingFlow,
]);

/** Writes the attributes of events as `"args":{...}`. */
class ArgsWriter {
  /** The brackets that close the open objects and arrays, the innermost last. */
  private readonly closing: number[] = [];

  private readonly keys: JsonStrings;
  private readonly texts: JsonStrings;
  /** By launch configuration, once it was needed. */
  private readonly launches: Fragment[] = [];
  private readonly start: Fragment;
  private readonly correlationId: Fragment;
  private readonly hexPrefix: Fragment;
  private readonly booleans: readonly [Fragment, Fragment];

  constructor(
    private readonly table: EventTable,
    private readonly out: ByteWriter,
  ) {
    this.keys = new JsonStrings(table.strings, out, '', ':');
    this.texts = new JsonStrings(table.strings, out, '', '');
    this.start = out.define(',"args":{');
    this.correlationId = out.define('"correlation_id":');
    this.hexPrefix = out.define('"0x');
    this.booleans = [out.define('false'), out.define('true')];
  }

  /** Writes the member `args` with a comma before it, or nothing for an event without arguments. */
  write(row: number): void {
    const { table, out, closing } = this;
    const end = table.attrEnd[row];
    let isEmpty = true;
    let needsComma = false;
    for (let attr = table.attrBegin[row]; attr < end; attr++) {
      const type = table.attrType(attr);
      if (NO_ARGUMENTS.has(type)) continue;
      if (type === AttrType.Launch && table.launches.words[table.attrValue[attr] * LAUNCH_WORDS] === 0) continue;
      if (type === AttrType.End) {
        out.byte(closing.pop()!);
        needsComma = true;
        continue;
      }
      if (isEmpty) out.fragment(this.start);
      isEmpty = false;
      if (needsComma) out.byte(COMMA);
      needsComma = true;
      if (type === AttrType.Launch) this.launch(table.attrValue[attr]);
      else needsComma = this.member(attr, type);
    }
    if (!isEmpty) out.byte(CLOSE_BRACE);
  }

  /** Writes key and value; of an object or array only its beginning. Returns whether a comma comes next. */
  private member(attr: number, type: AttrType): boolean {
    const { table, out, closing } = this;
    if (type === AttrType.Correlation) {
      out.fragment(this.correlationId);
    } else if (closing.length === 0 || closing[closing.length - 1] === CLOSE_BRACE) {
      this.keys.write(table.attrKey(attr));
    }
    switch (type) {
      case AttrType.Text:
        this.texts.write(table.attrValue[attr]);
        return true;
      case AttrType.Bool:
        out.fragment(this.booleans[table.attrValue[attr]]);
        return true;
      case AttrType.Double:
        out.text(doubleText(table.attrValue[attr]));
        return true;
      case AttrType.Pointer:
        this.pointer(table.attrInteger(attr));
        return true;
      case AttrType.Dict:
        out.byte(OPEN_BRACE);
        closing.push(CLOSE_BRACE);
        return false;
      case AttrType.Array:
        out.byte(OPEN_BRACKET);
        closing.push(CLOSE_BRACKET);
        return false;
      default:
        this.integer(table.attrInteger(attr));
        return true;
    }
  }

  private launch(index: number): void {
    this.out.fragment((this.launches[index] ??= this.out.define(launchText(launchWords(this.table, index)))));
  }

  private integer(value: Integer): void {
    if (typeof value === 'number') this.out.integer(value);
    // Readers keep integers in an int64; trace_processor v56 shows larger ones as nonsense.
    else this.out.text(value > MAX_INT64 ? `"${value}"` : String(value));
  }

  private pointer(value: Integer): void {
    this.out.fragment(this.hexPrefix);
    if (typeof value === 'number') this.out.hexadecimal(value);
    else this.out.text(value.toString(16));
    this.out.byte(QUOTE);
  }
}

function launchWords({ launches }: EventTable, index: number): Uint32Array {
  return launches.words.subarray(index * LAUNCH_WORDS, (index + 1) * LAUNCH_WORDS);
}

/** The members of a launch configuration that are there. */
function launchText([has, gridX, gridY, gridZ, blockX, blockY, blockZ, sharedMemory, registers]: Uint32Array): string {
  const members: string[] = [];
  if ((has & LaunchHas.Grid) !== 0) members.push(`"grid_dim":"[${gridX},${gridY},${gridZ}]"`);
  if ((has & LaunchHas.Block) !== 0) members.push(`"block_dim":"[${blockX},${blockY},${blockZ}]"`);
  if ((has & LaunchHas.SharedMemory) !== 0) members.push(`"shared_mem_bytes":${sharedMemory}`);
  if ((has & LaunchHas.Registers) !== 0) members.push(`"registers_per_thread":${registers}`);
  return members.join(',');
}

import { AttrType, Channel, RowKind } from '../batch/layout';
import type { Integer } from '../values';
import { NO_END, type EventTable } from './event-table';
import { forEachTie, sortRange } from './time-order';

export interface PairingCounts {
  /** Opens that nothing closed: they became slices without end. */
  unclosed: number;
  /** Closes without an open and without a length: they became instants. */
  unmatched: number;
}

export interface PairedEvents {
  order: Uint32Array;
  counts: PairingCounts;
}

/**
 * Turns the opens and closes of a whole trace into slices: an open that is closed becomes a slice with the
 * arguments of both rows, a close that adds nothing leaves `order`, any other close becomes a slice or an
 * instant. `order` is sorted by time. The C++ twin is binding/order/pairing.cc.
 */
export function pairOpensWithCloses(table: EventTable, order: Uint32Array): PairedEvents {
  if (!table.hasPairs) return { order, counts: { unclosed: 0, unmatched: 0 } };
  moveIdentifiedClosesLast(table, order);
  return new Pairing(table).pair(order);
}

/** In a tie, a completion that names its launch by id comes behind it, in whatever order they came. */
function moveIdentifiedClosesLast(table: EventTable, order: Uint32Array): void {
  const rank = (row: number): number =>
    table.kind[row] === RowKind.Close && table.correlationOf(row) !== 0 ? 1 : 0;
  forEachTie(table, order, (begin, end) => sortRange(order, begin, end, (a, b) => rank(a) - rank(b)));
}

/**
 * The rows of one channel of one track that a close may belong to, the latest last. A row that was closed
 * by its id stays in `open` and `openWithoutId` until it is the last.
 */
class ChannelState {
  readonly open: number[] = [];
  readonly openWithoutId: number[] = [];
  /** Complete slices that have not absorbed a close. */
  readonly complete: number[] = [];
}

const CHANNELS = 4;

/** One pass over the rows of a trace in the order of time: each close looks for its open. */
class Pairing {
  private readonly states: ChannelState[] = [];
  private readonly openById = new Map<Integer, number[]>();
  private readonly completeIds = new Set<Integer>();
  private readonly counts: PairingCounts = { unclosed: 0, unmatched: 0 };

  constructor(private readonly table: EventTable) {}

  pair(order: Uint32Array): PairedEvents {
    const { kind, channel } = this.table;
    for (const row of order) {
      if (kind[row] === RowKind.Close) this.pairClose(row);
      else if (channel[row] === Channel.None) continue;
      else if (kind[row] === RowKind.Slice) this.rememberComplete(row);
      else if (kind[row] === RowKind.Open) this.rememberOpen(row);
    }
    let kept = 0;
    for (const row of order) {
      if (kind[row] === RowKind.Close) continue; // it closed an open, or adds nothing
      if (kind[row] === RowKind.Open) {
        kind[row] = RowKind.Slice;
        this.table.extent[row] = NO_END;
        this.counts.unclosed++;
      }
      order[kept++] = row;
    }
    return { order: order.subarray(0, kept), counts: this.counts };
  }

  private stateOf(row: number): ChannelState {
    const index = this.table.track[row] * CHANNELS + this.table.channel[row];
    return (this.states[index] ??= new ChannelState());
  }

  /** Only kernels are tied to their completion by an id. */
  private pairingId(row: number): Integer {
    return this.table.channel[row] === Channel.Kernel ? this.table.correlationOf(row) : 0;
  }

  private rememberComplete(row: number): void {
    const id = this.pairingId(row);
    if (id !== 0) this.completeIds.add(id);
    else this.stateOf(row).complete.push(row);
  }

  private rememberOpen(row: number): void {
    const state = this.stateOf(row);
    const id = this.pairingId(row);
    state.open.push(row);
    if (id === 0) {
      state.openWithoutId.push(row);
      return;
    }
    const sameId = this.openById.get(id);
    if (sameId === undefined) this.openById.set(id, [row]);
    else sameId.push(row);
  }

  private pairClose(row: number): void {
    const { table } = this;
    if (table.channel[row] !== Channel.None) {
      const id = this.pairingId(row);
      const open = id === 0 ? this.latestOpen(this.stateOf(row).open) : this.openOf(row, id);
      if (open !== undefined) {
        this.join(open, row);
        return;
      }
      if (id === 0 ? this.stateOf(row).complete.pop() !== undefined : this.completeIds.has(id)) return;
    }
    if (table.extent[row] !== NO_END) {
      table.kind[row] = RowKind.Slice;
    } else {
      table.kind[row] = RowKind.Instant;
      this.counts.unmatched++;
    }
  }

  /**
   * The open row that a close with an id ends: the one of that id, else one that has no id. An open
   * row of another id is another kernel's, and a complete slice of that id leaves nothing to end.
   */
  private openOf(close: number, id: Integer): number | undefined {
    const sameId = this.latestOpen(this.openById.get(id));
    if (sameId !== undefined || this.completeIds.has(id)) return sameId;
    return this.latestOpen(this.stateOf(close).openWithoutId);
  }

  /** The latest row that is still open; removes rows that were closed in another way. */
  private latestOpen(rows: number[] | undefined): number | undefined {
    while (rows !== undefined && rows.length > 0) {
      const row = rows[rows.length - 1];
      if (this.table.kind[row] === RowKind.Open) return row;
      rows.pop();
    }
    return undefined;
  }

  private join(open: number, close: number): void {
    const { table } = this;
    const extent = table.extent[close] === NO_END ? 0 : table.extent[close];
    table.kind[open] = RowKind.Slice;
    table.extent[open] = table.time[close] + extent - table.time[open];
    mergeArguments(table, open, close);
  }
}

/** The attributes of one argument: a Dict or Array with all that is in it. */
interface Argument {
  begin: number;
  end: number;
}

/**
 * Makes the arguments of two rows those of `row`. If both have an argument, it has the value of `later` at
 * its place in `row`.
 */
export function mergeArguments(table: EventTable, row: number, later: number): void {
  if (table.attrBegin[later] === table.attrEnd[later]) return;
  const merged = argumentsOf(table, row);
  for (const argument of argumentsOf(table, later)) {
    const same = merged.findIndex((other) => isSameArgument(table, other.begin, argument.begin));
    if (same === -1) merged.push(argument);
    else merged[same] = argument;
  }
  const begin = table.attrs;
  for (const argument of merged) table.copyAttrs(argument.begin, argument.end);
  table.attrBegin[row] = begin;
  table.attrEnd[row] = table.attrs;
}

function argumentsOf(table: EventTable, row: number): Argument[] {
  const ranges: Argument[] = [];
  for (let begin = table.attrBegin[row]; begin < table.attrEnd[row]; ) {
    let end = begin;
    let depth = 0;
    do {
      const type = table.attrType(end++);
      if (type === AttrType.Dict || type === AttrType.Array) depth++;
      else if (type === AttrType.End) depth--;
    } while (depth > 0);
    ranges.push({ begin, end });
    begin = end;
  }
  return ranges;
}

function isSameArgument(table: EventTable, a: number, b: number): boolean {
  const types = [table.attrType(a), table.attrType(b)];
  if (types.some((type) => FLOWS.has(type))) return false;
  if (types.some((type) => KEYLESS.has(type))) return types[0] === types[1];
  // Rows of two generations of strings have two ids for one key.
  return table.strings[table.attrKey(a)] === table.strings[table.attrKey(b)];
}

/** A row may have several of each, and those of two rows add up. */
const FLOWS: ReadonlySet<AttrType> = new Set([
  AttrType.FlowOut, AttrType.FlowIn, AttrType.Flow, AttrType.TerminatingFlow,
]);

/** A row has at most one of each. */
const KEYLESS: ReadonlySet<AttrType> = new Set([AttrType.Launch, AttrType.Correlation, AttrType.CallStack]);

import { Channel, RowKind } from '../batch/layout';
import type { Integer } from '../values';
import { NO_END, type EventTable } from './event-table';
import { mergeArguments } from './merge-args';
import { forEachTie, sortRange } from './sort';

export interface PairingCounts {
  /** Opens that nothing closed: slices without end. */
  unclosed: number;
  /** Closes without an open and without a length: now instants. */
  unmatched: number;
}

export interface PairedEvents {
  order: Uint32Array;
  counts: PairingCounts;
}

/**
 * Turns opens and closes into slices: an open that is closed becomes a slice with the arguments of
 * both rows, a close that adds nothing leaves `order`, every other one becomes a slice or an instant.
 * `order` is sorted by time. The C++ twin is binding/order/pairing.cc.
 */
export function pairOpensWithCloses(table: EventTable, order: Uint32Array): PairedEvents {
  if (!table.hasPairs) return { order, counts: { unclosed: 0, unmatched: 0 } };
  moveIdentifiedClosesLast(table, order);
  return new Pairing(table).run(order);
}

/** At one time, a completion that names its launch by id comes after it whatever order they came in. */
function moveIdentifiedClosesLast(table: EventTable, order: Uint32Array): void {
  const rank = (row: number): number =>
    table.kind[row] === RowKind.Close && table.correlationOf(row) !== 0 ? 1 : 0;
  forEachTie(table, order, (begin, end) => sortRange(order, begin, end, (a, b) => rank(a) - rank(b)));
}

/**
 * What one channel of one track has seen; the latest row is the last. Rows that were closed by way
 * of their id stay in `open` and `openWithoutId` until they come up.
 */
class ChannelState {
  readonly open: number[] = [];
  readonly openWithoutId: number[] = [];
  /** Complete slices that no close was absorbed by yet. */
  readonly complete: number[] = [];
}

const CHANNELS = 4;

class Pairing {
  private readonly states: ChannelState[] = [];
  private readonly openById = new Map<Integer, number[]>();
  private readonly completeIds = new Set<Integer>();
  private readonly counts: PairingCounts = { unclosed: 0, unmatched: 0 };

  constructor(private readonly table: EventTable) {}

  run(order: Uint32Array): PairedEvents {
    const { kind, channel } = this.table;
    for (const row of order) {
      if (kind[row] === RowKind.Close) this.takeClose(row);
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

  private takeClose(row: number): void {
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

  /** The latest row that is still open; those that were closed by another way are taken off. */
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

import type { EventTable } from '../../order/event-table';
import type { Timeline } from '../../order/timeline';
import { RowKind } from '../../batch/layout';
import { MAX_UINT32 } from '../../limits';

/** No row comes next. */
const LAST = MAX_UINT32;

/**
 * How each arrow is written.
 *
 * An arrow is *bound* where it can be: its two slices carry the same `bind_id`, one with `flow_out`,
 * the other with `flow_in`. An event has one `bind_id`, so an arrow is *detached*, a pair of `s` and
 * `f` events, where its end has other arrows too; so is one whose ends have the same time, since
 * readers look at the longer `X` first.
 *
 * `s` and `f` bind to what began last on their thread before them, in the order of the file. But at
 * one time readers move every `X` before everything else. So the events of a thread and time with a
 * detached arrow are written in *file order*: as `B` and `i`, which stay where they are.
 */
export class FlowForms {
  private readonly detached = new Set<number>();
  /** By row: a number for its track and time. Empty where no arrow is detached. */
  private readonly momentOf: Uint32Array;
  /** By moment: its last row so far; by row: the one before it in its moment. */
  private readonly lastRow: number[] = [];
  private readonly previousRow: Uint32Array;
  private readonly inFileOrder = new Set<number>();
  private readonly toVisit: number[] = [];

  constructor(
    private readonly table: EventTable,
    private readonly timeline: Timeline,
  ) {
    const { arrows } = timeline;
    const unbindable: number[] = [];
    for (const arrow of arrows.numbers()) if (!this.canBeBound(arrow)) unbindable.push(arrow);
    const rows = unbindable.length === 0 ? 0 : table.rows;
    this.momentOf = new Uint32Array(rows);
    this.previousRow = new Uint32Array(rows);
    if (rows === 0) return;
    this.findMoments();
    for (const arrow of unbindable) this.detach(arrow);
    this.detachZeroLengths();
  }

  isDetached(arrow: number): boolean {
    return this.detached.has(arrow);
  }

  /**
   * The `bind_id` of a bound arrow that leaves where `arrow` does. trace_processor numbers detached
   * arrows from 0 and looks those numbers and `bind_id` up in one table, so `bind_id` begins above.
   */
  bindId(arrow: number): number {
    const first = this.timeline.arrows.from(this.timeline.arrows.start(arrow)).find((other) => !this.isDetached(other));
    return this.detached.size + (first ?? arrow);
  }

  isInFileOrder(row: number): boolean {
    return this.inFileOrder.size > 0 && this.inFileOrder.has(this.momentOf[row]);
  }

  private canBeBound(arrow: number): boolean {
    const { arrows } = this.timeline;
    const { time } = this.table;
    const end = arrows.end(arrow);
    return arrows.to(end).length === 1 && arrows.from(end).length === 0 && time[arrows.start(arrow)] < time[end];
  }

  private findMoments(): void {
    const { track, time } = this.table;
    const momentOfTrack: number[] = [];
    for (const row of this.timeline.order) {
      const current = momentOfTrack[track[row]];
      const last = current === undefined ? undefined : this.lastRow[current];
      const isSame = last !== undefined && time[last] === time[row];
      const moment = isSame ? current : this.lastRow.length;
      momentOfTrack[track[row]] = moment;
      this.momentOf[row] = moment;
      this.previousRow[row] = isSame ? last : LAST;
      this.lastRow[moment] = row;
    }
  }

  private detach(arrow: number): void {
    if (this.detached.has(arrow)) return;
    this.detached.add(arrow);
    for (const row of [this.timeline.arrows.start(arrow), this.timeline.arrows.end(arrow)]) {
      const moment = this.momentOf[row];
      if (this.inFileOrder.has(moment)) continue;
      this.inFileOrder.add(moment);
      this.toVisit.push(moment);
    }
  }

  /** Only an `X` can be bound without a length, and there is none in file order. */
  private detachZeroLengths(): void {
    const { arrows } = this.timeline;
    for (let moment = this.toVisit.pop(); moment !== undefined; moment = this.toVisit.pop()) {
      for (let row = this.lastRow[moment]; row !== LAST; row = this.previousRow[row]) {
        if (!hasNoLength(this.table, row)) continue;
        for (const arrow of arrows.from(row)) this.detach(arrow);
        for (const arrow of arrows.to(row)) this.detach(arrow);
      }
    }
  }
}

export function hasNoLength(table: EventTable, row: number): boolean {
  return table.kind[row] === RowKind.Instant || table.extent[row] === 0;
}

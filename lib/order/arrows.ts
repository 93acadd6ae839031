const NONE = new Uint32Array(0);

/**
 * The arrows of a trace: each leaves at one row and arrives at another. They have numbers from 1, in
 * the order in which their arrivals happen; a number that was taken out stays unused.
 */
export class Arrows {
  private readonly startRow: number[] = [0];
  private readonly endRow: number[] = [0];
  private readonly removed = new Set<number>();
  private departures?: ArrowsByRow;
  private arrivals?: ArrowsByRow;

  add(startRow: number, endRow: number): void {
    this.startRow.push(startRow);
    this.endRow.push(endRow);
    this.departures = this.arrivals = undefined;
  }

  remove(arrows: Iterable<number>): void {
    for (const arrow of arrows) this.removed.add(arrow);
    this.departures = this.arrivals = undefined;
  }

  get count(): number {
    return this.startRow.length - 1 - this.removed.size;
  }

  start(arrow: number): number {
    return this.startRow[arrow];
  }

  end(arrow: number): number {
    return this.endRow[arrow];
  }

  /** The numbers of all arrows, in ascending order. */
  *numbers(): Generator<number> {
    for (let arrow = 1; arrow < this.startRow.length; arrow++) if (!this.removed.has(arrow)) yield arrow;
  }

  /** The arrows that leave at a row, in ascending order. */
  from(row: number): Uint32Array {
    if (this.count === 0) return NONE;
    this.departures ??= new ArrowsByRow(this.startRow, this.removed);
    return this.departures.at(row);
  }

  /** The arrows that arrive at a row, in ascending order. */
  to(row: number): Uint32Array {
    if (this.count === 0) return NONE;
    this.arrivals ??= new ArrowsByRow(this.endRow, this.removed);
    return this.arrivals.at(row);
  }
}

/** Arrow numbers grouped by row: those of row r lie from first[r] to first[r + 1]. */
class ArrowsByRow {
  private readonly first: Uint32Array;
  private readonly arrow: Uint32Array;

  constructor(rowOf: readonly number[], removed: ReadonlySet<number>) {
    let rows = 0;
    for (const row of rowOf) rows = Math.max(rows, row + 1);
    this.first = new Uint32Array(rows + 1);
    this.arrow = new Uint32Array(rowOf.length);
    const arrows = rowOf.map((_, arrow) => arrow).filter((arrow) => arrow !== 0 && !removed.has(arrow));
    for (const arrow of arrows) this.first[rowOf[arrow] + 1]++;
    for (let row = 0; row < rows; row++) this.first[row + 1] += this.first[row];
    const next = this.first.slice();
    for (const arrow of arrows) this.arrow[next[rowOf[arrow]]++] = arrow;
  }

  at(row: number): Uint32Array {
    const first = this.first[row];
    const end = this.first[row + 1];
    return end === undefined || first === end ? NONE : this.arrow.subarray(first, end);
  }
}

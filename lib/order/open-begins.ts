/** A Begin that its End has come for: a row that is still pending, or the lane of its slice. */
export type EndedBegin = { row: number } | { lane: number } | undefined;

/** The Begins of one track that have no End yet. The earlier ones are released before the later ones. */
export class OpenBegins {
  /** Lanes of the slices that were released, then rows of those that are pending. */
  private readonly stack: number[] = [];
  private released = 0;

  get count(): number {
    return this.stack.length;
  }

  push(row: number): void {
    this.stack.push(row);
  }

  /** The first of those that are pending was released, on a lane. */
  release(lane: number): void {
    this.stack[this.released++] = lane;
  }

  /** Takes the latest off. */
  pop(): EndedBegin {
    const top = this.stack.pop();
    if (top === undefined) return undefined;
    if (this.stack.length >= this.released) return { row: top };
    this.released--;
    return { lane: top };
  }

  /** Rows have new numbers. */
  renumber(newRows: Uint32Array): void {
    for (let i = this.released; i < this.stack.length; i++) this.stack[i] = newRows[this.stack[i]];
  }
}

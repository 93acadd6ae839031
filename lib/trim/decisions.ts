/** What becomes of an event; several bits. */
export const Decision = { keep: 1, cutBegin: 2, cutEnd: 4 } as const;

/** What becomes of each event, by its number, in one byte. */
export class Decisions {
  private bytes = new Uint8Array(1 << 16);

  get(index: number): number {
    return this.bytes[index] ?? 0;
  }

  set(index: number, decision: number): void {
    if (index >= this.bytes.length) {
      const grown = new Uint8Array(Math.max(index + 1, this.bytes.length * 2));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes[index] |= decision;
  }
}

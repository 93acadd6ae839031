/** Where something begins in the text, behind decompression. */
export interface TextPlace {
  /** Byte, from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** How the text begins there, in one line. */
  excerpt: string;
}

/** A place with the bytes from there on, of which a part becomes the excerpt once it is asked for. */
export interface Mark {
  offset: number;
  line: number;
  head: Uint8Array;
}

const EXCERPT_BYTES = 80;
const NEW_LINE = 0x0a;

/** Counts the bytes and lines of a text that comes in chunks. */
export class TextPlaces {
  /** Bytes so far. */
  bytes = 0;
  private chunk: Uint8Array = new Uint8Array();
  private chunkStart = 0;
  private line = 1;
  private linesUntil = 0;

  /** The marks get what their excerpts lack. */
  add(chunk: Uint8Array, marks: Mark[]): void {
    this.countLines(this.bytes);
    for (const mark of marks) {
      const missing = EXCERPT_BYTES - mark.head.length;
      if (missing > 0) mark.head = Buffer.concat([mark.head, chunk.subarray(0, missing)]);
    }
    this.chunk = chunk;
    this.chunkStart = this.bytes;
    this.bytes += chunk.length;
  }

  /** Offsets must not go back. One in an earlier chunk, as of a string that a chunk cut, has its end as the excerpt. */
  mark(offset: number): Mark {
    const at = Math.max(offset - this.chunkStart, 0);
    this.countLines(this.chunkStart + at);
    return { offset, line: this.line, head: this.chunk.subarray(at, at + EXCERPT_BYTES) };
  }

  /** The first byte behind an offset that is no space; the offset itself where it is in an earlier chunk. */
  skipSpaces(offset: number): number {
    let at = offset + 1 - this.chunkStart;
    if (at < 0) return offset;
    while (' \t\r\n'.includes(String.fromCharCode(this.chunk[at]))) at++;
    return this.chunkStart + at;
  }

  private countLines(offset: number): void {
    const end = offset - this.chunkStart;
    for (let at = this.linesUntil - this.chunkStart; ; at++) {
      at = this.chunk.indexOf(NEW_LINE, at);
      if (at < 0 || at >= end) break;
      this.line++;
    }
    this.linesUntil = offset;
  }
}

/** `end` is how far the excerpt may go, which is printable; a character that the limit cut is left out. */
export function placeAt({ offset, line, head }: Mark, end: number): TextPlace {
  const bytes = head.subarray(0, Math.max(end - offset, 0));
  const text = new TextDecoder().decode(bytes, { stream: bytes.length === EXCERPT_BYTES });
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return { offset, line, excerpt: text.replace(/[\0-\x1f\x7f]/g, ' ') };
}

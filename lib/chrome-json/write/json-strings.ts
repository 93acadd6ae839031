import type { ByteWriter, Fragment } from './byte-writer';

/** What JSON does not allow in a string as it is. */
// eslint-disable-next-line no-control-regex -- control characters are the point
const ESCAPED = /["\\\u0000-\u001f]/g;

/**
 * A text as a JSON string. Everything beyond ASCII stays as it is: trace_processor refuses escaped
 * surrogate pairs. A surrogate without its other half has no UTF-8 and becomes U+FFFD when written.
 */
export function quoted(text: string): string {
  return `"${text.replace(ESCAPED, (character) => JSON.stringify(character).slice(1, -1))}"`;
}

/** The strings of a trace, by id, in one place where JSON has them; each is escaped and encoded once. */
export class JsonStrings {
  /** By id: a fragment plus one. */
  private known: Uint32Array;

  constructor(
    private readonly strings: readonly string[],
    private readonly out: ByteWriter,
    private readonly before: string,
    private readonly after: string,
  ) {
    this.known = new Uint32Array(strings.length);
  }

  write(id: number): void {
    const known = this.known[id];
    // Undefined for strings that came since.
    this.out.fragment(known ? known - 1 : this.define(id));
  }

  private define(id: number): Fragment {
    if (id >= this.known.length) {
      const known = this.known;
      this.known = new Uint32Array(this.strings.length * 2);
      this.known.set(known);
    }
    const fragment = this.out.define(this.before + quoted(this.strings[id]) + this.after);
    this.known[id] = fragment + 1;
    return fragment;
  }
}

/**
 * Some programs write strings without escaping the quotes in them: `"name": "{"device": "cpu"}: run", "pid": 1`. What follows
 * a quote tells whether it ends its string: behind a key a colon, behind a value the next key with its colon, or the brackets
 * that close what is open. The twin of binding/chrome_json/quote_repair.h.
 */
import { MAX_JSON_DEPTH } from './value-scan';

const SPACES = /[ \t\r\n]*/y;

/**
 * Escapes the quotes that end no string in the object that begins the text. Returns the object with its end in the text;
 * undefined if there are no such quotes or the object has no end.
 */
export function escapeInnerQuotes(text: string): { object: string; end: number } | undefined {
  return new QuoteEscaper(text).run();
}

class QuoteEscaper {
  private at = 0;
  /** Up to `kept` the text is in `copy`. */
  private copy = '';
  private kept = 0;
  /** The brackets that are open. */
  private readonly open: string[] = [];
  private isKeyNext = false;

  constructor(private readonly text: string) {}

  run(): { object: string; end: number } | undefined {
    const { text, open } = this;
    while (this.at < text.length) {
      const character = text[this.at++];
      switch (character) {
        case '"':
          if (!this.passString()) return undefined;
          continue;
        case '{':
        case '[':
          if (open.push(character) > MAX_JSON_DEPTH) return undefined;
          break;
        case '}':
        case ']':
          if (open.pop() !== openingOf(character)) return undefined;
          if (open.length > 0) break;
          return this.kept === 0 ? undefined : { object: this.copy + text.slice(this.kept, this.at), end: this.at };
      }
      if (character === '{' || character === ',') this.isKeyNext = open.at(-1) === '{';
      else if (character === '[' || character === ':') this.isKeyNext = false;
    }
    return undefined;
  }

  /** Moves behind the end of a string. */
  private passString(): boolean {
    const { text } = this;
    while (this.at < text.length) {
      const character = text[this.at++];
      if (character === '\\') this.at++;
      if (character !== '"') continue;
      if (this.endsString()) return true;
      // Keys are written by programs; a colon is missing.
      if (this.isKeyNext) return false;
      this.copy += `${text.slice(this.kept, this.at - 1)}\\"`;
      this.kept = this.at;
    }
    return false;
  }

  /** Whether the quote before `at` does. */
  private endsString(): boolean {
    const { text, open } = this;
    let at = this.skipSpaces(this.at);
    const character = text[at];
    if (this.isKeyNext) return character === ':';
    if (character === '}' || character === ']') {
      if (open.at(-1) !== openingOf(character)) return false;
      const next = text[this.skipSpaces(at + 1)];
      return next === undefined || next === ',' || next === '}' || next === ']';
    }
    if (character !== ',') return false;
    at = this.skipSpaces(at + 1);
    if (open.at(-1) !== '{') return at < text.length && text[at] !== ',';
    if (text[at] !== '"') return false;
    const end = text.indexOf('"', at + 1);
    return end >= 0 && text[this.skipSpaces(end + 1)] === ':';
  }

  private skipSpaces(at: number): number {
    SPACES.lastIndex = at;
    SPACES.test(this.text);
    return SPACES.lastIndex;
  }
}

function openingOf(closing: string): string {
  return closing === '}' ? '{' : '[';
}

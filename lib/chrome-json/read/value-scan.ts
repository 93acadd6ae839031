/** Brackets within each other; events that are nested deeper are skipped. */
export const MAX_JSON_DEPTH = 1000;

/** Keys of events, by which one is known that stands within another without its end. */
const EVENT_KEYS = new Set([
  'ph', 'name', 'cat', 'ts', 'dur', 'pid', 'tid', 'args', 'id', 'id2', 'tts', 'tdur', 's', 'bp', 'bind_id', 'flow_in',
  'flow_out', 'sf', 'stack', 'esf', 'estack', 'scope', 'cname',
]);
/** No writer of traces puts more space between a brace and its key. */
const MAX_SPACES = 256;
const MAX_KEY = 16;

export const enum Byte {
  Tab = 0x09,
  NewLine = 0x0a,
  Return = 0x0d,
  Space = 0x20,
  Quote = 0x22,
  Comma = 0x2c,
  Colon = 0x3a,
  OpenBracket = 0x5b,
  Backslash = 0x5c,
  CloseBracket = 0x5d,
  OpenBrace = 0x7b,
  CloseBrace = 0x7d,
}

export function isSpace(byte: number): boolean {
  return byte === Byte.Space || byte === Byte.NewLine || byte === Byte.Return || byte === Byte.Tab;
}

function skipSpaces(text: Uint8Array, at: number, end: number): number {
  const limit = Math.min(at + MAX_SPACES, end);
  while (at < limit && isSpace(text[at])) at++;
  return at;
}

/** Whether the text ends too early to tell. */
export type EventStart = 'yes' | 'no' | 'cut';

/**
 * Whether a brace is followed by a key of events: ph, name, ts, ... This never happens inside a string of valid JSON, which
 * escapes the quotes of the key.
 */
export function matchEventStart(text: Buffer, brace: number, end: number): EventStart {
  let at = skipSpaces(text, brace + 1, end);
  if (at === end) return 'cut';
  if (text[at] !== Byte.Quote) return 'no';
  const key = ++at;
  while (at < end && text[at] !== Byte.Quote && at - key < MAX_KEY) at++;
  if (at === end) return 'cut';
  if (text[at] !== Byte.Quote || !EVENT_KEYS.has(text.toString('latin1', key, at))) return 'no';
  at = skipSpaces(text, at + 1, end);
  return at === end ? 'cut' : text[at] === Byte.Colon ? 'yes' : 'no';
}

/** Where a scan stops: behind the value; at the end of the text; at an event that cannot belong to the value. */
export type Stop = 'end' | 'more' | 'new event';

/**
 * Finds the end of one value, and looks at nothing but brackets, strings and escapes; for damaged text at the most likely
 * place. A bracket that closes nothing is ignored, one that closes an outer array or object closes the inner ones as well.
 * The twin of ValueScan in binding/chrome_json/json_text.h.
 */
export class ValueScan {
  /** Where the last run stopped. */
  at = 0;
  isTooDeep = false;

  private depth = 0;
  private readonly isArray = new Uint8Array(MAX_JSON_DEPTH + 1);
  private inString = false;
  private isEscaped = false;

  /** Begins a value with its first byte: a brace, a bracket or a quote. */
  start(first: number): void {
    this.depth = 0;
    this.inString = first === Byte.Quote;
    this.isEscaped = false;
    this.isTooDeep = false;
    if (!this.inString) this.open(first);
  }

  /**
   * Scans on. A careful scan notices an event inside a string, too: the sign that a quote is missing or too many.
   *
   * @param value where the value begins
   * @param end where the scan stops, at most the end of the text
   * @param isLast whether no more text will come
   */
  run(text: Buffer, value: number, from: number, end: number, isLast: boolean, isCareful: boolean): Stop {
    let { inString, isEscaped } = this;
    let stop: Stop = 'more';
    let at = from;
    for (; at < end; at++) {
      const byte = text[at];
      if (inString && !isCareful && byte !== Byte.Quote) {
        isEscaped = byte === Byte.Backslash && !isEscaped;
        continue;
      }
      const wasEscaped = isEscaped;
      isEscaped = false;
      if (byte === Byte.OpenBrace && (inString || this.isInObject()) && mayFollow(text, value, at)) {
        const match = matchEventStart(text, at, text.length);
        if (match === 'yes') {
          stop = 'new event';
          break;
        }
        if (match === 'cut' && !isLast) {
          isEscaped = wasEscaped;
          break;
        }
      }
      if (byte === Byte.Backslash) {
        isEscaped = !wasEscaped;
      } else if (byte === Byte.Quote) {
        if (wasEscaped) continue;
        inString = !inString;
        if (!inString && this.depth === 0) {
          stop = 'end';
          at++;
          break;
        }
      } else if (!inString) {
        if (byte === Byte.OpenBrace || byte === Byte.OpenBracket) {
          this.open(byte);
        } else if ((byte === Byte.CloseBrace || byte === Byte.CloseBracket) && this.close(byte)) {
          stop = 'end';
          at++;
          break;
        }
      }
    }
    if (stop === 'new event') inString = isEscaped = false;
    this.inString = inString;
    this.isEscaped = isEscaped;
    this.at = at;
    return stop;
  }

  private isInObject(): boolean {
    return this.depth > 0 && this.depth <= MAX_JSON_DEPTH && this.isArray[this.depth] === 0;
  }

  private open(bracket: number): void {
    if (++this.depth > MAX_JSON_DEPTH) this.isTooDeep = true;
    else this.isArray[this.depth] = bracket === Byte.OpenBracket ? 1 : 0;
  }

  /** Returns whether this ends the value. */
  private close(bracket: number): boolean {
    // The kinds of deeper brackets are not kept: nothing reads such a value.
    if (this.depth > MAX_JSON_DEPTH) {
      this.depth--;
      return false;
    }
    const wanted = bracket === Byte.CloseBracket ? 1 : 0;
    let open = this.depth;
    while (open > 0 && this.isArray[open] !== wanted) open--;
    if (open > 0) this.depth = open - 1;
    return this.depth === 0;
  }
}

/** An event follows a comma, a bracket or the end of a line; behind a colon there is the value of a key. */
function mayFollow(text: Uint8Array, value: number, brace: number): boolean {
  let before = brace - 1;
  let lineEnded = false;
  for (; before > value && isSpace(text[before]); before--) lineEnded ||= text[before] === Byte.NewLine;
  switch (text[before]) {
    case Byte.Colon:
      return false;
    case Byte.Comma:
    case Byte.OpenBracket:
    case Byte.CloseBracket:
    case Byte.OpenBrace:
    case Byte.CloseBrace:
      return true;
    default:
      return lineEnded;
  }
}

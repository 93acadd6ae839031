import { Tokenizer, TokenParser, TokenType } from '@streamparser/json';
import { MAX_UINT64, MIN_INT64 } from '../../limits';

/** Where an event or a break begins in the text, behind decompression. */
export interface Place {
  /** Byte, from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** How the text begins there, in one line. */
  excerpt: string;
}

/** Takes what the reader finds; in the order of the text. */
export interface JsonEventHandler {
  /** An entry of the list of events, whatever it is. */
  event(value: unknown, place: () => Place): void;
  /** An entry that is lost; what follows is read. */
  lost(reason: string, place: Place): void;
  /** Damage around the events. Where the reader cannot go on, `hasStopped` says so. */
  damage(reason: string, place: Place): void;
}

const EXCERPT_BYTES = 80;
/** Brackets within each other in an event. */
const MAX_DEPTH = 1000;
const NEW_LINE = 0x0a;

/** Fields of an event whose digits a double could not keep. */
const TIMES = new Set(['ts', 'dur']);

/** Gives numbers as their text. */
class TextTokenizer extends Tokenizer {
  protected override parseNumber(text: string): number {
    return text as unknown as number;
  }
}

type Token = Parameters<Tokenizer['onToken']>[0];

/** What the reader waits for. */
const enum Stage {
  Start,
  /** Among the keys of the outer object. */
  Object,
  /** In the list of events. */
  Events,
  /** Behind the outermost bracket. */
  End,
}

/**
 * Finds the events in the text of a Chrome JSON trace, chunk by chunk: an array of events, or an object
 * with `traceEvents`. Nothing is kept but the event that is being read. What else the object holds is
 * passed over.
 *
 * `ts` and `dur` come as the text of the number; other integers beyond 2^53 as bigint, and beyond 64 bits
 * as the nearest double. Commas too many between events are tolerated, and so is an array without its end.
 */
export class JsonEventReader {
  /** Which of the two forms the text has; undefined before its first bracket. */
  form: 'object' | 'array' | undefined;
  /** Whether the list of events has begun. */
  hasEvents = false;
  /** Whether the text is broken so that nothing behind can be read. */
  hasStopped = false;
  /** Bytes of text so far. */
  bytes = 0;

  private readonly tokenizer = new TextTokenizer();
  private parser = this.newParser();
  private stage = Stage.Start;
  /** Open brackets. */
  private depth = 0;
  /** Of the list of events: entries have this many brackets around them. */
  private listDepth = 0;
  private lastString = '';
  private key = '';
  /** The entry that is being read. */
  private isInEntry = false;
  /** The entry once it is whole, and why it cannot be read. */
  private entry: unknown;
  private problem: string | undefined;
  private hasReportedEnd = false;
  /** What the handler threw: the tokenizer would take it for its own. */
  private failure: { error: unknown } | undefined;

  private chunk: Uint8Array = new Uint8Array();
  private chunkStart = 0;
  private line = 1;
  private linesUntil = 0;
  /** Where the entry, or the last token outside of one, begins. */
  private markOffset = 0;
  private markLine = 1;
  private markHead: Uint8Array = new Uint8Array();

  constructor(private readonly handler: JsonEventHandler) {
    this.tokenizer.onToken = (token) => this.take(token);
    this.tokenizer.onError = () => this.stop();
  }

  write(chunk: Uint8Array): void {
    if (this.hasStopped) return;
    this.countLines(this.bytes);
    if (this.markHead.length < EXCERPT_BYTES) {
      this.markHead = Buffer.concat([this.markHead, chunk.subarray(0, EXCERPT_BYTES - this.markHead.length)]);
    }
    this.chunk = chunk;
    this.chunkStart = this.bytes;
    this.bytes += chunk.length;
    this.tokenizer.write(chunk);
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Says that the text is over, and reports what is missing. */
  end(): void {
    if (this.hasStopped) return;
    this.hasStopped = true;
    if (this.isInEntry) return this.handler.damage('the text ends inside an event', this.place(this.bytes));
    if (this.stage === Stage.End) return;
    try {
      this.tokenizer.onError = (error) => {
        throw error;
      };
      this.tokenizer.end();
    } catch {
      return this.handler.damage('the text ends inside a key or value', this.place(this.bytes));
    }
    // An array without its end is complete: a tracer that was killed leaves it so.
    if (this.form === 'object') {
      this.handler.damage("the text ends before the object's closing brace", this.place(this.bytes));
    }
  }

  /** Where the text ends so far. */
  endPlace(): Place {
    this.countLines(this.bytes);
    return { offset: this.bytes, line: this.line, excerpt: '' };
  }

  private take(token: Token): void {
    switch (this.stage) {
      case Stage.Start:
        return this.takeFirst(token);
      case Stage.Object:
        return this.takeOfObject(token);
      case Stage.Events:
        return this.takeOfEvents(token);
      case Stage.End:
        if (!this.hasReportedEnd) {
          this.hasReportedEnd = true;
          this.mark(token.offset);
          this.handler.damage('text behind the end', this.place(this.bytes));
        }
    }
  }

  private takeFirst({ token, offset }: Token): void {
    this.mark(offset);
    if (token === TokenType.LEFT_BRACKET) this.beginList('array');
    else if (token === TokenType.LEFT_BRACE) [this.form, this.stage, this.depth] = ['object', Stage.Object, 1];
    else throw new Error('neither an array nor an object');
  }

  private takeOfObject({ token, value, offset }: Token): void {
    if (this.depth === 1) {
      this.mark(offset);
      if (token === TokenType.STRING) this.lastString = value as string;
      else if (token === TokenType.COLON) this.key = this.lastString;
      else if (token === TokenType.LEFT_BRACKET && this.key === 'traceEvents') return this.beginList('object');
    }
    if (isOpening(token)) this.depth++;
    else if (isClosing(token) && --this.depth === 0) this.stage = Stage.End;
  }

  private beginList(form: 'object' | 'array'): void {
    this.form = form;
    this.hasEvents = true;
    this.stage = Stage.Events;
    this.listDepth = ++this.depth;
  }

  private takeOfEvents(token: Token): void {
    if (this.depth === this.listDepth && !this.isInEntry) {
      this.mark(token.offset);
      if (token.token === TokenType.COMMA) return;
      if (token.token === TokenType.RIGHT_BRACKET) return this.endList();
      if (token.token === TokenType.RIGHT_BRACE) {
        return this.handler.damage('a closing bracket too many', this.place(token.offset + 1));
      }
      this.isInEntry = true;
      this.problem = undefined;
    }
    if (isOpening(token.token)) this.depth++;
    else if (isClosing(token.token)) this.depth--;
    if (this.depth - this.listDepth > MAX_DEPTH) this.problem = `nested deeper than ${MAX_DEPTH}`;
    if (this.problem === undefined) this.parse(token);
    if (this.depth === this.listDepth) this.endEntry(token);
  }

  private endList(): void {
    this.depth--;
    this.stage = this.form === 'object' ? Stage.Object : Stage.End;
    this.key = '';
  }

  private parse(token: Token): void {
    if (this.depth === this.listDepth + 1) {
      if (token.token === TokenType.STRING) this.lastString = token.value as string;
      else if (token.token === TokenType.COLON) this.key = this.lastString;
    }
    if (token.token === TokenType.NUMBER) {
      const text = token.value as unknown as string;
      const isTime = this.depth === this.listDepth + 1 && TIMES.has(this.key);
      (token as { value: unknown }).value = isTime ? text : numberOf(text);
    }
    this.parser.write(token);
  }

  private endEntry({ token, value, offset }: Token): void {
    this.isInEntry = false;
    const end = offset + (isClosing(token) ? 1 : String(value).length);
    if (this.problem === undefined) {
      this.call(() => this.handler.event(this.entry, () => this.place(end)));
    } else {
      this.handler.lost(this.problem, this.place(end));
      this.parser = this.newParser();
    }
  }

  private call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.failure = { error };
      throw error; // ends the tokenizer's loop
    }
  }

  private newParser(): TokenParser {
    const parser = new TokenParser({ paths: ['$'], separator: '' });
    parser.onValue = ({ value }) => (this.entry = value);
    parser.onError = () => (this.problem = 'not valid JSON');
    return parser;
  }

  /** Nothing behind what is no token can be read: what is a string there and what is not cannot be told. */
  private stop(): void {
    this.hasStopped = true;
    if (this.failure !== undefined || this.stage === Stage.Start) return;
    const where = this.isInEntry ? 'an event that is not valid JSON' : 'not valid JSON';
    this.handler.damage(`${where}: it and all behind it could not be read`, this.place(this.bytes));
  }

  private mark(offset: number): void {
    // A string that a chunk cut begins in an earlier one.
    const at = Math.max(offset - this.chunkStart, 0);
    this.markOffset = offset;
    this.countLines(this.chunkStart + at);
    this.markLine = this.line;
    this.markHead = this.chunk.subarray(at, at + EXCERPT_BYTES);
  }

  /** Counts the lines of the chunk up to the offset. */
  private countLines(offset: number): void {
    const end = offset - this.chunkStart;
    for (let at = this.linesUntil - this.chunkStart; ; at++) {
      at = this.chunk.indexOf(NEW_LINE, at);
      if (at < 0 || at >= end) break;
      this.line++;
    }
    this.linesUntil = offset;
  }

  /** Of the mark; `end` is how far the excerpt may go. */
  private place(end: number): Place {
    const head = this.markHead.subarray(0, Math.max(end - this.markOffset, 0));
    return { offset: this.markOffset, line: this.markLine, excerpt: excerptOf(head) };
  }
}

function isOpening(token: TokenType): boolean {
  return token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET;
}

function isClosing(token: TokenType): boolean {
  return token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET;
}

function numberOf(text: string): number | bigint {
  const number = Number(text);
  if (Number.isSafeInteger(number) || !/^-?\d+$/.test(text)) return number;
  const integer = BigInt(text);
  return integer >= MIN_INT64 && integer <= MAX_UINT64 ? integer : number;
}

/** Printable text; a character that the limit cut is left out. */
function excerptOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes, { stream: bytes.length === EXCERPT_BYTES });
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return text.replace(/[\0-\x1f\x7f]/g, ' ');
}

import { Tokenizer, TokenType } from '@streamparser/json';
import type { ChromeEvent } from './chrome-event';
import type { FindingCategory } from './findings';
import { JsonEntry } from './json-entry';

/** Where something begins in the text, behind decompression. */
export interface TextPlace {
  /** Byte, from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** How the text begins there, in one line. */
  excerpt: string;
}

/** Takes what the reader finds; in the order of the text. */
export interface JsonEventHandler {
  /** An object in the list of events; `depth` is the most brackets around a value in it. */
  event(event: ChromeEvent, where: () => TextPlace, depth: number): void;
  /** Text that is not as it should be. Where the reader cannot go on, `hasStopped` says so. */
  found(category: FindingCategory, reason: string, where: () => TextPlace): void;
}

const EXCERPT_BYTES = 80;
/** Brackets within each other in an event. */
const MAX_DEPTH = 1000;
const NEW_LINE = 0x0a;
const EVENTS_KEY = 'traceEvents';

/** Keys that an event may begin with, by which one is known that stands within another without its end. */
const EVENT_KEYS = new Set([
  'ph', 'name', 'cat', 'ts', 'dur', 'pid', 'tid', 'args', 'id', 'id2', 'tts', 'tdur', 's', 'bp', 'bind_id', 'flow_in',
  'flow_out', 'sf', 'stack', 'esf', 'estack', 'scope', 'cname',
]);

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
  /** A key of the outer object, or its end. */
  Key,
  Colon,
  Value,
  /** An entry of the list of events, or its end. */
  Events,
  /** The end of an event. */
  Entry,
  /** The end of something that is passed over. */
  Skipped,
  /** Nothing more: the outermost bracket is closed. */
  Behind,
}

/** Where a token begins, with the bytes from there on. */
interface Mark {
  offset: number;
  line: number;
  head: Uint8Array;
}

/**
 * Finds the events in the text of a Chrome JSON trace, chunk by chunk: an array of events, or an object with
 * `traceEvents`. Each event is handed over whole or not at all, and nothing is kept but the one that is being read.
 * What else the object holds is passed over. Commas too many between events are tolerated, and so is an array without
 * its end; what else is wrong is reported in the words of the addon, which has binding/chrome_json/text_scanner.h for
 * the same work.
 *
 * Text that is no token of JSON ends the reading: what is a string behind it and what is not cannot be told.
 */
export class JsonEventReader {
  /** Which of the two forms the text has; undefined before its first bracket. */
  form: 'object' | 'array' | undefined;
  /** Whether there is a list of events, or at least its key. */
  hasEvents = false;
  /** Whether the text is broken so that nothing behind can be read. */
  hasStopped = false;
  /** Bytes of text so far. */
  bytes = 0;
  /** Entries of the list of events, whatever they are. */
  entries = 0;

  private readonly tokenizer = new TextTokenizer();
  private stage = Stage.Start;
  private key = '';
  /** For each open bracket of an entry, or of what is passed over, whether it is that of an array. */
  private readonly open: boolean[] = [];
  private afterSkipped = Stage.Events;
  private entry = new JsonEntry();
  private entryMark: Mark = { offset: 0, line: 1, head: new Uint8Array() };
  /** Where an event may begin within the entry, and how many tokens ago: its key and colon decide. */
  private candidate: { mark: Mark; tokens: number; key: unknown } | undefined;
  private previous = TokenType.LEFT_BRACE;
  /** What the handler threw: the tokenizer would take it for its own. */
  private failure: { error: unknown } | undefined;

  private chunk: Uint8Array = new Uint8Array();
  private chunkStart = 0;
  private line = 1;
  private linesUntil = 0;
  /** The last token between the events. */
  private mark: Mark = this.entryMark;

  constructor(private readonly handler: JsonEventHandler) {
    this.tokenizer.onToken = (token) => this.take(token);
    this.tokenizer.onError = () => this.stop();
  }

  write(chunk: Uint8Array): void {
    if (this.hasStopped) return;
    this.countLines(this.bytes);
    for (const mark of [this.mark, this.entryMark]) {
      if (mark.head.length < EXCERPT_BYTES) {
        mark.head = Buffer.concat([mark.head, chunk.subarray(0, EXCERPT_BYTES - mark.head.length)]);
      }
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
    if (this.stage === Stage.Entry) return this.report('damaged', 'the text ends inside an event', this.bytes, this.entryMark);
    const isSkippedValue = this.stage === Stage.Skipped && this.afterSkipped === Stage.Key;
    try {
      this.tokenizer.onError = (error) => {
        throw error;
      };
      this.tokenizer.end();
    } catch {
      return this.report('damaged', 'the text ends inside a key or value', this.bytes, isSkippedValue ? this.mark : this.markOfCut());
    }
    if (isSkippedValue) return this.report('damaged', 'the text ends inside a key or value', this.bytes);
    // An array without its end is complete: a tracer that was killed leaves it so.
    if (this.form === 'object' && this.stage !== Stage.Behind) {
      this.report('damaged', "the text ends before the object's closing brace", this.bytes, this.markOf(this.bytes));
    }
  }

  /** Where the text ends so far. */
  endPlace(): TextPlace {
    this.countLines(this.bytes);
    return { offset: this.bytes, line: this.line, excerpt: '' };
  }

  private take(token: Token): void {
    if (this.stage === Stage.Entry) return this.takeOfEntry(token);
    if (this.stage === Stage.Skipped) {
      this.nest(token.token);
      if (this.open.length === 0) this.stage = this.afterSkipped;
      return;
    }
    this.mark = this.markOf(token.offset);
    switch (this.stage) {
      case Stage.Start:
        return this.takeFirst(token);
      case Stage.Key:
        return this.takeKey(token);
      case Stage.Colon:
        if (token.token === TokenType.COLON) this.stage = Stage.Value;
        else this.takeMissing(token);
        return;
      case Stage.Value:
        return this.takeValue(token);
      case Stage.Events:
        return this.takeOfEvents(token);
      case Stage.Behind:
        return this.takeBehind(token);
    }
  }

  private takeFirst({ token }: Token): void {
    if (token === TokenType.COMMA) return;
    if (token === TokenType.LEFT_BRACKET) [this.form, this.hasEvents, this.stage] = ['array', true, Stage.Events];
    else if (token === TokenType.LEFT_BRACE) [this.form, this.stage] = ['object', Stage.Key];
    else throw new Error('neither an array nor an object');
  }

  private takeKey(token: Token): void {
    switch (token.token) {
      case TokenType.COMMA:
        return;
      case TokenType.STRING:
        this.key = token.value as string;
        this.hasEvents ||= this.key === EVENTS_KEY;
        this.stage = Stage.Colon;
        return;
      case TokenType.RIGHT_BRACE:
        this.stage = Stage.Behind;
        return;
      case TokenType.LEFT_BRACE:
        this.report('damaged', 'an event stands outside of traceEvents', this.bytes);
        return this.beginEntry(token);
      default:
        return this.passOver(token, 'a value without a key stands beside traceEvents', Stage.Key);
    }
  }

  private takeValue(token: Token): void {
    const isEvents = this.key === EVENTS_KEY;
    if (token.token === TokenType.LEFT_BRACKET && isEvents) {
      this.stage = Stage.Events;
    } else if (token.token === TokenType.COMMA || isClosing(token.token)) {
      this.takeMissing(token);
    } else {
      if (isEvents) this.report('damaged', 'traceEvents is no array', this.bytes);
      this.skip(token, Stage.Key);
    }
  }

  /** The token stands in the place of a colon or value. */
  private takeMissing(token: Token): void {
    this.report('damaged', 'a key without a value', this.bytes);
    this.stage = Stage.Key;
    this.takeKey(token);
  }

  private takeOfEvents(token: Token): void {
    switch (token.token) {
      case TokenType.COMMA:
        return;
      case TokenType.RIGHT_BRACKET:
        this.stage = this.form === 'object' ? Stage.Key : Stage.Behind;
        return;
      case TokenType.LEFT_BRACE:
        return this.beginEntry(token);
      default:
        if (!isClosing(token.token)) this.entries++;
        return this.passOver(token, 'a value that is no event stands among the events', Stage.Events);
    }
  }

  /** What follows is read as more of the same: somebody appended to a file that was complete. */
  private takeBehind(token: Token): void {
    if (token.token === TokenType.COMMA) return;
    if (!isOpening(token.token)) return this.passOver(token, 'text behind the end', Stage.Behind);
    this.report('damaged', 'text behind the end', this.bytes);
    if (token.token === TokenType.LEFT_BRACKET) [this.form, this.stage] = ['array', Stage.Events];
    else if (this.form === 'object') this.stage = Stage.Key;
    else this.beginEntry(token);
  }

  /** Of text that has no meaning where it stands. */
  private passOver(token: Token, reason: string, after: Stage): void {
    if (isClosing(token.token)) {
      this.report('damaged', 'a closing bracket too many', this.bytes);
    } else {
      this.report('ignored', reason, this.bytes);
      this.skip(token, after);
    }
  }

  private skip({ token }: Token, after: Stage): void {
    this.stage = after;
    if (!isOpening(token)) return;
    this.nest(token);
    [this.stage, this.afterSkipped] = [Stage.Skipped, after];
  }

  /** Keeps the open brackets. One that is closed takes those along that were opened in it and are not. */
  private nest(token: TokenType): void {
    const { open } = this;
    if (isOpening(token)) {
      open.push(token === TokenType.LEFT_BRACKET);
    } else if (isClosing(token)) {
      const from = open.lastIndexOf(token === TokenType.RIGHT_BRACKET);
      if (from >= 0) open.length = from;
    }
  }

  private beginEntry({ token, value }: Token): void {
    this.entries++;
    this.stage = Stage.Entry;
    this.entryMark = this.mark;
    this.entry = new JsonEntry();
    this.candidate = undefined;
    this.open.length = 0;
    this.takeIntoEntry(token, value);
  }

  private takeOfEntry(token: Token): void {
    if (this.beginsAnother(token)) return;
    this.takeIntoEntry(token.token, token.value);
    if (this.open.length === 0) this.endEntry(token.offset + 1);
  }

  private takeIntoEntry(token: TokenType, value: unknown): void {
    this.nest(token);
    if (this.open.length > MAX_DEPTH) this.entry.problem ??= `nested deeper than ${MAX_DEPTH}`;
    this.entry.take(token, value);
    this.previous = token;
  }

  /**
   * Whether the entry lacks its end and the next one has begun: a brace where no value can be, with a key behind it
   * that events have.
   */
  private beginsAnother({ token, value, offset }: Token): boolean {
    const { candidate, open } = this;
    this.candidate = undefined;
    if (token === TokenType.LEFT_BRACE) {
      const isInObject = open[open.length - 1] === false;
      if (isInObject && this.previous !== TokenType.COLON) this.candidate = { mark: this.markOf(offset), tokens: 0, key: undefined };
    } else if (candidate?.tokens === 0 && token === TokenType.STRING && EVENT_KEYS.has(value as string)) {
      this.candidate = { ...candidate, tokens: 1, key: value };
    } else if (candidate?.tokens === 1 && token === TokenType.COLON) {
      this.report('dropped', 'an event without its end', candidate.mark.offset, this.entryMark);
      this.mark = candidate.mark;
      this.beginEntry({ token: TokenType.LEFT_BRACE, value: '{', offset: candidate.mark.offset });
      this.takeIntoEntry(TokenType.STRING, candidate.key);
      this.takeIntoEntry(token, value);
      return true;
    }
    return false;
  }

  private endEntry(end: number): void {
    this.stage = Stage.Events;
    const { entry, entryMark } = this;
    if (entry.problem !== undefined) return this.report('dropped', entry.problem, end, entryMark);
    for (const repair of entry.repairs) this.report('repaired', repair, end, entryMark);
    this.call(() => this.handler.event(entry.value, () => placeAt(entryMark, end), entry.depth));
  }

  private report(category: FindingCategory, reason: string, end: number, mark = this.mark): void {
    this.call(() => this.handler.found(category, reason, () => placeAt(mark, end)));
  }

  private call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.failure = { error };
      throw error; // ends the tokenizer's loop
    }
  }

  /** Nothing behind what is no token can be read: what is a string there and what is not cannot be told. */
  private stop(): void {
    this.hasStopped = true;
    if (this.failure !== undefined || this.stage === Stage.Start) return;
    const isInEntry = this.stage === Stage.Entry;
    const where = isInEntry ? 'an event that is not valid JSON' : 'not valid JSON';
    this.report('damaged', `${where}: it and all behind it could not be read`, this.bytes, isInEntry ? this.entryMark : this.mark);
  }

  private markOf(offset: number): Mark {
    // A string that a chunk cut begins in an earlier one.
    const at = Math.max(offset - this.chunkStart, 0);
    this.countLines(this.chunkStart + at);
    return { offset, line: this.line, head: this.chunk.subarray(at, at + EXCERPT_BYTES) };
  }

  /** Of the token that the end of the text cuts, as far as it begins in this chunk. */
  private markOfCut(): Mark {
    let at = this.mark.offset + 1 - this.chunkStart;
    if (at < 0) return this.mark;
    while (' \t\r\n'.includes(String.fromCharCode(this.chunk[at]))) at++;
    return this.markOf(this.chunkStart + at);
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
}

function isOpening(token: TokenType): boolean {
  return token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET;
}

function isClosing(token: TokenType): boolean {
  return token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET;
}

/** `end` is how far the excerpt may go. */
function placeAt({ offset, line, head }: Mark, end: number): TextPlace {
  return { offset, line, excerpt: excerptOf(head.subarray(0, Math.max(end - offset, 0))) };
}

/** Printable text; a character that the limit cut is left out. */
function excerptOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes, { stream: bytes.length === EXCERPT_BYTES });
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return text.replace(/[\0-\x1f\x7f]/g, ' ');
}

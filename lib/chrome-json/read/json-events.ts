import { Tokenizer, TokenType } from '@streamparser/json';
import type { ChromeEvent } from './chrome-event';
import type { FindingCategory } from './findings';
import { JsonEntry } from './json-entry';
import { placeAt, TextPlaces, type Mark, type TextPlace } from './text-places';

/** Takes what the reader finds; in the order of the text. */
export interface JsonEventHandler {
  /** An object in the list of events; `depth` is the most brackets around a value in it. */
  event(event: ChromeEvent, where: () => TextPlace, depth: number): void;
  /** Text that is not as it should be. Where the reader cannot go on, `hasStopped` says so. */
  found(category: FindingCategory, reason: string, where: () => TextPlace): void;
}

/** Brackets within each other in an event. */
const MAX_DEPTH = 1000;
const EVENTS_KEY = 'traceEvents';

/** Keys of events, by which one is known that stands within another without its end. */
const EVENT_KEYS = new Set([
  'ph', 'name', 'cat', 'ts', 'dur', 'pid', 'tid', 'args', 'id', 'id2', 'tts', 'tdur', 's', 'bp', 'bind_id', 'flow_in',
  'flow_out', 'sf', 'stack', 'esf', 'estack', 'scope', 'cname',
]);

/** Returns numbers as their text. */
class TextTokenizer extends Tokenizer {
  protected override parseNumber(text: string): number {
    return text as unknown as number;
  }
}

type Token = Parameters<Tokenizer['onToken']>[0];

/** The thing that the reader waits for. */
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

/**
 * Finds the events in the text of a Chrome JSON trace, chunk by chunk: an array of events, or an object with
 * `traceEvents`. Each event is handed over whole or not at all, and nothing is kept but the one that is being read.
 * The other values of the object are passed over. Commas too many between events are tolerated, and so is an array without
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
  /** Where another event may begin within the entry, and its first key once that came: the colon decides. */
  private candidate: { mark: Mark; key?: string } | undefined;
  private previous = TokenType.LEFT_BRACE;
  /** An error of the handler, which the tokenizer would take for its own. */
  private failure: { error: unknown } | undefined;

  private readonly places = new TextPlaces();
  /** The last token between the events. */
  private mark: Mark = this.entryMark;

  constructor(private readonly handler: JsonEventHandler) {
    this.tokenizer.onToken = (token) => this.take(token);
    this.tokenizer.onError = () => this.stop();
  }

  write(chunk: Uint8Array): void {
    if (this.hasStopped) return;
    this.places.add(chunk, [this.mark, this.entryMark]);
    this.tokenizer.write(chunk);
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Says that the text is over, and reports what is missing. */
  end(): void {
    if (this.hasStopped) return;
    this.hasStopped = true;
    if (this.stage === Stage.Entry) return this.report('damaged', 'the text ends inside an event', this.entryMark);
    const isInValue = this.stage === Stage.Skipped && this.afterSkipped === Stage.Key;
    if (isInValue || this.endsInToken()) {
      return this.report('damaged', 'the text ends inside a key or value', isInValue ? this.mark : this.markBehind());
    }
    // An array without its end is complete: a tracer that was killed leaves it so.
    if (this.form === 'object' && this.stage !== Stage.Behind) {
      this.report('damaged', "the text ends before the object's closing brace", this.places.mark(this.bytes));
    }
  }

  /** Bytes of text so far. */
  get bytes(): number {
    return this.places.bytes;
  }

  /** Where the text ends so far. */
  endPlace(): TextPlace {
    return placeAt(this.places.mark(this.bytes), this.bytes);
  }

  private take(token: Token): void {
    if (this.stage === Stage.Entry) return this.takeOfEntry(token);
    if (this.stage === Stage.Skipped) {
      this.nest(token.token);
      if (this.open.length === 0) this.stage = this.afterSkipped;
      return;
    }
    this.mark = this.places.mark(token.offset);
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
        this.report('damaged', 'an event stands outside of traceEvents');
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
      if (isEvents) this.report('damaged', 'traceEvents is no array');
      this.skip(token, Stage.Key);
    }
  }

  /** The token stands in the place of a colon or value. */
  private takeMissing(token: Token): void {
    this.report('damaged', 'a key without a value');
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

  /** Reads what follows as more of the same: a program appended to a complete file. */
  private takeBehind(token: Token): void {
    if (token.token === TokenType.COMMA) return;
    if (!isOpening(token.token)) return this.passOver(token, 'text behind the end', Stage.Behind);
    this.report('damaged', 'text behind the end');
    if (token.token === TokenType.LEFT_BRACKET) [this.form, this.stage] = ['array', Stage.Events];
    else if (this.form === 'object') this.stage = Stage.Key;
    else this.beginEntry(token);
  }

  /** Of text that has no meaning where it stands. */
  private passOver(token: Token, reason: string, after: Stage): void {
    if (isClosing(token.token)) {
      this.report('damaged', 'a closing bracket too many');
    } else {
      this.report('ignored', reason);
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
      if (isInObject && this.previous !== TokenType.COLON) this.candidate = { mark: this.places.mark(offset) };
    } else if (candidate !== undefined && candidate.key === undefined && EVENT_KEYS.has(value as string)) {
      this.candidate = { mark: candidate.mark, key: value as string };
    } else if (candidate?.key !== undefined && token === TokenType.COLON) {
      this.report('dropped', 'an event without its end', this.entryMark, candidate.mark.offset);
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
    if (entry.problem !== undefined) return this.report('dropped', entry.problem, entryMark, end);
    for (const repair of entry.repairs) this.report('repaired', repair, entryMark, end);
    this.call(() => this.handler.event(entry.value, () => placeAt(entryMark, end), entry.depth));
  }

  private report(category: FindingCategory, reason: string, mark = this.mark, end = this.bytes): void {
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
    this.report('damaged', `${where}: it and all behind it could not be read`, isInEntry ? this.entryMark : this.mark);
  }

  /** Of the token behind the last one that came whole. */
  private markBehind(): Mark {
    return this.places.mark(this.places.skipSpaces(this.mark.offset));
  }

  private endsInToken(): boolean {
    let isCut = false;
    this.tokenizer.onError = () => (isCut = true);
    this.tokenizer.end();
    return isCut;
  }
}

function isOpening(token: TokenType): boolean {
  return token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET;
}

function isClosing(token: TokenType): boolean {
  return token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET;
}

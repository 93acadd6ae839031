import { Tokenizer, TokenType } from '@streamparser/json';
import type { ChromeEvent } from './chrome-event';
import { Dropped, type FindingCategory, type Findings } from './findings';
import { JsonEntry, type Token } from './json-entry';
import { placeAt, TextPlaces, type Mark, type TextPlace } from './text-places';

/**
 * Takes an object in the list of events; `depth` is the most brackets around a value in it.
 *
 * @throws Dropped for an event that is to be left out
 */
export type EventHandler = (event: ChromeEvent, where: () => TextPlace, depth: number, offset: number) => void;

/** Brackets within each other in an event. */
const MAX_DEPTH = 1000;
const EVENTS_KEY = 'traceEvents';

/** Keys of events, by which one is known that stands within another without its end. */
const EVENT_KEYS = new Set<unknown>([
  'ph', 'name', 'cat', 'ts', 'dur', 'pid', 'tid', 'args', 'id', 'id2', 'tts', 'tdur', 's', 'bp', 'bind_id', 'flow_in',
  'flow_out', 'sf', 'stack', 'esf', 'estack', 'scope', 'cname',
]);

/** Returns numbers as their text. */
class TextTokenizer extends Tokenizer {
  protected override parseNumber(text: string): number {
    return text as unknown as number;
  }
}

/** The thing that comes next, behind what is being read. */
const enum Stage {
  Start,
  /** A key of the outer object, or its end. */
  Key,
  Colon,
  Value,
  /** An entry of the list of events, or its end. */
  Events,
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
  private readonly places = new TextPlaces();
  private stage = Stage.Start;
  private key = '';
  /** For each open bracket of an entry, or of what is passed over, whether it is that of an array. */
  private readonly open: boolean[] = [];
  /** Those of the entry that is being read. */
  private tokens: Token[] | undefined;
  /** Most brackets that were open in the entry. */
  private depth = 0;
  /** The last token that was in neither, or with which they began. */
  private mark: Mark = { offset: 0, line: 1, head: new Uint8Array() };
  /** A brace where no value can be, at which another event may begin within the entry. */
  private brace = this.mark;
  /** An error of the handler, which the tokenizer would take for its own. */
  private failure: { error: unknown } | undefined;

  constructor(
    private readonly findings: Findings,
    private readonly onEvent: EventHandler,
  ) {
    this.tokenizer.onToken = (token) => this.take(token);
    this.tokenizer.onError = () => this.stop();
  }

  write(chunk: Uint8Array): void {
    if (this.hasStopped) return;
    this.places.add(chunk, [this.mark, this.brace]);
    this.tokenizer.write(chunk);
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Says that the text is over, and reports what is missing. */
  end(): void {
    if (this.hasStopped) return;
    this.hasStopped = true;
    if (this.tokens !== undefined) return this.report('damaged', 'the text ends inside an event');
    const isInValue = this.open.length > 0 && this.stage === Stage.Key;
    if (isInValue || this.endsInToken()) {
      // Behind the last token that came whole.
      if (!isInValue) this.mark = this.places.mark(this.places.skipSpaces(this.mark.offset));
      return this.report('damaged', 'the text ends inside a key or value');
    }
    // An array without its end is complete: a tracer that was killed leaves it so.
    if (this.form === 'object' && this.stage !== Stage.Behind) {
      this.findings.add('damaged', "the text ends before the object's closing brace", () => this.endPlace());
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
    if (this.tokens !== undefined) return this.takeOfEntry(token, this.tokens);
    if (this.open.length > 0) return this.nest(token.token);
    this.mark = this.places.mark(token.offset);
    switch (this.stage) {
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
      default:
        return this.takeOutermost(token);
    }
  }

  /** Behind the end of the text it is read as more of the same: a program appended to a complete file. */
  private takeOutermost(token: Token): void {
    if (token.token === TokenType.COMMA) return;
    if (this.stage === Stage.Behind) {
      if (!isOpening(token.token)) return this.passOver(token, 'text behind the end');
      this.report('damaged', 'text behind the end');
    }
    if (token.token === TokenType.LEFT_BRACKET) {
      [this.form, this.hasEvents, this.stage] = ['array', true, Stage.Events];
    } else if (token.token !== TokenType.LEFT_BRACE) {
      throw new Error('neither an array nor an object');
    } else if (this.form === 'array') {
      this.beginEntry(token);
    } else {
      [this.form, this.stage] = ['object', Stage.Key];
    }
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
        return this.passOver(token, 'a value without a key stands beside traceEvents');
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
      this.stage = Stage.Key;
      this.nest(token.token);
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
        return this.passOver(token, 'a value that is no event stands among the events');
    }
  }

  /** Of text that has no meaning where it stands. */
  private passOver(token: Token, reason: string): void {
    if (isClosing(token.token)) return this.report('damaged', 'a closing bracket too many');
    this.report('ignored', reason);
    this.nest(token.token);
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

  private beginEntry(...begin: Token[]): void {
    this.entries++;
    this.stage = Stage.Events;
    this.open.length = 0;
    this.depth = 0;
    const tokens = (this.tokens = []);
    for (const token of begin) this.keep(token, tokens);
  }

  /** The entry lacks its end where the next one has begun: a brace where no value can be, with a key of events behind it. */
  private takeOfEntry(token: Token, tokens: Token[]): void {
    const last = tokens.at(-1)!;
    if (token.token === TokenType.LEFT_BRACE && last.token !== TokenType.COLON && this.open.at(-1) === false) {
      this.brace = this.places.mark(token.offset);
    } else if (token.token === TokenType.COLON && EVENT_KEYS.has(last.value) && tokens.at(-2)!.offset === this.brace.offset) {
      this.findings.add('dropped', 'an event without its end', () => placeAt(this.mark, this.brace.offset));
      this.mark = this.brace;
      return this.beginEntry(...tokens.slice(-2), token);
    }
    this.keep(token, tokens);
    if (this.open.length === 0) this.endEntry(tokens, token.offset + 1);
  }

  private keep(token: Token, tokens: Token[]): void {
    this.nest(token.token);
    this.depth = Math.max(this.depth, this.open.length);
    // An event too deep is only searched for its end.
    if (this.depth > MAX_DEPTH) tokens.splice(0, tokens.length - 2);
    tokens.push(token);
  }

  private endEntry(tokens: Token[], end: number): void {
    const { mark, depth } = this;
    const where = () => placeAt(mark, end);
    const entry = new JsonEntry(tokens);
    this.tokens = undefined;
    try {
      if (depth > MAX_DEPTH) throw new Dropped(`nested deeper than ${MAX_DEPTH}`);
      const event = entry.read();
      for (const repair of entry.repairs) this.findings.add('repaired', repair, where);
      this.onEvent(event, where, depth, mark.offset);
    } catch (error) {
      if (error instanceof Dropped) return this.findings.add('dropped', error.message, where);
      this.failure = { error };
      throw error; // ends the tokenizer's loop
    }
  }

  private report(category: FindingCategory, reason: string): void {
    this.findings.add(category, reason, () => placeAt(this.mark, this.bytes));
  }

  /** Nothing behind what is no token can be read: what is a string there and what is not cannot be told. */
  private stop(): void {
    this.hasStopped = true;
    if (this.failure !== undefined || this.stage === Stage.Start) return;
    const where = this.tokens !== undefined ? 'an event that is not valid JSON' : 'not valid JSON';
    this.report('damaged', `${where}: it and all behind it could not be read`);
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

import { excerptOf, type Findings, type FindingCategory } from './findings';
import { escapeInnerQuotes } from './quote-repair';
import { Byte, isSpace, matchEventStart, ValueScan, type EventStart } from './value-scan';

/** What holds the events of a text: an array, an object with `traceEvents`, or nothing but the ends of lines or commas. */
export type TextForm = 'array' | 'object' | 'lines';

/** Takes the bytes of an event with its offset in the text; they are valid until it returns. */
export type EventTextHandler = (text: Buffer, offset: number) => void;

const EVENTS_KEY = 'traceEvents';
/** Before something is reported, so many bytes must be known, or the end of the text: the excerpt must not depend on chunks. */
const LOOKAHEAD = 96;
/** The keys of an object at the beginning of the text tell whether it is an event. They are looked for in so many bytes. */
const FORM_SAMPLE = 64 * 1024;
/** A larger event is dropped. */
const EVENT_LIMIT = 64 * 2 ** 20;
/** Of all values beside the events, but those of call stacks. */
const VALUES_LIMIT = 4 * 2 ** 20;
const STACKS_LIMIT = 64 * 2 ** 20;
const STACKS = new Set(['samples', 'stackFrames']);
/** The memory of a value beside its text, roughly; as the addon has it, so that both drop the same. */
const VALUE_OVERHEAD = 128;

const enum State {
  Start,
  Events,
  /** In the object, before a key or behind a value. */
  Key,
  /** Behind a key. */
  Colon,
  /** Behind a colon. */
  Value,
  Item,
  Behind,
}

/** The value, key or other text that the scanner is in. */
const enum Item {
  Event,
  Key,
  Value,
  /** A value that is a number or a word. */
  Scalar,
  /** An array, object or string in a wrong place. */
  Garbage,
  /** Anything else in a wrong place. */
  Word,
}

/**
 * Finds the events in the text of a trace, which comes in chunks and may be damaged; around damage, too. TextForm lists the
 * forms of the text; arrays among the events are read through. Nothing is kept but what is being read, and small values
 * beside the events. The twin of binding/chrome_json/text_scanner.h, with the same findings.
 */
export class TextScanner {
  /** Undefined before the first bracket. */
  form: TextForm | undefined;
  /** Whether the object has the key `traceEvents`, with any value. */
  hasEventsKey = false;
  /** Values where events belong, whatever they are. */
  entries = 0;
  /** Bytes of text so far. */
  bytes = 0;

  /** What is being read, and what follows it so far. Positions count from its first byte, which has the offset `base`. */
  private text: Buffer = Buffer.alloc(0);
  private base = 0;
  private at = 0;
  /** The memory of `text`, where that is no chunk as it came. */
  private store: Buffer | undefined;
  private isLast = false;
  private isFinished = false;

  private state = State.Start;
  /** Arrays around the events, in the one that holds them all. */
  private nesting = 0;
  private item = Item.Event;
  private afterItem = State.Events;
  private itemBegin = 0;
  private isItemDropped = false;
  /** Items that begin before this offset are scanned carefully up to it, see ValueScan. */
  private carefulUntil = 0;
  private readonly scan = new ValueScan();
  private key = '';
  private valuesSize = 0;
  private stacksSize = 0;
  /** The line at `base`, and at the position that was asked for last. */
  private baseLine = 1;
  private line = 1;
  private lineAt = 0;

  constructor(
    private readonly findings: Findings,
    private readonly onEvent: EventTextHandler,
  ) {}

  write(chunk: Buffer): void {
    this.append(chunk);
    this.bytes += chunk.length;
    while (this.step());
    this.dropFront();
  }

  /** Says that the text is over, and reports what is missing. */
  end(): void {
    this.isLast = true;
    while (!this.isFinished) {
      while (this.step());
      this.finish();
    }
  }

  /** The line of an offset that is not before the event or item that is being read. */
  lineOf(offset: number): number {
    const { text } = this;
    const end = offset - this.base;
    if (end < this.lineAt) [this.line, this.lineAt] = [this.baseLine, 0];
    let at = text.indexOf(Byte.NewLine, this.lineAt);
    for (; at >= 0 && at < end; at = text.indexOf(Byte.NewLine, at + 1)) this.line++;
    this.lineAt = end;
    return this.line;
  }

  // ---------------------------------------------------------------------- text

  private append(chunk: Buffer): void {
    const size = this.text.length;
    if (size === 0) {
      this.text = chunk;
      this.store = undefined;
      return;
    }
    const room = size + chunk.length;
    if (this.store === undefined || this.store.length < room) {
      // Doubled, so that little is copied of an event of many chunks.
      this.store = Buffer.allocUnsafe(2 * room);
      this.text.copy(this.store);
    }
    chunk.copy(this.store, size);
    this.text = this.store.subarray(0, room);
  }

  /** Forgets what was read. */
  private dropFront(): void {
    const isNeeded = this.state === State.Item && this.isKept();
    const size = isNeeded ? this.itemBegin : this.at;
    if (size === 0) return;
    this.baseLine = this.lineOf(this.base + size);
    const rest = this.text.subarray(size);
    if (this.store !== undefined) this.store.copyWithin(0, size, this.text.length);
    this.text = this.store === undefined ? rest : this.store.subarray(0, rest.length);
    this.base += size;
    this.at -= size;
    this.itemBegin -= size;
    this.lineAt = 0;
  }

  /** At the end of the text, when a step needs more. */
  private finish(): void {
    const end = this.text.length;
    if (this.state === State.Item && this.isKept()) {
      // An item without its end may lack a quote or brace, or have one too many: a careful scan tells.
      if (this.item !== Item.Scalar && this.carefulUntil < this.base + end) return this.restartCarefully(this.base + end);
      const isEvent = this.item === Item.Event;
      if (isEvent && this.endByQuotes()) return;
      this.report('damaged', isEvent ? 'the text ends inside an event' : 'the text ends inside a key or value', this.itemBegin);
    } else if (this.state === State.Start && this.form === undefined) {
      this.report('damaged', 'the text has no JSON', end);
    } else if (this.form === 'object' && this.state !== State.Behind) {
      this.report('damaged', "the text ends before the object's closing brace", end);
    }
    this.isFinished = true;
  }

  // -------------------------------------------------------------- between items

  /** Reads one step further; returns false if it needs more text. */
  private step(): boolean {
    switch (this.state) {
      case State.Start:
        return this.stepStart();
      case State.Events:
        return this.stepEvents();
      case State.Key:
        return this.stepKey();
      case State.Colon:
        return this.stepColon();
      case State.Value:
        return this.stepValue();
      case State.Item:
        return this.item === Item.Scalar || this.item === Item.Word ? this.stepWord() : this.stepItem();
      case State.Behind:
        return this.stepBehind();
    }
  }

  /** Returns whether something follows. */
  private skipSpaces(alsoCommas: boolean): boolean {
    const { text } = this;
    let { at } = this;
    while (at < text.length && (isSpace(text[at]) || (alsoCommas && text[at] === Byte.Comma))) at++;
    this.at = at;
    return at < text.length;
  }

  private stepStart(): boolean {
    const { text } = this;
    if (this.base === 0 && this.at === 0) {
      if (text.length < 3 && !this.isLast) return false;
      if (text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf) this.at = 3;
    }
    if (!this.skipSpaces(true)) return false;
    if (text[this.at] === Byte.OpenBrace) return this.stepFirstObject();
    if (text[this.at] !== Byte.OpenBracket) return this.stepGarbage('text before the JSON');
    this.form = 'array';
    this.beginEvents();
    this.at++;
    return true;
  }

  private stepFirstObject(): boolean {
    const known = this.text.length - this.at;
    const match = matchEvent(this.text.subarray(this.at, this.at + FORM_SAMPLE));
    if (match === 'cut' && !this.isLast && known < FORM_SAMPLE) return false;
    if (match === 'yes') {
      this.form = 'lines';
      this.beginEvents();
      return true;
    }
    this.form = 'object';
    this.state = State.Key;
    this.at++;
    return true;
  }

  private beginEvents(): void {
    this.state = State.Events;
    this.nesting = 0;
  }

  private stepEvents(): boolean {
    if (!this.skipSpaces(true)) return false;
    switch (this.text[this.at]) {
      case Byte.OpenBrace:
        this.startItem(Item.Event, State.Events);
        return true;
      case Byte.OpenBracket:
        this.at++;
        this.nesting++;
        return true;
      case Byte.CloseBracket:
        this.at++;
        if (this.nesting > 0) this.nesting--;
        else this.state = this.form === 'object' ? State.Key : State.Behind;
        return true;
      default:
        return this.stepGarbage('a value that is no event stands among the events');
    }
  }

  private stepKey(): boolean {
    if (!this.skipSpaces(true)) return false;
    switch (this.text[this.at]) {
      case Byte.Quote:
        this.startItem(Item.Key, State.Colon);
        return true;
      case Byte.CloseBrace:
        this.at++;
        this.state = State.Behind;
        return true;
      case Byte.OpenBrace:
        if (!this.hasLookahead()) return false;
        this.report('damaged', 'an event stands outside of traceEvents', this.at);
        this.beginEvents();
        return true;
      default:
        return this.stepGarbage('a value without a key stands beside traceEvents');
    }
  }

  private stepColon(): boolean {
    if (!this.skipSpaces(false)) return false;
    if (this.text[this.at] !== Byte.Colon) return this.stepMissingValue();
    this.at++;
    this.state = State.Value;
    return true;
  }

  private stepValue(): boolean {
    if (!this.skipSpaces(false)) return false;
    const byte = this.text[this.at];
    if (byte === Byte.OpenBracket && this.key === EVENTS_KEY) {
      this.at++;
      this.beginEvents();
    } else if (startsComposite(byte)) {
      this.startItem(Item.Value, State.Key);
    } else if (endsWord(byte)) {
      return this.stepMissingValue();
    } else {
      this.startItem(Item.Scalar, State.Key);
    }
    return true;
  }

  private stepMissingValue(): boolean {
    if (!this.hasLookahead()) return false;
    this.report('damaged', 'a key without a value', this.at);
    this.state = State.Key;
    return true;
  }

  /**
   * Text behind the end is read as more of the same: somebody appended to a complete file. Behind an object without events
   * there may be events: then the object was the first of many lines.
   */
  private stepBehind(): boolean {
    if (!this.skipSpaces(true)) return false;
    const { text, at } = this;
    const byte = text[at];
    if (byte !== Byte.OpenBrace && byte !== Byte.OpenBracket) return this.stepGarbage('text behind the end');
    const match = byte === Byte.OpenBrace ? matchEventStart(text, at, text.length) : 'no';
    if (!this.hasLookahead() || (match === 'cut' && !this.isLast)) return false;
    if (this.form === 'object' && !this.hasEventsKey && match === 'yes') {
      this.form = 'lines';
    } else {
      this.report('damaged', 'text behind the end', at);
      if (byte === Byte.OpenBracket) this.form = 'array';
    }
    if (this.form === 'object' && match !== 'yes') {
      this.state = State.Key;
      this.at++;
    } else {
      this.beginEvents();
      if (byte === Byte.OpenBracket) this.at++;
    }
    return true;
  }

  private stepGarbage(reason: string): boolean {
    if (!this.hasLookahead()) return false;
    const byte = this.text[this.at];
    if (byte === Byte.CloseBrace || byte === Byte.CloseBracket) {
      this.report('damaged', 'a closing bracket too many', this.at);
      this.at++;
      return true;
    }
    this.report('damaged', reason, this.at);
    if (this.state === State.Events) this.entries++;
    this.startItem(startsComposite(byte) ? Item.Garbage : Item.Word, this.state);
    return true;
  }

  private hasLookahead(): boolean {
    return this.isLast || this.text.length - this.at >= LOOKAHEAD;
  }

  // ---------------------------------------------------------------------- items

  private startItem(item: Item, after: State): void {
    this.item = item;
    if (item === Item.Event) this.entries++;
    this.afterItem = after;
    this.state = State.Item;
    this.itemBegin = this.at;
    this.isItemDropped = false;
    if (item !== Item.Scalar && item !== Item.Word) this.scan.start(this.text[this.at]);
    this.at++;
  }

  private isKept(): boolean {
    return !this.isItemDropped && this.item !== Item.Garbage && this.item !== Item.Word;
  }

  /** Keys have a limit of their own: `traceEvents` must be read even behind values that used up theirs. */
  private itemLimit(): number {
    const isValue = this.item === Item.Value || this.item === Item.Scalar;
    if (!isValue) return EVENT_LIMIT;
    return STACKS.has(this.key) ? STACKS_LIMIT - Math.min(this.stacksSize, STACKS_LIMIT) : VALUES_LIMIT - Math.min(this.valuesSize, VALUES_LIMIT);
  }

  private stepItem(): boolean {
    const { text, scan, base } = this;
    const isKept = this.isKept();
    const begin = isKept ? this.itemBegin : 0;
    const isString = isKept && text[begin] === Byte.Quote;
    const isCareful = !isKept || base + this.at < this.carefulUntil || isString;
    // The first byte was already scanned.
    const limit = Math.max(this.itemLimit(), 1);
    let end = text.length;
    if (isKept) {
      end = Math.min(end, begin + limit);
      if (isCareful && !isString) end = Math.min(end, this.carefulUntil - base);
    }
    const stop = scan.run(text, begin, this.at, end, this.isLast, isCareful);
    this.at = scan.at;
    if (stop === 'end') this.endItem();
    else if (stop === 'new event') this.stopAtNewEvent();
    else if (scan.at !== end || scan.at === text.length) return false;
    else if (isKept && scan.at - begin >= limit) this.limitReached();
    return true;
  }

  private stepWord(): boolean {
    const { text } = this;
    let { at } = this;
    while (at < text.length && !endsWord(text[at])) at++;
    const isWhole = at < text.length || this.isLast;
    this.at = at;
    if (this.isKept() && at - this.itemBegin > this.itemLimit()) this.limitReached();
    if (isWhole) this.endItem();
    return isWhole;
  }

  private endItem(): void {
    this.state = this.afterItem;
    if (!this.isKept()) return;
    const { text, itemBegin, at } = this;
    switch (this.item) {
      case Item.Event:
        if (this.scan.isTooDeep) this.report('dropped', 'nested deeper than 1000', itemBegin, at);
        else this.passEvent(at);
        break;
      case Item.Key:
        this.key = text.toString('utf8', itemBegin + 1, at - 1);
        this.hasEventsKey ||= this.key === EVENTS_KEY;
        break;
      case Item.Value:
      case Item.Scalar:
        if (this.key === EVENTS_KEY) this.report('damaged', 'traceEvents is no array', itemBegin, at);
        // Many small values must not exceed the limit either.
        this.passValue(at);
        break;
    }
  }

  private passValue(end: number): void {
    const { key, itemBegin } = this;
    const size = end - itemBegin + Buffer.byteLength(key) + VALUE_OVERHEAD;
    if (STACKS.has(key)) this.stacksSize += size;
    else this.valuesSize += size;
    if (key === 'samples' && end - itemBegin > '[]'.length) {
      this.report('ignored', 'samples of call stacks, for which JSON has no place', itemBegin, end);
    }
  }

  private passEvent(end: number): void {
    this.onEvent(this.text.subarray(this.itemBegin, end), this.base + this.itemBegin);
  }

  /** Looks for the end of an event whose quotes are wrong. False if there is none. */
  private endByQuotes(): boolean {
    const repaired = escapeInnerQuotes(this.text.toString('latin1', this.itemBegin));
    if (repaired === undefined) return false;
    this.at = this.itemBegin + repaired.end;
    this.state = this.afterItem;
    this.passEvent(this.at);
    return true;
  }

  /** The item has no end; the next event begins here. */
  private stopAtNewEvent(): void {
    if (this.isKept() && this.item === Item.Event) {
      // EventReader can repair quotes, or says what is wrong.
      let end = this.at;
      while (isSpace(this.text[end - 1]) || this.text[end - 1] === Byte.Comma) end--;
      this.passEvent(end);
    } else if (this.isKept()) {
      this.report('dropped', 'a value without its end', this.itemBegin, this.at);
    }
    this.form ??= 'array';
    this.startItem(Item.Event, State.Events);
  }

  /**
   * Either the item is that large, or a missing quote or brace made the text behind it a part of it: only a careful scan tells.
   */
  private limitReached(): void {
    if (this.item !== Item.Scalar && this.carefulUntil < this.base + this.at) return this.restartCarefully(this.base + this.at);
    const reason = this.item === Item.Event ? 'an event larger than the limit' : 'a value larger than the limit';
    this.report('dropped', reason, this.itemBegin, this.itemBegin + this.itemLimit());
    this.isItemDropped = true;
    if (this.item === Item.Key) this.key = '';
  }

  private restartCarefully(until: number): void {
    this.carefulUntil = until;
    this.at = this.itemBegin + 1;
    this.scan.start(this.text[this.itemBegin]);
  }

  private report(category: FindingCategory, reason: string, at: number, end = this.text.length): void {
    const offset = this.base + at;
    this.findings.add(category, reason, () => ({ offset, line: this.lineOf(offset), excerpt: excerptOf(this.text, at, end) }));
  }
}

/** Whether an object is an event, and not what holds the events; by its keys, as far as they are known. */
function matchEvent(text: Buffer): EventStart {
  const scan = new ValueScan();
  let at = 1;
  for (;;) {
    while (at < text.length && (isSpace(text[at]) || text[at] === Byte.Comma)) at++;
    if (at === text.length) return 'cut';
    if (text[at] !== Byte.Quote) return 'no';
    scan.start(Byte.Quote);
    if (scan.run(text, at, at + 1, text.length, true, false) !== 'end') return 'cut';
    const key = text.toString('utf8', at + 1, scan.at - 1);
    if (key === EVENTS_KEY) return 'no';
    if (key === 'ph') return 'yes';
    at = scan.at;
    while (at < text.length && isSpace(text[at])) at++;
    if (at === text.length) return 'cut';
    if (text[at++] !== Byte.Colon) return 'no';
    while (at < text.length && isSpace(text[at])) at++;
    if (at === text.length) return 'cut';
    if (startsComposite(text[at])) {
      scan.start(text[at]);
      if (scan.run(text, at, at + 1, text.length, true, false) !== 'end') return 'cut';
      at = scan.at;
    } else {
      while (at < text.length && !endsWord(text[at])) at++;
    }
  }
}

function startsComposite(byte: number): boolean {
  return byte === Byte.OpenBrace || byte === Byte.OpenBracket || byte === Byte.Quote;
}

function endsWord(byte: number): boolean {
  return (
    isSpace(byte) || byte === Byte.Comma || byte === Byte.Quote || byte === Byte.OpenBrace || byte === Byte.CloseBrace ||
    byte === Byte.OpenBracket || byte === Byte.CloseBracket
  );
}

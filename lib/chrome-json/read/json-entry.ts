import { MAX_UINT64, MIN_INT64 } from '../../limits';
import { TokenType } from '@streamparser/json';
import { WrittenNumber } from './chrome-event';

/** The tokens that may come next. */
const enum Expected {
  /** A key, or the end of an object that has none yet. */
  FirstKey,
  /** A key behind a comma. */
  Key,
  Colon,
  Value,
  /** A value, or the end of an array that has none yet. */
  FirstElement,
  /** A value behind a comma in an array. */
  Element,
  /** A comma, or the end of what holds the value. */
  Next,
}


/** Fields of an event whose digits a double could not keep. */
const TIMES = new Set(['ts', 'dur']);

/**
 * Makes an event of its tokens. The first mistake is kept as `problem`, and what follows is passed over; a
 * comma too many and half of a surrogate pair are overlooked and noted in `repairs`.
 *
 * In the event's own fields numbers keep their digits: `ts` and `dur` are the text of the number, others that
 * JavaScript writes in another way a WrittenNumber. Integers beyond 2^53 are bigints, beyond 64 bits the nearest
 * double.
 */
export class JsonEntry {
  /** The event once it is whole and there is no problem. */
  readonly value: Record<string, unknown> = {};
  problem: string | undefined;
  readonly repairs = new Set<string>();
  /** Most brackets around a value, the event's own among them. */
  depth = 0;

  private readonly open: (Record<string, unknown> | unknown[])[] = [];
  private expected = Expected.Value;
  private key = '';

  take(token: TokenType, value: unknown): void {
    if (this.problem !== undefined) return;
    switch (this.expected) {
      case Expected.FirstKey:
      case Expected.Key:
        return this.takeKey(token, value);
      case Expected.Colon:
        if (token === TokenType.COLON) this.expected = Expected.Value;
        else this.problem = 'a key without a colon';
        return;
      case Expected.Next:
        return this.takeNext(token);
      default:
        return this.takeValue(token, value);
    }
  }

  private takeKey(token: TokenType, value: unknown): void {
    if (token === TokenType.STRING) {
      this.key = this.text(value as string);
      this.expected = Expected.Colon;
    } else if (token === TokenType.RIGHT_BRACE) {
      if (this.expected === Expected.Key) this.repairs.add('a comma behind the last element');
      this.close();
    } else {
      this.problem = 'a key that is no string';
    }
  }

  private takeNext(token: TokenType): void {
    const isArray = Array.isArray(this.open[this.open.length - 1]);
    if (token === TokenType.COMMA) this.expected = isArray ? Expected.Element : Expected.Key;
    else if (token === (isArray ? TokenType.RIGHT_BRACKET : TokenType.RIGHT_BRACE)) this.close();
    else this.problem = 'a comma or closing bracket is missing';
  }

  private takeValue(token: TokenType, value: unknown): void {
    switch (token) {
      case TokenType.LEFT_BRACE:
        return this.begin(this.open.length === 0 ? this.value : {}, Expected.FirstKey);
      case TokenType.LEFT_BRACKET:
        return this.begin([], Expected.FirstElement);
      case TokenType.STRING:
        return this.put(this.text(value as string));
      case TokenType.NUMBER:
        return this.put(this.number(value as string));
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        return this.put(value);
      case TokenType.RIGHT_BRACKET:
        if (this.expected === Expected.Element) this.repairs.add('a comma behind the last element');
        if (this.expected !== Expected.Value) return this.close();
    }
    const isTime = this.open.length === 1 && TIMES.has(this.key);
    this.problem = isTime ? 'a key without a value' : 'a value that is neither number, string, word, array nor object';
  }

  private begin(value: Record<string, unknown> | unknown[], expected: Expected): void {
    if (this.open.length > 0) this.put(value);
    this.open.push(value);
    this.depth = Math.max(this.depth, this.open.length);
    this.expected = expected;
  }

  private close(): void {
    this.open.pop();
    this.expected = Expected.Next;
  }

  private put(value: unknown): void {
    const holder = this.open[this.open.length - 1];
    if (Array.isArray(holder)) holder.push(value);
    // Assigned, `__proto__` would not become a key.
    else if (this.key === '__proto__') Object.defineProperty(holder, this.key, { value, enumerable: true, configurable: true, writable: true });
    else holder[this.key] = value;
    this.expected = Expected.Next;
  }

  private text(text: string): string {
    const string = text as string & { isWellFormed(): boolean; toWellFormed(): string };
    if (string.isWellFormed()) return text;
    this.repairs.add('half of a surrogate pair in a string');
    return string.toWellFormed();
  }

  private number(text: string): unknown {
    const isOfEvent = this.open.length === 1;
    if (isOfEvent && TIMES.has(this.key)) return text;
    const number = Number(text);
    if (/^-?\d+$/.test(text)) {
      if (Number.isSafeInteger(number)) return number + 0; // no -0
      const integer = BigInt(text);
      if (integer >= MIN_INT64 && integer <= MAX_UINT64) return integer;
    }
    return isOfEvent && String(number) !== text ? new WrittenNumber(text) : number;
  }
}

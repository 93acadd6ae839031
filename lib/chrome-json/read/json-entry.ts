import { TokenType } from '@streamparser/json';
import { MAX_UINT64, MIN_INT64 } from '../../limits';
import { define, WrittenNumber } from './chrome-event';
import { Dropped } from './findings';

/** A token of JSON; numbers are their text. */
export interface Token {
  token: TokenType;
  value: unknown;
  /** Of its first byte. */
  offset: number;
}

/** Fields of an event whose digits a double could not keep. */
const TIMES = new Set(['ts', 'dur', 'tdur']);

/**
 * Makes an event of its tokens. A comma too many and half of a surrogate pair are overlooked and noted in `repairs`.
 *
 * In the event's own fields numbers keep their digits: `ts`, `dur` and `tdur` are the text of the number, others that
 * JavaScript writes in another way a WrittenNumber. Integers beyond 2^53 are bigints, beyond 64 bits the nearest
 * double.
 */
export class JsonEntry {
  readonly repairs = new Set<string>();
  private at = 0;

  /** @param tokens from the event's opening brace to its closing one, but maybe other brackets between them */
  constructor(private readonly tokens: readonly Token[]) {}

  /** @throws Dropped at the first mistake */
  read(): Record<string, unknown> {
    this.take();
    return this.object(true);
  }

  private take(): Token {
    return this.tokens[this.at++];
  }

  /** @param isEvent else it is a value in an event */
  private object(isEvent: boolean): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let token = this.take(); token.token !== TokenType.RIGHT_BRACE; token = this.takeNext(TokenType.RIGHT_BRACE)) {
      if (token.token !== TokenType.STRING) throw new Dropped('a key that is no string');
      const key = this.text(token.value as string);
      if (this.take().token !== TokenType.COLON) throw new Dropped('a key without a colon');
      const value = this.value(this.take(), isEvent ? key : undefined);
      define(object, key, value);
    }
    return object;
  }

  private array(): unknown[] {
    const array: unknown[] = [];
    for (let token = this.take(); token.token !== TokenType.RIGHT_BRACKET; token = this.takeNext(TokenType.RIGHT_BRACKET)) {
      array.push(this.value(token));
    }
    return array;
  }

  /** The token behind the comma that follows an element, or the end of what holds the element. */
  private takeNext(end: TokenType): Token {
    const token = this.take();
    if (token.token === end) return token;
    if (token.token !== TokenType.COMMA) throw new Dropped('a comma or closing bracket is missing');
    const next = this.take();
    if (next.token === end) this.repairs.add('a comma behind the last element');
    return next;
  }

  /** @param field the event's own field that has the value */
  private value({ token, value }: Token, field?: string): unknown {
    switch (token) {
      case TokenType.LEFT_BRACE:
        return this.object(false);
      case TokenType.LEFT_BRACKET:
        return this.array();
      case TokenType.STRING:
        return this.text(value as string);
      case TokenType.NUMBER:
        return numberOf(value as string, field);
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        return value;
    }
    const isTime = field !== undefined && TIMES.has(field);
    throw new Dropped(isTime ? 'a key without a value' : 'a value that is neither number, string, word, array nor object');
  }

  private text(text: string): string {
    const string = text as string & { isWellFormed(): boolean; toWellFormed(): string };
    if (string.isWellFormed()) return text;
    this.repairs.add('half of a surrogate pair in a string');
    return string.toWellFormed();
  }
}

function numberOf(text: string, field: string | undefined): unknown {
  if (field !== undefined && TIMES.has(field)) return text;
  const number = Number(text);
  if (/^-?\d+$/.test(text)) {
    if (Number.isSafeInteger(number)) return number + 0; // no -0
    const integer = BigInt(text);
    if (integer >= MIN_INT64 && integer <= MAX_UINT64) return integer;
  }
  return field !== undefined && String(number) !== text ? new WrittenNumber(text) : number;
}

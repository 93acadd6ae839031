import { MAX_ARG_DEPTH } from '../../batch/layout';
import { MAX_UINT64, MIN_INT64 } from '../../limits';
import { WrittenNumber } from './chrome-event';
import { Dropped } from './findings';
import { MAX_JSON_DEPTH } from './value-scan';

/** Fields of an event whose digits a double could not keep. */
const TIMES = new Set(['ts', 'dur', 'tdur']);
/** An array of more plain values among the arguments of an event becomes one text. */
const MAX_LIST = 4;

const SPACES = /[ \t\r\n]*/y;
const SCALAR = /[^ \t\r\n,\]}:"[{]*/y;
/** To the closing quote. */
const STRING = /"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const INTEGER = /^-?(?:0|[1-9]\d*)$/;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** As other languages write them: +1, .5, 1., 01, 0x10. */
const ODD_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)(0x[0-9a-f]{1,16})$/i;
const NOT_FINITE = new Map([
  ...['NaN', 'nan', '-NaN', '-nan'].map((word): [string, number] => [word, NaN]),
  ...['Infinity', 'infinity', 'inf', 'Inf'].flatMap((word): [string, number][] => [[word, Infinity], [`+${word}`, Infinity], [`-${word}`, -Infinity]]),
]);
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads the text of one event. What JSON forbids although its meaning is clear is noted in `repairs`, in the words of the
 * addon (binding/chrome_json/event_reader.cc).
 *
 * In the event's own fields numbers keep their digits: `ts`, `dur` and `tdur` are the text of the number, others that
 * JavaScript writes in another way a WrittenNumber. Integers beyond 2^53 are bigints, beyond 64 bits the nearest double.
 *
 * Arguments are one text of JSON each where they are nested deeper than MAX_ARG_DEPTH, lists of lists, or lists of more than
 * four plain values: a reader of a trace takes as long for an element as for an argument, and most of Kineto's values are
 * elements of shapes. Only the first elements tell: an object among them keeps the list as it is.
 */
export class EventText {
  readonly repairs = new Set<string>();
  private at = 0;

  constructor(private readonly text: string) {}

  /** @throws Dropped at the first mistake */
  read(): Record<string, unknown> {
    try {
      const event = this.object((key) => this.field(key));
      if (this.at !== this.text.length) throw new Dropped('brackets that do not match');
      return event;
    } catch (error) {
      throw error instanceof Dropped && this.endsInString() ? new Dropped('a string without its end') : error;
    }
  }

  private field(key: string): unknown {
    if (TIMES.has(key)) return this.time();
    if (key === 'args') return this.peek() === '{' ? this.object(() => this.argument(1)) : this.argument(1);
    return this.value(1, (text) => this.ownScalar(text));
  }

  // ------------------------------------------------------------------- structure

  /** The next character that is no space. */
  private peek(): string | undefined {
    SPACES.lastIndex = this.at;
    SPACES.test(this.text);
    this.at = SPACES.lastIndex;
    return this.text[this.at];
  }

  private object(readValue: (key: string) => unknown): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.at++;
    let hasNext = this.peek() !== '}';
    if (!hasNext) this.at++;
    while (hasNext) {
      if (this.peek() !== '"') throw new Dropped('a key that is no string');
      const key = this.string();
      if (this.peek() !== ':') throw new Dropped('a key without a colon');
      this.at++;
      const value = readValue(key);
      // Assigned, `__proto__` would not become a key.
      if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      else object[key] = value;
      hasNext = this.separator('}');
    }
    return object;
  }

  private array(readValue: () => unknown): unknown[] {
    const array: unknown[] = [];
    this.at++;
    let hasNext = this.peek() !== ']';
    if (!hasNext) this.at++;
    while (hasNext) {
      array.push(readValue());
      hasNext = this.separator(']');
    }
    return array;
  }

  /** Passes what follows an element; returns whether another follows. */
  private separator(closing: string): boolean {
    const found = this.peek();
    if (found !== ',' && found !== closing) throw new Dropped('a comma or closing bracket is missing');
    this.at++;
    if (found === closing) return false;
    if (this.peek() !== closing) return true;
    this.repairs.add('a comma behind the last element');
    this.at++;
    return false;
  }

  /** @param depth brackets around the value, those of the event and its arguments left out */
  private value(depth: number, readScalar: (text: string) => unknown = (text) => this.scalar(text)): unknown {
    switch (this.peek()) {
      case '"':
        return this.string();
      case '{':
        return this.nested(depth, () => this.object(() => this.value(depth + 1)));
      case '[':
        return this.nested(depth, () => this.array(() => this.value(depth + 1)));
      default:
        return readScalar(this.word());
    }
  }

  private nested<Value>(depth: number, read: () => Value): Value {
    if (depth > MAX_JSON_DEPTH) throw new Dropped(`nested deeper than ${MAX_JSON_DEPTH}`);
    return read();
  }

  /** A value among the arguments. */
  private argument(depth: number): unknown {
    const opening = this.peek();
    if (opening !== '{' && opening !== '[') return this.value(depth);
    if (depth > MAX_ARG_DEPTH || (opening === '[' && this.isListOneText())) {
      const begin = this.at;
      this.value(depth);
      return compactJson(this.text.slice(begin, this.at));
    }
    return opening === '{' ? this.object(() => this.argument(depth + 1)) : this.array(() => this.argument(depth + 1));
  }

  private isListOneText(): boolean {
    const begin = this.at++;
    try {
      for (let values = 1; ; values++) {
        const first = this.peek();
        if (first === '[') return true;
        if (first === '{' || first === ']') return false;
        if (values > MAX_LIST) return true;
        if (first === '"') this.passString();
        else this.word();
        if (this.peek() !== ',') return false;
        this.at++;
      }
    } finally {
      this.at = begin;
    }
  }

  // --------------------------------------------------------------------- scalars

  private word(): string {
    SCALAR.lastIndex = this.at;
    SCALAR.test(this.text);
    const word = this.text.slice(this.at, SCALAR.lastIndex);
    this.at = SCALAR.lastIndex;
    return word;
  }

  private time(): unknown {
    const first = this.peek();
    if (first === '"' || first === '{' || first === '[') return this.value(1);
    const text = this.word();
    if (text === '') throw new Dropped('a key without a value');
    if (text === 'null') return null;
    if (!JSON_NUMBER.test(text) && ODD_NUMBER.test(text)) this.repairs.add('a number that JSON does not allow');
    return text;
  }

  private scalar(text: string): unknown {
    switch (text) {
      case 'true':
        return true;
      case 'false':
        return false;
      case 'null':
        return null;
      case 'undefined':
        this.repairs.add('undefined as a value');
        return null;
    }
    if (!JSON_NUMBER.test(text)) return this.oddScalar(text);
    return INTEGER.test(text) ? integerOf(text) : Number(text);
  }

  /** Of the event's own fields. */
  private ownScalar(text: string): unknown {
    const value = this.scalar(text);
    return typeof value === 'number' && text !== '-0' && String(value) !== text ? new WrittenNumber(text) : value;
  }

  private oddScalar(text: string): number | bigint {
    const notFinite = NOT_FINITE.get(text);
    if (notFinite !== undefined) {
      this.repairs.add('NaN or Infinity as a number');
      return notFinite;
    }
    const [, sign, digits] = HEXADECIMAL.exec(text) ?? [];
    if (digits === undefined && !ODD_NUMBER.test(text)) {
      throw new Dropped('a value that is neither number, string, word, array nor object');
    }
    this.repairs.add('a number that JSON does not allow');
    if (digits !== undefined) return sign === '-' ? -Number(digits) : integerOf(digits);
    return /^[+-]?\d+$/.test(text) ? integerOf(text.replace(/^\+/, '')) : Number(text);
  }

  // --------------------------------------------------------------------- strings

  private passString(): void {
    STRING.lastIndex = this.at;
    if (!STRING.test(this.text)) throw new Dropped('a string without its end');
    this.at = STRING.lastIndex;
  }

  private string(): string {
    const begin = this.at + 1;
    this.passString();
    const text = this.text.slice(begin, this.at - 1);
    // eslint-disable-next-line no-control-regex -- JSON forbids them
    if (/[\0-\x1f]/.test(text)) this.repairs.add('a control character in a string');
    return text.includes('\\') ? this.unescaped(text) : text;
  }

  private unescaped(text: string): string {
    const characters = text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([^]))/g, (_, unicode?: string, byte?: string, name?: string) => {
      if (unicode !== undefined) return String.fromCharCode(parseInt(unicode, 16));
      if (name !== undefined && name in ESCAPES) return ESCAPES[name];
      // eslint-disable-next-line no-control-regex -- one behind a backslash is one
      if (name !== undefined && /[\0-\x1f]/.test(name)) return name;
      this.repairs.add('an invalid escape in a string');
      if (byte !== undefined) return String.fromCharCode(parseInt(byte, 16));
      // Mostly a path of Windows, which means the backslash.
      return name === "'" ? name : `\\${name}`;
    }) as string & { isWellFormed(): boolean; toWellFormed(): string };
    if (characters.isWellFormed()) return characters;
    this.repairs.add('half of a surrogate pair in a string');
    return characters.toWellFormed();
  }

  /** Whether quotes are odd in number, those behind a backslash left out. */
  private endsInString(): boolean {
    return (this.text.replace(/\\[^]/g, '').split('"').length - 1) % 2 === 1;
  }
}

/** Without the blanks between its tokens. */
function compactJson(json: string): string {
  return /[ \t\r\n]/.test(json) ? json.replace(/("[^"\\]*(?:\\[^][^"\\]*)*")|[ \t\r\n]+/g, '$1') : json;
}

function integerOf(text: string): number | bigint {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number + 0; // no -0
  const integer = BigInt(text);
  return integer >= MIN_INT64 && integer <= MAX_UINT64 ? integer : number;
}

/** The number of a text that is defined once and written many times. */
export type Fragment = number;

const INITIAL_FRAGMENT_BYTES = 1 << 16;

const ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;
const BILLION = 1e9;
/** The most bytes of a number: a sign, 17 digits, a point. */
const NUMBER_BYTES = 24;

/** The digits of 000 to 999, three bytes each. */
const THREE_DIGITS = Buffer.from(Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0')).join(''), 'latin1');
const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1');

/**
 * Strings cost more than the bytes that they stand for. ByteWriter puts output together in UTF-8. Texts that
 * come often are fragments: they lie in front of the output in one array, since a copy within an array takes
 * 30 ns, one between two arrays 70 to 90, a loop 2 ns a byte, and a JavaScript string more.
 */
export class ByteWriter {
  private bytes: Buffer;
  private readonly fragmentStart: number[] = [];
  private readonly fragmentEnd: number[] = [];
  private fragmentBytes = 0;
  /** The output: from `outputStart` to before `position`. */
  private outputStart = INITIAL_FRAGMENT_BYTES;
  private position = INITIAL_FRAGMENT_BYTES;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(INITIAL_FRAGMENT_BYTES + capacity);
  }

  /** The length of the output, in bytes. */
  get length(): number {
    return this.position - this.outputStart;
  }

  /** A copy of the output; the writer goes on with an empty one. */
  take(): Buffer {
    const taken = Buffer.from(this.bytes.subarray(this.outputStart, this.position));
    this.position = this.outputStart;
    return taken;
  }

  define(text: string): Fragment {
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.reserveFragmentBytes(text.length * 3);
    const start = this.fragmentBytes;
    this.fragmentBytes += this.bytes.write(text, start);
    this.fragmentEnd.push(this.fragmentBytes);
    return this.fragmentStart.push(start) - 1;
  }

  /** Drops all fragments; numbers begin anew. */
  forgetFragments(): void {
    this.fragmentStart.length = this.fragmentEnd.length = 0;
    this.fragmentBytes = 0;
  }

  fragment(fragment: Fragment): void {
    const start = this.fragmentStart[fragment];
    const end = this.fragmentEnd[fragment];
    this.reserve(end - start);
    this.bytes.copyWithin(this.position, start, end);
    this.position += end - start;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  /** A text that comes once. */
  text(value: string): void {
    this.reserve(value.length * 3);
    this.position += this.bytes.write(value, this.position);
  }

  /** A safe integer in decimal. */
  integer(value: number): void {
    this.reserve(NUMBER_BYTES);
    if (value < 0) {
      this.bytes[this.position++] = MINUS;
      value = -value;
    }
    if (value < BILLION) {
      this.upToNineDigits(value);
      return;
    }
    const high = Math.floor(value / BILLION);
    this.upToNineDigits(high);
    this.nineDigits(value - high * BILLION);
  }

  /** Nanoseconds, an integer, as microseconds with exactly three decimals. */
  microseconds(ns: number): void {
    if (ns < 0) {
      this.byte(MINUS);
      ns = -ns;
    }
    let whole = Math.floor(ns / 1000);
    // Beyond 2^53 a double has no digits behind the microseconds.
    let rest = ns > Number.MAX_SAFE_INTEGER ? 0 : ns - whole * 1000;
    // Close to 2^53 the quotient may have been rounded up to the next integer.
    if (rest < 0) {
      whole--;
      rest += 1000;
    }
    this.integer(whole);
    this.reserve(NUMBER_BYTES);
    this.bytes[this.position++] = POINT;
    this.threeDigits(rest);
  }

  /** A non-negative safe integer in hexadecimal, without a prefix. */
  hexadecimal(value: number): void {
    this.reserve(NUMBER_BYTES);
    const high = Math.floor(value / 2 ** 32);
    const low = value >>> 0;
    const digits = high !== 0 ? 16 - (Math.clz32(high) >> 2) : 8 - (Math.clz32(low | 1) >> 2);
    for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      const digit = shift >= 32 ? high >>> (shift - 32) : low >>> shift;
      this.bytes[this.position++] = HEX_DIGITS[digit & 15];
    }
  }

  private upToNineDigits(value: number): void {
    const { bytes } = this;
    let end = this.position + 1;
    for (let limit = 10; limit <= value; limit *= 10) end++;
    this.position = end;
    let rest = value | 0;
    do {
      const quotient = (rest / 10) | 0;
      bytes[--end] = ZERO + rest - quotient * 10;
      rest = quotient;
    } while (rest !== 0);
  }

  private nineDigits(value: number): void {
    const millions = (value / 1e6) | 0;
    const thousands = (value / 1000) | 0;
    this.threeDigits(millions);
    this.threeDigits(thousands - millions * 1000);
    this.threeDigits(value - thousands * 1000);
  }

  private threeDigits(value: number): void {
    const { bytes, position } = this;
    const digits = value * 3;
    bytes[position] = THREE_DIGITS[digits];
    bytes[position + 1] = THREE_DIGITS[digits + 1];
    bytes[position + 2] = THREE_DIGITS[digits + 2];
    this.position = position + 3;
  }

  private reserve(count: number): void {
    if (this.position + count > this.bytes.length) this.grow(this.outputStart, Math.max(count, this.length));
  }

  private reserveFragmentBytes(count: number): void {
    const needed = this.fragmentBytes + count;
    if (needed > this.outputStart) this.grow(Math.max(needed, this.outputStart * 2), 0);
  }

  /** Moves to a larger array, with the output at `outputStart` and `extra` bytes more room behind it. */
  private grow(outputStart: number, extra: number): void {
    const room = this.bytes.length - this.outputStart + extra;
    const larger = Buffer.allocUnsafeSlow(outputStart + room);
    larger.set(this.bytes.subarray(0, this.fragmentBytes));
    larger.set(this.bytes.subarray(this.outputStart, this.position), outputStart);
    this.position = outputStart + this.length;
    this.outputStart = outputStart;
    this.bytes = larger;
  }
}

/** The characters that JSON does not allow in a string as they are. */
// eslint-disable-next-line no-control-regex -- control characters are the point
const ESCAPED = /["\\\u0000-\u001f]/g;

/**
 * A text as a JSON string. Everything beyond ASCII stays as it is: trace_processor refuses escaped
 * surrogate pairs. A surrogate without its other half has no UTF-8 and becomes U+FFFD when written.
 */
export function quoted(text: string): string {
  return `"${text.replace(ESCAPED, (character) => JSON.stringify(character).slice(1, -1))}"`;
}

/** The strings of a trace, by id, in one place of JSON such as names; each is escaped and encoded once. */
export class JsonStrings {
  private readonly known: (Fragment | undefined)[];

  constructor(
    private readonly strings: readonly string[],
    private readonly out: ByteWriter,
    private readonly before: string,
    private readonly after: string,
  ) {
    this.known = new Array<Fragment | undefined>(strings.length);
  }

  write(id: number): void {
    this.out.fragment((this.known[id] ??= this.out.define(this.before + quoted(this.strings[id]) + this.after)));
  }
}

/**
 * A double as JSON. One without decimals gets one, or readers take it for an integer; a value that JSON has
 * no number for becomes a string.
 */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  if (!Number.isInteger(value)) return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('e') ? text : `${text}.0`;
}

/** A whole number that is exact: a number up to 2^53, a bigint beyond. */
export type Exact = number | bigint;

export function addExact(a: Exact, b: Exact): Exact {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalized(BigInt(a) + BigInt(b));
}

export function normalized(value: bigint): Exact {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Bytes that are no valid protobuf. */
export class DamagedMessage extends Error {}

/** Fields of a message by number: the name that the value gets, and the method of FieldReader that reads it. */
export interface Fields<T> {
  readonly [field: number]: readonly [name: keyof T, type: 'integer' | 'number' | 'signed' | 'text' | 'message'];
}

const WireType = { Varint: 0, Fixed64: 1, Delimited: 2, Fixed32: 5 } as const;
const MAX_VARINT_BYTES = 10;
const MAX_FIELD = 2 ** 29 - 1;

/**
 * Walks over the fields of one message. It shares no code with the encoder, so that a mistake in
 * the one is not repeated by the other.
 *
 * `next()` stands on a field and has checked that its value lies within the message; values are
 * decoded only when they are asked for.
 */
export class FieldReader {
  /** The number of the current field. */
  field = 0;
  private wireType = 0;
  private fieldStart = 0;
  private valueStart = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private position = 0,
    private readonly end = bytes.length,
  ) {}

  /** Goes to the next field; false at the end. @throws DamagedMessage */
  next(): boolean {
    if (this.position >= this.end) return false;
    this.fieldStart = this.position;
    const tag = Number(this.varint());
    this.wireType = tag & 7;
    this.field = Math.floor(tag / 8);
    if (this.field === 0 || this.field > MAX_FIELD) throw new DamagedMessage(`field number ${this.field}`);
    this.valueStart = this.position;
    this.position = this.endOfValue();
    if (this.position > this.end) throw new DamagedMessage(`field ${this.field} is longer than what holds it`);
    return true;
  }

  /** Reads the rest of the message; of a field that comes several times the last. @throws DamagedMessage */
  into<T>(values: NoInfer<T>, fields: Fields<T>): T {
    while (this.next()) this.valueInto(values, fields);
    return values;
  }

  /** Reads the current field, if it is one of these. */
  valueInto<T>(values: T, fields: Fields<T>): void {
    const known = fields[this.field];
    if (known !== undefined) values[known[0]] = this[known[1]]() as T[keyof T];
  }

  /** The value of a varint field, unsigned. */
  integer(): Exact {
    this.expect(WireType.Varint);
    const after = this.position;
    this.position = this.valueStart;
    const value = this.varint();
    this.position = after;
    return value;
  }

  /** The value of a varint field that fits a number: an id, an enum, a flag. */
  number(): number {
    return Number(this.integer());
  }

  /** The value of a signed varint field. */
  signed(): number {
    return Number(BigInt.asIntN(64, BigInt(this.integer())));
  }

  /** The bytes of a string, bytes or message field; they are not copied. */
  data(): Uint8Array {
    this.expect(WireType.Delimited);
    return this.bytes.subarray(this.valueStart, this.position);
  }

  /** Whether the current field is a text, bytes, a message or packed. */
  get isDelimited(): boolean {
    return this.wireType === WireType.Delimited;
  }

  /** A reader of the same message from its start; only of one that no field was read of. */
  restarted(): FieldReader {
    return new FieldReader(this.bytes, this.position, this.end);
  }

  /** The field as it stands, with its tag. */
  raw(): Uint8Array {
    return this.bytes.subarray(this.fieldStart, this.position);
  }

  /** The values of a repeated varint field, of which one stands alone or several are packed. */
  integers(): Exact[] {
    if (this.wireType !== WireType.Delimited) return [this.integer()];
    const packed = new FieldReader(this.bytes, this.valueStart, this.position);
    const values: Exact[] = [];
    while (packed.position < packed.end) values.push(packed.varint());
    return values;
  }

  /** The values of a repeated fixed64 field, of which one stands alone or several are packed. */
  fixed64s(): Exact[] {
    return this.words().map((word) => normalized(word));
  }

  /** The same of a repeated double field. */
  doubles(): number[] {
    return this.words().map((word) => new Float64Array(BigUint64Array.of(word).buffer)[0]);
  }

  message(): FieldReader {
    this.expect(WireType.Delimited);
    return new FieldReader(this.bytes, this.valueStart, this.position);
  }

  text(): string {
    return Buffer.from(this.data()).toString('utf8');
  }

  private words(): bigint[] {
    if (this.wireType !== WireType.Delimited) this.expect(WireType.Fixed64);
    const { buffer, byteOffset } = this.bytes;
    const words: bigint[] = [];
    for (let at = this.valueStart; at + 8 <= this.position; at += 8) {
      words.push(new DataView(buffer, byteOffset + at, 8).getBigUint64(0, true));
    }
    return words;
  }

  private expect(wireType: number): void {
    if (this.wireType !== wireType) throw new DamagedMessage(`field ${this.field} has wire type ${this.wireType}`);
  }

  private endOfValue(): number {
    switch (this.wireType) {
      case WireType.Varint:
        this.varint();
        return this.position;
      case WireType.Fixed64:
        return this.position + 8;
      case WireType.Fixed32:
        return this.position + 4;
      case WireType.Delimited: {
        const length = Number(this.varint());
        this.valueStart = this.position;
        return this.position + length;
      }
      default:
        throw new DamagedMessage(`field ${this.field} has wire type ${this.wireType}`);
    }
  }

  /** Reads a varint and moves behind it. */
  private varint(): Exact {
    // Most tags, lengths and time steps are one byte.
    if (this.position < this.end && this.bytes[this.position] < 0x80) return this.bytes[this.position++];
    const start = this.position;
    let value = 0;
    // Seven bytes are 49 bits, which a double holds.
    for (let scale = 1; this.position < start + 7; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    let large = BigInt(value);
    for (let shift = 49n; this.position < start + MAX_VARINT_BYTES; shift += 7n) {
      const byte = this.byte();
      large |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return normalized(BigInt.asUintN(64, large));
    }
    throw new DamagedMessage('a varint of more than ten bytes');
  }

  private byte(): number {
    if (this.position >= this.end) throw new DamagedMessage('a varint that does not end');
    return this.bytes[this.position++];
  }
}

import type { Exact } from './field-reader';

/** Writes the fields of one message; the twin of FieldReader. */
export class MessageWriter {
  private bytes: Buffer;
  private size = 0;

  constructor(room = 256) {
    this.bytes = Buffer.allocUnsafe(room);
  }

  /** What was written, as a copy. */
  finish(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.size));
  }

  /** Fields as another message has them. */
  raw(fields: Uint8Array): this {
    this.reserve(fields.length);
    this.bytes.set(fields, this.size);
    this.size += fields.length;
    return this;
  }

  /** A varint; of a negative one the two's complement in 64 bits. */
  integer(field: number, value: Exact): this {
    this.varint(field * 8);
    this.varint(value);
    return this;
  }

  double(field: number, value: number): this {
    this.varint(field * 8 + 1);
    this.reserve(8);
    this.size = this.bytes.writeDoubleLE(value, this.size);
    return this;
  }

  fixed64(field: number, value: Exact): this {
    this.varint(field * 8 + 1);
    this.reserve(8);
    this.size = this.bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.size);
    return this;
  }

  data(field: number, content: Uint8Array | string): this {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.varint(field * 8 + 2);
    this.varint(bytes.length);
    return this.raw(bytes);
  }

  packed(field: number, values: readonly Exact[]): this {
    const content = new MessageWriter();
    for (const value of values) content.varint(value);
    return this.data(field, content.finish());
  }

  private varint(value: Exact): void {
    this.reserve(10);
    let rest = value;
    if (typeof rest === 'number' && rest >= 0) {
      while (rest >= 0x80) {
        this.bytes[this.size++] = (rest % 0x80) | 0x80;
        rest = Math.floor(rest / 0x80);
      }
      this.bytes[this.size++] = rest;
      return;
    }
    let large = BigInt.asUintN(64, BigInt(rest));
    while (large >= 0x80n) {
      this.bytes[this.size++] = Number(large & 0x7fn) | 0x80;
      large >>= 7n;
    }
    this.bytes[this.size++] = Number(large);
  }

  private reserve(room: number): void {
    if (this.size + room <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.size + room));
    grown.set(this.bytes.subarray(0, this.size));
    this.bytes = grown;
  }
}

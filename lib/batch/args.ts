import { describeValue } from '../errors';
import type { Args, ArgValue, Integer } from '../values';
import type { EventBatch } from './batch';
import { AttrType, MAX_ARG_DEPTH } from './layout';

/** Refuses a value: `field` is where it stands, `expected` what it should have been. Throws. */
export type Reject = (field: string, expected: string, received: unknown) => never;

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;
const MAX_TIME = 2n ** 63n - 1n;

/** Writes each entry as an argument of the row that was begun last. */
export function writeArgs(batch: EventBatch, args: Args, field: string, reject: Reject, depth = 1): void {
  if (depth > MAX_ARG_DEPTH) reject(field, `at most ${MAX_ARG_DEPTH} levels of nesting`, args);
  const keys = Object.keys(args);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const value = args[key];
    // Most arguments are strings: this keeps them off the long way round.
    if (typeof value === 'string') batch.attr(batch.text(key), AttrType.Text, batch.text(value));
    else writeArg(batch, batch.text(key), value, key, field, reject, depth);
  }
}

function writeArg(
  batch: EventBatch,
  key: number,
  value: ArgValue,
  name: string | number,
  field: string,
  reject: Reject,
  depth: number,
): void {
  switch (typeof value) {
    case 'string':
      batch.attr(key, AttrType.Text, batch.text(value));
      break;
    case 'number':
      batch.attr(key, Number.isSafeInteger(value) ? AttrType.Int : AttrType.Double, value);
      break;
    case 'boolean':
      batch.attr(key, AttrType.Bool, value ? 1 : 0);
      break;
    case 'bigint':
      if (value < MIN_INT64 || value > MAX_UINT64) reject(`${field}.${name}`, 'an integer of at most 64 bits', value);
      batch.attrInteger(key, AttrType.Int, value);
      break;
    case 'undefined':
      break;
    case 'object':
      if (value === null) break;
      if (Array.isArray(value)) {
        writeArray(batch, key, value as readonly ArgValue[], `${field}.${name}`, reject, depth + 1);
      } else {
        batch.attr(key, AttrType.Dict, 0);
        writeArgs(batch, value as Args, `${field}.${name}`, reject, depth + 1);
        batch.attr(0, AttrType.End, 0);
      }
      break;
    default:
      reject(`${field}.${name}`, 'a string, number, bigint, boolean, array or object', value);
  }
}

function writeArray(
  batch: EventBatch,
  key: number,
  values: readonly ArgValue[],
  field: string,
  reject: Reject,
  depth: number,
): void {
  if (depth > MAX_ARG_DEPTH) reject(field, `at most ${MAX_ARG_DEPTH} levels of nesting`, values);
  batch.attr(key, AttrType.Array, 0);
  for (let i = 0; i < values.length; i++) writeArg(batch, 0, values[i], i, field, reject, depth);
  batch.attr(0, AttrType.End, 0);
}

/** A time in nanoseconds: a safe integer or a bigint, 0 to 2^63 - 1. */
export function checkTime(value: unknown, field: string, reject: Reject): asserts value is Integer {
  if (typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : isBigIntUpTo(value, MAX_TIME)) return;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) {
    reject(field, 'a safe integer (up to 2^53 - 1) or a bigint of nanoseconds', value);
  }
  reject(field, 'nanoseconds from 0 to 2^63 - 1, as a safe integer or a bigint', value);
}

/** A length in nanoseconds that ends before 2^63. */
export function checkDuration(value: unknown, start: Integer, field: string, reject: Reject): asserts value is Integer {
  checkTime(value, field, reject);
  // Two safe integers are far below 2^63 together.
  if (typeof value === 'number' && typeof start === 'number') return;
  if (BigInt(value) + BigInt(start) > MAX_TIME) reject(field, 'a length that ends before 2^63', value);
}

/** An unsigned integer of up to 64 bits. */
export function checkUint64(value: unknown, field: string, reject: Reject): asserts value is Integer {
  if (typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : isBigIntUpTo(value, MAX_UINT64)) return;
  reject(field, 'an integer from 0 to 2^64 - 1, a safe integer or a bigint', value);
}

export function checkUint32(value: unknown, field: string, reject: Reject): asserts value is number {
  if (typeof value !== 'number' || value >>> 0 !== value) reject(field, 'an integer from 0 to 2^32 - 1', value);
}

export function checkString(value: unknown, field: string, reject: Reject): asserts value is string {
  if (typeof value !== 'string') reject(field, 'a string', value);
}

function isBigIntUpTo(value: unknown, max: bigint): value is bigint {
  return typeof value === 'bigint' && value >= 0n && value <= max;
}

/** The text of an error about one value. */
export function unexpected(where: string, field: string, expected: string, received: unknown): string {
  return `${where}: expected ${field} to be ${expected} but received ${describeValue(received)}`;
}

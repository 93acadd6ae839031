/** Checks of what callers give, with errors that name the value, what was expected and what came. */
import { describeValue, TraceSmithError } from './errors';
import { MAX_INT32, MAX_TIME, MAX_UINT64, MIN_INT32, MIN_INT64 } from './limits';
import type { Integer } from './values';

/**
 * Refuses a value: `field` is where it stands, `expected` what it should have been. Throws.
 *
 * Checks take one if the error must name more than the field: the track of a row, the index of an event.
 */
export type Reject = (field: string, expected: string, received: unknown, hint?: string) => never;

/** The text of an error about one value. */
export function unexpected(where: string, field: string, expected: string, received: unknown, hint = ''): string {
  return `${where}: expected ${field} to be ${expected} but received ${describeValue(received)}${hint}`;
}

/** Refuses arguments of a call with the text of what was called. */
export function rejectFor(where: string): Reject {
  return (field, expected, received, hint) => {
    throw new TraceSmithError('INVALID_ARGUMENT', unexpected(where, field, expected, received, hint));
  };
}

export function invalid(what: string, expected: string, received: unknown): TraceSmithError {
  return new TraceSmithError('INVALID_ARGUMENT', `Expected ${what} to be ${expected} but received ${describeValue(received)}`);
}

/** An object that has none but the known names. */
export function checkNames(options: unknown, known: readonly string[], reject?: Reject): void {
  if (typeof options !== 'object' || options === null) {
    if (reject !== undefined) return reject('options', 'an object', options);
    throw invalid('options', 'an object', options);
  }
  // for...in makes no array of the names: rows have such objects, a million of them.
  for (const name in options) {
    if (known.includes(name) || !Object.hasOwn(options, name)) continue;
    if (reject !== undefined) refuseName('every option', name, known, reject);
    throw new TraceSmithError('INVALID_ARGUMENT', `Unknown option ${name}; there are ${known.join(', ')}${hintOf(name, known)}`);
  }
}

/** Refuses a name that is none of the known ones. `what`: all of its kind, for the error. */
export function refuseName(what: string, name: string, known: readonly string[], reject: Reject): never {
  return reject(what, `one of ${known.join(', ')}`, name, hintOf(name, known));
}

function hintOf(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}

/** The known name that is at most two slips of the keyboard away, upper and lower case aside. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let least = Math.min(3, (name.length + 2) >> 1);
  for (const candidate of known) {
    const slips = distance(name.toLowerCase(), candidate.toLowerCase());
    if (slips >= least) continue;
    least = slips;
    nearest = candidate;
  }
  return nearest;
}

/** How many letters must be added, left out or changed to make one text of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[to.length];
}

export function checkChoice(value: string, name: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw invalid(name, `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`, value);
}

export function checkWithin(value: number, name: string, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(name, `an integer from ${least} to ${most}`, value);
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof signal?.throwIfAborted === 'function') return;
  throw invalid('signal', 'an AbortSignal', signal);
}

export function checkString(value: unknown, field: string, reject: Reject): asserts value is string {
  if (typeof value !== 'string') reject(field, 'a string', value);
}

/** Array.isArray would forget the type of the elements. */
export function checkArray(value: unknown, field: string, expected: string, reject: Reject): void {
  if (!Array.isArray(value)) reject(field, expected, value);
}

/** A time in nanoseconds: a safe integer or a bigint, 0 to 2^63 - 1. */
export function checkTime(value: unknown, field: string, reject: Reject): asserts value is Integer {
  if (typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : isBigIntWithin(value, 0n, MAX_TIME)) return;
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
  if (typeof value === 'number' ? Number.isSafeInteger(value) && value >= 0 : isBigIntWithin(value, 0n, MAX_UINT64)) return;
  reject(field, 'an integer from 0 to 2^64 - 1, a safe integer or a bigint', value);
}

/** A signed or unsigned integer of up to 64 bits. */
export function checkAnyInt64(value: bigint, field: string, reject: Reject): void {
  if (!isBigIntWithin(value, MIN_INT64, MAX_UINT64)) reject(field, 'an integer of at most 64 bits', value);
}

export function checkUint32(value: unknown, field: string, reject: Reject): asserts value is number {
  if (typeof value !== 'number' || value >>> 0 !== value) reject(field, 'an integer from 0 to 2^32 - 1', value);
}

export function checkInt32(value: unknown, field: string, reject: Reject): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < MIN_INT32 || (value as number) > MAX_INT32) {
    reject(field, 'an integer from -2^31 to 2^31 - 1', value);
  }
}

/** What the value of a counter is expected to be. */
export const COUNTER_VALUE = 'a finite number, or a bigint of at most 64 bits';

export function checkCounterValue(value: unknown, field: string, reject: Reject): asserts value is number | bigint {
  if (!isCounterValue(value)) reject(field, COUNTER_VALUE, value);
}

/** Whether this is a double or a signed integer of up to 64 bits. */
export function isCounterValue(value: unknown): value is number | bigint {
  // Neither the UI nor JSON has a place for NaN and infinities.
  return Number.isFinite(value) || (typeof value === 'bigint' && isInt64(value));
}

/** Whether this is a signed integer of up to 64 bits: a safe integer or a bigint. */
export function isInt64(value: unknown): value is Integer {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
}

function isBigIntWithin(value: unknown, least: bigint, most: bigint): value is bigint {
  return typeof value === 'bigint' && value >= least && value <= most;
}

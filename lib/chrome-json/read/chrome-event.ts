/** The values of an event as they are written: texts, ids, times. */
import { MAX_TIME } from '../../limits';

/** The fields of an event that the reader uses; their types are unknown. */
export type ChromeEvent = Partial<Record<EventField, unknown>>;
type EventField =
  | 'ph' | 'name' | 'cat' | 'pid' | 'tid' | 'ts' | 'dur' | 'tdur' | 'id' | 'id2' | 'scope' | 's' | 'bp' | 'bind_id' | 'flow_in'
  | 'flow_out' | 'args';

/** A number that JavaScript would write in another way, such as `1.50` or one of more than 64 bits. */
export class WrittenNumber {
  constructor(readonly text: string) {}
}

/** A time in nanoseconds, of 64 bits with a sign: a number as far as those are exact. */
export type Time = number | bigint;

/** Why a value is no time: it is not there, is no number, or has more than 64 bits of nanoseconds. */
export type TimeProblem = 'absent' | 'no number' | 'overflow';

const SHORT_DECIMAL = /^\d{1,12}(?:\.\d{1,3})?$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** Of nanoseconds; more are beyond 2^63. */
const MAX_DIGITS = 19;

/** Microseconds, as a number or as text, in nanoseconds: exactly, to the last digit of the text. */
export function readTime(microseconds: unknown): Time | TimeProblem {
  if (microseconds === undefined || microseconds === null) return 'absent';
  if (typeof microseconds !== 'string' && typeof microseconds !== 'number') return 'no number';
  const text = String(microseconds).trim();
  // Far enough below 2^53 that rounding returns the exact value.
  if (SHORT_DECIMAL.test(text)) return Math.round(Number(text) * 1000);
  const [, sign, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || whole + fraction === '') return 'no number';
  const zeros = /^0*/.exec(whole + fraction)![0].length;
  const digits = (whole + fraction).slice(zeros);
  if (digits === '') return 0;
  // A microsecond is a thousand nanoseconds: three more digits are in front of the point.
  const point = whole.length - zeros + Number(exponent) + 3;
  if (point > MAX_DIGITS) return 'overflow';
  const isHalf = /^50*$/.test(digits.slice(Math.max(point, 0)));
  const isUp = point >= 0 && digits.charAt(point) >= '5' && !(sign === '-' && isHalf);
  const ns = BigInt(digits.slice(0, Math.max(point, 0)).padEnd(point, '0')) + (isUp ? 1n : 0n);
  if (ns > MAX_TIME) return 'overflow';
  return narrowed(sign === '-' ? -ns : ns);
}

const FINER = /\.\d{4}|e/i;
/** Digits below the nanosecond that count in a sum. */
const FINE_DIGITS = 18;
const FINE_UNITS = 10n ** BigInt(FINE_DIGITS);

/**
 * The end of what begins at a time and takes so long, both as they are written, and valid: neighbours that touch in the file
 * touch in the trace, so it is the end that is rounded, not the duration.
 */
export function endOf(microseconds: unknown, duration: unknown): Time | 'overflow' {
  const texts = [String(microseconds).trim(), String(duration).trim()];
  const end = texts.some((text) => FINER.test(text))
    ? floorDivide(fineTime(texts[0]) + fineTime(texts[1]) + FINE_UNITS / 2n, FINE_UNITS)
    : BigInt(readTime(texts[0])) + BigInt(readTime(texts[1]));
  return end > MAX_TIME ? 'overflow' : narrowed(end);
}

/** In units of 10^-18 ns; digits below are left out. */
function fineTime(text: string): bigint {
  const [, sign, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text)!;
  const point = whole.length + Number(exponent) + 3 + FINE_DIGITS;
  const digits = (whole + fraction).slice(0, Math.max(point, 0));
  const units = /[1-9]/.test(digits) ? BigInt(digits.padEnd(point, '0')) : 0n;
  return sign === '-' ? -units : units;
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  return value / divisor - (value % divisor < 0n ? 1n : 0n);
}

function narrowed(ns: bigint): Time {
  return ns <= Number.MAX_SAFE_INTEGER && ns >= Number.MIN_SAFE_INTEGER ? Number(ns) : ns;
}

export function isTime(time: Time | TimeProblem): time is Time {
  return typeof time !== 'string';
}

/** A text as it is, anything else as it is written; empty for what is not there. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return value instanceof WrittenNumber ? value.text : jsonOf(value);
}

function jsonOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${jsonOf(part)}`).join(',')}}`;
}

/** What identifies something: an integer, a text, or another value by its text. */
export type ChromeId = bigint | string | { text: string };

/** Undefined where there is none. */
export function readId(value: unknown): ChromeId | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return { text: textOf(value) };
}

/** The id of a flow: integers and hexadecimal texts are 64 bits, other texts themselves, anything else none. */
export function flowIdOf(id: ChromeId): bigint | string | undefined {
  if (typeof id === 'bigint') return BigInt.asUintN(64, id);
  if (typeof id !== 'string') return undefined;
  const [, digits] = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(id) ?? [];
  return digits === undefined ? id : BigInt(`0x${digits}`);
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^\s*0x[0-9a-f]+$/i;

/** A number, or a text that spells one; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && NUMBER.test(value));
  const number = isNumber ? Number(value) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

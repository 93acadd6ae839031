import { MAX_TIME } from '../../limits';
import type { Args } from '../../values';

/** What the converter looks at in an event; nothing is known about the types. */
export interface ChromeEvent {
  ph?: unknown;
  name?: unknown;
  cat?: unknown;
  pid?: unknown;
  tid?: unknown;
  ts?: unknown;
  dur?: unknown;
  id?: unknown;
  id2?: unknown;
  s?: unknown;
  bp?: unknown;
  args?: unknown;
}

/** More digits cost time to read and are beyond it, unless they are zeros in front. */
const MAX_DIGITS = 400;
const SHORT_DECIMAL = /^\d{1,12}(?:\.\d{1,3})?$/;
const DECIMAL = /^(\d+)(?:\.(\d*))?$/;
const SCIENTIFIC = /^\d+(?:\.\d*)?[eE][+-]?\d+$/;

/**
 * Microseconds, as a number or as text, in nanoseconds: exactly, to the last digit of the text; null
 * for what is no time from 0 to 2^63 ns.
 */
export function nanoseconds(microseconds: unknown): number | bigint | null {
  if (typeof microseconds === 'number') return ofDouble(microseconds);
  if (typeof microseconds !== 'string') return null;
  const text = microseconds.trim();
  // Far enough below 2^53 that rounding gives the exact value.
  if (SHORT_DECIMAL.test(text)) return Math.round(Number(text) * 1000);
  if (SCIENTIFIC.test(text)) return ofDouble(Number(text));
  const [, whole, fraction = ''] = DECIMAL.exec(text) ?? [];
  if (whole === undefined || whole.length > MAX_DIGITS) return null;
  const rounded = Math.round(Number(`0.${fraction || '0'}`) * 1000);
  const ns = BigInt(whole) * 1000n + BigInt(rounded);
  if (ns > MAX_TIME) return null;
  return ns <= Number.MAX_SAFE_INTEGER ? Number(ns) : ns;
}

function ofDouble(microseconds: number): number | bigint | null {
  const ns = microseconds * 1000;
  if (!(ns >= 0)) return null;
  if (ns <= Number.MAX_SAFE_INTEGER) return Math.round(ns);
  if (ns >= Number(MAX_TIME)) return null;
  // The whole part is exact as it is; the fraction has what digits a double leaves it.
  const whole = Math.floor(microseconds);
  return BigInt(whole) * 1000n + BigInt(Math.round((microseconds - whole) * 1000));
}

/** The event's own text, where it is one. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

export function argsOf(event: ChromeEvent): Args | undefined {
  const { args } = event;
  return typeof args === 'object' && args !== null && !Array.isArray(args) ? (args as Args) : undefined;
}

/** An id that ties events together: 64 bits where it is a number or hexadecimal text, else the text itself. */
export function flowId(id: unknown): bigint | string | null {
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return BigInt(id);
  if (typeof id === 'bigint' && id >= 0n) return id;
  if (typeof id !== 'string' || id === '') return null;
  if (/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(id)) return BigInt(id);
  return id;
}

import type { Args } from '../events';

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

const MAX_TIME = 2n ** 63n - 1n;
const DECIMAL = /^(\d+)(?:\.(\d*))?$/;

/**
 * Microseconds, as a number or as text, in nanoseconds: exactly, to the last digit of the text; null
 * for what is no time from 0 to 2^63 ns.
 */
export function nanoseconds(microseconds: unknown): number | bigint | null {
  if (typeof microseconds === 'number') {
    const ns = microseconds * 1000;
    if (!(ns >= 0)) return null;
    if (ns <= Number.MAX_SAFE_INTEGER) return Math.round(ns);
    if (ns >= Number(MAX_TIME)) return null;
    // The whole part is exact as it is; the fraction has what digits a double leaves it.
    const whole = Math.floor(microseconds);
    return BigInt(whole) * 1000n + BigInt(Math.round((microseconds - whole) * 1000));
  }
  if (typeof microseconds !== 'string') return null;
  const [, whole, fraction = ''] = DECIMAL.exec(microseconds.trim()) ?? [];
  if (whole === undefined) return null;
  const rounded = Math.round(Number(`0.${fraction || '0'}`) * 1000);
  const ns = BigInt(whole) * 1000n + BigInt(rounded);
  if (ns > MAX_TIME) return null;
  return ns <= Number.MAX_SAFE_INTEGER ? Number(ns) : ns;
}

/** The event's own text, where it is one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

export function argsOf(event: ChromeEvent): Args | undefined {
  const { args } = event;
  return typeof args === 'object' && args !== null && !Array.isArray(args) ? (args as Args) : undefined;
}

/** An id that ties events together: 64 bits where it is a number or hexadecimal text, else the text itself. */
export function flowId(id: unknown): bigint | string | null {
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return BigInt(id);
  if (typeof id !== 'string' || id === '') return null;
  if (/^(0x[0-9a-f]{1,16}|\d{1,19})$/i.test(id)) return BigInt(id);
  return id;
}

import { types } from 'node:util';
import { checkAnyInt64, type Reject } from '../checks';
import type { EventBatch } from './batch';
import { AttrType, MAX_ARG_DEPTH } from './layout';

/** What the values of one row come to at most: a graph of objects that reach each other has no other end. */
const MAX_VALUES = 1 << 20;

/** How many values are looked at for those that are certain to be refused. */
const MAX_FORESEEN = 1000;

const EXPECTED = 'a string, number, bigint, boolean, array or object';

/** Writes each entry as an argument of the row that was begun last. */
export function writeArgs(batch: EventBatch, args: object, field: string, reject: Reject, depth = 1): void {
  const keys = Object.keys(args);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    const value = (args as Readonly<Record<string, unknown>>)[key];
    // Most arguments are strings: this keeps them off the long way round.
    if (typeof value === 'string') batch.attr(batch.text(key), AttrType.Text, batch.text(value));
    else writeArg(batch, batch.text(key), value, key, field, reject, depth);
  }
}

/**
 * The object whose entries are the arguments: that of `toJSON()`, the entries of a Map, or the value itself.
 *
 * Objects that are a value rather than a set of names are refused.
 */
export function namedArgs(args: unknown, field: string, reject: Reject): object {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) reject(field, 'an object', args);
  if (isPlain(args)) return args;
  const value = types.isMap(args) ? dictionaryOf(args) : plainValueOf(args, field);
  const isNamed = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isNamed) reject(field, 'an object of names and values', args);
  return value;
}

/** Refuses functions and symbols, which nothing can stand for, as far as they are found without calling anything. */
export function checkArgs(args: object, field: string, reject: Reject): void {
  const found = unwritableIn(args, field, 0, { values: MAX_FORESEEN });
  if (found !== undefined) reject(found.field, EXPECTED, found.value);
}

function unwritableIn(value: unknown, field: string, depth: number, left: { values: number }): { field: string; value: unknown } | undefined {
  if (typeof value === 'function' || typeof value === 'symbol') return { field, value };
  if (typeof value !== 'object' || value === null || depth > MAX_ARG_DEPTH) return undefined;
  try {
    if (!isPlain(value) && !Array.isArray(value)) return undefined;
    for (const key of Object.keys(value)) {
      if (left.values-- <= 0) return undefined;
      const found = unwritableIn(dataOf(value, key), `${field}.${key}`, depth + 1, left);
      if (found !== undefined) return found;
    }
  } catch {
    // A proxy; what it holds is found when it is written.
  }
  return undefined;
}

/** A property without calling its getter. */
function dataOf(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

function writeArg(
  batch: EventBatch,
  key: number,
  value: unknown,
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
      checkAnyInt64(value, `${field}.${name}`, reject);
      batch.attrInteger(key, AttrType.Int, value);
      break;
    case 'undefined':
      break;
    case 'object':
      if (value === null) break;
      writeNested(batch, key, value, name, field, reject, depth + 1);
      break;
    default:
      reject(`${field}.${name}`, EXPECTED, value);
  }
}

function writeNested(
  batch: EventBatch,
  key: number,
  value: object,
  name: string | number,
  parent: string,
  reject: Reject,
  depth: number,
): void {
  const field = `${parent}.${name}`;
  if (depth > MAX_ARG_DEPTH) reject(field, `at most ${MAX_ARG_DEPTH} levels of nesting`, value);
  if (batch.attrs > MAX_VALUES) reject(field, `within the ${MAX_VALUES} values of one event`, value);
  if (Array.isArray(value)) {
    batch.attr(key, AttrType.Array, 0);
    for (let i = 0; i < value.length; i++) writeArg(batch, 0, value[i] as unknown, i, field, reject, depth);
  } else if (isPlain(value)) {
    batch.attr(key, AttrType.Dict, 0);
    writeArgs(batch, value, field, reject, depth);
  } else {
    const plain = plainValueOf(value, name);
    if (plain !== value) return writeArg(batch, key, plain, name, parent, reject, depth);
    batch.attr(key, AttrType.Dict, 0);
    writeArgs(batch, value, field, reject, depth);
  }
  batch.attr(0, AttrType.End, 0);
}

/** Whether an object is what its own properties say. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && typeof (value as Jsonable).toJSON !== 'function';
}

interface Jsonable {
  toJSON?: (key: string) => unknown;
}

/**
 * What stands for an object of a class: a text, an array or a plain object for the classes of the language whose own
 * properties say nothing, and what toJSON() returns. The object itself if its properties say what it is.
 */
function plainValueOf(value: object, name: string | number): unknown {
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return arrayOf(value);
  const { toJSON } = value as Jsonable;
  if (typeof toJSON === 'function') return toJSON.call(value, String(name));
  if (types.isMap(value)) return dictionaryOf(value) ?? [...value];
  if (types.isSet(value)) return [...value];
  if (types.isNativeError(value) || value instanceof Error) return value.stack ?? String(value);
  if (types.isRegExp(value)) return value.source;
  if (types.isAnyArrayBuffer(value)) return [...new Uint8Array(value)];
  if (types.isBoxedPrimitive(value)) return (value as { valueOf(): unknown }).valueOf();
  // Such as a Promise, or a class with private fields: a text says more than nothing.
  return Object.keys(value).length === 0 && !isOfObject(value) ? textOf(value) : value;
}

/** What an object says of itself: `[object Promise]`, or the text that its class gives it. */
function textOf(value: { toString(): string }): string {
  return value.toString();
}

/** Whether this is an object literal, perhaps of another realm. */
function isOfObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object;
  return Object.getPrototypeOf(prototype) === null;
}

function arrayOf(view: ArrayBufferView): unknown {
  const isIterable = types.isTypedArray(view);
  return Array.from<unknown>(isIterable ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}

/** A Map whose keys are names, as a plain object. */
function dictionaryOf(map: ReadonlyMap<unknown, unknown>): object | undefined {
  const entries: [string, unknown][] = [];
  for (const [key, value] of map) {
    if (typeof key === 'symbol' || typeof key === 'function' || typeof key === 'object') return undefined;
    entries.push([`${key as string}`, value]);
  }
  return Object.fromEntries(entries);
}

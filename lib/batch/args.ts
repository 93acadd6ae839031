import { checkAnyInt64, type Reject } from '../checks';
import type { Args, ArgValue } from '../values';
import type { EventBatch } from './batch';
import { AttrType, MAX_ARG_DEPTH } from './layout';

/** Writes each entry as an argument of the row that was begun last. */
export function writeArgs(batch: EventBatch, args: Args, field: string, reject: Reject, depth = 1): void {
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
      checkAnyInt64(value, `${field}.${name}`, reject);
      batch.attrInteger(key, AttrType.Int, value);
      break;
    case 'undefined':
      break;
    case 'object':
      if (value === null) break;
      writeNested(batch, key, value, `${field}.${name}`, reject, depth + 1);
      break;
    default:
      reject(`${field}.${name}`, 'a string, number, bigint, boolean, array or object', value);
  }
}

function writeNested(
  batch: EventBatch,
  key: number,
  value: readonly ArgValue[] | Args,
  field: string,
  reject: Reject,
  depth: number,
): void {
  if (depth > MAX_ARG_DEPTH) reject(field, `at most ${MAX_ARG_DEPTH} levels of nesting`, value);
  if (Array.isArray(value)) {
    batch.attr(key, AttrType.Array, 0);
    for (let i = 0; i < value.length; i++) writeArg(batch, 0, value[i] as ArgValue, i, field, reject, depth);
  } else {
    batch.attr(key, AttrType.Dict, 0);
    writeArgs(batch, value as Args, field, reject, depth);
  }
  batch.attr(0, AttrType.End, 0);
}

import { AttrType } from '../batch/layout';
import type { EventTable } from './event-table';

/** The attributes that make up one argument: a nested one with all that is in it. */
interface Argument {
  begin: number;
  end: number;
}

/** Gives `row` the arguments of both rows: where both have one, the value of `later` at the place of `row`. */
export function mergeArguments(table: EventTable, row: number, later: number): void {
  if (table.attrBegin[later] === table.attrEnd[later]) return;
  const merged = argumentsOf(table, row);
  for (const argument of argumentsOf(table, later)) {
    const same = merged.findIndex((other) => isSameArgument(table, other.begin, argument.begin));
    if (same === -1) merged.push(argument);
    else merged[same] = argument;
  }
  const begin = table.attrs;
  for (const argument of merged) table.copyAttrs(argument.begin, argument.end);
  table.attrBegin[row] = begin;
  table.attrEnd[row] = table.attrs;
}

function argumentsOf(table: EventTable, row: number): Argument[] {
  const ranges: Argument[] = [];
  for (let begin = table.attrBegin[row]; begin < table.attrEnd[row]; ) {
    let end = begin;
    let depth = 0;
    do {
      const type = table.attrType(end++);
      if (type === AttrType.Dict || type === AttrType.Array) depth++;
      else if (type === AttrType.End) depth--;
    } while (depth > 0);
    ranges.push({ begin, end });
    begin = end;
  }
  return ranges;
}

function isSameArgument(table: EventTable, a: number, b: number): boolean {
  const types = [table.attrType(a), table.attrType(b)];
  if (types.some((type) => FLOWS.has(type))) return false;
  if (types.some((type) => KEYLESS.has(type))) return types[0] === types[1];
  // Rows of two generations of strings have two ids for one key.
  return table.strings[table.attrKey(a)] === table.strings[table.attrKey(b)];
}

const FLOWS: ReadonlySet<AttrType> = new Set([
  AttrType.FlowOut, AttrType.FlowIn, AttrType.Flow, AttrType.TerminatingFlow,
]);

/** A row has at most one of each. */
const KEYLESS: ReadonlySet<AttrType> = new Set([AttrType.Launch, AttrType.Correlation, AttrType.CallStack]);

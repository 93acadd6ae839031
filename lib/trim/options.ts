import { checkChoice, checkNames, checkSignal, checkWithin, invalid } from '../checks';
import type { Compression } from '../output/format';

/** A time: ns from the start of the trace, or of its own clock where it is `{ at }`. */
export type TrimTime = number | { at: bigint };

/** Options of `trimTrace`. Repeating one means or, different ones mean and; excluding wins. */
export interface TrimOptions {
  /** The time from which on events stay. */
  from?: TrimTime;
  /** The time before which events stay. */
  to?: TrimTime;
  /** Slices or instants by exact name, `NAME#K` for the K-th alone; what lies around them stays. */
  around?: readonly string[];
  /** ns before and behind each of `around`. Default: 0. */
  margin?: number;
  /** First and last number of the slices `ProfilerStep#N` that stay, with what their arrows lead to. */
  steps?: readonly (readonly [first: number, last: number])[];
  /** Globs: `*` is any text, `?` one character. */
  categories?: readonly string[];
  excludeCategories?: readonly string[];
  names?: readonly RegExp[];
  excludeNames?: readonly RegExp[];
  /** Numbers, or globs of names. */
  processes?: readonly (string | number)[];
  threads?: readonly (string | number)[];
  /** Of slices, ns. */
  minDuration?: number;
  /** How many levels of slices stay, counted in the whole trace. */
  maxDepth?: number;
  /** Which arguments stay: `all` (the default), `lean` none that makes each set unique, `none`. */
  args?: 'all' | 'lean' | 'none';
  /** ns: writes files of so much time each into a folder, each of which opens alone. */
  splitEvery?: number;
  /** Default: `gzip` behind a path that ends in `.gz`, else `none`. */
  compression?: Compression;
  /** Of the compression, 1 (the default) to 9. */
  level?: number;
  signal?: AbortSignal;
}

type Undecided = 'from' | 'to' | 'minDuration' | 'maxDepth' | 'splitEvery' | 'compression' | 'signal';
export type CheckedTrimOptions = Required<Omit<TrimOptions, Undecided | 'processes' | 'threads'>> &
  Pick<TrimOptions, Undecided> & { processes: string[]; threads: string[] };

const KNOWN = [
  'from', 'to', 'around', 'margin', 'steps', 'categories', 'excludeCategories', 'names', 'excludeNames', 'processes',
  'threads', 'minDuration', 'maxDepth', 'args', 'splitEvery', 'compression', 'level', 'signal',
];

export function checkTrimOptions(options: TrimOptions): CheckedTrimOptions {
  checkNames(options, KNOWN);
  const { from, to, around = [], margin = 0, steps = [], categories = [], excludeCategories = [] } = options;
  const { names = [], excludeNames = [], processes = [], threads = [], minDuration, maxDepth, args = 'all' } = options;
  const { splitEvery, compression, level = 1, signal } = options;

  checkTime(from, 'from');
  checkTime(to, 'to');
  checkTexts(around, 'around');
  checkNanoseconds(margin, 'margin');
  for (const [i, step] of checkArray(steps, 'steps').entries()) checkStep(step, `steps[${i}]`);
  checkTexts(categories, 'categories');
  checkTexts(excludeCategories, 'excludeCategories');
  checkPatterns(names, 'names');
  checkPatterns(excludeNames, 'excludeNames');
  checkIds(processes, 'processes');
  checkIds(threads, 'threads');
  if (minDuration !== undefined) checkNanoseconds(minDuration, 'minDuration');
  if (maxDepth !== undefined) checkWithin(maxDepth, 'maxDepth', 1, 1e9);
  checkChoice(args, 'args', ['all', 'lean', 'none']);
  if (splitEvery !== undefined) checkNanoseconds(splitEvery, 'splitEvery', 1);
  if (compression !== undefined) checkChoice(compression, 'compression', ['none', 'gzip', 'packets']);
  checkWithin(level, 'level', 1, 9);
  checkSignal(signal);

  return {
    from, to, around, margin, steps, categories, excludeCategories, names: names.map(stateless),
    excludeNames: excludeNames.map(stateless), processes: processes.map(String), threads: threads.map(String),
    minDuration, maxDepth, args, splitEvery, compression, level, signal,
  };
}

/** A pattern whose answer does not depend on what it was asked before. */
function stateless(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}

function checkTime(time: unknown, name: string): void {
  if (time === undefined) return;
  const at: unknown = typeof time === 'object' && time !== null && 'at' in time ? time.at : undefined;
  const isTime = typeof at === 'bigint' ? at >= 0n : Number.isSafeInteger(time) && (time as number) >= 0;
  if (!isTime) throw invalid(name, 'ns from the start of the trace, or { at } with a bigint', time);
}

function checkNanoseconds(value: unknown, name: string, least = 0): void {
  if (!Number.isSafeInteger(value) || (value as number) < least) throw invalid(name, `a whole number of ns, at least ${least}`, value);
}

function checkArray<T>(value: readonly T[], name: string): readonly T[] {
  const given: unknown = value;
  if (!Array.isArray(given)) throw invalid(name, 'an array', given);
  return value;
}

function checkTexts(texts: readonly unknown[], name: string): void {
  const wrong = checkArray(texts, name).findIndex((text) => typeof text !== 'string' || text === '');
  if (wrong >= 0) throw invalid(`${name}[${wrong}]`, 'a text', texts[wrong]);
}

function checkPatterns(patterns: readonly unknown[], name: string): void {
  const isPattern = (value: unknown) => Object.prototype.toString.call(value) === '[object RegExp]';
  const wrong = checkArray(patterns, name).findIndex((pattern) => !isPattern(pattern));
  if (wrong >= 0) throw invalid(`${name}[${wrong}]`, 'a regular expression', patterns[wrong]);
}

function checkIds(ids: readonly unknown[], name: string): void {
  const wrong = checkArray(ids, name).findIndex((id) => !Number.isSafeInteger(id) && (typeof id !== 'string' || id === ''));
  if (wrong >= 0) throw invalid(`${name}[${wrong}]`, 'a number, or a glob of names', ids[wrong]);
}

function checkStep(step: unknown, name: string): void {
  const isRange = Array.isArray(step) && step.length === 2 && step.every((n) => Number.isSafeInteger(n) && n >= 0) && step[0] <= step[1];
  if (!isRange) throw invalid(name, 'the first and the last number of steps', step);
}

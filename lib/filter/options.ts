import { checkChoice, checkWithin, invalid } from '../checks';

/** A time: ns from the start of the trace, or of its own clock where it is `{ at }`. */
export type FilterTime = number | { at: bigint };

/**
 * What of a trace stays. Of an option that is repeated any may match, of different options all must; excluding wins.
 */
export interface FilterOptions {
  /** The time from which on events stay. */
  from?: FilterTime;
  /** The time before which events stay. */
  to?: FilterTime;
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
  args?: ArgsKept;
  /** ns: writes files of so much time each into a folder, each of which opens alone. */
  splitEvery?: number;
  /** Writes a file for each slice `ProfilerStep#N` into a folder, each of which opens alone. */
  splitSteps?: boolean;
}

export type ArgsKept = 'all' | 'lean' | 'none';

type Undecided = 'from' | 'to' | 'minDuration' | 'maxDepth' | 'splitEvery';

/** FilterOptions that were checked, with their defaults. */
export type CheckedFilterOptions = Required<Omit<FilterOptions, Undecided | 'processes' | 'threads'>> &
  Pick<FilterOptions, Undecided> & { processes: string[]; threads: string[] };

/** The names of the options, for the check of an object that has others beside them. */
export const FILTER_OPTIONS: readonly (keyof FilterOptions)[] = [
  'from', 'to', 'around', 'margin', 'steps', 'categories', 'excludeCategories', 'names', 'excludeNames', 'processes',
  'threads', 'minDuration', 'maxDepth', 'args', 'splitEvery', 'splitSteps',
];

/** Checks the values of the options; the caller checks the names. @throws TraceSmithError `INVALID_ARGUMENT` */
export function checkFilterOptions(options: FilterOptions): CheckedFilterOptions {
  const { from, to, around = [], margin = 0, steps = [], categories = [], excludeCategories = [] } = options;
  const { names = [], excludeNames = [], processes = [], threads = [], minDuration, maxDepth, args = 'all' } = options;
  const { splitEvery, splitSteps = false } = options;

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
  if (typeof splitSteps !== 'boolean') throw invalid('splitSteps', 'true or false', splitSteps);
  if (splitSteps && splitEvery !== undefined) throw invalid('splitSteps', 'left out beside splitEvery', splitSteps);

  return {
    from, to, around, margin, steps, categories, excludeCategories, names: names.map(stateless),
    excludeNames: excludeNames.map(stateless), processes: processes.map(String), threads: threads.map(String),
    minDuration, maxDepth, args, splitEvery, splitSteps,
  };
}

/** The options as JSON, as the trace and reports show them. */
export function filterText(options: FilterOptions): string {
  const filters = Object.fromEntries(FILTER_OPTIONS.map((name) => [name, options[name]]));
  return JSON.stringify(filters, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return isPattern(value) ? String(value) : value;
  });
}

/** A pattern whose answer does not depend on what it was asked before. */
function stateless(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
}

/** instanceof would not know those of another realm, such as Jest's. */
function isPattern(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object RegExp]';
}

function checkTime(time: unknown, name: string): void {
  if (time === undefined) return;
  const at: unknown = typeof time === 'object' && time !== null && 'at' in time ? time.at : undefined;
  const isTime = typeof at === 'bigint' ? at >= 0n && at < 2n ** 63n : Number.isSafeInteger(time) && (time as number) >= 0;
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

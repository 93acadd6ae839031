import { InvalidArgumentError, Option, type Command } from 'commander';
import type { FilterOptions, FilterTime } from '../filter/options';

/** FilterOptions as commander names them. */
export interface FilterFlags {
  from?: FilterTime;
  to?: FilterTime;
  around?: string[];
  margin?: number;
  steps?: [number, number][];
  category?: string[];
  excludeCategory?: string[];
  name?: RegExp[];
  excludeName?: RegExp[];
  process?: string[];
  thread?: string[];
  minDuration?: number;
  maxDepth?: number;
  args?: FilterOptions['args'];
  splitEvery?: number;
  splitSteps?: boolean;
}

/** What the help says of them behind the list of options. */
export const FILTER_HELP = `
A time T is a number of seconds from the start of the trace, or has a unit: 1.5s, 250ms, 20us, 7ns;
with @ before it, it is a time of the trace's own clock in ns. --from belongs to what stays, --to does not.
Of an option that is repeated any may match, of different options all must; what is excluded goes.
A GLOB has * for any text and ? for one character. --process and --thread take a number or a GLOB of the name.
A slice across the edge of the time that stays is cut there and gets the argument "trimmed".`;

export function addFilterOptions(command: Command): Command {
  return command
    .option('--from <T>', 'leave out what ends before', time)
    .option('--to <T>', 'leave out what begins then or later', time)
    .option('--around <NAME[#K]>', 'keep what lies around slices and instants of this name, or the K-th of them', texts)
    .option('--margin <T>', 'how much before and behind --around (default: 0)', duration)
    .option('--steps <N..M>', 'keep the slices ProfilerStep#N to #M and what their arrows lead to', steps)
    .option('--category <GLOB>', 'keep slices and instants of this category alone', texts)
    .option('--exclude-category <GLOB>', 'leave out slices and instants of this category', texts)
    .option('--name <REGEX>', 'keep slices and instants of such names alone', patterns)
    .option('--exclude-name <REGEX>', 'leave out slices and instants of such names', patterns)
    .option('--process <P>', 'keep events of this process alone', texts)
    .option('--thread <T>', 'keep events of this thread alone', texts)
    .option('--min-duration <T>', 'leave out shorter slices', duration)
    .option('--max-depth <N>', 'leave out slices below so many levels', wholeNumber)
    .addOption(new Option('--args <KIND>', 'which arguments stay (default: all)').choices(['all', 'lean', 'none']))
    .option('--split-every <T>', 'write files of so much time each, which open alone', duration)
    .option('--split-steps', 'write a file for each slice ProfilerStep#N, which opens alone');
}

/** Those of the options that were given. */
export function filterOptionsOf(flags: FilterFlags): FilterOptions {
  const { from, to, around, margin, steps: ranges, minDuration, maxDepth, args, splitEvery, splitSteps } = flags;
  const { category, excludeCategory, name, excludeName, process, thread } = flags;
  const options: FilterOptions = {
    from, to, around, margin, steps: ranges, minDuration, maxDepth, args, splitEvery, splitSteps, categories: category,
    excludeCategories: excludeCategory, names: name, excludeNames: excludeName, processes: process, threads: thread,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

const NS_PER_UNIT: Readonly<Record<string, bigint>> = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n };

/** ns; digits behind the point are counted exactly, and beyond a ns rounded. */
function duration(text: string): number {
  const [, whole, fraction = '', unit = 's'] = /^(\d+)(?:\.(\d+))?(s|ms|us|ns)?$/.exec(text) ?? [];
  if (whole === undefined) throw new InvalidArgumentError('Expected a time, such as 1.5s, 250ms or 5us.');
  const scale = 10n ** BigInt(fraction.length);
  const ns = Number((BigInt(whole + fraction) * NS_PER_UNIT[unit] * 2n + scale) / (scale * 2n));
  if (!Number.isSafeInteger(ns)) throw new InvalidArgumentError('Expected a time below 104 days.');
  return ns;
}

function time(text: string): FilterTime {
  if (!text.startsWith('@')) return duration(text);
  if (!/^@\d+$/.test(text)) throw new InvalidArgumentError('Expected a time of the clock in ns behind @.');
  return { at: BigInt(text.slice(1)) };
}

function texts(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function patterns(text: string, before: RegExp[] = []): RegExp[] {
  try {
    return [...before, new RegExp(text, 'u')];
  } catch (error) {
    throw new InvalidArgumentError(`Expected a regular expression: ${(error as Error).message}.`);
  }
}

function steps(text: string, before: [number, number][] = []): [number, number][] {
  const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? [];
  if (first === undefined || Number(first) > Number(last)) throw new InvalidArgumentError('Expected a step or a range of them, such as 3 or 3..5.');
  return [...before, [Number(first), Number(last)]];
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

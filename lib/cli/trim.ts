import { Command, InvalidArgumentError, Option } from 'commander';
import { TraceSmithError } from '../errors';
import { STDOUT } from '../output/resolve';
import type { TrimOptions, TrimTime } from '../trim/options';
import type { TrimReport } from '../trim/report';
import { endByClosedPipe, interruptible } from './interrupt';
import { counted, countedList, formatBytes, jsonText, oneLine, print, printAside } from './terminal';

interface Options {
  output: string;
  from?: TrimTime;
  to?: TrimTime;
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
  args?: TrimOptions['args'];
  splitEvery?: number;
  compression?: TrimOptions['compression'];
  level?: number;
  json?: true;
  quiet?: true;
}

const HELP = `
TRACE may be - for standard input, OUTPUT - for standard output; the summary then goes to stderr.
A time T is a number of seconds from the start of the trace, or has a unit: 1.5s, 250ms, 20us, 7ns;
with @ before it, it is a time of the trace's own clock in ns. --from belongs to what stays, --to does not.
Of an option that is repeated any may match, of different options all must; what is excluded goes.
A GLOB has * for any text and ? for one character. --process and --thread take a number or a GLOB of the name.
A slice across the edge of the time that stays is cut there and gets the argument "trimmed".`;

export function trimCommand(): Command {
  return new Command('trim')
    .description('Copy the part of a native Perfetto trace that matters.')
    .argument('<TRACE>', 'the native trace, plain, gzipped or with compressed packets')
    .requiredOption('-o, --output <OUTPUT>', 'the file to write; with --split-every the folder')
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
    .addOption(new Option('--compression <KIND>', 'compress the output (default: by its extension)').choices(['none', 'gzip', 'packets']))
    .option('--level <N>', 'of the compression, 1 (fast, the default) to 9 (small)', wholeNumber)
    .option('--json', 'print the report as JSON; times are ns, as text')
    .option('-q, --quiet', 'print errors alone')
    .addHelpText('after', HELP)
    .action(trim);
}

async function trim(input: string, options: Options): Promise<void> {
  const { trimTrace } = await import('../trim/trim.js');
  const { output, category, excludeCategory, name, excludeName, process, thread, json, quiet, ...same } = options;
  const named: TrimOptions = { categories: category, excludeCategories: excludeCategory, names: name, excludeNames: excludeName, processes: process, threads: thread };
  const wishes: TrimOptions = { ...same, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) };
  try {
    const report = await interruptible((signal) => trimTrace(input, output, { ...wishes, signal }));
    const say = output === STDOUT ? printAside : print;
    if (json) say(jsonText(report));
    else if (!quiet) say(...summaryOf(report));
  } catch (error) {
    if (output === STDOUT && error instanceof TraceSmithError && error.systemCode === 'EPIPE') return endByClosedPipe();
    throw error;
  }
}

function summaryOf(report: TrimReport): string[] {
  const { path, files, bytes, inputBytes, cut, flowsCut, warnings } = report;
  const where = path === STDOUT ? 'standard output' : files.length === 1 ? files[0] : `${counted(files.length, 'file')} in ${path}`;
  const kept = countedList([report.slices, 'slice'], [report.instants, 'instant'], [report.counters, 'counter sample']);
  const gone = countedList(
    [report.droppedSlices, 'slice'],
    [report.droppedInstants, 'instant'],
    [report.droppedCounters, 'counter sample'],
    [report.droppedStages, 'GPU stage event'],
    [report.droppedKernelEvents, 'kernel event'],
    [report.droppedSamples, 'call-stack sample'],
    [report.droppedPackets, 'other packet'],
  );
  const remarks = [
    cut > 0 && `Cut at an edge: ${counted(cut, 'slice')}`,
    flowsCut > 0 && `Arrows with one end left out: ${counted(flowsCut, 'arrow')}`,
    ...warnings.map((warning) => `Warning: ${oneLine(warning)}`),
  ].filter((line) => line !== false);
  return [
    `Wrote ${where}`,
    `  Size: ${formatBytes(bytes)}, from ${formatBytes(inputBytes)}`,
    `  Kept: ${kept}`,
    `  Left out: ${gone}`,
    ...remarks.map((line) => `  ${line}`),
  ];
}

const NS_PER_UNIT: Readonly<Record<string, number>> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

function duration(text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)\s*(s|ms|us|ns)?$/.exec(text) ?? [];
  const ns = Math.round(Number(digits) * NS_PER_UNIT[unit]);
  if (digits === undefined || !Number.isSafeInteger(ns)) throw new InvalidArgumentError('Expected a time, such as 1.5s, 250ms or 5us.');
  return ns;
}

function time(text: string): TrimTime {
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

import * as path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeFindings, WARNINGS } from '../chrome-json/read/findings';
import type { FilterReport } from '../convert/filter-report';
import { MIN_MEMORY_BUDGET, type ConvertOptions, type ConvertProgress } from '../convert/options';
import { StrictError, type ConvertReport } from '../convert/report';
import { TraceSmithError } from '../errors';
import { Format } from '../output/format';
import { STDOUT } from '../output/resolve';
import { addFilterOptions, FILTER_HELP, filterOptionsOf, type FilterFlags } from './filter-options';
import { endByClosedPipe, Interrupted, interruptible } from './interrupt';
import type { Task } from './outputs';
import {
  counted,
  countedList,
  errorCode,
  errorText,
  exitCodeOf,
  formatBytes,
  jsonText,
  oneLine,
  print,
  printAside,
  printError,
  Progress,
  wrapped,
} from './terminal';

interface Options extends FilterFlags, Pick<ConvertOptions, 'gpuEvents' | 'compression' | 'level' | 'memoryBudget' | 'dropZeroTimes' | 'strict'> {
  output?: string;
  format?: keyof typeof FORMATS;
  /** What commander makes of --no-fallback. */
  fallback: boolean;
  json?: true;
  quiet?: true;
}

const FORMATS = { native: Format.PROTOBUF, json: Format.JSON } as const;

type Outcome = ConvertReport | { input: string; error: { code: string; message: string } };

const HELP = `
INPUT may be - for standard input, OUTPUT - for standard output; the summary then goes to stderr.
With several inputs OUTPUT is a folder, which is made if it is missing.
The extension of OUTPUT decides what is written: .perfetto-trace, .pftrace and .pb are native Perfetto traces, .json is \
Chrome JSON, .gz behind either compresses; for any other name --format says it.
What is broken in an input is skipped and listed as a warning; --strict makes that an error.
With --split-every and --split-steps OUTPUT is a folder, and must be given.${FILTER_HELP}`;

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('Convert Chrome or Kineto (PyTorch profiler) JSON, plain or gzipped, to native Perfetto traces.')
    .argument('<INPUT...>', 'the JSON traces')
    .option('-o, --output <OUTPUT>', 'the file or folder to write (default: INPUT with the extension .perfetto-trace)')
    .addOption(choice('--format <FORMAT>', 'what is written where no extension says it (default: native)', Object.keys(FORMATS)));
  return addFilterOptions(command)
    .addOption(choice('--gpu-events <KIND>', 'what GPU work becomes (default: tracks)', ['tracks', 'render-stages', 'both']))
    .addOption(choice('--compression <KIND>', 'compress the output (default: by its extension)', ['none', 'gzip', 'packets']))
    .option('--level <N>', 'of the compression, 1 (fast, the default) to 9 (small)', levelOfCompression)
    .option('--memory-budget <SIZE>', 'events held in memory to put them in order, such as 256M (default: 64M)', sizeInBytes)
    .option('--drop-zero-times', 'leave out events with a ts of 0 that lie years before all others')
    .option('--strict', 'fail, and write nothing, where anything has to be repaired or dropped')
    .option('--no-fallback', 'fail where native traces cannot be written, instead of writing Chrome JSON')
    .option('--json', 'print the report as JSON; of several inputs as an array')
    .option('-q, --quiet', 'print errors alone')
    .addHelpText('after', HELP)
    .action(convert);
}

async function convert(inputs: string[], options: Options): Promise<void> {
  // Loaded here, so that a file that is missing there does not keep doctor from saying so.
  const [{ convertTrace }, { planSplit, planTasks }] = await Promise.all([import('../convert/convert.js'), import('./outputs.js')]);
  const format = options.format && FORMATS[options.format];
  const isSplit = options.splitEvery !== undefined || options.splitSteps === true;
  const tasks = isSplit ? planSplit(inputs, options.output) : planTasks(inputs, { ...options, format });
  const outcomes: Outcome[] = [];
  for (const task of tasks) {
    try {
      const report = await run(task, options, convertTrace);
      outcomes.push(report);
      if (!options.json && !options.quiet) say(tasks, ...wrapped(summaryOf(report)));
      if (!options.quiet && isEmpty(report)) printError('WARNING', `${task.input} has no events that a viewer could show`);
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      if (isClosedPipe(task, error)) return endByClosedPipe();
      printFailure(error, tasks.length > 1 ? task.input : undefined);
      outcomes.push({ input: task.input, error: { code: errorCode(error), message: errorText(error) } });
      process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCodeOf(error));
    }
  }
  const reports = outcomes.filter((outcome): outcome is ConvertReport => !('error' in outcome));
  if (options.quiet || (reports.length === 0 && tasks.length === 1)) return;
  if (options.json) {
    const printed = outcomes.map((outcome) => ('error' in outcome ? outcome : { ...outcome, format: Format[outcome.format] }));
    say(tasks, jsonText(tasks.length === 1 ? printed[0] : printed));
  } else if (reports.some(({ path: output }) => output !== STDOUT)) {
    say(tasks, ...wrapped(['Open it in https://ui.perfetto.dev: drag the file into the window.']));
  }
}

async function run({ input, output }: Task, options: Options, convertTrace: Convert): Promise<ConvertReport> {
  const { gpuEvents, compression, level, memoryBudget, dropZeroTimes, strict } = options;
  const progress = new Progress(!options.quiet);
  const onProgress = ({ phase, fraction, bytesRead }: ConvertProgress) =>
    progress.update(phase === 'read' ? `reading ${path.basename(input)}` : 'writing', bytesRead, fraction);
  const fallback = options.fallback ? 'json' : 'error';
  const format = options.format && FORMATS[options.format];
  try {
    return await interruptible((signal) =>
      convertTrace(input, output, { ...filterOptionsOf(options), format, gpuEvents, compression, level, memoryBudget, dropZeroTimes, strict, fallback, signal, onProgress }),
    );
  } finally {
    progress.stop();
  }
}

type Convert = (input: string, output: string, options: ConvertOptions) => Promise<ConvertReport>;

/** On stderr where stdout is a trace. */
function say(tasks: readonly Task[], ...lines: string[]): void {
  if (tasks.some(({ output }) => output === STDOUT)) printAside(...lines);
  else print(...lines);
}

/** One line, and one more for each of the findings that strict does not allow. */
function printFailure(error: unknown, input: string | undefined): void {
  const { summary, findings } = error instanceof StrictError ? error : { summary: errorText(error), findings: [] };
  printError(errorCode(error), input === undefined || summary.includes(input) ? summary : `${input}: ${summary}`);
  for (const finding of findings) printAside(`  ${oneLine(finding)}`);
}

function isEmpty({ slices, instants, counters, samples }: ConvertReport): boolean {
  return slices + instants + counters + samples === 0;
}

function isClosedPipe({ output }: Task, error: unknown): boolean {
  return output === STDOUT && error instanceof TraceSmithError && error.systemCode === 'EPIPE';
}

/** Describes a conversion for people. */
function summaryOf(report: ConvertReport): string[] {
  const kind = report.format === Format.PROTOBUF ? 'a native Perfetto trace' : 'Chrome JSON';
  const compressed = { none: '', gzip: ' (gzipped)', packets: ' (compressed packets)' }[report.compression];
  const { filter } = report;
  const place = report.path === STDOUT ? 'standard output' : report.path;
  const where = filter !== undefined && filter.files.length > 1 ? `${counted(filter.files.length, 'file')} in ${place}` : place;
  const { slices, instants, flows, counters, samples } = report;
  const written = countedList(
    [slices, 'slice'],
    [instants, 'instant'],
    [flows, 'arrow'],
    [counters, 'counter sample'],
    [samples, 'call-stack sample'],
  );
  return [
    `Wrote ${where}, ${kind}${compressed}`,
    `  Size: ${formatBytes(report.bytes)}, from ${formatBytes(report.textBytes)} of JSON with ${counted(report.events, 'event')}`,
    `  Holds: ${written}`,
    ...(filter === undefined ? [] : leftOut(filter)).map((line) => `  ${line}`),
    ...remarksOn(report).map((remark) => `  ${remark}`),
  ];
}

function leftOut({ cut, flowsCut, warnings, ...gone }: FilterReport): string[] {
  const lines = [
    `Left out: ${countedList(
      [gone.droppedSlices, 'slice'],
      [gone.droppedInstants, 'instant'],
      [gone.droppedCounters, 'counter sample'],
      [gone.droppedSamples, 'call-stack sample'],
    )}`,
    cut > 0 && `Cut at an edge: ${counted(cut, 'slice')}`,
    flowsCut > 0 && `Arrows with one end left out: ${counted(flowsCut, 'arrow')}`,
    ...warnings.map((warning) => `Warning: ${oneLine(warning)}`),
  ];
  return lines.filter((line) => line !== false);
}

/** Lines about this file that do not concern every file. */
function remarksOn(report: ConvertReport): string[] {
  const { fallback, lanes, unclosed, flowsBackward, unmatched, timeShift } = report;
  const lines = [
    fallback && 'Fallback: a native trace was asked for and the addon is not in use; "tracesmith-perfetto doctor" says why',
    timeShift > 0 && `Shifted: all times by ${timeShift} ns, since some were below 0`,
    lanes > 0 && `Overlaps: ${counted(lanes, 'lane')} beside the tracks, for slices that overlap without nesting`,
    unclosed > 0 && `Open: ${counted(unclosed, 'slice')} without an end`,
    unmatched > 0 && `Unmatched: ${counted(unmatched, 'end')} without a beginning`,
    flowsBackward > 0 && `Backward: ${counted(flowsBackward, 'arrow')} to a slice that begins before, which readers draw from there`,
    ...undrawn(report),
  ];
  const findings = describeFindings(report, ['ignored', ...WARNINGS]);
  return [...lines.filter((line) => line !== false), ...findings.map((line) => oneLine(line[0].toUpperCase() + line.slice(1)))];
}

/** A line for each cause of arrows that are not drawn. */
function undrawn({ flowsUndrawnBy: { startMissing, endMissing, backwards } }: ConvertReport): (string | false)[] {
  return [
    startMissing > 0 && `Not drawn: ${counted(startMissing, 'arrow')} without a start`,
    endMissing > 0 && `Not drawn: ${counted(endMissing, 'arrow')} without an end`,
    backwards > 0 && `Not drawn: ${counted(backwards, 'arrow')} to a slice that begins more than a millisecond before`,
  ];
}

function choice(flags: string, description: string, choices: string[]): Option {
  return new Option(flags, description).choices(choices);
}

function levelOfCompression(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 to 9.');
  return Number(text);
}

const UNITS = ['', 'k', 'm', 'g', 't'];

/** `64M`, `1.5G`, `100000`: powers of 1024. */
function sizeInBytes(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Expected a number of bytes, such as 64M or 1G.');
  const size = Math.round(Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
  if (size < MIN_MEMORY_BUDGET || !Number.isSafeInteger(size)) throw new InvalidArgumentError('Expected at least 1M, and less than 8192T.');
  return size;
}

import { mkdirSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeFindings, WARNINGS } from '../chrome-json/read/findings';
import type { FilterReport } from '../convert/filter-report';
import type { ConvertOptions, ConvertProgress } from '../convert/options';
import { StrictError, type ConvertReport } from '../convert/report';
import { ioError, TraceSmithError } from '../errors';
import { STDIN } from '../input/trace-file';
import { Format } from '../output/format';
import { STDOUT } from '../output/resolve';
import { addFilterOptions, FILTER_HELP, filterOptionsOf, type FilterFlags } from './filter-options';
import { endByClosedPipe, Interrupted, interruptible } from './interrupt';
import {
  counted,
  countedList,
  errorCode,
  errorText,
  ExitCode,
  formatBytes,
  jsonText,
  oneLine,
  print,
  printAside,
  printError,
  Progress,
} from './terminal';

interface Options extends FilterFlags, Pick<ConvertOptions, 'gpuEvents' | 'compression' | 'level' | 'memoryBudget' | 'dropZeroTimes' | 'strict'> {
  output?: string;
  /** What commander makes of --no-fallback. */
  fallback: boolean;
  json?: true;
  quiet?: true;
}

/** What becomes of one input. */
interface Task {
  input: string;
  output: string;
}

type Outcome = ConvertReport | { input: string; error: { code: string; message: string } };

const HELP = `
INPUT may be - for standard input, OUTPUT - for standard output; the summary then goes to stderr.
With several inputs OUTPUT is a folder, which is made where it is missing.
The extension of OUTPUT decides what is written: .perfetto-trace, .pftrace and .pb
are native Perfetto traces, .json is Chrome JSON, .gz behind either compresses.
What is broken in an input is skipped and listed as a warning; --strict makes that an error.
With --split-every and --split-steps OUTPUT is a folder, and must be given.${FILTER_HELP}`;

export function convertCommand(): Command {
  const command = new Command('convert')
    .description('Convert Chrome or Kineto (PyTorch profiler) JSON, plain or gzipped, to native Perfetto traces.')
    .argument('<INPUT...>', 'the JSON traces')
    .option('-o, --output <OUTPUT>', 'the file or folder to write (default: INPUT with the extension .perfetto-trace)');
  return addFilterOptions(command)
    .addOption(choice('--gpu-events <KIND>', 'what GPU work becomes (default: tracks)', ['tracks', 'render-stages', 'both']))
    .addOption(choice('--compression <KIND>', 'compress the output (default: by its extension)', ['none', 'gzip', 'packets']))
    .option('--level <N>', 'of the compression, 1 (fast, the default) to 9 (small)', wholeNumber)
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
  const { convertTrace, defaultOutput } = await import('../convert/convert.js');
  const isSplit = options.splitEvery !== undefined || options.splitSteps === true;
  const tasks = isSplit ? planSplit(inputs, options.output) : planTasks(inputs, options.output, defaultOutput);
  const outcomes: Outcome[] = [];
  for (const task of tasks) {
    try {
      const report = await run(task, options, convertTrace);
      outcomes.push(report);
      if (!options.json && !options.quiet) say(tasks, ...summaryOf(report));
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      if (isClosedPipe(task, error)) return endByClosedPipe();
      printFailure(error, tasks.length > 1 ? task.input : undefined);
      outcomes.push({ input: task.input, error: { code: errorCode(error), message: errorText(error) } });
      process.exitCode = ExitCode.Failed;
    }
  }
  const reports = outcomes.filter((outcome): outcome is ConvertReport => !('error' in outcome));
  if (options.quiet || (reports.length === 0 && tasks.length === 1)) return;
  if (options.json) {
    const printed = outcomes.map((outcome) => ('error' in outcome ? outcome : { ...outcome, format: Format[outcome.format] }));
    say(tasks, jsonText(tasks.length === 1 ? printed[0] : printed));
  } else if (reports.some(({ path: output }) => output !== STDOUT)) {
    say(tasks, 'Open it in https://ui.perfetto.dev: drag the file into the window.');
  }
}

async function run({ input, output }: Task, options: Options, convertTrace: Convert): Promise<ConvertReport> {
  const { gpuEvents, compression, level, memoryBudget, dropZeroTimes, strict } = options;
  const progress = new Progress(!options.quiet);
  const onProgress = ({ phase, fraction, bytesRead }: ConvertProgress) =>
    progress.update(phase === 'read' ? `reading ${path.basename(input)}` : 'writing', bytesRead, fraction);
  const fallback = options.fallback ? 'json' : 'error';
  try {
    return await interruptible((signal) =>
      convertTrace(input, output, { ...filterOptionsOf(options), gpuEvents, compression, level, memoryBudget, dropZeroTimes, strict, fallback, signal, onProgress }),
    );
  } finally {
    progress.stop();
  }
}

type Convert = (input: string, output: string, options: ConvertOptions) => Promise<ConvertReport>;

/** The files of each input have its name, so all of them lie in one folder. */
function planSplit(inputs: readonly string[], output: string | undefined): Task[] {
  if (output === undefined || output === STDOUT) throw usage('a split trace is several files; name a folder for them with -o');
  const names = inputs.map((input) => path.basename(input));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw usage(`two inputs are named ${twice}, and so would be their files; convert them one by one`);
  return inputs.map((input) => ({ input, output }));
}

function planTasks(inputs: readonly string[], output: string | undefined, defaultOutput: (input: string) => string): Task[] {
  const isFolder = output !== undefined && output !== STDOUT && (inputs.length > 1 || /[\\/]$/.test(output) || isExistingFolder(output));
  if (inputs.length === 1 && !isFolder) return [{ input: inputs[0], output: output ?? defaultOutput(inputs[0]) }];
  if (inputs.includes(STDIN)) throw usage('standard input (-) has no name in a folder, and cannot be one of several inputs');
  if (output === STDOUT) throw usage('several traces cannot be written to standard output (-) one behind the other');
  const tasks = inputs.map((input): Task => {
    const beside = defaultOutput(input);
    return { input, output: output === undefined ? beside : path.join(output, path.basename(beside)) };
  });
  const byOutput = new Map<string, string>();
  for (const { input, output: file } of tasks) {
    const other = byOutput.get(path.resolve(file));
    if (other !== undefined) throw usage(`${other} and ${input} would both become ${file}; convert them one by one`);
    byOutput.set(path.resolve(file), input);
  }
  if (output !== undefined) makeFolder(output);
  return tasks;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw ioError('make the folder', folder, error);
  }
}

function isExistingFolder(output: string): boolean {
  try {
    return statSync(output).isDirectory();
  } catch {
    return false; // the conversion will say what is wrong with it
  }
}

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

function usage(message: string): TraceSmithError {
  return new TraceSmithError('INVALID_ARGUMENT', message);
}

function choice(flags: string, description: string, choices: string[]): Option {
  return new Option(flags, description).choices(choices);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

const UNITS = ['', 'k', 'm', 'g', 't'];

/** `64M`, `1.5G`, `100000`: powers of 1024. */
function sizeInBytes(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Expected a number of bytes, such as 64M or 1G.');
  return Math.round(Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
}

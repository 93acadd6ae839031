import * as path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { TraceSmithError } from '../errors';
import { STDOUT } from '../output/resolve';
import type { TrimOptions, TrimProgress } from '../trim/options';
import type { TrimReport } from '../trim/report';
import { addFilterOptions, FILTER_HELP, filterOptionsOf, type FilterFlags } from './filter-options';
import { endByClosedPipe, interruptible } from './interrupt';
import { counted, countedList, formatBytes, jsonText, oneLine, print, printAside, Progress } from './terminal';

interface Options extends FilterFlags {
  output: string;
  compression?: TrimOptions['compression'];
  level?: number;
  json?: true;
  quiet?: true;
}

const HELP = `
TRACE may be - for standard input, OUTPUT - for standard output; the summary then goes to stderr.${FILTER_HELP}`;

export function trimCommand(): Command {
  const command = new Command('trim')
    .description('Copy the part of a native Perfetto trace that matters.')
    .argument('<TRACE>', 'the native trace, plain, gzipped or with compressed packets')
    .requiredOption('-o, --output <OUTPUT>', 'the file to write; with --split-every and --split-steps the folder');
  return addFilterOptions(command)
    .addOption(new Option('--compression <KIND>', 'compress the output (default: by its extension)').choices(['none', 'gzip', 'packets']))
    .option('--level <N>', 'of the compression, 1 (fast, the default) to 9 (small)', wholeNumber)
    .option('--json', 'print the report as JSON; times are ns, as text')
    .option('-q, --quiet', 'print errors alone')
    .addHelpText('after', HELP)
    .action(trim);
}

async function trim(input: string, options: Options): Promise<void> {
  const { output, compression, level, json, quiet } = options;
  const wishes: TrimOptions = { ...filterOptionsOf(options), compression, level };
  try {
    const report = await run(input, output, wishes, quiet !== true);
    const say = output === STDOUT ? printAside : print;
    if (json) say(jsonText(report));
    else if (!quiet) say(...summaryOf(report));
  } catch (error) {
    if (output === STDOUT && error instanceof TraceSmithError && error.systemCode === 'EPIPE') return endByClosedPipe();
    throw error;
  }
}

async function run(input: string, output: string, wishes: TrimOptions, isShown: boolean): Promise<TrimReport> {
  const { trimTrace } = await import('../trim/trim.js');
  const progress = new Progress(isShown);
  const onProgress = ({ bytesRead, fraction }: TrimProgress) => progress.update(`trimming ${path.basename(input)}`, bytesRead, fraction);
  try {
    return await interruptible((signal) => trimTrace(input, output, { ...wishes, signal, onProgress }));
  } finally {
    progress.stop();
  }
}

function summaryOf(report: TrimReport): string[] {
  const { path: place, files, bytes, inputBytes, cut, flowsCut, warnings } = report;
  const where = place === STDOUT ? 'standard output' : files.length === 1 ? files[0] : `${counted(files.length, 'file')} in ${place}`;
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

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

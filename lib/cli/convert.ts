import { realpathSync } from 'node:fs';
import { Command } from 'commander';
import type { ConvertProgress, ConvertResult } from '../convert/convert';
import { TraceSmithError } from '../errors';
import { Format } from '../output/format';
import { interruptible } from './interrupt';
import { Progress } from './progress';
import { counted, formatBytes, oneLine, print, printJson } from './terminal';

interface Options {
  output?: string;
  /** What commander makes of --no-fallback. */
  fallback: boolean;
  json?: true;
}

const HELP = `
The extension of OUTPUT decides what is written: .perfetto-trace, .pftrace and .pb
are native Perfetto traces, .json is Chrome JSON, .gz behind either compresses.`;

const TASKS: Record<ConvertProgress['phase'], string> = {
  read: 'reading',
  parse: 'parsing',
  convert: 'converting',
  write: 'writing',
};

export function convertCommand(): Command {
  return new Command('convert')
    .description('Convert Chrome or Kineto (PyTorch profiler) JSON, plain or gzipped, to a native Perfetto trace.')
    .argument('<INPUT>', 'the JSON trace')
    .option('-o, --output <OUTPUT>', 'the file to write (default: INPUT with the extension .perfetto-trace)')
    .option('--no-fallback', 'fail where native traces cannot be written, instead of writing Chrome JSON')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action(convert);
}

async function convert(input: string, options: Options): Promise<void> {
  // Loaded here, so that a file that is missing there does not keep doctor from saying so.
  const { convertFile, defaultOutput } = await import('../convert/convert.js');
  const output = options.output ?? defaultOutput(input);
  if (isSameFile(input, output)) {
    throw new TraceSmithError('INVALID_ARGUMENT', `${output} is the input; choose another output with -o`);
  }
  const fallback = options.fallback ? 'json' : 'error';
  const progress = new Progress();
  const onProgress = ({ phase, fraction }: ConvertProgress) => progress.update(TASKS[phase], fraction);
  let result: ConvertResult;
  try {
    result = await interruptible((signal) => convertFile(input, output, { fallback, signal, onProgress }));
  } finally {
    progress.stop();
  }
  if (options.json) printJson({ ...result, format: Format[result.format] });
  else print(...summary(result));
}

function isSameFile(input: string, output: string): boolean {
  try {
    return realpathSync(input) === realpathSync(output);
  } catch {
    return false; // the output is not there yet, or the conversion will say what is wrong with the input
  }
}

function summary(result: ConvertResult): string[] {
  const kind = result.format === Format.PROTOBUF ? 'a native Perfetto trace' : 'Chrome JSON';
  const written = [
    counted(result.slices, 'slice'),
    ...(result.instants > 0 ? [counted(result.instants, 'instant')] : []),
    ...(result.flows > 0 ? [counted(result.flows, 'arrow')] : []),
    ...(result.counters > 0 ? [counted(result.counters, 'counter sample')] : []),
  ];
  return [
    `Wrote ${result.path}, ${kind}${result.compressed ? ' (gzipped)' : ''}`,
    `  Size: ${formatBytes(result.bytes)}, from ${formatBytes(result.inputBytes)} with ${counted(result.events, 'event')}`,
    `  Holds: ${written.join(', ')}`,
    ...remarks(result).map((remark) => `  ${remark}`),
    'Open it in https://ui.perfetto.dev: drag the file into the window.',
  ];
}

/** What is worth knowing about this file and not about every file. */
function remarks(result: ConvertResult): string[] {
  const { lanes, unclosed, flowsUndrawn, unmatched, ignored, dropped } = result;
  const lines: string[] = [];
  if (result.fallback) {
    lines.push('Fallback: a native trace was asked for and the addon is missing; "tracesmith-perfetto doctor" says why');
  }
  if (lanes > 0) lines.push(`Overlaps: ${counted(lanes, 'lane')} beside the tracks, for slices that overlap without nesting`);
  if (unclosed > 0) lines.push(`Open: ${counted(unclosed, 'slice')} without an end`);
  if (unmatched > 0) lines.push(`Unmatched: ${counted(unmatched, 'end')} without a beginning`);
  if (flowsUndrawn > 0) lines.push(`Not drawn: ${counted(flowsUndrawn, 'arrow')}, backwards in time or with one end missing`);
  for (const [phase, count] of Object.entries(ignored)) {
    lines.push(`Ignored: ${counted(count, 'event')} of phase "${oneLine(phase)}", which has no place on a timeline`);
  }
  for (const [reason, count] of Object.entries(dropped)) {
    lines.push(`Dropped: ${counted(count, 'event')}: ${oneLine(reason)}`);
  }
  return lines;
}

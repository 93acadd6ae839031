import { availableFormat } from '../sinks/open';
import { TraceSmithError } from '../errors';
import { STDIN } from '../input/trace-file';
import { Format } from '../output/format';
import { resolveOutput, STDOUT } from '../output/resolve';
import { isSameFile } from '../output/same-file';
import { convertToJson } from './json-conversion';
import { convertNatively } from './native-conversion';
import { isSplit } from '../filter/parts';
import { checkConvertOptions, checkPath, type ConvertOptions } from './options';
import { convertPartsNatively } from './native-parts';
import type { ConvertReport, Job, JobReport } from './report';

/** `trace.json.gz` becomes `trace.perfetto-trace`, or `trace.json`; standard input goes to standard output. */
export function defaultOutput(input: string, format = Format.PROTOBUF): string {
  if (input === STDIN) return STDOUT;
  return `${input.replace(/(\.json)?(\.gz)?$/i, '')}${format === Format.JSON ? '.json' : '.perfetto-trace'}`;
}

/**
 * Converts a Chrome or Kineto (PyTorch profiler) JSON trace, plain or gzipped, to a native Perfetto trace.
 *
 * The extension of the output decides what is written: `.perfetto-trace`, `.pftrace` and `.pb` are native,
 * `.json` is Chrome JSON, `.gz` behind either compresses; any other gets the option `format`. A file appears
 * whole: until then an old one of that name stays as it is.
 *
 * What is broken in the input does not stop the conversion: what can be read is written, and the report
 * says what could not, unless `strict` makes it an error.
 *
 * @param input the path of a file or pipe; `-` is standard input
 * @param output the path to write; `-` is standard output, which stays open. With `splitEvery` and `splitSteps` the folder,
 *   which must be given then. Default: beside the input, see `defaultOutput`; for standard input standard output.
 * @throws TraceSmithError `INVALID_INPUT` for what is no JSON trace, has no slice that an option names, or what `strict` does
 *   not allow;
 *   `INVALID_ARGUMENT`; `IO`; `SDK_UNAVAILABLE` with `fallback: 'error'`.
 */
export async function convertTrace(input: string, output?: string, options: ConvertOptions = {}): Promise<ConvertReport> {
  checkPath(input, 'input');
  if (output !== undefined) checkPath(output, 'output');
  const checked = checkConvertOptions(options);
  checked.signal?.throwIfAborted();

  if (checked.filters !== undefined && isSplit(checked.filters) && (output === undefined || output === STDOUT)) {
    throw new TraceSmithError('INVALID_ARGUMENT', 'Expected output to be a folder: a split trace is several files');
  }
  const path = output ?? defaultOutput(input);
  if (isSameFile(input, path)) {
    throw new TraceSmithError('INVALID_ARGUMENT', `${path} is the input; choose another output`);
  }
  const resolved = resolveOutput(path, { ...checked, hasStdout: true }, availableFormat);
  const { format, fallback, compression } = resolved;
  const job: Job = { input, output: resolved, options: checked };
  const report = await convert(job, format);
  return { input, path, format, fallback, compression, ...report };
}

function convert(job: Job, format: Format): Promise<JobReport> {
  const { filters } = job.options;
  if (format === Format.JSON) return convertToJson(job);
  return filters === undefined ? convertNatively(job) : convertPartsNatively(job, filters);
}

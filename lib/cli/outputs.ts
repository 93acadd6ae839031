/** Decides where each input of `convert` goes, and refuses outputs that would surprise, before anything is read. */
import { fstatSync, mkdirSync, statSync, type Stats } from 'node:fs';
import * as path from 'node:path';
import { isatty } from 'node:tty';
import { defaultOutput } from '../convert/convert';
import { ioError } from '../errors';
import { STDIN } from '../input/trace-file';
import { Format, outputKindOf, type Compression } from '../output/format';
import { STDOUT, STDOUT_DESCRIPTOR } from '../output/resolve';
import { usageError } from './terminal';

/** What becomes of one input. */
export interface Task {
  input: string;
  output: string;
}

export interface OutputOptions {
  /** As the user gave it; undefined: beside each input. */
  output?: string;
  /** Undefined: by the extension. */
  format?: Format;
  compression?: Compression;
}

const NATIVE_EXTENSIONS = '.perfetto-trace, .pftrace and .pb';
/** What an extension promises that is never written. */
const FOREIGN_COMPRESSIONS: Readonly<Record<string, string>> = {
  zst: 'zstd', zstd: 'zstd', bz2: 'bzip2', xz: 'xz', lzma: 'lzma', lz4: 'lz4', br: 'brotli',
  zip: 'zip', '7z': '7z', tar: 'tar', tgz: 'tar and gzip',
};
/** Standard output and standard error by name: opened anew, a file behind them would be emptied or replaced. */
const STDOUT_PATH = /^\/(?:dev\/stdout|(?:dev|proc\/self)\/fd\/1)$/;
const STDERR_PATH = /^\/(?:dev\/stderr|(?:dev|proc\/self)\/fd\/2)$/;

/**
 * The output of each input. Makes the folder that the outputs go to.
 *
 * @throws CommanderError for wrong usage; TraceSmithError `IO` for a folder that cannot be made.
 */
export function planTasks(inputs: readonly string[], options: OutputOptions): Task[] {
  const output = options.output !== undefined && STDOUT_PATH.test(options.output) ? STDOUT : options.output;
  if (inputs.includes('') || output === '') throw usageError('the name of a file is empty; perhaps a variable of the shell is not set');
  if (output !== undefined && output !== STDOUT && isFolder(inputs, output)) return intoFolder(inputs, output, options);
  if (inputs.length === 1) {
    const file = output ?? defaultOutput(inputs[0], options.format);
    if (file === STDOUT) checkTerminal(options);
    else checkFile(file, options);
    return [{ input: inputs[0], output: file }];
  }
  if (output === STDOUT) {
    throw usageError('several traces cannot be written to standard output (-) one behind the other; convert them one by one');
  }
  if (output !== undefined) {
    const folder = `${output.replace(/(?:\.[a-z][\w-]*)+$/i, '') || 'traces'}${path.sep}`;
    throw usageError(
      `${inputs.length} inputs become as many traces, and ${output} is one file; name a folder, such as -o ${folder}, or convert them one by one`,
    );
  }
  return checked(inputs.map((input) => ({ input, output: defaultOutput(input, options.format) })));
}

/** The files of a split trace. Those of each input have its name, so all of them lie in one folder. */
export function planSplit(inputs: readonly string[], output: string | undefined): Task[] {
  if (output === undefined || output === STDOUT || STDOUT_PATH.test(output)) {
    throw usageError('a split trace is several files; name a folder for them with -o');
  }
  const names = inputs.map((input) => path.basename(input));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw usageError(`two inputs are named ${twice}, and so would be their files; convert them one by one`);
  return inputs.map((input) => ({ input, output }));
}

/** A name with an extension is that of a file, unless there is a folder of that name. */
function isFolder(inputs: readonly string[], output: string): boolean {
  if (/[\\/]$/.test(output)) return true;
  const there = statsOf(output);
  if (there !== undefined) return there.isDirectory();
  return inputs.length > 1 && extensionOf(output) === '';
}

function intoFolder(inputs: readonly string[], folder: string, { format }: OutputOptions): Task[] {
  const tasks = checked(inputs.map((input) => ({ input, output: path.join(folder, path.basename(defaultOutput(input, format))) })));
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw ioError('make the folder', folder, error);
  }
  return tasks;
}

/** Refuses what only tasks together do wrong. */
function checked(tasks: Task[]): Task[] {
  if (tasks.some(({ input }) => input === STDIN)) {
    throw usageError('standard input (-) has no name in a folder, and cannot be one of several inputs');
  }
  const inputs = new Set(tasks.map(({ input }) => identityOf(input)));
  const byOutput = new Map<string, string>();
  for (const { input, output } of tasks) {
    const other = byOutput.get(path.resolve(output));
    if (other !== undefined) throw usageError(`${other} and ${input} would both become ${output}; convert them one by one`);
    if (inputs.has(identityOf(output))) {
      throw usageError(`${input} would become ${output}, which is an input; name another folder with -o`);
    }
    byOutput.set(path.resolve(output), input);
  }
  return tasks;
}

function checkFile(file: string, { format, compression }: OutputOptions): void {
  if (STDERR_PATH.test(file)) {
    throw usageError(`${file} has the messages of this command; for a trace there write to standard output and redirect it: -o - >&2`);
  }
  const there = statsOf(file);
  if (there !== undefined && !there.isFile()) return; // a device or pipe may have any name
  const extension = extensionOf(file);
  const foreign = FOREIGN_COMPRESSIONS[extension];
  if (foreign !== undefined) {
    const stem = file.slice(0, -extension.length - 1);
    const gzipped = `${extensionOf(stem) === '' ? `${stem}.pftrace` : stem}.gz`;
    throw usageError(
      `${file} would have to be ${foreign}, which is not written; use gzip (-o ${gzipped}), or pipe the trace through a tool that writes ${foreign}: -o - | ...`,
    );
  }
  const kind = outputKindOf(file);
  if (kind.format === undefined) {
    const inner = kind.gzip ? extensionOf(file.slice(0, -'.gz'.length)) : extension;
    if (inner === '' || format !== undefined) return;
    throw usageError(
      `the extension .${inner} of ${file} is none that is written: ${NATIVE_EXTENSIONS} are native traces, .json is Chrome JSON, ` +
        'each with .gz behind it or not; for another name add --format native or --format json',
    );
  }
  if (format !== undefined && format !== kind.format) {
    const named = kind.format === Format.JSON ? 'json' : 'native';
    throw usageError(`--format ${format === Format.JSON ? 'json' : 'native'} contradicts ${file}, whose extension means --format ${named}`);
  }
  if (compression === 'none' && kind.gzip) {
    throw usageError(`--compression none contradicts ${file}, whose extension means gzip; name it without .gz`);
  }
}

/** As gzip: bytes that are no text stay away from a terminal. */
function checkTerminal({ format, compression = 'none' }: OutputOptions): void {
  if (!isatty(STDOUT_DESCRIPTOR) || (format === Format.JSON && compression === 'none')) return;
  throw usageError(
    'standard output is a terminal, and the trace is not text; name a file with -o FILE, redirect it (-o - > trace.pftrace), or ask for text with --format json',
  );
}

/** In lower case, without the dot; empty for a name without one, and for digits as in run.1. */
function extensionOf(file: string): string {
  const [, extension] = /[^\\/]\.(7z|[a-z][\w-]*)$/i.exec(file) ?? [];
  return extension?.toLowerCase() ?? '';
}

/** The same for all names of one file. */
function identityOf(file: string): string {
  const stats = statsOf(file);
  return stats === undefined ? path.resolve(file) : `${stats.dev}:${stats.ino}`;
}

function statsOf(file: string): Stats | undefined {
  try {
    return file === STDIN ? fstatSync(0) : statSync(file);
  } catch {
    return undefined; // not there, or the conversion will say what is wrong with it
  }
}

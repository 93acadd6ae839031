#!/usr/bin/env node
/** The command `tracesmith-perfetto`. */
import { Command, CommanderError } from 'commander';
import { buildCommand } from './build';
import { convertCommand } from './convert';
import { doctorCommand } from './doctor';
import { infoCommand } from './info';
import { trimCommand } from './trim';
import { ioError } from '../errors';
import { endByClosedPipe, Interrupted, isWorking } from './interrupt';
import { columnsOf, errorCode, errorText, ExitCode, exitCodeOf, packageVersion, print, printError, PROGRAM, wrapped } from './terminal';

const EXIT_CODES = `
Exit codes: 0 done, also with warnings; 1 failed; 2 wrong usage; \
130 ended by Ctrl-C (SIGINT), 141 by a reader of the output that has gone (SIGPIPE), 143 by SIGTERM.`;
const HELP = `
Run "${PROGRAM} COMMAND --help" for the options of a command.`;

/** In a file or pipe it has 80. */
const helpColumns = (): number => columnsOf() ?? 80;
/** In a narrower terminal the help tells what an option does below it, not beside it. */
const COLUMNS_OF_TWO = 70;

function createProgram(): Command {
  const program = new Command(PROGRAM)
    .description('Writes, converts and inspects native Perfetto traces.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', HELP);
  for (const command of [convertCommand(), trimCommand(), infoCommand(), doctorCommand(), buildCommand()]) program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    // Errors are thrown, and printed below in the form of all others.
    command.addHelpText('after', EXIT_CODES).exitOverride().configureOutput({
      outputError: () => undefined,
      getOutHelpWidth: helpColumns,
      writeOut: (text) => print(...wrapped(text.trimEnd().split('\n'), helpColumns(), 0)),
    });
    if (helpColumns() < COLUMNS_OF_TWO) command.configureHelp({ formatItem: (term, _, text) => `  ${term}${text && `\n      ${text}`}` });
  }
  return program;
}

async function run(args: readonly string[]): Promise<number> {
  try {
    if (args.length === 0) {
      printError('USAGE', `a command is missing; see "${PROGRAM} --help"`);
      return ExitCode.Usage;
    }
    await createProgram().parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : ExitCode.Done;
  } catch (error) {
    return report(error);
  }
}

/** Says what went wrong, and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode; // the user pressed Ctrl-C or closed the pipe, and needs no message
  if (error instanceof CommanderError) {
    // --help and --version end like this too.
    if (error.exitCode === 0) return ExitCode.Done;
    printError('USAGE', error.message.replace(/^error: /, ''));
    return ExitCode.Usage;
  }
  printError(errorCode(error), errorText(error));
  return exitCodeOf(error);
}

/**
 * A reader such as `head` may close the pipe early: what it wanted it has got. Anything else, such as a full disk, is a
 * failure of the command.
 */
function endOnFailure(stream: NodeJS.WriteStream, say: (error: Error) => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return endByClosedPipe();
    if (isWorking()) return;
    say(error);
    process.exit(ExitCode.Failed);
  });
}

/** Node's own form of warnings takes two lines and the process id. */
function printWarningsInOneLine(): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ message }) => printError('WARNING', message));
}

endOnFailure(process.stdout, (error) => report(ioError('write to', 'standard output', error)));
endOnFailure(process.stderr, () => undefined); // there is nowhere to say it
printWarningsInOneLine();
// Not process.exit(), which would cut off what a pipe has not taken yet.
void run(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});

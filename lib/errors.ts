/**
 * What went wrong, for programs.
 *
 * - `SDK_UNAVAILABLE`: a native trace was asked for and the addon is not there.
 * - `INVALID_EVENT`: an event or counter that cannot be written; the text names its index and field.
 * - `INVALID_ARGUMENT`: an option or argument of the wrong type or range.
 * - `INVALID_STATE`: a call that does not fit what came before: an end without a begin, a time that goes
 *   backwards, a use after closing. The trace stays as it was.
 * - `BACKPRESSURE`: the reader of a stream does not keep up; wait for `ready()`. The trace stays as it was.
 * - `INVALID_INPUT`: an input file that is not what the command reads.
 * - `IO`: reading or writing a file failed; `cause` is the system's error, `systemCode` its code.
 * - `INTERNAL`: the addon refused what this package handed to it; a bug worth reporting.
 */
export type TraceSmithErrorCode =
  | 'SDK_UNAVAILABLE'
  | 'INVALID_EVENT'
  | 'INVALID_ARGUMENT'
  | 'INVALID_STATE'
  | 'BACKPRESSURE'
  | 'INVALID_INPUT'
  | 'IO'
  | 'INTERNAL';

/** The one error class of this package. `code` is stable, `message` is for people. */
export class TraceSmithError extends Error {
  readonly code: TraceSmithErrorCode;
  /** For `IO`: the operating system's code, such as `ENOSPC`. */
  readonly systemCode?: string;

  constructor(code: TraceSmithErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'TraceSmithError';
    this.code = code;
    const systemCode = (options?.cause as NodeJS.ErrnoException | undefined)?.code;
    if (code === 'IO' && typeof systemCode === 'string') this.systemCode = systemCode;
  }
}

/** An `IO` error that says what was being done to which file, with the system's code in the text. */
export function ioError(action: string, path: string, cause: unknown, remedy = ''): TraceSmithError {
  // Not instanceof: errors of Node's own modules are of another realm under Jest and in vm contexts.
  const { message = String(cause), syscall } = (cause ?? {}) as NodeJS.ErrnoException;
  // Node's text goes on with its call and the file, which may be a temporary one beside the path that the user knows.
  const reason = syscall === undefined ? message : message.split(`, ${syscall}`)[0];
  return new TraceSmithError('IO', `Could not ${action} ${path}: ${reason}${remedy}`, { cause });
}

const PREVIEW_LENGTH = 60;

/** A value as it appears in an error text: its type and a short preview. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') {
    const shown = value.length > PREVIEW_LENGTH ? `${value.slice(0, PREVIEW_LENGTH)}...` : value;
    return `the string ${JSON.stringify(shown)}`;
  }
  if (typeof value === 'bigint') return `the bigint ${value}n`;
  if (typeof value === 'number' || typeof value === 'boolean') return `the ${typeof value} ${value}`;
  if (typeof value === 'object') return Array.isArray(value) ? `an array of ${value.length}` : `an object`;
  return `a ${typeof value}`;
}

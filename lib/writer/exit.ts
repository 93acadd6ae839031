/**
 * Closes what is open when the process or the worker thread exits: by `process.exit()`, by an uncaught error, or because
 * close() was forgotten. Nothing can be waited for then. A signal that nobody handles ends the process without this.
 */

/** Closes a writer in the call. What became of it: `closing` is in order. */
type CloseNow = () => 'closing' | 'forgotten' | 'lost';

interface OpenWriter {
  target: string;
  close: CloseNow;
}

const openWriters = new Map<object, OpenWriter>();
let isListening = false;

/** @param target what the writer writes, for the texts of warnings */
export function closeAtExit(writer: object, target: string, close: CloseNow): void {
  openWriters.set(writer, { target, close });
  if (isListening) return;
  isListening = true;
  process.on('exit', closeAll);
}

export function isClosed(writer: object): void {
  openWriters.delete(writer);
}

function closeAll(): void {
  for (const { target, close } of openWriters.values()) warnOf(target, close);
  openWriters.clear();
}

function warnOf(target: string, close: CloseNow): void {
  try {
    const result = close();
    if (result === 'closing') return;
    if (result === 'forgotten') warn(`A TraceWriter on ${target} was not closed; it was closed at the exit.`);
    else warn(`A TraceWriter on ${target} was not closed; what came after its last flush is not in the trace.`);
  } catch (error) {
    warn(`A TraceWriter on ${target} was not closed, and could not be at the exit: ${(error as Error).message}.`);
  }
}

function warn(text: string): void {
  const warning: Error & { code?: string } = new Error(`${text} Call close(), or hold the writer by "await using".`);
  warning.name = 'Warning';
  warning.code = 'TRACESMITH_NOT_CLOSED';
  // process.emitWarning would wait for the next tick, which an exiting process does not have.
  process.emit('warning', warning);
}

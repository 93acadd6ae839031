/** Warns of writers that are still open when the process exits: what they had not flushed is lost. */

const openTargets = new Map<object, string>();
let isListening = false;

/** @param target what the writer writes, for the text of the warning */
export function expectClose(writer: object, target: string): void {
  openTargets.set(writer, target);
  if (isListening) return;
  isListening = true;
  process.on('exit', warn);
}

export function isClosed(writer: object): void {
  openTargets.delete(writer);
}

function warn(): void {
  for (const target of openTargets.values()) {
    const warning: Error & { code?: string } = new Error(
      `A TraceWriter on ${target} was not closed; what came after its last flush is not in the trace. ` +
        'Call close(), or hold the writer by "await using".',
    );
    warning.name = 'Warning';
    warning.code = 'TRACESMITH_NOT_CLOSED';
    // process.emitWarning would wait for the next tick, which an exiting process does not have.
    process.emit('warning', warning);
  }
}

import { constants } from 'node:os';

/** Work that something outside ended. The exit code follows the shells' convention. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(readonly signalName: 'SIGINT' | 'SIGTERM' | 'SIGPIPE') {
    super(`Interrupted by ${signalName}`);
    // Windows has no SIGPIPE.
    this.exitCode = 128 + (constants.signals[signalName] ?? 13);
  }
}

/** The work that is going on. */
let current: AbortController | undefined;

/**
 * Runs work that the first Ctrl-C aborts, so that it can clean up behind it; the second one kills
 * the process as it would without this.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    release();
    controller.abort(new Interrupted(name as 'SIGINT' | 'SIGTERM'));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const release = () => signals.forEach((name) => process.off(name, onSignal));
  signals.forEach((name) => process.on(name, onSignal));
  current = controller;
  try {
    return await work(controller.signal);
  } finally {
    release();
    current = undefined;
  }
}

/** Whether work is going on, which itself says what goes wrong with its output. */
export function isWorking(): boolean {
  return current !== undefined;
}

/** Ends the process as a tool without a handler would be by writing to a closed pipe, but behind its cleaning up. */
export function endByClosedPipe(): void {
  const reason = new Interrupted('SIGPIPE');
  if (current === undefined) process.exit(reason.exitCode);
  current.abort(reason);
}

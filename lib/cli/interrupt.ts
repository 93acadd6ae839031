import { constants } from 'node:os';

/** Work that a signal ended. The exit code follows the shells' convention. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(readonly signalName: 'SIGINT' | 'SIGTERM') {
    super(`Interrupted by ${signalName}`);
    this.exitCode = 128 + constants.signals[signalName];
  }
}

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
  const release = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    release();
  }
}

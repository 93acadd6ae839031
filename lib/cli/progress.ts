import { Presets, SingleBar } from 'cli-progress';
import { formatBytes } from './terminal';

/** Work that is done sooner shows no bar. */
const DELAY_MS = 1000;
const STEPS = 1000;

/** How far work has come. */
export interface Step {
  /** What is being done. */
  task: string;
  /** Of the whole work, from 0 to 1; undefined where nobody knows how long it is. */
  fraction?: number;
  /** How much was read. */
  bytes: number;
}

/** A line on stderr, for people who wait: only on a terminal, and only after a second. */
export class Progress {
  private readonly started = performance.now();
  private readonly isShown: boolean;
  private bar: SingleBar | undefined;

  constructor(isWanted: boolean) {
    this.isShown = isWanted && process.stderr.isTTY;
  }

  update({ task, fraction, bytes }: Step): void {
    const elapsed = performance.now() - this.started;
    if (!this.isShown || elapsed < DELAY_MS) return;
    const steps = Math.round((fraction ?? 0) * STEPS);
    const left = fraction === undefined || fraction === 0 ? '' : `, ${secondsText((elapsed * (1 - fraction)) / fraction)} left`;
    const payload = { task, amount: `${formatBytes(bytes)}, ${formatBytes((bytes * 1000) / elapsed)}/s${left}` };
    if (this.bar === undefined) this.bar = startBar(steps, payload, fraction !== undefined);
    else this.bar.update(steps, payload);
  }

  /** Clears the line, and shows the cursor again. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

function startBar(steps: number, payload: object, hasEnd: boolean): SingleBar {
  const format = hasEnd ? '{bar} {percentage} % {task} ({amount})' : '{task} ({amount})';
  const bar = new SingleBar(
    // The command has its own handling of Ctrl-C.
    { format, hideCursor: true, clearOnComplete: true, stream: process.stderr, gracefulExit: false },
    Presets.shades_classic,
  );
  bar.start(STEPS, steps, payload);
  return bar;
}

/** `12 s`, `3 min 5 s`. */
function secondsText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

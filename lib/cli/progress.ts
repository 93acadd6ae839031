import { Presets, SingleBar } from 'cli-progress';

/** Work that is done sooner shows no bar. */
const DELAY_MS = 1000;
const STEPS = 1000;

/** A bar on stderr, for people who wait: only on a terminal, and only after a second. */
export class Progress {
  private readonly started = performance.now();
  private readonly isShown = process.stderr.isTTY;
  private bar: SingleBar | undefined;

  /** @param fraction Of the whole work, from 0 to 1. */
  update(task: string, fraction: number): void {
    if (!this.isShown || performance.now() - this.started < DELAY_MS) return;
    const steps = Math.round(fraction * STEPS);
    if (this.bar === undefined) this.bar = startBar(task, steps);
    else this.bar.update(steps, { task });
  }

  /** Clears the line, and shows the cursor again. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

function startBar(task: string, steps: number): SingleBar {
  const bar = new SingleBar(
    // The command has its own handling of Ctrl-C.
    { format: '{bar} {percentage} % {task}', hideCursor: true, clearOnComplete: true, stream: process.stderr, gracefulExit: false },
    Presets.shades_classic,
  );
  bar.start(STEPS, steps, { task });
  return bar;
}

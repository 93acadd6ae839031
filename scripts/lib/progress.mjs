// Progress for a person at a terminal and for a log file: one line that is
// rewritten on a terminal, few whole lines elsewhere.

const LINE_INTERVAL_MS = 10_000;
const MILESTONE_INTERVAL_MS = 2_000;
const TERMINAL_INTERVAL_MS = 100;

class ProgressLine {
  #stream = process.stdout;
  #lastAt = Date.now();
  #lastMilestone = 0;

  /** A rise of `milestone` makes a log line due early: a fast task is not silent, nor is it loud. */
  show(text, milestone = 0) {
    const since = Date.now() - this.#lastAt;
    if (since < this.#interval(milestone)) return;
    this.#lastAt = Date.now();
    this.#lastMilestone = milestone;
    const width = this.#stream.columns || 80;
    this.#stream.write(this.#stream.isTTY ? `\r${text.slice(0, width - 1)}\x1b[K` : `${text}\n`);
  }

  #interval(milestone) {
    if (this.#stream.isTTY) return TERMINAL_INTERVAL_MS;
    return milestone > this.#lastMilestone ? MILESTONE_INTERVAL_MS : LINE_INTERVAL_MS;
  }

  end() {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}

const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

/** Progress of a transfer whose size is known: MB and percent. */
export class TransferProgress {
  #line = new ProgressLine();

  constructor(label, totalBytes) {
    this.label = label;
    this.totalBytes = totalBytes;
  }

  update(bytes) {
    const done = Math.min(bytes, this.totalBytes);
    const percent = Math.floor((100 * done) / this.totalBytes);
    this.#line.show(
      `  ${this.label}: ${megabytes(done)} of ${megabytes(this.totalBytes)} MB, ${percent} %`,
      Math.floor(percent / 20),
    );
  }

  end() {
    this.#line.end();
  }
}

/** Progress of work that only says now and then how far it is: shows the seconds, so that it never looks hung. */
export class TaskProgress {
  #line = new ProgressLine();
  #startedAt = Date.now();
  #state = '';
  #timer;

  constructor(label) {
    this.label = label;
    this.#timer = setInterval(() => this.#show(), 500);
    this.#timer.unref();
    this.#show();
  }

  get seconds() {
    return Math.round((Date.now() - this.#startedAt) / 1000);
  }

  update(state) {
    this.#state = state;
    this.#show();
  }

  #show() {
    this.#line.show(`  ${this.label}: ${this.#state ? `${this.#state}, ` : ''}${this.seconds} s`);
  }

  end() {
    clearInterval(this.#timer);
    this.#line.end();
  }
}

/** How the commands talk: numbers for people, aligned lines, errors of one line. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { CommanderError } from 'commander';
import { TraceSmithError } from '../errors';

export const PROGRAM = 'tracesmith-perfetto';

/** The folder of the package, which holds dist/. */
export const PACKAGE_ROOT = path.resolve(__dirname, '..', '..');

export const ExitCode = { Done: 0, Failed: 1, Usage: 2 } as const;

/** Wrong usage that commander does not notice. */
export function usageError(message: string): CommanderError {
  return new CommanderError(ExitCode.Usage, 'tracesmith.usage', message);
}

/** An argument that the API refuses is wrong usage, too. */
export function exitCodeOf(error: unknown): number {
  return error instanceof TraceSmithError && error.code === 'INVALID_ARGUMENT' ? ExitCode.Usage : ExitCode.Failed;
}

export function packageVersion(): string {
  const text = readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

export function print(...lines: string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What `print` writes, on stderr: for a command whose output is stdout. */
export function printAside(...lines: string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}

/** Bigints become text: most readers of JSON would round them. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part), 2);
}

/** One line on stderr, whatever the text holds. */
export function printError(code: string, text: string): void {
  process.stderr.write(`${PROGRAM}: ${code}: ${oneLine(text)}\n`);
}

export function errorCode(error: unknown): string {
  return error instanceof TraceSmithError ? error.code : 'INTERNAL';
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Text from a file in a line of its own: control characters would move the cursor or worse. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what is replaced
  return text.trim().replace(/[\0-\x1f\x7f-\x9f]+/g, ' ');
}

/** Of the terminal, or what COLUMNS says; undefined in a file or pipe, whose lines are not to be broken. */
export function columnsOf(stream: NodeJS.WriteStream = process.stdout): number | undefined {
  const columns = stream.isTTY ? stream.columns : Number(process.env.COLUMNS);
  return columns >= MIN_COLUMNS ? columns : undefined;
}

const MIN_COLUMNS = 20;

/** Breaks lines at spaces to fit the terminal; what continues a line is indented. A word that is too long stays whole. */
export function wrapped(lines: readonly string[], columns = columnsOf(), hanging = 4): string[] {
  if (columns === undefined) return [...lines];
  return lines.flatMap((line) => {
    const pieces: string[] = [];
    const indent = `${/^ */.exec(line)![0]}${' '.repeat(hanging)}`;
    let rest = line;
    while (rest.length > columns) {
      const start = /[^ ]/.exec(rest)!.index;
      const before = rest.lastIndexOf(' ', columns);
      const end = before > start ? before : rest.indexOf(' ', columns);
      if (end < 0) break;
      pieces.push(rest.slice(0, end).trimEnd());
      rest = `${indent}${rest.slice(end).trimStart()}`;
    }
    return [...pieces, rest];
  });
}

/** Label and value on each line, the values below each other. */
export function aligned(rows: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
}

const integers = new Intl.NumberFormat('en-US');

/** `1 slice`, `1,234 slices`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${integers.format(count)} ${count === 1 ? singular : plural}`;
}

/** Counts in words, the first in any case and the others where there are any: `3 slices, 1 instant`. */
export function countedList(...[first, ...others]: Parameters<typeof counted>[]): string {
  return [first, ...others.filter(([count]) => count > 0)].map((each) => counted(...each)).join(', ');
}

export function formatInteger(value: number | bigint): string {
  return integers.format(value);
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** Decimal units: `12.3 MB`. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

const NS_PER_SECOND = 1_000_000_000n;

/** `12 ns`, `3.456 ms`, `1.234 s`, `5 min 3 s`, `2 d 3 h`. */
export function formatDuration(ns: bigint): string {
  if (ns < 1000n) return `${ns} ns`;
  if (ns < 1_000_000n) return `${decimal(ns, 1e3)} us`;
  if (ns < NS_PER_SECOND) return `${decimal(ns, 1e6)} ms`;
  if (ns < 120n * NS_PER_SECOND) return `${decimal(ns, 1e9)} s`;
  const minutes = ns / (60n * NS_PER_SECOND);
  if (minutes < 120n) return `${minutes} min ${(ns / NS_PER_SECOND) % 60n} s`;
  const hours = minutes / 60n;
  if (hours < 48n) return `${hours} h ${minutes % 60n} min`;
  return `${formatInteger(hours / 24n)} d ${hours % 24n} h`;
}

function decimal(ns: bigint, scale: number): string {
  return String(Number((Number(ns) / scale).toFixed(3)));
}

/** Work that is done sooner shows no bar. */
const DELAY_MS = 1000;
const STEPS = 1000;
/** In a narrower terminal the numbers go before a picture of them. */
const COLUMNS_WITH_BAR = 100;

/** A line on stderr for people that wait: only on a terminal, and only after a second. */
export class Progress {
  private readonly started = performance.now();
  private readonly isShown: boolean;
  private bar: SingleBar | undefined;

  constructor(isWanted: boolean) {
    this.isShown = isWanted && process.stderr.isTTY;
  }

  /**
   * @param task names the work
   * @param bytes how much was read
   * @param fraction of the whole work, from 0 to 1; undefined if its length is not known
   */
  update(task: string, bytes: number, fraction: number | undefined): void {
    const elapsed = performance.now() - this.started;
    if (!this.isShown || elapsed < DELAY_MS) return;
    const seconds = fraction ? Math.ceil((elapsed * (1 - fraction)) / fraction / 1000) : undefined;
    const left = seconds === undefined ? '' : `, ${formatDuration(BigInt(seconds) * NS_PER_SECOND)} left`;
    this.bar ??= startBar(fraction !== undefined);
    const amount = `${formatBytes(bytes)}, ${formatBytes((bytes * 1000) / elapsed)}/s${left}`;
    this.bar.update(Math.round((fraction ?? 0) * STEPS), { task, amount });
  }

  /** Clears the line, and shows the cursor again. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

function startBar(hasEnd: boolean): SingleBar {
  const hasRoom = (columnsOf(process.stderr) ?? 0) >= COLUMNS_WITH_BAR;
  const format = `${hasEnd ? `${hasRoom ? '{bar} ' : ''}{percentage} % ` : ''}{task} ({amount})`;
  const bar = new SingleBar(
    // The command has its own handling of Ctrl-C.
    { format, hideCursor: true, clearOnComplete: true, stream: process.stderr, gracefulExit: false },
    Presets.shades_classic,
  );
  bar.start(STEPS, 0, { task: '', amount: '' });
  return bar;
}

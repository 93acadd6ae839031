/** Perfetto's own trace_processor_shell, as the referee of what a trace says. */
import { execFileSync } from 'node:child_process';
import { DEADLINE_MS } from './effort';

const BINARY = process.env.TRACE_PROCESSOR ?? '';
/** Whether TRACE_PROCESSOR names it. */
export const hasTraceProcessor = BINARY !== '';

/** `describe`, or a skipped one that says why where TRACE_PROCESSOR does not name the binary. */
export function describeWithTraceProcessor(name: string, body: () => void): void {
  if (hasTraceProcessor) describe(name, body);
  else describe.skip(`${name} (set TRACE_PROCESSOR to the path of trace_processor_shell)`, body);
}

/** A row of a result; everything is text, and null where SQL has NULL. */
export type Row = Record<string, string | null>;

/** Loads a trace and runs one query. */
export function query(path: string, sql: string): Row[] {
  const [header, ...lines] = parseCsv(run(path, sql));
  const value = (text: string): string | null => (text === NULL ? null : text);
  return lines.map((line) => Object.fromEntries(header.map((column, i) => [column, value(line[i])])));
}

/** Loads a trace and runs one query of one column `json`, which is JSON: names with quotes and line ends come through. */
export function queryJson<T>(path: string, sql: string): T[] {
  // The first line is the statement's own text where the column has no name.
  const [, ...lines] = run(path, `SELECT json FROM (${sql})`).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line.slice(1, -1)) as T);
}

/** The table, with its condition, of what trace_processor held against a trace. */
export const ERROR_STATS = "stats WHERE severity IN ('error', 'data_loss') AND value > 0";

/** What trace_processor held against a trace: empty for a good one. */
export function errorStats(path: string): Row[] {
  return query(path, `SELECT name, value FROM ${ERROR_STATS}`);
}

/** The arrows of a trace, as `from -> to` by the names of their slices, sorted. */
export function arrowsIn(path: string): string[] {
  const arrows = query(
    path,
    'SELECT o.name AS o, i.name AS i FROM flow JOIN slice o ON o.id = slice_out JOIN slice i ON i.id = slice_in',
  );
  return arrows.map(({ o, i }) => `${o} -> ${i}`).sort();
}

const NULL = '[NULL]';

function run(path: string, sql: string): string {
  return execFileSync(BINARY, ['query', path, sql], {
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'pipe'],
    // With the sanitizers' runtime, which the addon under test may need, it would take five times as long.
    env: { ...process.env, LD_PRELOAD: '' },
  });
}

/** The shell quotes strings and doubles no quotes inside them: a string ends at a quote before a comma or line end. */
function parseCsv(csv: string): string[][] {
  const lines: string[][] = [[]];
  const cell = /"((?:[^"]|"(?![,\n]))*)"(,|\n|$)|([^,\n]*)(,|\n|$)/gy;
  while (cell.lastIndex < csv.length) {
    const [, quoted, quotedEnd, plain, plainEnd] = cell.exec(csv)!;
    lines[lines.length - 1].push(quoted ?? plain);
    if ((quotedEnd ?? plainEnd) === '\n' && cell.lastIndex < csv.length) lines.push([]);
  }
  return lines;
}

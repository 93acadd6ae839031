import * as path from 'node:path';
import { TraceSmithError } from '../errors';
import { addExact, type Exact } from '../protobuf/field-reader';
import type { NamedTimes } from './named-times';
import type { CheckedFilterOptions } from './options';
import { Windows } from './windows';

/** What the first look at a trace tells about its time. */
export interface TimeOverview {
  /** The first time; undefined where nothing has one. */
  start?: Exact;
  end: Exact;
  named: NamedTimes;
}

/** A file to write, and the time that it holds; null: all of it. */
export interface FilePart {
  path: string;
  windows: Windows | null;
}

/** A file of a trace that is split. */
interface NumberedPart {
  number: number;
  windows: Windows;
}

const MAX_PARTS = 10_000;

/** Whether the trace becomes several files. */
export function isSplit({ splitEvery, splitSteps }: Pick<CheckedFilterOptions, 'splitEvery' | 'splitSteps'>): boolean {
  return splitEvery !== undefined || splitSteps;
}

/**
 * The files of a trace that is split, by the name of the whole and an extension.
 *
 * @throws TraceSmithError `INVALID_INPUT`, `INVALID_ARGUMENT`
 */
export function filesOf(
  { splitEvery, splitSteps }: CheckedFilterOptions,
  overview: TimeOverview,
  windows: Windows | null,
  { folder, name, extension }: { folder: string; name: string; extension: string },
): FilePart[] {
  const parts = splitSteps ? overview.named.parts(windows) : partsOfTime(splitEvery!, overview, windows);
  if (parts.length === 0) throw new TraceSmithError('INVALID_INPUT', 'Nothing to split: the trace has nothing at the time that was asked for');
  const digits = String(parts.at(-1)!.number).length;
  const prefix = splitSteps ? `${name}-step-` : `${name}-`;
  return parts.map((part) => {
    return { path: path.join(folder, `${prefix}${String(part.number).padStart(digits, '0')}${extension}`), windows: part.windows };
  });
}

function partsOfTime(step: number, { start = 0, end }: TimeOverview, windows: Windows | null): NumberedPart[] {
  const total = Math.floor(Number(addExact(end, -start)) / step) + 1;
  if (total > MAX_PARTS) {
    throw new TraceSmithError('INVALID_ARGUMENT', `splitEvery would make ${total} files; at most ${MAX_PARTS} are allowed`);
  }
  const parts: NumberedPart[] = [];
  for (let i = 0; i < total; i++) {
    const part = new Windows([{ from: addExact(start, i * step), to: addExact(start, (i + 1) * step) }]);
    const both = windows === null ? part : windows.and(part);
    if (both.list.length > 0) parts.push({ number: i + 1, windows: both });
  }
  return parts;
}

/** What is odd about the time that was asked for. */
export function timeWarnings({ start, end }: TimeOverview, windows: Windows | null): string[] {
  if (windows === null) return [];
  if (windows.list.length === 0) return ['no time is in all that was asked for: nothing with a time is left'];
  return windows.touches(start ?? 0, addExact(end, 1)) ? [] : ['the trace has nothing at the time that was asked for'];
}

/** The counts of a trace that is written in several files. */
export function addCounts<Counts extends Record<keyof Counts, number>>(all: readonly Counts[]): Counts {
  const sum: Record<keyof Counts, number> = { ...all[0] };
  for (const counts of all.slice(1)) for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
  return sum as Counts;
}

import type { PlanCounts } from '../filter/event-plan';
import type { WindowReport } from '../filter/windows';

/** What stayed and what went. */
export interface FilterReport extends Omit<FilterCounts, 'slices' | 'instants' | 'counters' | 'flows'> {
  /** The files that were written, of a split trace several. */
  files: string[];
  /** The parts of the time that stay; null: all of it. */
  windows: WindowReport[] | null;
  warnings: string[];
}

export interface FilterCounts extends PlanCounts {
  droppedSamples: number;
}

/** What is shown among the metadata of the trace. */
export function filterMetadata(optionsText: string, { flows: _, ...counts }: FilterCounts): Record<string, string | number> {
  const entries = Object.entries(counts).map(([name, count]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), count]);
  return { options: optionsText, ...Object.fromEntries(entries) as Record<string, number> };
}

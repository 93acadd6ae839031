import type { ChromeTrack } from '../chrome-json/read/chrome-tracks';
import type { ChromeJsonBackend } from '../chrome-json/write/chrome-json';
import { filterText } from '../filter/options';
import { addCounts, isSplit, timeWarnings } from '../filter/parts';
import type { TimelineCounts } from '../order/timeline';
import { makeFolder } from '../output/folder';
import { filterMetadata, type FilterCounts } from './filter-report';
import type { FilterWishes } from './options';
import { partFiles } from './part-files';
import type { Job, JobReport } from './report';
import { TableFilter } from './table-filter';

type Written = Pick<JobReport, 'bytes' | 'slices' | 'instants' | 'counters' | 'flows' | 'lanes' | 'unclosed' | 'filter'>;

/** Writes a part of a trace that is in memory, or several parts to files of their own. */
export async function writeParts(
  job: Job,
  filters: FilterWishes,
  backend: ChromeJsonBackend,
  { tracks, timeShift }: { tracks: readonly ChromeTrack[]; timeShift: bigint },
  write: (path: string | undefined) => Promise<number>,
): Promise<Written> {
  const { output } = job;
  const filter = backend.read((table, timeline) => new TableFilter(table, timeline, filters, tracks, timeShift));
  const overview = filter.overview();
  const windows = overview.named.windows(overview.start ?? 0);
  const split = isSplit(filters);
  if (split) await makeFolder(output.path!);
  const parts = split ? partFiles(job, filters, overview, windows) : [{ path: output.path, windows }];
  const counts: FilterCounts[] = [];
  const timelines: TimelineCounts[] = [];
  let bytes = 0;
  for (const part of parts) {
    const { plan, timeline } = filter.part(part.windows);
    counts.push({ ...plan.counts, droppedSamples: 0 });
    timelines.push(timeline.counts);
    backend.restrict(timeline, { filter: filterMetadata(filterText(filters.asked), counts.at(-1)!) });
    bytes += await write(part.path);
  }
  const { slices, instants, counters, flows, ...left } = addCounts(counts);
  const sum = (field: 'lanes' | 'unclosed') => timelines.reduce((total, timeline) => total + timeline[field], 0);
  const files = parts.map((part) => part.path ?? output.name);
  const more = { files, windows: windows?.report ?? null, warnings: timeWarnings(overview, windows) };
  return { bytes, slices, instants, counters, flows, lanes: sum('lanes'), unclosed: sum('unclosed'), filter: { ...left, ...more } };
}

import * as path from 'node:path';
import type { CheckedFilterOptions } from '../filter/options';
import { filesOf, type FilePart, type TimeOverview } from '../filter/parts';
import type { Windows } from '../filter/windows';
import { STDIN } from '../input/trace-file';
import { Format } from '../output/format';
import type { Job } from './report';

/** The files of a split trace: they have the name of the input and a number. */
export function partFiles(
  { input, output }: Pick<Job, 'input' | 'output'>,
  filters: CheckedFilterOptions,
  overview: TimeOverview,
  windows: Windows | null,
): FilePart[] {
  const name = input === STDIN ? 'trace' : path.basename(input).replace(/(\.json)?(\.gz)?$/i, '');
  const extension = (output.format === Format.JSON ? '.json' : '.perfetto-trace') + (output.compression === 'gzip' ? '.gz' : '');
  return filesOf(filters, overview, windows, { folder: output.path!, name, extension });
}

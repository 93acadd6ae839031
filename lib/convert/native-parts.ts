import { sep } from 'node:path';
import type { NativeConversion, NativeConvertReport, NativeTracePart } from '../addon/contract';
import { Criteria, type Owner } from '../filter/criteria';
import { NamedTimes } from '../filter/named-times';
import { filterText } from '../filter/options';
import { addCounts, isSplit, timeWarnings, type TimeOverview } from '../filter/parts';
import { ARROW_ARG, UNIQUE_ARGS } from '../filter/unique-args';
import type { Windows } from '../filter/windows';
import { nameOfInput } from '../input/trace-file';
import { makeFolder } from '../output/folder';
import { STDOUT_DESCRIPTOR } from '../output/resolve';
import { WholeFile } from '../output/whole-file';
import { normalized } from '../protobuf/field-reader';
import type { FilterCounts } from './filter-report';
import { ownerOf } from './owners';
import { createConversion, reportOf, run } from './native-conversion';
import type { FilterWishes } from './options';
import { partFiles } from './part-files';
import { strictError, type Job, type JobReport } from './report';

const ARGS_NUMBERS = { all: 0, lean: 1, none: 2 } as const;
const ALL_LEVELS = 0xffffffff;
const INCLUDED = 1;
const EXCLUDED = 2;

/**
 * Converts a part of a trace through the addon, or several parts to files of their own. What patterns mean is asked here,
 * once for each text.
 *
 * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
 */
export async function convertPartsNatively(job: Job, filters: FilterWishes): Promise<JobReport> {
  const { output, input } = job;
  const named = new NamedTimes(filters);
  const criteria = new Criteria(filters);
  const needsTexts = criteria.asksNames || criteria.asksCategories;
  const split = isSplit(filters);
  if (split) await makeFolder(output.path!);
  // Of a split trace each file is made when it is written; temporary ones lie in the folder.
  const file = split || output.path === undefined ? undefined : WholeFile.create(output.path);
  try {
    const place = split ? { path: `${output.path!}${sep}`, isBeside: true } : file;
    const native = createConversion(job, place, { names: named.names, prefix: named.prefix, needsTexts, keepsLittle: keepsLittle(filters) });
    const survey = await run(native, job, () => native.lookAt());
    const error = job.options.strict ? strictError(nameOfInput(input), reportOf(survey.report)) : undefined;
    if (error !== undefined) throw error;

    for (const { name, from, to } of survey.named) named.add(name, normalized(from), to === null ? undefined : normalized(to));
    const overview: TimeOverview = { start: survey.start === null ? undefined : normalized(survey.start), end: normalized(survey.end), named };
    const windows = named.windows(overview.start ?? 0);
    const answers = answersOf(native, criteria, filters);
    const written: { report: NativeConvertReport; counts: FilterCounts }[] = [];
    const files: string[] = [];
    const write = async (to: WholeFile | undefined, name: string, part: Windows | null) => {
      const outputOf = { output: to?.path ?? STDOUT_DESCRIPTOR, outputName: name };
      written.push(await run(native, job, () => native.writePart({ ...answers, ...outputOf, ...windowsOf(part) })));
      await to?.complete();
      files.push(name);
    };
    if (split) {
      for (const part of partFiles(job, filters, overview, windows)) {
        const partFile = WholeFile.create(part.path);
        await write(partFile, part.path, part.windows).catch((failure: unknown) => partFile.fail(failure));
      }
    } else {
      await write(file, output.name, windows);
    }
    return reportOfParts(written, { files, windows: windows?.report ?? null, warnings: timeWarnings(overview, windows) });
  } catch (error) {
    file?.discard();
    throw error;
  }
}

/** Whether the options choose a part of the time, and not every part in turn. */
function keepsLittle(filters: FilterWishes): boolean {
  const { from, to, around, steps } = filters;
  return !isSplit(filters) && (from !== undefined || to !== undefined || around.length > 0 || steps.length > 0);
}

function windowsOf(windows: Windows | null): Pick<NativeTracePart, 'windows' | 'windowCount'> {
  return {
    windows: windows && BigInt64Array.from(windows.list.flatMap(({ from, to }) => [BigInt(from), BigInt(to)])),
    windowCount: windows?.list.length ?? 0,
  };
}

function answersOf(native: NativeConversion, criteria: Criteria, filters: FilterWishes): Omit<NativeTracePart, 'output' | 'outputName' | 'windows' | 'windowCount'> {
  const texts = criteria.asksNames || criteria.asksCategories ? native.texts() : [];
  const category = (text: string) => (criteria.includesCategory(text) ? INCLUDED : 0) | (criteria.excludesCategory(text) ? EXCLUDED : 0);
  const { processes, threads } = criteria.asksOwners ? native.owners() : { processes: [], threads: [] };
  const answers = (owners: Owner[]) => (criteria.asksOwners ? Uint8Array.from(owners, (owner) => Number(criteria.acceptsOwner(owner))) : null);
  const ofProcess = processes.map((process) => ownerOf({ ...process, kind: 'process' }));
  return {
    followsFlows: filters.steps.length > 0 || filters.splitSteps,
    names: criteria.asksNames ? Uint8Array.from(texts, (text) => Number(criteria.acceptsName(text))) : null,
    categories: criteria.asksCategories ? Uint8Array.from(texts, category) : null,
    needsCategory: criteria.needsCategory,
    processes: answers(ofProcess),
    threads: answers(threads.map(({ process, ...thread }) => ownerOf({ ...thread, kind: 'thread', process: { ...processes[process], kind: 'process' } }))),
    acceptsOwnerless: criteria.acceptsOwner({ process: '', thread: '' }),
    minDuration: filters.minDuration ?? 0,
    maxDepth: filters.maxDepth ?? ALL_LEVELS,
    args: ARGS_NUMBERS[filters.args],
    uniqueArgs: UNIQUE_ARGS,
    arrowArg: ARROW_ARG,
    optionsText: JSON.stringify(filterText(filters.asked)),
  };
}

function reportOfParts(
  parts: readonly { report: NativeConvertReport; counts: FilterCounts }[],
  more: { files: string[]; windows: ReturnType<() => Windows['report']> | null; warnings: string[] },
): JobReport {
  const last = parts.at(-1)!.report;
  const { slices, instants, counters, flows, ...left } = addCounts(parts.map(({ counts }) => counts));
  const sum = (field: 'bytes' | 'lanes' | 'unclosed') => parts.reduce((total, { report }) => total + report[field], 0);
  const samples = parts.length * last.samples - left.droppedSamples;
  const counts = { slices, instants, counters, flows, samples, bytes: sum('bytes'), lanes: sum('lanes'), unclosed: sum('unclosed') };
  return { ...reportOf(last), ...counts, filter: { ...left, ...more } };
}

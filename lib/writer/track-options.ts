import { TrackProperty } from '../batch/layout';
import { checkArray, checkInt32, checkNames, checkString, isInt64, type Reject } from '../checks';
import { MAX_INT32 } from '../limits';
import type { Integer } from '../values';
import type { TrackAttribute } from './trace-rows';

/** A process. */
export interface ProcessOptions {
  /** 1 to 2^31 - 1; 0 means the idle process in a Perfetto trace. */
  pid: number;
  name: string;
  /** Shown behind the name. */
  labels?: readonly string[];
  /** Lower comes first among the processes. An int32. */
  sortIndex?: number;
  /** The arguments that the process was started with. */
  commandLine?: readonly string[];
}

/** A thread of a process. */
export interface ThreadOptions {
  /** 1 to 2^31 - 1; 0 means the idle thread in a Perfetto trace. */
  tid: number;
  name: string;
  /** Lower comes first among the threads of the process. An int32. */
  sortIndex?: number;
}

/** A GPU. */
export interface GpuOptions {
  /** 0 to 2^31 - 1; GPUs are shown in this order. */
  id: number;
  /** Default: `GPU 0`, with the id. */
  name?: string;
  vendor?: string;
  architecture?: string;
  uuid?: string;
  /** The place on the PCI bus: `0000:3b:00.0`. */
  pciBdf?: string;
}

/** A stream of a GPU. */
export interface StreamOptions {
  /** Default: `Stream 7`, with the number. */
  name?: string;
}

/** Options of any other track, except its parent. */
export interface PlainTrackOptions {
  name: string;
  /** Shown when the UI is asked about the track. */
  description?: string;
  /** How the tracks below this one are sorted: by name, by their first event, or by their `rank`. */
  childOrdering?: 'lexicographic' | 'chronological' | 'explicit';
  /** The position below a parent with `explicit` ordering: lower comes first. An int32. */
  rank?: number;
}

/** A counter. */
export interface CounterOptions {
  name: string;
  /** A unit that the UI scales. */
  unit?: 'ns' | 'count' | 'bytes';
  /** Any other unit, shown as it is. */
  unitName?: string;
  /** The UI multiplies each value with it. An int64 but 0. */
  multiplier?: Integer;
  /** The values are differences to the one before. Default: false. */
  incremental?: boolean;
  /** Counters with one key below one parent share their y axis. */
  shareYAxisKey?: string;
}

const IDLE = 'an integer from 1 to 2^31 - 1 (0 means the idle process in a Perfetto trace)';

/** Perfetto's ChildTracksOrdering. */
const CHILD_ORDERINGS = { lexicographic: 1, chronological: 2, explicit: 3 };
const UNITS = ['ns', 'count', 'bytes'];

export function processAttributes(options: ProcessOptions, reject: Reject): TrackAttribute[] {
  checkNames(options, ['pid', 'name', 'labels', 'sortIndex', 'commandLine'], reject);
  const { pid, name, labels = [], sortIndex, commandLine = [] } = options;
  checkId(pid, 'pid', 1, IDLE, reject);
  checkString(name, 'name', reject);
  checkTexts(labels, 'labels', reject);
  checkTexts(commandLine, 'commandLine', reject);
  const attributes: TrackAttribute[] = [[TrackProperty.Pid, pid]];
  add(attributes, TrackProperty.SortIndex, sortIndex, checkInt32, 'sortIndex', reject);
  for (const label of labels) attributes.push([TrackProperty.Label, label]);
  for (const argument of commandLine) attributes.push([TrackProperty.CommandLine, argument]);
  return attributes;
}

export function threadAttributes(options: ThreadOptions, reject: Reject): TrackAttribute[] {
  checkNames(options, ['tid', 'name', 'sortIndex'], reject);
  const { tid, name, sortIndex } = options;
  checkId(tid, 'tid', 1, IDLE, reject);
  checkString(name, 'name', reject);
  const attributes: TrackAttribute[] = [[TrackProperty.Tid, tid]];
  add(attributes, TrackProperty.SortIndex, sortIndex, checkInt32, 'sortIndex', reject);
  return attributes;
}

export function gpuAttributes(options: GpuOptions, reject: Reject): TrackAttribute[] {
  checkNames(options, ['id', 'name', 'vendor', 'architecture', 'uuid', 'pciBdf'], reject);
  const { id, name, vendor, architecture, uuid, pciBdf } = options;
  checkId(id, 'id', 0, 'an integer from 0 to 2^31 - 1', reject);
  if (name !== undefined) checkString(name, 'name', reject);
  const attributes: TrackAttribute[] = [
    [TrackProperty.Gpu, id],
    [TrackProperty.Rank, id],
    [TrackProperty.ChildOrdering, CHILD_ORDERINGS.explicit],
  ];
  add(attributes, TrackProperty.GpuVendor, vendor, checkString, 'vendor', reject);
  add(attributes, TrackProperty.GpuArchitecture, architecture, checkString, 'architecture', reject);
  add(attributes, TrackProperty.GpuUuid, uuid, checkString, 'uuid', reject);
  add(attributes, TrackProperty.GpuPciBdf, pciBdf, checkString, 'pciBdf', reject);
  return attributes;
}

export function streamAttributes(stream: number, options: StreamOptions, reject: Reject): TrackAttribute[] {
  checkNames(options, ['name'], reject);
  checkId(stream, 'the stream', 0, 'an integer from 0 to 2^31 - 1', reject);
  if (options.name !== undefined) checkString(options.name, 'name', reject);
  return [
    [TrackProperty.GpuStream, stream],
    [TrackProperty.Rank, stream],
  ];
}

/** `parent` is the caller's to check: it knows which trace it is of. */
export function plainAttributes(options: PlainTrackOptions, reject: Reject): TrackAttribute[] {
  checkNames(options, ['name', 'description', 'childOrdering', 'rank', 'parent'], reject);
  const { name, description, childOrdering, rank } = options;
  checkString(name, 'name', reject);
  const attributes: TrackAttribute[] = [];
  add(attributes, TrackProperty.Description, description, checkString, 'description', reject);
  if (childOrdering !== undefined) {
    if (!Object.hasOwn(CHILD_ORDERINGS, childOrdering)) {
      reject('childOrdering', 'one of "lexicographic", "chronological", "explicit"', childOrdering);
    }
    attributes.push([TrackProperty.ChildOrdering, CHILD_ORDERINGS[childOrdering]]);
  }
  add(attributes, TrackProperty.Rank, rank, checkInt32, 'rank', reject);
  return attributes;
}

export function counterAttributes(options: CounterOptions, reject: Reject): TrackAttribute[] {
  checkNames(options, ['name', 'unit', 'unitName', 'multiplier', 'incremental', 'shareYAxisKey'], reject);
  const { name, unit, unitName, multiplier, incremental, shareYAxisKey } = options;
  checkString(name, 'name', reject);
  if (unit !== undefined && !UNITS.includes(unit)) reject('unit', 'one of "ns", "count", "bytes" (others as unitName)', unit);
  if (unit !== undefined && unitName !== undefined) reject('unitName', 'absent where there is a unit', unitName);
  const attributes: TrackAttribute[] = [];
  add(attributes, TrackProperty.Unit, unit, checkString, 'unit', reject);
  add(attributes, TrackProperty.UnitName, unitName, checkString, 'unitName', reject);
  if (multiplier !== undefined) {
    if (!isInt64(multiplier) || BigInt(multiplier) === 0n) reject('multiplier', 'an integer within 64 bits but 0', multiplier);
    attributes.push([TrackProperty.UnitMultiplier, multiplier]);
  }
  if (incremental !== undefined) {
    if (typeof incremental !== 'boolean') reject('incremental', 'a boolean', incremental);
    attributes.push([TrackProperty.Incremental, incremental]);
  }
  add(attributes, TrackProperty.YAxisShareKey, shareYAxisKey, checkString, 'shareYAxisKey', reject);
  return attributes;
}

function checkId(value: number, field: string, least: number, expected: string, reject: Reject): void {
  if (!Number.isInteger(value) || value < least || value > MAX_INT32) reject(field, expected, value);
}

function checkTexts(values: readonly unknown[], field: string, reject: Reject): void {
  checkArray(values, field, 'an array of strings', reject);
  values.forEach((value, index) => checkString(value, `${field}[${index}]`, reject));
}

/** Adds a property that may be missing. */
function add<T extends string | number>(
  attributes: TrackAttribute[],
  key: TrackProperty,
  value: T | undefined,
  check: (value: T, field: string, reject: Reject) => void,
  field: string,
  reject: Reject,
): void {
  if (value === undefined) return;
  check(value, field, reject);
  attributes.push([key, value]);
}

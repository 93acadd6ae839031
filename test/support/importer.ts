/**
 * Compares a JSON trace, as trace_processor's own importer reads it, with the native trace that was made of it. All of
 * the first must be in the second; what the second has beside is told, for the importer loses things.
 */
import { GLOBAL_INSTANTS, gpuPlace } from './converted';
import type { LoadedSlice, LoadedTrace } from './loaded-trace';

/** What the comparison looks at in the text of a JSON trace. */
export interface ChromeTrace {
  traceEvents: { ph: string; name?: string; pid?: unknown; tid?: unknown; args?: Record<string, unknown> }[];
  [property: string]: unknown;
}

export interface Comparison {
  /** What is wrong, the first few of each kind. */
  missing: string[];
  /** Slices that the importer dropped. */
  slicesGained: number;
  /** Slices whose time the importer rounded, and how far at most, in ns. */
  timesGained: number;
  largestRounding: bigint;
  /** Arrows that the importer did not draw. */
  flowsGained: number;
  /** Arrows that it draws to or from another slice than ours, for it dropped something where they are. */
  flowsMoved: number;
  /** Slices on lanes, and those that are elsewhere in the stack than the importer has them. */
  onLanes: number;
  depthsChanged: number;
}

/** So many of each kind are shown. */
const SHOWN = 5;

/** The importer computes in double: microseconds times 1000, rounded; whole microseconds are exact. */
export function importerTime(ns: bigint): bigint {
  if (ns < 0n) return ns; // -1: without an end
  const microseconds = Number(`${ns / 1000n}.${String(ns % 1000n).padStart(3, '0')}`);
  return Number.isInteger(microseconds) ? BigInt(microseconds) * 1000n : BigInt(Math.round(microseconds * 1000));
}

/** The processes of a trace that are GPUs: Kineto says so in a label. */
export function devicesOf({ traceEvents }: ChromeTrace): Set<number> {
  const isDevice = ({ ph, name, args }: ChromeTrace['traceEvents'][0]) =>
    ph === 'M' && name === 'process_labels' && /^GPU \d+$/.test(String(args?.labels));
  return new Set(traceEvents.filter(isDevice).map(({ pid }) => pid as number));
}

/** Ids of processes and threads that a native trace can have; the others are `~`. */
export function idTextOf({ traceEvents }: ChromeTrace): (id: number) => string {
  const ids = new Set(traceEvents.flatMap(({ pid, tid }) => [pid, tid]));
  return (id) => (id > 0 && ids.has(id) ? String(id) : '~');
}

export function compare(chrome: ChromeTrace, importer: LoadedTrace, ours: LoadedTrace): Comparison {
  return new Comparer(chrome).compare(importer, ours);
}

class Comparer {
  private readonly devices: Set<number>;
  /** `<device> <stream>` of every event but metadata, which names processes with a tid of 0. */
  private readonly streams: Set<string>;
  /** By device: the name of what Kineto puts on tid -1, where that has one. */
  private readonly contexts: Map<unknown, unknown>;
  /** Processes with threads whose tid is a number that is none of a thread. */
  private readonly oddThreads: Set<unknown>;
  private readonly missing: string[] = [];

  constructor(chrome: ChromeTrace) {
    this.devices = devicesOf(chrome);
    this.streams = new Set(
      chrome.traceEvents.filter(({ ph }) => ph !== 'M').map(({ pid, tid }) => `${String(pid)} ${String(tid)}`),
    );
    this.contexts = new Map(
      chrome.traceEvents
        .filter(({ ph, name, tid }) => ph === 'M' && name === 'thread_name' && tid === -1)
        .map(({ pid, args }) => [pid, args?.name]),
    );
    const isOdd = (tid: unknown): boolean => typeof tid === 'number' && (tid <= 0 || tid > 0xffff_ffff);
    this.oddThreads = new Set(chrome.traceEvents.filter(({ ph, tid }) => ph !== 'M' && isOdd(tid)).map(({ pid }) => pid));
  }

  compare(importer: LoadedTrace, ours: LoadedTrace): Comparison {
    const found = this.matchSlices(importer.slices, ours.slices);
    const matched = new Set(found.values());
    const gained = ours.slices.filter((slice) => !matched.has(slice));
    const shaken = new Set(gained.map(({ place }) => place));
    const roundings = ours.slices.map(({ ts }) => ts - importerTime(ts)).map((by) => (by < 0n ? -by : by));
    this.compareCounters(importer, ours);
    return {
      ...this.compareFlows(importer, ours, found, shaken),
      slicesGained: gained.length,
      timesGained: roundings.filter((by) => by !== 0n).length,
      largestRounding: roundings.reduce((most, by) => (by > most ? by : most), 0n),
      onLanes: ours.slices.filter(({ isOnLane }) => isOnLane).length,
      depthsChanged: this.compareDepths(found, shaken),
      missing: this.missing,
    };
  }

  /** By slice of the importer. Slices that are the same in everything are as good as each other. */
  private matchSlices(importer: LoadedSlice[], ours: LoadedSlice[]): Map<LoadedSlice, LoadedSlice> {
    const byKey = new Map<string, LoadedSlice[]>();
    for (const slice of ours) {
      const key = keyOf(slice, this.importersPlaceOf(slice), importerTime(slice.ts), importerTime(slice.dur));
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [slice]);
      else known.push(slice);
    }
    const found = new Map<LoadedSlice, LoadedSlice>();
    for (const slice of importer) {
      const key = keyOf(slice, this.placeOf(slice), slice.ts, slice.dur);
      const candidates = byKey.get(key) ?? [];
      const args = argsText(slice, false);
      const same = Math.max(candidates.findIndex((candidate) => argsText(candidate, true) === args), 0);
      const [match] = candidates.splice(same, 1) as (LoadedSlice | undefined)[];
      if (match === undefined) {
        this.complain('slice', key);
        continue;
      }
      found.set(slice, match);
      if (argsText(match, true) !== args) this.complain('args', `${key}: ${difference(argsOf(slice, false), argsOf(match, true))}`);
    }
    return found;
  }

  /** Arrows by the slices at their ends. */
  private compareFlows(
    importer: LoadedTrace,
    ours: LoadedTrace,
    found: Map<LoadedSlice, LoadedSlice>,
    shaken: Set<string>,
  ): Pick<Comparison, 'flowsGained' | 'flowsMoved'> {
    const number = new Map(ours.slices.map((slice, i) => [slice, i]));
    const arrows = new Set(ours.flows.map(([from, to]) => `${number.get(from)} ${number.get(to)}`));
    let flowsMoved = 0;
    for (const [from, to] of importer.flows) {
      const ends = [found.get(from), found.get(to)];
      if (ends.includes(undefined)) continue; // complained about above
      if (arrows.delete(`${number.get(ends[0]!)} ${number.get(ends[1]!)}`)) continue;
      if (ends.some((end) => shaken.has(end!.place))) flowsMoved++;
      else this.complain('flow', `${from.name} at ${from.ts} -> ${to.name} at ${to.ts}`);
    }
    return { flowsGained: arrows.size - flowsMoved, flowsMoved };
  }

  private compareCounters(importer: LoadedTrace, ours: LoadedTrace): void {
    const text = (trace: LoadedTrace) =>
      trace.counters.map(({ place, ts, value }) => `${place} ${trace === ours ? importerTime(ts) : ts} ${value}`).sort();
    const known = new Set(text(ours));
    for (const sample of text(importer)) if (!known.has(sample)) this.complain('counter', sample);
    if (importer.counters.length !== ours.counters.length) this.complain('counters', `${ours.counters.length}`);
  }

  /** Where the importer dropped something, or made one thread of several, depths differ; returns how many do. */
  private compareDepths(found: Map<LoadedSlice, LoadedSlice>, shaken: Set<string>): number {
    let changed = 0;
    for (const [slice, match] of found) {
      // Of two slices without a duration at one time the importer puts the second into the first.
      if (slice.depth === match.depth || slice.dur === 0n) continue;
      changed++;
      if (!shaken.has(match.place) && !this.hasOddThread(slice.pid)) this.complain('depth', `${slice.name} at ${match.ts}: ${slice.depth} is ${match.depth}`);
    }
    return changed;
  }

  /** Where ours are by what the importer makes of them. */
  private placeOf({ place, pid, tid }: LoadedSlice): string {
    if (place === '') return GLOBAL_INSTANTS;
    if (pid === null || tid === null) return place;
    // The importer takes a tid that is 0 or none at all for the main thread's, which is the pid.
    if (!this.devices.has(pid)) return tid === pid && this.hasOddThread(pid) ? mainThreadOf(place) : place;
    const isMain = tid === pid && (pid === 0 || !this.streams.has(`${pid} ${tid}`));
    // -1 is where Kineto puts what concerns the whole context.
    const stream = !isMain ? tid : this.streams.has(`${pid} 0`) ? 0 : -1;
    const context = this.contexts.get(pid);
    return stream === -1 && typeof context === 'string' ? `GPU ${pid} > ${context}` : gpuPlace(pid, stream);
  }

  /** The place of a slice of ours in the words of the above. */
  private importersPlaceOf({ place, pid, tid }: LoadedSlice): string {
    if (pid === null || tid === null || !this.hasOddThread(pid)) return place;
    return tid === pid || place.endsWith('(~)') ? mainThreadOf(place) : place;
  }

  private hasOddThread(pid: number | null): boolean {
    return this.oddThreads.has(pid);
  }

  private complain(kind: string, text: string): void {
    if (this.missing.filter((line) => line.startsWith(`${kind}: `)).length < SHOWN) this.missing.push(`${kind}: ${text}`);
  }
}

/** The thread's part of a place may be any of those that the importer takes for one. */
function mainThreadOf(place: string): string {
  return `${place.slice(0, place.indexOf(' > '))} > main`;
}

function keyOf({ name, category }: LoadedSlice, place: string, ts: bigint, dur: bigint): string {
  return `${place} | ${category ?? ''} | ${name} | ${ts} | ${dur}`;
}

/**
 * In a native trace trace_processor writes `_` in a key for what separates keys. The importer reads a double to the
 * last digit but one.
 */
function argsOf({ args }: LoadedSlice, isOurs: boolean): string[] {
  const text = (value: string) => (value.startsWith('real ') ? `real ${Number(value.slice(5)).toPrecision(15)}` : value);
  const each = isOurs ? [...args].flatMap(([key, value]) => [...elementsOf(key, value)]) : [...args];
  return each.map(([key, value]) => `${key.replace(/[.[\]]/g, '_')}: ${text(value)}`).sort();
}

/** What the importer makes of a list that is one text in a native trace. */
function* elementsOf(key: string, value: string): Generator<[string, string]> {
  const list = value.startsWith('string [') ? listIn(value.slice('string '.length)) : undefined;
  if (list === undefined) yield [key, value];
  else yield* elementsIn(key, list);
}

/** A list that is long or of lists; others stay lists, and such a text is a text. */
function listIn(text: string): unknown[] | undefined {
  try {
    const list = JSON.parse(text) as unknown[];
    return list.length > 4 || list.some((item) => typeof item === 'object' && item !== null) ? list : undefined;
  } catch {
    return undefined;
  }
}

function* elementsIn(key: string, value: unknown): Generator<[string, string]> {
  if (value === null) return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* elementsIn(`${key}[${i}]`, item);
  else if (typeof value === 'object') for (const [name, item] of Object.entries(value)) yield* elementsIn(`${key}.${name}`, item);
  else if (typeof value === 'number') yield [key, `${Number.isInteger(value) ? 'int' : 'real'} ${value}`];
  else if (typeof value === 'boolean') yield [key, `bool ${value}`];
  else yield [key, `string ${value as string}`];
}

function argsText(slice: LoadedSlice, isOurs: boolean): string {
  return argsOf(slice, isOurs).join('\n');
}

function difference(expected: string[], found: string[]): string {
  const lost = expected.filter((line) => !found.includes(line));
  const gained = found.filter((line) => !expected.includes(line));
  return `${lost.join(', ')} is ${gained.join(', ')}`;
}

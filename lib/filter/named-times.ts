import { TraceSmithError } from '../errors';
import { addExact, normalized, type Exact } from '../protobuf/field-reader';
import type { CheckedFilterOptions, FilterTime } from './options';
import { EVER, FOREVER, Windows, type Window } from './windows';

const STEP = 'ProfilerStep#';

/** A file of a trace that is split by its steps. */
export interface StepPart {
  /** Of the step. */
  number: number;
  windows: Windows;
}

/** Where the slices and instants are by which the time that stays is chosen: those of `around`, and steps. */
export class NamedTimes {
  /** Whether any option asks for slices by name. */
  readonly isAsked: boolean;
  /** The names that are wanted, and a prefix of them; '': none. */
  readonly names: readonly string[];
  readonly prefix: string;
  private readonly times = new Map<string, Window[]>();

  constructor(private readonly options: CheckedFilterOptions) {
    // A slice may be named NAME#K itself.
    this.names = [...new Set(options.around.flatMap((text) => [text, parseAround(text).name]))];
    this.prefix = options.steps.length > 0 || options.splitSteps ? STEP : '';
    this.isAsked = this.names.length > 0 || this.prefix !== '';
  }

  isWanted(name: string): boolean {
    return (this.prefix !== '' && name.startsWith(this.prefix)) || this.names.includes(name);
  }

  /** Takes a slice or instant with a wanted name; a slice without an end lasts. */
  add(name: string, from: Exact, to: Exact = FOREVER): void {
    const list = this.times.get(name);
    if (list === undefined) this.times.set(name, [{ from, to }]);
    else list.push({ from, to });
  }

  /**
   * The parts of the time that stay, behind the last add(); null: all of it. `start` is the first time of the trace.
   *
   * @throws TraceSmithError `INVALID_INPUT` for a name or step that is not there.
   */
  windows(start: Exact): Windows | null {
    for (const list of this.times.values()) list.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
    const { from, to, around, steps } = this.options;
    const timeOf = (time: FilterTime) => (typeof time === 'number' ? addExact(start, time) : normalized(time.at));
    const all: Windows[] = [];
    if (from !== undefined || to !== undefined) {
      all.push(new Windows([{ from: from === undefined ? EVER : timeOf(from), to: to === undefined ? FOREVER : timeOf(to) }]));
    }
    if (around.length > 0) all.push(new Windows(around.flatMap((text) => this.around(text))));
    if (steps.length > 0) all.push(this.steps());
    return all.length === 0 ? null : all.reduce((a, b) => a.and(b));
  }

  /** The time of each step within `windows`, by its number. @throws TraceSmithError `INVALID_INPUT` where there are none. */
  parts(windows: Windows | null): StepPart[] {
    const byStep = this.byStep();
    if (byStep.size === 0) throw noSteps('Nothing to split by steps', byStep);
    return [...byStep]
      .sort(([a], [b]) => a - b)
      .map(([number, times]) => ({ number, windows: windows === null ? new Windows(times) : windows.and(new Windows(times)) }))
      .filter((part) => part.windows.list.length > 0);
  }

  private around(text: string): Window[] {
    const { name, number } = parseAround(text);
    const exact = this.times.get(text);
    const found = exact ?? this.times.get(name) ?? [];
    const chosen = exact !== undefined || number === undefined ? found : found.slice(number - 1, number);
    if (chosen.length === 0) {
      const there = number === undefined || found.length === 0 ? 'there is none' : `there are ${found.length}`;
      throw new TraceSmithError('INVALID_INPUT', `Nothing to keep around ${JSON.stringify(text)}: of slices and instants of that name ${there}`);
    }
    const { margin } = this.options;
    // A part of the time without its last ns would be none for an instant.
    return chosen.map(({ from, to }) => ({ from: addExact(from, -margin), to: addExact(to, margin + (from === to ? 1 : 0)) }));
  }

  private steps(): Windows {
    const { steps } = this.options;
    const byStep = this.byStep();
    const windows = [...byStep].flatMap(([n, times]) => (steps.some(([first, last]) => n >= first && n <= last) ? times : []));
    if (windows.length > 0) return new Windows(windows);
    throw noSteps(`None of the steps ${steps.map((range) => range.join('..')).join(', ')} is in the trace`, byStep);
  }

  private byStep(): Map<number, Window[]> {
    const found = new Map<number, Window[]>();
    for (const [name, times] of this.times) {
      const digits = name.slice(STEP.length);
      if (!name.startsWith(STEP) || !/^\d+$/.test(digits)) continue;
      found.set(Number(digits), [...(found.get(Number(digits)) ?? []), ...times]);
    }
    return found;
  }
}

function compare(a: Exact, b: Exact): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function noSteps(what: string, byStep: ReadonlyMap<number, unknown>): TraceSmithError {
  const numbers = [...byStep.keys()].sort((a, b) => a - b);
  const there = numbers.length === 0 ? 'there are no slices ProfilerStep#N' : `there are ${numbers[0]} to ${numbers.at(-1)}`;
  return new TraceSmithError('INVALID_INPUT', `${what}: ${there}`);
}

/** `NAME#K`; a K of 0, or none, belongs to the name. */
export function parseAround(text: string): { name: string; number?: number } {
  const [, name, number] = /^(.+)#([1-9]\d*)$/s.exec(text) ?? [];
  // ProfilerStep#12 is a name, not the twelfth ProfilerStep.
  return name === undefined || `${name}#` === STEP ? { name: text } : { name, number: Number(number) };
}

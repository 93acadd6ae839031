/**
 * Whatever is written to a TraceWriter, in any order, with flushes between and calls that are refused: each row that
 * was taken is in the trace once, exactly as it is, and what was refused has left nothing.
 */
import { Writable } from 'node:stream';
import * as fc from 'fast-check';
import { Format, isSDKAvailable, TraceSmithError, TraceWriter, type ArgValue, type Integer, type RowOptions, type WriterOptions } from '../../lib';
import type { CounterTrack } from '../../lib/writer/counter-track';
import type { Track } from '../../lib/writer/track';
import {
  argEntries, args, asLines, callStack, counterValue, frames, launch, launchEntries, MAX_TIME, parameters, period, text, uint64, unsigned,
  wellFormed,
} from '../support/arbitraries';
import { readTrace, type ReadEvent, type ReadTrace } from '../support/read-trace';

const describeNative = isSDKAvailable() ? describe : describe.skip;

/** How many tracks and counters a trace has; a step names one by its number. */
const TRACKS = 6;
const COUNTERS = 2;

type Step =
  | { do: 'slice'; track: number; name: string; period: [Integer, Integer]; options: RowOptions | undefined }
  | { do: 'instant'; track: number; name: string; period: [Integer, Integer]; options: RowOptions | undefined }
  | { do: 'begin'; track: number; name: string; time: Integer; options: RowOptions | undefined }
  | { do: 'end'; track: number; time: Integer; args: Record<string, ArgValue> }
  | { do: 'record'; track: number; period: [Integer, Integer]; value: number | bigint }
  | { do: 'refused'; track: number; call: number }
  | { do: 'flush' };

const track = fc.nat(TRACKS - 1);
const flows = fc.array(uint64, { maxLength: 3 });
const rowOptions = fc.option(
  fc.record({ category: text, args, flows, terminatingFlows: flows, correlationId: uint64, callStack, launch }, { requiredKeys: [] }),
  { nil: undefined },
);
/** Begins and ends mostly go on in time. Those that do not are refused. */
const halfTime = fc.oneof({ weight: 8, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: period.map(([time]) => time) });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('slice' as const), track, name: text, period, options: rowOptions }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('instant' as const), track, name: text, period, options: rowOptions }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), track, name: text, time: halfTime, options: rowOptions }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), track, time: halfTime, args }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('record' as const), track: fc.nat(COUNTERS - 1), period,
        value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt({ min: -(2n ** 63n), max: MAX_TIME })),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('refused' as const), track, call: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'flush' as const }) },
  ),
  { maxLength: 50 },
);
const nativeOptions: fc.Arbitrary<WriterOptions> = fc.record(
  {
    reorderWindow: fc.constantFrom(1, 2, 5, 1000),
    compression: fc.constantFrom('none' as const, 'packets' as const),
    gpuEvents: fc.constantFrom('tracks' as const, 'both' as const),
    clock: fc.constantFrom('boottime' as const, 'monotonic' as const, 'realtime' as const),
  },
  { requiredKeys: [] },
);

/** Names of tracks are told apart by a number, so that a path is one track. */
type Names = string[];
const names: fc.Arbitrary<Names> = fc.array(text, { minLength: 8, maxLength: 8 });

interface Tracks {
  tracks: Track[];
  counters: CounterTrack[];
  paths: string[][];
  counterPaths: string[][];
}

/** A process, a thread and a track in it, a track below that, a GPU's stream and a track of the trace. */
function define(trace: TraceWriter, given: Names): Tracks {
  const [app, main, nested, deep, gpuName, alone, counter, other] = given.map((name, number) => `${name}#${number}`);
  const process = trace.process({ pid: 7, name: app, labels: [app] });
  const thread = process.thread({ tid: 8, name: main });
  const below = thread.track({ name: nested, description: deep });
  const deepest = below.track({ name: deep });
  const stream = trace.gpu({ id: 3, name: gpuName }).stream(5);
  const free = trace.track({ name: alone });
  const paths = [[app], [app, main], [app, main, nested], [app, main, nested, deep], [gpuName, 'Stream 5'], [alone]];
  return {
    tracks: [process, thread, below, deepest, stream, free],
    counters: [process.counter({ name: counter, unitName: counter }), trace.counter({ name: other })],
    paths: paths.map((path) => path.map(wellFormed)),
    counterPaths: [[app, counter], [other]].map((path) => path.map(wellFormed)),
  };
}

/** Calls that cannot be taken, whatever came before. */
const REFUSED: ((track: Track) => void)[] = [
  (track) => track.slice(undefined as never, 1, 1),
  (track) => track.slice('x', -1, 1),
  (track) => track.slice('x', 1, 0.5),
  (track) => track.slice('x', MAX_TIME, 1),
  (track) => track.slice('x', 2 ** 53, 1),
  (track) => track.slice('x', 1, 1, { args: { deep: { wrong: 2n ** 64n } } }),
  (track) => track.slice('x', 1, 1, { args: { good: 'new text', bad: Symbol('x') as never } }),
  (track) => track.slice('x', 1, 1, { nonsense: 1 } as never),
  (track) => track.slice('x', 1, 1, { flows: ['1'] as never }),
  (track) => track.slice('x', 1, 1, { correlationId: -1 }),
  (track) => track.slice('x', 1, 1, { callStack: [{ functionName: 'new function' }, { lineNumber: -1 }] }),
  (track) => track.slice('x', 1, 1, { launch: { gridX: 2 ** 32 } }),
  (track) => track.instant('x', MAX_TIME + 1n),
  (track) => track.begin('x', NaN),
  (track) => track.end(-1),
  (track) => track.track({ name: 5 as never }),
  (track) => track.counter({ name: 'x', unit: 'ms' as never }),
];

/** Whether the call costs its event without a word: TypeScript takes it, and only a run of the program brings its value. */
const isLost = (call: number) => String(REFUSED[call % REFUSED.length]).includes('2n ** 64n');

/** What a trace has to hold; in the words of the decoder. */
class Model {
  readonly slices: ReadEvent[] = [];
  readonly instants: ReadEvent[] = [];
  readonly counters: ReadTrace['counters'] = [];
  /** Of the slices, those of begins: one that is written before its end came is no stage event. */
  readonly halves = new Set<ReadEvent>();
  private readonly open = Array.from({ length: TRACKS }, (): ReadEvent[] => []);
  private readonly last = Array.from({ length: TRACKS }, () => 0n);

  constructor(private readonly tracks: Tracks) {}

  /** The code of the error that the step has to end with. */
  add(step: Step): string | undefined {
    switch (step.do) {
      case 'flush':
        return undefined;
      case 'refused':
        return isLost(step.call) ? undefined : 'INVALID_ARGUMENT';
      case 'record':
        this.counters.push({ path: this.tracks.counterPaths[step.track], time: BigInt(step.period[0]), value: counterValue(step.value) });
        return undefined;
      case 'slice': {
        const slice = this.event(step, step.period[0]);
        slice.end = slice.begin + BigInt(step.period[1]);
        this.slices.push(slice);
        return undefined;
      }
      case 'instant':
        this.instants.push(this.event(step, step.period[0]));
        return undefined;
      default:
        return this.half(step);
    }
  }

  private half(step: Step & { do: 'begin' | 'end' }): string | undefined {
    const time = BigInt(step.time);
    const open = this.open[step.track];
    if (time < this.last[step.track] || (step.do === 'end' && open.length === 0)) return 'INVALID_STATE';
    this.last[step.track] = time;
    if (step.do === 'end') {
      const slice = open.pop()!;
      slice.end = time;
      slice.args.push(...argEntries(step.args));
    } else {
      const slice = this.event(step, step.time);
      open.push(slice);
      this.halves.add(slice);
      this.slices.push(slice);
    }
    return undefined;
  }

  private event(step: { track: number; name: string; options: RowOptions | undefined }, time: Integer): ReadEvent {
    const { category, args: given = {}, flows: through = [], terminatingFlows = [], correlationId, callStack: stack = [], launch: grid } = step.options ?? {};
    return {
      path: this.tracks.paths[step.track],
      name: wellFormed(step.name),
      category: category === undefined ? undefined : wellFormed(category),
      begin: BigInt(time),
      end: undefined,
      args: [
        ...(correlationId === undefined ? [] : [['correlation_id', unsigned(correlationId)] as [string, string]]),
        ...(grid === undefined ? [] : launchEntries(grid)),
        ...argEntries(given),
      ],
      flows: through.map(BigInt),
      terminatingFlows: terminatingFlows.map(BigInt),
      callStack: frames(stack),
    };
  }
}

async function perform(trace: TraceWriter, { tracks, counters }: Tracks, step: Step): Promise<void> {
  switch (step.do) {
    case 'slice':
      return tracks[step.track].slice(step.name, ...step.period, step.options);
    case 'instant':
      return tracks[step.track].instant(step.name, step.period[0], step.options);
    case 'begin':
      return tracks[step.track].begin(step.name, step.time, step.options);
    case 'end':
      return tracks[step.track].end(step.time, { args: step.args });
    case 'record':
      return counters[step.track].record(step.period[0], step.value);
    case 'refused':
      return REFUSED[step.call % REFUSED.length](tracks[step.track]);
    default:
      return trace.flush();
  }
}

/** Writes a trace; each step has to be taken or refused as the model says. */
async function write(given: Names, all: Step[], options: WriterOptions): Promise<{ bytes: Buffer; model: Model; slices: number }> {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  const trace = await TraceWriter.open(stream, options);
  const tracks = define(trace, given);
  const model = new Model(tracks);
  for (const step of all) {
    const code = model.add(step);
    let failure: unknown;
    try {
      await perform(trace, tracks, step);
    } catch (error) {
      failure = error;
    }
    if (failure !== undefined) expect(failure).toBeInstanceOf(TraceSmithError);
    expect((failure as TraceSmithError | undefined)?.code).toBe(code);
  }
  const { slices } = await trace.close();
  return { bytes: Buffer.concat(chunks), model, slices };
}

describeNative('a native TraceWriter of random rows', () => {
  test('01 writes each of them once, exactly as it is', async () => {
    await fc.assert(
      fc.asyncProperty(names, steps, nativeOptions, async (given, all, options) => {
        const { bytes, model, slices } = await write(given, all, options);
        const read = readTrace(bytes);
        expect(asLines(read.slices)).toEqual(asLines(model.slices));
        expect(asLines(read.instants)).toEqual(asLines(model.instants));
        expect(asLines(read.counters)).toEqual(asLines(model.counters));
        expect(slices).toBe(model.slices.length);
        const stages = asLines(read.stages);
        if (options.gpuEvents === 'both') {
          expect(stages).toEqual(expect.arrayContaining(stagesOf(model.slices.filter((slice) => !model.halves.has(slice)))));
          expect(stagesOf(model.slices)).toEqual(expect.arrayContaining(stages));
        } else {
          expect(stages).toEqual([]);
        }
      }),
      parameters(150),
    );
  });

  test('02 writes the same bytes for the same rows', async () => {
    await fc.assert(
      fc.asyncProperty(names, steps, nativeOptions, async (given, all, { clock: _, ...options }) => {
        const [first, second] = [await write(given, all, options), await write(given, all, options)];
        expect(first.bytes.equals(second.bytes)).toBe(true);
      }),
      parameters(40),
    );
  });
});

/** Those slices that are the stream's and have an end, as stage events. */
function stagesOf(slices: readonly ReadEvent[]): string[] {
  const ended = slices.filter(({ path, end }) => path[1] === 'Stream 5' && end !== undefined);
  return asLines(ended.map(({ name, begin, end }) => ({ time: begin, duration: end! - begin, gpu: 3, queue: 'Stream 5', name })));
}

describe('a JSON TraceWriter of random rows', () => {
  test('03 writes each of them once, with its name', async () => {
    await fc.assert(
      fc.asyncProperty(names, steps, fc.constantFrom(1, 5, 1000), async (given, all, reorderWindow) => {
        const { bytes, model } = await write(given, all.map(near), { format: Format.JSON, reorderWindow });
        const events = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as { ph: string; name?: string }[];
        const namesOf = (phases: string): (string | undefined)[] => events.filter(({ ph }) => phases.includes(ph)).map(({ name }) => wellFormed(name ?? ''));
        // A slice without a length may be written as a moment.
        expect(asLines(namesOf('XBi'))).toEqual(asLines([...model.slices, ...model.instants].map(({ name }) => name)));
        expect(namesOf('C').length).toBe(model.counters.length);
      }),
      parameters(100),
    );
  });
});

/** With times that JSON can hold. */
function near(step: Step): Step {
  const within = (time: Integer): number => Number(BigInt(time) % 2n ** 50n);
  if ('period' in step) return { ...step, period: [within(step.period[0]), within(step.period[1])] };
  return 'time' in step ? { ...step, time: within(step.time) } : step;
}

/** Random parts of events for the property tests, and what a trace has to say about them. */
import * as fc from 'fast-check';
import type { Args, ArgValue, Integer, KernelParams, StackFrame } from '../../lib';
import type { ReadEvent } from './read-trace';

export const MAX_TIME = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * What fast-check is run with: a fixed seed and few runs, or what the environment says. A failure prints its seed and
 * path; PROPERTY_SEED runs it again, PROPERTY_RUNS looks for more.
 */
export function parameters(runs: number): fc.Parameters<unknown> {
  const { PROPERTY_SEED, PROPERTY_RUNS } = process.env;
  return {
    seed: PROPERTY_SEED === undefined ? 20240607 : Number(PROPERTY_SEED),
    numRuns: PROPERTY_RUNS === undefined ? runs : Number(PROPERTY_RUNS),
  };
}

/** A text as UTF-8 holds it: halves of surrogate pairs become U+FFFD. */
export const wellFormed = (text: string): string => Buffer.from(text).toString();

/** Any UTF-16, well-formed or not. */
export const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', 'a', 'name', 'kernel<T>', 'a.b[0]', '\0', '\ud83d\ude00', '\ud800', 'x\udc00y', '\ufeff', '"\\\n\u2028') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 }).map((units) => String.fromCharCode(...units)) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 3000 }).map((length) => 'long \u20ac'.repeat(length)) },
);

/** A bigint or, where it is safe, a number of the same value. */
const integer = (value: bigint, asNumber: boolean): Integer =>
  asNumber && value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
export const integerUpTo = (max: bigint): fc.Arbitrary<Integer> =>
  fc.tuple(fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max }), fc.bigInt({ min: max - 20n, max })), fc.boolean()).map(
    ([value, asNumber]) => integer(value, asNumber),
  );
export const uint64 = integerUpTo(MAX_UINT64);
const uint32 = fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constant(2 ** 32 - 1));

/** A time and a length that ends before 2^63: close to 0, close to 2^63, or anywhere between. */
export const period: fc.Arbitrary<[time: Integer, length: Integer]> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 30n }) },
      { weight: 2, arbitrary: fc.bigInt({ min: MAX_TIME - 30n, max: MAX_TIME }) },
      { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: MAX_TIME }) },
    ),
    fc.oneof(fc.bigInt({ min: 0n, max: 10n }), fc.bigInt({ min: 0n, max: MAX_TIME })),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([time, length, one, other]) => {
    const most = MAX_TIME - time;
    return [integer(time, one), integer(length > most ? most : length, other)];
  });

const scalar: fc.Arbitrary<ArgValue> = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: MAX_UINT64 }),
  fc.constantFrom(null, undefined, 0, -0, NaN, Infinity, 2 ** 53, -(2 ** 53), 2n ** 63n, MAX_UINT64, -(2n ** 63n)),
);
const { value } = fc.letrec<{ value: ArgValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));
export const args: fc.Arbitrary<Args> = fc.dictionary(text, value, { maxKeys: 4 });

const dimension = { requiredKeys: [] as [] };
export const launch: fc.Arbitrary<KernelParams> = fc.record(
  { gridX: uint32, gridY: uint32, gridZ: uint32, blockX: uint32, blockY: uint32, blockZ: uint32, sharedMemBytes: uint32, registersPerThread: uint32 },
  dimension,
);

export const callStack: fc.Arbitrary<StackFrame[]> = fc.array(
  fc.record({ functionName: text, fileName: text, address: uint64, lineNumber: uint32 }, { requiredKeys: [] }),
  { minLength: 1, maxLength: 4 },
);

// What the trace has to say.

/** A value with the type that it has in the trace. */
function typed(given: ArgValue): unknown {
  if (typeof given === 'string') return `string ${wellFormed(given)}`;
  if (typeof given === 'boolean') return `bool ${given}`;
  if (typeof given === 'bigint') return `${given >= 2n ** 63n ? 'uint' : 'int'} ${given}`;
  if (typeof given === 'number') return Number.isSafeInteger(given) ? `int ${given}` : `double ${given}`;
  if (Array.isArray(given)) {
    const values = (given as ArgValue[]).filter(isWritten).map(typed);
    return values.length === 0 ? 'nothing' : { array: values };
  }
  const entries = argEntries(given as object);
  return entries.length === 0 ? 'nothing' : { dict: entries };
}

const isWritten = (given: ArgValue): boolean => given !== null && given !== undefined;

export function argEntries(given: object): ReadEvent['args'] {
  const entries = Object.entries(given as Args).filter(([, value]) => isWritten(value));
  return entries.map(([key, value]) => [wellFormed(key), typed(value)]);
}

export function launchEntries(params: KernelParams): ReadEvent['args'] {
  const dimensions = (names: readonly (keyof KernelParams)[]): string | undefined =>
    names.every((name) => params[name] === undefined) ? undefined : `string [${names.map((name) => params[name] ?? 1).join()}]`;
  const bytes = (count: number | undefined): string | undefined => (count === undefined ? undefined : `int ${count}`);
  const entries: [string, unknown][] = [
    ['grid_dim', dimensions(['gridX', 'gridY', 'gridZ'])],
    ['block_dim', dimensions(['blockX', 'blockY', 'blockZ'])],
    ['shared_mem_bytes', bytes(params.sharedMemBytes)],
    ['registers_per_thread', bytes(params.registersPerThread)],
  ];
  return entries.filter(([, said]) => said !== undefined);
}

/** An unsigned integer argument. */
export const unsigned = (given: Integer): string => `${BigInt(given) >= 2n ** 63n ? 'uint' : 'int'} ${given}`;

export function frames(stack: readonly StackFrame[]): ReadEvent['callStack'] {
  const name = (given: string | undefined): string | undefined => (given === undefined ? undefined : wellFormed(given));
  return stack.toReversed().map(({ functionName, fileName, address = 0, lineNumber = 0 }) => [
    name(functionName), name(fileName), BigInt(address), lineNumber,
  ]);
}

/** Things as lines in an order of their own, so that two multisets can be compared. */
export function asLines(things: readonly unknown[]): string[] {
  return things.map((thing) => JSON.stringify(thing, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))).sort();
}

/** The value of a counter: doubles that are whole are written as integers, which take fewer bytes. */
export function counterValue(given: number | bigint): string {
  if (typeof given === 'bigint') return `int ${given}`;
  return Number.isInteger(given) && Math.abs(given) <= 2 ** 53 ? `int ${given}` : `double ${given}`;
}

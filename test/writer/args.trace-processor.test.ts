/** What the values of arguments become, in a native trace, in Chrome JSON, and in the exporter's metadata. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vm from 'node:vm';
import { EventType, Format, isSDKAvailable, PerfettoProtoExporter, TraceWriter } from '../../lib';
import { loadTrace } from '../support/loaded-trace';
import { errorStats, hasTraceProcessor } from '../support/trace-processor';

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}
class Money {
  constructor(private readonly cents: number) {}
  toJSON(key: string): unknown {
    return { [`${key}InCents`]: this.cents };
  }
}
class Secret {
  readonly #hidden = 1;
  toString(): string {
    return `Secret ${this.#hidden}`;
  }
}
interface Job {
  id: number;
  tags: string[];
}

const error = new TypeError('boom');
const job: Job = { id: 7, tags: ['a', 'b'] };

/** A value, and what stands in the trace: by key below it, or for itself where there is one value. */
const cases: [name: string, value: unknown, json: unknown, native: Record<string, string>][] = [
  ['date', new Date(0), '1970-01-01T00:00:00.000Z', { '': 'string 1970-01-01T00:00:00.000Z' }],
  ['noDate', new Date(NaN), 'Invalid Date', { '': 'string Invalid Date' }],
  ['map', new Map<unknown, unknown>([['a', 1], [2, 'b']]), { a: 1, 2: 'b' }, { '.a': 'int 1', '.2': 'string b' }],
  ['pairs', new Map([[{ k: 1 }, 2]]), [[{ k: 1 }, 2]], { '[0][0].k': 'int 1', '[0][1]': 'int 2' }],
  ['set', new Set([1, 'x']), [1, 'x'], { '[0]': 'int 1', '[1]': 'string x' }],
  ['error', error, error.stack, { '': `string ${error.stack}` }],
  ['url', new URL('http://a/b?c#d'), 'http://a/b?c#d', { '': 'string http://a/b?c#d' }],
  ['search', new URLSearchParams('a=1'), 'a=1', { '': 'string a=1' }],
  ['regexp', /a+b/gi, 'a+b', { '': 'string a+b' }],
  ['bytes', Uint8Array.of(1, 2), [1, 2], { '[0]': 'int 1', '[1]': 'int 2' }],
  ['buffer', Buffer.from('ab'), [97, 98], { '[0]': 'int 97', '[1]': 'int 98' }],
  ['floats', Float64Array.of(0.5, 1), [0.5, 1], { '[0]': 'real 0.5', '[1]': 'int 1' }],
  ['longs', BigInt64Array.of(-1n), [-1], { '[0]': 'int -1' }],
  ['view', new DataView(Uint8Array.of(7).buffer), [7], { '[0]': 'int 7' }],
  ['memory', Uint8Array.of(7).buffer, [7], { '[0]': 'int 7' }],
  ['money', new Money(250), { moneyInCents: 250 }, { '.moneyInCents': 'int 250' }],
  ['literal', { toJSON: () => 'short' }, 'short', { '': 'string short' }],
  ['point', new Point(1, 2), { x: 1, y: 2 }, { '.x': 'int 1', '.y': 'int 2' }],
  ['secret', new Secret(), 'Secret 1', { '': 'string Secret 1' }],
  ['boxed', Object('text'), 'text', { '': 'string text' }],
  ['realm', vm.runInNewContext('new Date(0)'), '1970-01-01T00:00:00.000Z', { '': 'string 1970-01-01T00:00:00.000Z' }],
  ['nested', { list: [new Date(0), new Set([1])] }, { list: ['1970-01-01T00:00:00.000Z', [1]] }, { '.list[0]': 'string 1970-01-01T00:00:00.000Z', '.list[1][0]': 'int 1' }],
  ['gone', { toJSON: () => undefined, kept: 1 }, undefined, {}],
  ['bare', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }, { '.a': 'int 1' }],
];
const all = Object.fromEntries(cases.map(([name, value]) => [name, value]));
const expectedJson = Object.fromEntries(cases.filter(([, , json]) => json !== undefined).map(([name, , json]) => [name, json]));
const expectedNative = Object.fromEntries(
  cases.flatMap(([name, , , rows]) => Object.entries(rows).map(([suffix, value]) => [name + suffix, value])),
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A trace of one slice with the arguments, by the writer and by the exporter. */
const ways: [string, (path: string, args: object) => unknown][] = [
  [
    'the writer',
    async (path, args) => {
      const trace = await TraceWriter.open(path);
      trace.process({ pid: 1, name: 'p' }).thread({ tid: 1, name: 't' }).slice('x', 1, 1, { args });
      expect((await trace.close()).notWritten).toBe(0);
    },
  ],
  [
    'a span',
    async (path, args) => {
      const trace = await TraceWriter.open(path);
      trace.track({ name: 't' }).span('x', (span) => span.addArgs(args));
      expect((await trace.close()).notWritten).toBe(0);
    },
  ],
  [
    'the exporter',
    (path, metadata) => new PerfettoProtoExporter().exportToFile([{ type: EventType.Custom, name: 'x', timestamp: 1, metadata }], path),
  ],
];

describe.each(ways)('arguments through %s', (_name, write) => {
  const argsIn = (path: string): unknown => {
    const parsed = JSON.parse(readFileSync(path, 'utf8')) as JsonEvents | { traceEvents: JsonEvents };
    return (Array.isArray(parsed) ? parsed : parsed.traceEvents).find(({ name }) => name === 'x')!.args;
  };
  type JsonEvents = { name: string; args: unknown }[];

  test('01 in Chrome JSON', async () => {
    const path = join(folder, 'args.json');
    await write(path, all);
    expect(argsIn(path)).toEqual(expectedJson);
  });

  test('02 as a whole: a Map, an object of a class, an interface', async () => {
    const path = join(folder, 'args.json');
    await write(path, new Map([['a', 1]]));
    expect(argsIn(path)).toEqual({ a: 1 });
    await write(path, new Point(1, 2));
    expect(argsIn(path)).toEqual({ x: 1, y: 2 });
    await write(path, { toJSON: () => ({ short: true }) });
    expect(argsIn(path)).toEqual({ short: true });
    await write(path, job);
    expect(argsIn(path)).toEqual({ id: 7, tags: ['a', 'b'] });
  });

  (isSDKAvailable() && hasTraceProcessor ? test : test.skip)('03 in a native trace', async () => {
    const path = join(folder, 'args.pftrace');
    await write(path, all);
    const { args } = loadTrace(path).slices.find(({ name }) => name === 'x')!;
    expect(Object.fromEntries(args)).toEqual(expectedNative);
    expect(errorStats(path)).toEqual([]);
  });
});

describe('the exporter', () => {
  const add = (metadata: unknown) => () =>
    new PerfettoProtoExporter(Format.JSON).exportToJSON([{ type: EventType.Custom, name: 'x', timestamp: 1, metadata: metadata as object }]);
  test.each([[{ f: () => 1 }], [{ s: [Symbol('x')] }], [new Date(0)], ['x'], [[1]], [{ b: 2n ** 64n }]])('04 refuses %p', (metadata) => {
    expect(add(metadata)).toThrow(expect.objectContaining({ code: 'INVALID_EVENT' }) as Error);
  });
});

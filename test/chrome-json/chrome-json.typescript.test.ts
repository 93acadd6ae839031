/** What the JSON backend writes, read back with JSON.parse; the tests beside it ask trace_processor. */
import { AttrType, LaunchHas } from '../../lib/batch/layout';
import { EventBatch } from '../../lib/batch/batch';
import { ChromeJsonBackend } from '../../lib/chrome-json/write/chrome-json';
import type { EventRow } from '../support/event-rows';
import { TraceBuilder } from '../support/json-trace';

const HOUR_US = 3600e6;

function onOneThread(): { trace: TraceBuilder; track: number } {
  const trace = new TraceBuilder();
  const track = trace.thread(trace.process('app', 10), 'main', 10);
  return { trace, track };
}

describe('the document', () => {
  test('an empty trace is one', () => {
    expect(new TraceBuilder().parse()).toEqual({
      displayTimeUnit: 'ns', baseTimeNanoseconds: -3600e9, traceEvents: [],
    });
  });

  test('comes in chunks of about 128 KiB, the same each time', () => {
    const { trace, track } = onOneThread();
    const name = 'x'.repeat(100);
    for (let k = 0; k < 9000; k++) {
      trace.add({ kind: 'slice', track, time: k * 10, extent: 10, name: `${name} ${k}` });
    }
    const bytes = trace.bytes();
    const chunks = [...trace.backend.chunks()];
    expect(chunks.length).toBeGreaterThan(10);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(132 * 1024);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(trace.events()).toHaveLength(9000);
  });

  test('one event may be longer than a chunk', () => {
    const { trace, track } = onOneThread();
    const long = 'é'.repeat(1_000_000);
    trace.add({ kind: 'instant', track, time: 1, name: long, args: [['long', long]] });
    expect(trace.events()[0].args).toEqual({ long });
  });

  test('finish counts, and ends the intake', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'slice', track, time: 1, extent: 5 }, { kind: 'slice', track, time: 3, extent: 5 });
    expect(() => trace.backend.chunks().next()).toThrow('The trace is not finished');
    trace.batch.flush();
    const counts = {
      slices: 2, instants: 0, counters: 0, flows: 0, lanes: 1, unclosed: 0, unmatched: 0, flowsUndrawn: 0,
    };
    expect(trace.backend.finish()).toEqual(counts);
    expect(trace.backend.finish()).toEqual(counts);
    trace.batch.text('late');
    expect(() => trace.batch.flush()).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });
});

describe('times', () => {
  test('are microseconds with three decimals from one hour before the first event', () => {
    const { trace, track } = onOneThread();
    trace.add(
      { kind: 'slice', track, time: '1700000000123456789', extent: 1 },
      { kind: 'slice', track, time: '1700000000123457790', extent: '1234567890123' },
      { kind: 'instant', track, time: '1700000000123456999' },
    );
    const text = trace.text();
    expect(text).toContain('"baseTimeNanoseconds":1699996400123456789,');
    expect(text).toContain('"ts":3600000000.000,"dur":0.001,');
    expect(text).toContain('"ts":3600000001.001,"dur":1234567890.123,');
    expect(text).toContain('"ts":3600000000.210,');
  });

  const lengths = [0, 1, 999, 1000, 123_456_789, 10 ** 12 - 1, 999_999_999_999_999, 2 ** 52 + 999, 2 ** 53 - 1];
  test.each(lengths)(
    'a length of %d ns is exact',
    (extent) => {
      const { trace, track } = onOneThread();
      trace.add({ kind: 'slice', track, time: 0, extent });
      const text = String(extent).padStart(4, '0');
      expect(trace.text()).toContain(`"dur":${text.slice(0, -3)}.${text.slice(-3)},`);
    },
  );

  test('a slice without end is a B without an E', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'open', track, time: 5, channel: 'range', name: 'open' });
    expect(trace.events()).toEqual([{ ph: 'B', pid: 10, tid: 10, ts: HOUR_US, name: 'open' }]);
  });

  test('one that never ends holds what comes later on its thread', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'slice', track, time: 5, name: 'endless' }, { kind: 'slice', track, time: 1005, extent: 1000, name: 'in it' });
    expect(trace.events()).toEqual([
      { ph: 'B', pid: 10, tid: 10, ts: HOUR_US, name: 'endless' },
      { ph: 'X', pid: 10, tid: 10, ts: HOUR_US + 1, dur: 1, name: 'in it' },
    ]);
  });
});

describe('events', () => {
  test('slices, instants and counters', () => {
    const trace = new TraceBuilder();
    const process = trace.process('app', 10);
    const track = trace.thread(process, 'main', 11);
    const counter = trace.counter(process, 'power');
    trace.add(
      { kind: 'slice', track, time: 10, extent: 1500, name: 'work', category: 'cpu' },
      { kind: 'instant', track, time: 1010, name: 'tick' },
      { kind: 'counter', track: counter, time: 2010, extent: 1.5 },
      { kind: 'counter', track: counter, time: 3010, extent: '9007199254740993' },
      { kind: 'counter', track: counter, time: 4010, extent: 7 },
    );
    expect(trace.events()).toEqual([
      { ph: 'X', pid: 10, tid: 11, ts: HOUR_US, dur: 1.5, name: 'work', cat: 'cpu' },
      { ph: 'i', s: 't', pid: 10, tid: 11, ts: HOUR_US + 1, name: 'tick' },
      { ph: 'C', pid: 10, name: 'power', ts: HOUR_US + 2, args: { value: 1.5 } },
      // eslint-disable-next-line no-loss-of-precision -- that JSON.parse loses the last digit is not the file's fault
      { ph: 'C', pid: 10, name: 'power', ts: HOUR_US + 3, args: { value: 9007199254740993 } },
      { ph: 'C', pid: 10, name: 'power', ts: HOUR_US + 4, args: { value: 7 } },
    ]);
    expect(trace.text()).toContain('{"value":9007199254740993}');
  });

  test('strings are escaped where JSON asks for it, and nowhere else', () => {
    const { trace, track } = onOneThread();
    const name = 'quote " backslash \\ newline \n nul \0 escape \u001b emoji 🤔 line \u2028';
    trace.add({ kind: 'instant', track, time: 1, name, args: [[name, name]] });
    expect(trace.events()[0]).toMatchObject({ name, args: { [name]: name } });
    expect(trace.text()).toContain('🤔');
    expect(trace.text()).toContain('\\u0000');
  });

  test('half a surrogate pair becomes U+FFFD', () => {
    const { trace, track } = onOneThread();
    trace.add({ kind: 'instant', track, time: 1, name: 'a\ud83eb' });
    expect(trace.events()[0].name).toBe('a\ufffdb');
  });

  test('arguments keep their types', () => {
    const { trace, track } = onOneThread();
    const args: EventRow['args'] = [
      ['int', -42], ['long', -(2n ** 63n)], ['max', 2n ** 63n - 1n], ['beyond', 2n ** 64n - 1n],
      ['double', 1.25], ['huge', 1e300], ['nan', NaN], ['inf', -Infinity], ['yes', true], ['no', false],
      ['text', 'text'], ['empty', {}], ['none', []],
      ['deep', { list: [1, [2, { three: 3 }], {}], last: 'x' }], ['after', 0],
    ];
    trace.add({ kind: 'instant', track, time: 1, args });
    expect(trace.text()).toContain(
      '"args":{"int":-42,"long":-9223372036854775808,"max":9223372036854775807,"beyond":"18446744073709551615",' +
        '"double":1.25,"huge":1e+300,"nan":"NaN","inf":"-Infinity","yes":true,"no":false,"text":"text",' +
        '"empty":{},"none":[],"deep":{"list":[1,[2,{"three":3}],{}],"last":"x"},"after":0}}',
    );
  });

  test('doubles look like doubles, pointers like pointers', () => {
    const { trace, track } = onOneThread();
    const { batch } = trace;
    batch.begin(2, 0, track, 0, 0, 1);
    for (const value of [5, -0, 2 ** 53, 1e21]) batch.attr(batch.text(`d${value}`), AttrType.Double, value);
    for (const value of [0, 15, 0x10, 0x7f00_1234_5678, 0xffff_ffff, 2 ** 53 - 1]) {
      batch.attr(batch.text(`p${value}`), AttrType.Pointer, value);
    }
    batch.attr64(batch.text('p64'), AttrType.Pointer, 2n ** 64n - 16n);
    batch.commit();
    expect(trace.text()).toMatch(/"d5":5\.0,"d0":-0\.0,"d9007199254740992":9007199254740992\.0,"d1e\+21":1e\+21,/);
    expect(Object.values(trace.events()[0].args!).slice(4)).toEqual([
      '0x0', '0xf', '0x10', '0x7f0012345678', '0xffffffff', '0x1fffffffffffff', '0xfffffffffffffff0',
    ]);
  });

  test('launch configurations and correlation ids', () => {
    const { trace, track } = onOneThread();
    const launch = (has: number): number[] => [has, 1, 2, 3, 4294967295, 5, 6, 7, 8];
    trace.add(
      { kind: 'instant', track, time: 1, correlation: 7, args: [['a', 1]], launch: launch(15) },
      { kind: 'instant', track, time: 2, correlation: '18446744073709551615', launch: launch(LaunchHas.Registers) },
      { kind: 'instant', track, time: 3, args: [['a', 1]], launch: launch(0) },
      { kind: 'instant', track, time: 4, launch: launch(0), flowOut: [[1, 1]] },
    );
    expect(trace.events().map(({ args }) => args)).toEqual([
      {
        correlation_id: 7, a: 1,
        grid_dim: '[1,2,3]', block_dim: '[4294967295,5,6]', shared_mem_bytes: 7, registers_per_thread: 8,
      },
      { correlation_id: '18446744073709551615', registers_per_thread: 8 },
      { a: 1 },
      undefined,
    ]);
  });
});

test('strings of many batches do not get mixed up', () => {
  const backend = new ChromeJsonBackend();
  const batch = new EventBatch(backend);
  batch.beginTrack(3, undefined, 'track');
  batch.commit();
  for (let k = 0; k < 20_000; k++) {
    batch.begin(2, 0, 0, batch.text(`name ${k % 7000}`), 0, k);
    batch.commit();
  }
  batch.flush();
  backend.finish();
  const { traceEvents } = JSON.parse(backend.bytes().toString()) as { traceEvents: { name: string }[] };
  expect(traceEvents.at(-1)!.name).toBe(`name ${19_999 % 7000}`);
});

/** The addon called directly, with what TypeScript would never hand it: each call gives a coded error. */
import { EventBatch } from '../../lib/batch/batch';
import { RowKind, TrackKind } from '../../lib/batch/layout';
import { nativeOptions } from '../../lib/sinks/native-sinks';
import { createNativeWriter, isSDKAvailable } from '../../lib/addon/load';

const describeNative = isSDKAvailable() ? describe : describe.skip;

type Columns = Record<string, unknown>;

/** A good batch of one track and one slice, as plain properties that a test can change. */
function goodBatch(): Columns {
  let copy: Columns = {};
  const batch = new EventBatch({
    append(full) {
      copy = Object.fromEntries(Object.entries(full).map(([name, value]) => [name, ArrayBuffer.isView(value) ? structuredClone(value) : value]));
    },
  });
  batch.beginTrack(TrackKind.Plain, undefined, 'track');
  batch.commit();
  batch.begin(RowKind.Slice, 0, 0, batch.text('slice'), 0, 10);
  batch.setExtent(5);
  batch.commit();
  batch.flush();
  return copy;
}

const INVALID = expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error;
const COLUMNS = [
  'kind', 'channel', 'flags', 'track', 'name', 'category', 'attrEnd', 'time', 'extent', 'attrHead', 'attrValue', 'word', 'textEnd', 'textBytes',
];
const NEVER_READ = new Set(['attrHead', 'attrValue', 'word']); // of no length in this batch

const createWhole = () => createNativeWriter(nativeOptions());

describeNative('the addon', () => {
  const append = (batch: unknown) => () => createWhole().append(batch as EventBatch);
  // What columns hold is looked at on another thread, so encoding may be the first to know.
  const encode = (batch: unknown) => () => {
    const writer = createWhole();
    writer.append(batch as EventBatch);
    writer.finishSync();
  };

  it('takes a good batch', () => {
    const writer = createWhole();
    writer.append(goodBatch() as unknown as EventBatch);
    expect(writer.finishSync()).toMatchObject({ slices: 1 });
  });

  it.each([[undefined], [null], [5], ['x'], [Symbol('s')], [() => 1], [[]], [{}]])('refuses %p as a batch', (batch) => {
    expect(append(batch)).toThrow(INVALID);
  });

  it.each(['rows', 'attrs', 'words', 'newTexts', 'generation'])('refuses wrong counts in %s', (name) => {
    for (const count of [undefined, null, 'x', -1, 0.5, NaN, Infinity, 2 ** 33, 2 ** 53, 10n, {}]) {
      expect(append({ ...goodBatch(), [name]: count })).toThrow(INVALID);
    }
    // More than any column of the batch has.
    if (name !== 'generation') expect(append({ ...goodBatch(), [name]: 2 ** 32 - 1 })).toThrow(INVALID);
  });

  it.each(COLUMNS)('refuses a wrong column %s', (name) => {
    for (const column of [undefined, null, 5, 'x', [], {}, new Int8Array(4096), new ArrayBuffer(4096), new DataView(new ArrayBuffer(8))]) {
      expect(append({ ...goodBatch(), [name]: column })).toThrow(INVALID);
    }
  });

  it.each(COLUMNS.filter((name) => !NEVER_READ.has(name)))('refuses a column %s that is too short or detached', (name) => {
    const good = goodBatch();
    const column = good[name] as Uint8Array;
    expect(encode({ ...good, [name]: column.subarray(0, 1) })).toThrow(INVALID);
    structuredClone(column.buffer, { transfer: [column.buffer as ArrayBuffer] });
    expect(column.length).toBe(0);
    expect(encode(good)).toThrow(INVALID);
  });

  it('passes on what a getter throws', () => {
    const batch = goodBatch();
    Object.defineProperty(batch, 'time', { get: () => { throw new RangeError('from the getter'); } });
    expect(append(batch)).toThrow('from the getter');
  });

  it('refuses a column that a getter of another one detached', () => {
    const batch = goodBatch();
    const { textBytes } = batch;
    const kind = batch.kind as Uint8Array;
    const detach = () => {
      structuredClone(kind.buffer, { transfer: [kind.buffer as ArrayBuffer] });
      return textBytes;
    };
    Object.defineProperty(batch, 'textBytes', { get: detach });
    expect(append(batch)).toThrow(INVALID);
  });

  it('refuses content that does not fit, and names its column', () => {
    const changed = (name: string, value: number) => {
      const batch = goodBatch();
      (batch[name] as Uint32Array)[1] = value;
      return encode(batch);
    };
    expect(changed('kind', 99)).toThrow(/batch\.kind\[1\]/);
    expect(changed('track', 7)).toThrow(/batch\.track\[1\]/);
    expect(changed('name', 1e6)).toThrow(/batch\.name\[1\]/);
    expect(changed('attrEnd', 5)).toThrow(/batch\.attrEnd\[1\]/);
    expect(changed('time', -1)).toThrow(/batch\.time\[1\]/);
    expect(changed('extent', 2 ** 60)).toThrow(/batch\.extent\[1\]/);
  });

  it('refuses calls in the wrong order', async () => {
    const writer = createWhole();
    expect(() => writer.bytes()).toThrow(INVALID);
    const finishing = writer.finish();
    expect(() => writer.append(goodBatch() as unknown as EventBatch)).toThrow(INVALID);
    expect(() => writer.finishSync()).toThrow(INVALID);
    expect(() => writer.finish()).toThrow(INVALID);
    expect(() => writer.flush(true)).toThrow(INVALID);
    await finishing;
    expect(() => writer.finishSync()).toThrow(INVALID);
    expect(writer.bytes().length).toBeGreaterThan(0);
    expect(() => writer.bytes()).toThrow(INVALID);
  });

  it('returns the same bytes whatever room it was given', () => {
    const bytesIn = (room: number) => {
      const writer = createNativeWriter(nativeOptions({ room }));
      writer.append(goodBatch() as unknown as EventBatch);
      writer.finishSync();
      return Buffer.from(writer.bytes());
    };
    const expected = bytesIn(0);
    for (const room of [1, expected.length - 1, expected.length, expected.length + 1, 1 << 20]) {
      expect(bytesIn(room).equals(expected)).toBe(true);
    }
  });

  it('returns no bytes of a stream, nor of a trace in a file', () => {
    const stream = createNativeWriter({ ...nativeOptions(), window: 10 });
    stream.finishSync();
    expect(() => stream.bytes()).toThrow(INVALID);
    expect(stream.take()!.length).toBeGreaterThan(0);
  });

  it('refuses to be called without new or on another object', () => {
    const { constructor } = createWhole() as unknown as { constructor: (rows: unknown) => unknown };
    expect(() => constructor(nativeOptions())).toThrow();
    expect(() => Reflect.construct(constructor, ['x']) as unknown).toThrow(INVALID);
    const { append: method } = constructor.prototype as { append: (batch: unknown) => void };
    for (const receiver of [undefined, {}, [], new Map()]) expect(() => method.call(receiver, goodBatch())).toThrow();
  });
});

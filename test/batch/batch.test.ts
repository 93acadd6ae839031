/** When a batch goes to its sink, and what stays where the sink refuses it. */
import { writeArgs } from '../../lib/batch/args';
import { EventBatch } from '../../lib/batch/batch';
import { AttrType, BATCH_ROWS, Channel, RowKind } from '../../lib/batch/layout';

class Sink {
  readonly rowCounts: number[] = [];
  readonly strings: string[] = [];
  refuses = false;

  append(batch: EventBatch): void {
    if (this.refuses) throw new Error('no');
    this.rowCounts.push(batch.rows);
    this.strings.push(...batch.newStrings);
  }
}

function setUp() {
  const sink = new Sink();
  const batch = new EventBatch(sink);
  const add = (name = 'x', args = {}) => {
    batch.begin(RowKind.Instant, Channel.None, 0, batch.text(name), 0, batch.rows);
    writeArgs(batch, args, 'args', () => {
      throw new Error('refused');
    });
    batch.commit();
  };
  return { sink, batch, add };
}

describe('a batch', () => {
  test('01 goes to its sink when a row begins that has no room, not before', () => {
    const { sink, batch, add } = setUp();
    for (let i = 0; i < BATCH_ROWS; i++) add();
    expect(sink.rowCounts).toEqual([]);
    expect(batch.rows).toBe(batch.fullAt);
    add();
    expect(sink.rowCounts).toEqual([BATCH_ROWS]);
    expect(batch.rows).toBe(1);
    batch.flush();
    expect(sink.rowCounts).toEqual([BATCH_ROWS, 1]);
  });

  test('02 stays as it is where the sink refuses it, and goes later', () => {
    const { sink, batch, add } = setUp();
    for (let i = 0; i < BATCH_ROWS; i++) add();
    sink.refuses = true;
    expect(() => add('y')).toThrow('no');
    expect(() => add('y')).toThrow('no');
    expect(batch.rows).toBe(BATCH_ROWS);
    sink.refuses = false;
    add('y');
    expect(sink.rowCounts).toEqual([BATCH_ROWS]);
    expect(sink.strings).toEqual(['x', 'y']);
  });

  test('03 is full early where its strings are long', () => {
    const { batch, add } = setUp();
    add('é'.repeat(300_000));
    expect(batch.fullAt).toBe(BATCH_ROWS);
    add('a'.repeat(450_000));
    expect(batch.fullAt).toBe(0);
    batch.flush();
    expect(batch.fullAt).toBe(BATCH_ROWS);
  });

  test('04 is full early where its attributes are many', () => {
    const { batch, add } = setUp();
    const many = { list: Array.from({ length: 100_000 }, (_, i) => i) };
    add('x', many);
    add('x', many);
    expect(batch.fullAt).toBe(BATCH_ROWS);
    add('x', many);
    expect(batch.fullAt).toBe(0);
  });

  test('05 lets go of the memory of a huge string', () => {
    const { batch, add } = setUp();
    add('a'.repeat(5_000_000));
    expect(batch.textBytes.length).toBeGreaterThan(5_000_000);
    batch.flush();
    expect(batch.textBytes.length).toBeLessThan(1 << 20);
  });

  test('06 forgets what a row that was not committed had', () => {
    const { sink, batch, add } = setUp();
    expect(() => add('x', { bad: 2n ** 64n })).toThrow('refused');
    expect(batch.rows).toBe(0);
    batch.begin(RowKind.Instant, Channel.None, 0, 0, 0, 1);
    batch.attr(batch.text('key'), AttrType.Bool, 1);
    batch.commit();
    expect(batch.attrs).toBe(1);
    batch.flush();
    expect(sink.rowCounts).toEqual([1]);
  });
});

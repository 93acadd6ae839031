/** The writer backend that writes Chrome JSON: what it hands to its output, and when. */
import { EventBatch } from '../../lib/batch/batch';
import { Channel, RowKind, TrackKind } from '../../lib/batch/layout';
import { TraceSmithError } from '../../lib/errors';
import { Format } from '../../lib/output/format';
import type { StreamOutput } from '../../lib/output/stream-output';
import { JsonStreamSink } from '../../lib/sinks/json-sinks';
import { collectedMemory } from '../support/memory';

/** Keeps what it gets, and notes what is asked of it. */
class TestOutput implements StreamOutput {
  readonly chunks: Uint8Array[] = [];
  readonly calls: string[] = [];
  queuedBytes = 7;
  failure?: Error;

  write(chunk: Uint8Array): void {
    if (this.failure !== undefined) throw this.failure;
    this.chunks.push(chunk);
  }
  ready(): Promise<void> {
    return this.note('ready');
  }
  flush(): Promise<void> {
    return this.note('flush');
  }
  async close(): Promise<number> {
    await this.note('close');
    return this.text.length;
  }
  abort(): Promise<void> {
    return this.note('abort');
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  private note(call: string): Promise<void> {
    this.calls.push(call);
    return Promise.resolve();
  }
}

interface Writer {
  output: TestOutput;
  backend: JsonStreamSink;
  /** Appends slices, each after the one before. */
  slices: (count: number) => void;
}

function writer(window?: number): Writer {
  const output = new TestOutput();
  const backend = new JsonStreamSink(output, window);
  const batch = new EventBatch(backend);
  batch.beginTrack(TrackKind.Plain, undefined, 'track');
  batch.commit();
  let time = 0;
  const slices = (count: number): void => {
    for (let k = 0; k < count; k++) {
      batch.begin(RowKind.Slice, Channel.None, 0, batch.text('n'), 0, time++);
      batch.setExtent(1);
      batch.commit();
    }
    batch.flush();
  };
  return { output, backend, slices };
}

test('what the window releases goes to the output when it makes a chunk, and when it is asked for', async () => {
  const { output, backend, slices } = writer(100);
  expect(backend.format).toBe(Format.JSON);
  expect(backend.queuedBytes).toBe(7);
  slices(200);
  expect(output.text).toBe('');
  // An eighth of the window, 13, is released each time that so many more wait.
  backend.flushSoon();
  expect(output.text.match(/"ph":"X"/g)).toHaveLength(91);
  await backend.flush(false);
  expect(output.text.match(/"ph":"X"/g)).toHaveLength(91);
  await backend.flush(true);
  expect(output.text.match(/"ph":"X"/g)).toHaveLength(200);
  slices(4000);
  expect(output.chunks.at(-1)!.length).toBeGreaterThan(64 * 1024);
  await backend.ready();
  const counts = await backend.close();
  expect(counts).toEqual({
    slices: 4200, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0, bytes: output.text.length,
  });
  expect(JSON.parse(output.text)).toHaveLength(4203);
  expect(output.calls).toEqual(['flush', 'flush', 'ready', 'close']);
});

test('the first failure of the output is the failure of all that follows', async () => {
  const { output, backend, slices } = writer();
  output.failure = new TraceSmithError('IO', 'Could not write: the disk is full');
  slices(10);
  await expect(backend.flush(true)).rejects.toBe(output.failure);
  const { failure } = output;
  output.failure = undefined;
  expect(() => slices(1)).toThrow(failure);
  expect(() => backend.flushSoon()).toThrow(failure);
  await expect(backend.close()).rejects.toBe(failure);
  await backend.abort();
  // A file is closed all the same.
  expect(output.calls).toEqual(['close', 'abort']);
});

test('a failure of its own is an INTERNAL error', () => {
  const { output, backend, slices } = writer();
  output.failure = new RangeError('oops');
  slices(10);
  expect(() => backend.flushSoon()).toThrow(
    expect.objectContaining({ code: 'INTERNAL', cause: output.failure }) as Error,
  );
});

test('two million slices take no more memory than half a million', async () => {
  const { output, slices } = writer();
  const used: number[] = [];
  for (let k = 0; k < 4; k++) {
    slices(500_000);
    output.chunks.length = 0;
    used.push(await collectedMemory());
  }
  // Half a million rows in a table are more than this; typed arrays are freed a moment later than objects.
  expect(Math.max(...used) - used[0]).toBeLessThan(32 << 20);
});

/** What stands between a TraceWriter and the addon's writer, with an addon that the tests play. */
import { PassThrough } from 'node:stream';
import { EventBatch } from '../../lib/batch/batch';
import { Channel, RowKind } from '../../lib/batch/layout';
import type { NativeCounts, NativeWriter } from '../../lib/addon/contract';
import { WritableOutput } from '../../lib/output/writable-output';
import { NativeStreamSink } from '../../lib/sinks/native-sinks';

const COUNTS = { slices: 1, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0, bytes: 99 };
const ioFailure = () => Object.assign(new Error('Could not write x: ENOSPC'), { code: 'IO', systemCode: 'ENOSPC' });

class PlayedAddon implements NativeWriter {
  queuedBytes = 0;
  readonly calls: string[] = [];
  /** Output that is there to be taken. */
  readonly chunks: Uint8Array[] = [];
  failure?: Error;

  append(batch: EventBatch): void {
    this.call(`append ${batch.rows}`);
  }
  async flush(all: boolean): Promise<void> {
    await Promise.resolve();
    this.call(`flush ${all}`);
  }
  flushSoon(): void {
    this.call('flushSoon');
  }
  async drained(): Promise<void> {
    await Promise.resolve();
    this.call('drained');
  }
  take(): Uint8Array | null {
    return this.chunks.shift() ?? null;
  }
  async finish(): Promise<NativeCounts> {
    await Promise.resolve();
    this.call('finish');
    return { ...COUNTS, flows: 0, flowsUndrawn: 0, unmatched: 0 };
  }
  finishSync(): never {
    throw new Error('a stream is never finished on its own thread');
  }
  finishNow(): void {
    this.call('finishNow');
  }
  bytes(): never {
    throw new Error('a stream has no bytes');
  }
  abort(): void {
    this.calls.push('abort');
  }

  private call(name: string): void {
    this.calls.push(name);
    if (this.failure !== undefined) throw this.failure;
  }
}

function fill(backend: NativeStreamSink): void {
  const batch = new EventBatch(backend);
  batch.begin(RowKind.Instant, Channel.None, 0, 0, 0, 1);
  batch.commit();
  batch.flush();
}

const bytes = (text: string) => new TextEncoder().encode(text);
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('on a path', () => {
  const setUp = () => {
    const addon = new PlayedAddon();
    return { addon, backend: new NativeStreamSink(addon, 'x') };
  };

  test('01 everything is the addon\'s to do', async () => {
    const { addon, backend } = setUp();
    fill(backend);
    backend.flushSoon();
    await backend.flush(true);
    await backend.flush(false);
    expect(await backend.close()).toEqual(COUNTS);
    expect(addon.calls).toEqual(['append 1', 'flushSoon', 'flush true', 'flush false', 'finish']);
  });

  test('02 ready() waits only where much is queued', async () => {
    const { addon, backend } = setUp();
    addon.queuedBytes = 1 << 20;
    expect(backend.queuedBytes).toBe(1 << 20);
    await backend.ready();
    expect(addon.calls).toEqual([]);
    addon.queuedBytes = 8 << 20;
    await backend.ready();
    expect(addon.calls).toEqual(['drained']);
  });

  test('03 a failure is an IO error, and stays', async () => {
    const { addon, backend } = setUp();
    addon.failure = ioFailure();
    await expect(backend.flush(true)).rejects.toMatchObject({
      name: 'TraceSmithError',
      code: 'IO',
      systemCode: 'ENOSPC',
      message: 'Could not write x: ENOSPC',
    });
    addon.failure = undefined;
    expect(() => fill(backend)).toThrow('ENOSPC');
    backend.flushSoon();
    await expect(backend.ready()).rejects.toMatchObject({ code: 'IO' });
    expect(addon.calls).toEqual(['flush true']);
    await expect(backend.close()).rejects.toMatchObject({ code: 'IO' });
    expect(addon.calls).toEqual(['flush true', 'finish']);
  });

  test('04 a refused batch is a bug of this package', () => {
    const { addon, backend } = setUp();
    addon.failure = Object.assign(new Error('batch.kind[0]: expected a kind'), { code: 'INVALID_ARGUMENT' });
    expect(() => fill(backend)).toThrow('The addon refused to write x: batch.kind[0]: expected a kind');
    expect(() => fill(backend)).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });

  test('05 abort() is the addon\'s', async () => {
    const { addon, backend } = setUp();
    await backend.abort();
    expect(addon.calls).toEqual(['abort']);
  });
});

describe('on a Writable', () => {
  const setUp = () => {
    const addon = new PlayedAddon();
    const stream = new PassThrough({ highWaterMark: 1 << 30 });
    return { addon, stream, backend: new NativeStreamSink(addon, 'the stream', new WritableOutput(stream)) };
  };
  const written = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString() ?? '';

  test('06 what is encoded is passed on with the next batch', () => {
    const { addon, stream, backend } = setUp();
    fill(backend);
    addon.chunks.push(bytes('one,'), bytes('two'));
    fill(backend);
    expect(written(stream)).toBe('one,two');
  });

  test('07 and at a flush, at the timer, when ready, and at the end', async () => {
    const { addon, stream, backend } = setUp();
    addon.chunks.push(bytes('flush'));
    await backend.flush(true);
    expect(written(stream)).toBe('flush');

    addon.chunks.push(bytes('timer'));
    backend.flushSoon();
    await soon();
    expect(written(stream)).toBe('timer');

    addon.queuedBytes = 8 << 20;
    addon.chunks.push(bytes('ready'));
    await backend.ready();
    expect(written(stream)).toBe('ready');

    addon.chunks.push(bytes('the end'));
    expect(await backend.close()).toEqual({ ...COUNTS, bytes: 'flushtimerreadythe end'.length });
    expect(written(stream)).toBe('the end');
    expect(addon.calls).toEqual(['flush true', 'flush false', 'flush false', 'finish']);
  });

  test('08 what waits for the stream is queued as well', () => {
    const addon = new PlayedAddon();
    const stuck = new PassThrough({ highWaterMark: 1, readableHighWaterMark: 1 });
    const backend = new NativeStreamSink(addon, 'the stream', new WritableOutput(stuck));
    addon.chunks.push(bytes('first'), bytes('second'), bytes('third'));
    addon.queuedBytes = 100;
    fill(backend);
    expect(backend.queuedBytes).toBeGreaterThanOrEqual(111);
  });

  test('09 a failure of the stream is one of the trace, and a batch after it is not taken', async () => {
    const { addon, stream, backend } = setUp();
    stream.destroy(new Error('gone'));
    addon.chunks.push(bytes('x'));
    await soon();
    expect(() => fill(backend)).toThrow('Could not write to the stream: gone');
    expect(addon.calls).toEqual([]);
    await expect(backend.flush(true)).rejects.toMatchObject({ code: 'IO' });
    await expect(backend.close()).rejects.toMatchObject({ code: 'IO' });
    expect(addon.calls).toEqual(['finish']);
  });

  test('10 a failure at the timer is reported by the next call', async () => {
    const { addon, backend } = setUp();
    addon.failure = ioFailure();
    backend.flushSoon();
    await soon();
    addon.failure = undefined;
    expect(() => fill(backend)).toThrow(expect.objectContaining({ code: 'IO' }) as Error);
  });

  test('11 abort() destroys it', async () => {
    const { addon, stream, backend } = setUp();
    await backend.abort();
    expect(addon.calls).toEqual(['abort']);
    expect(stream.destroyed).toBe(true);
  });
});

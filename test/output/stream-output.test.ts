/** The outputs of a trace that is being written: files, and Writables that are slow, fail or go away. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { FileOutput } from '../../lib/output/file-output';
import { WritableOutput } from '../../lib/output/writable-output';

jest.mock('node:fs', () => {
  const actual = jest.requireActual<typeof fs>('node:fs');
  return { ...actual, writeSync: jest.fn(actual.writeSync) };
});

const bytes = (text: string) => new TextEncoder().encode(text);
const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('a file', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'tracesmith-'));
    path = join(folder, 'trace.json');
  });
  afterEach(() => {
    jest.restoreAllMocks();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  test('01 has what was written as soon as it was', async () => {
    const output = new FileOutput(path);
    output.write(bytes('one,'));
    expect(fs.readFileSync(path, 'utf8')).toBe('one,');
    output.write(bytes('two'));
    expect(output.queuedBytes).toBe(0);
    await output.ready();
    await output.flush();
    expect(await output.close()).toBe(7);
    expect(fs.readFileSync(path, 'utf8')).toBe('one,two');
  });

  test('02 is a series of gzip members where it is compressed', async () => {
    const output = new FileOutput(path, 9);
    output.write(bytes('one,'));
    expect(gunzipSync(fs.readFileSync(path)).toString()).toBe('one,');
    output.write(bytes('two'));
    expect(await output.close()).toBe(fs.readFileSync(path).length);
    expect(gunzipSync(fs.readFileSync(path)).toString()).toBe('one,two');
  });

  test('03 that cannot be opened says why', () => {
    expect(() => new FileOutput(join(folder, 'missing', 'x'))).toThrow(/Could not write .*missing\/x: ENOENT/);
    expect(() => new FileOutput(folder)).toThrow(expect.objectContaining({ code: 'IO', systemCode: 'EISDIR' }) as Error);
  });

  test('04 on a full disk keeps the chunks that fit, and fails from then on', async () => {
    const output = new FileOutput(path);
    output.write(bytes('whole '));
    type WriteBytes = (file: number, data: Uint8Array, offset: number, length: number) => number;
    const write = fs.writeSync as unknown as jest.MockedFunction<WriteBytes>;
    const actual = write.getMockImplementation()!;
    write.mockImplementationOnce((file, data, offset) => actual(file, data, offset, 3));
    write.mockImplementationOnce(() => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    });
    let failure: unknown;
    try {
      output.write(bytes('partial'));
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code: 'IO', systemCode: 'ENOSPC' });
    expect(() => output.write(bytes('more'))).toThrow(failure as Error);
    await expect(output.flush()).rejects.toBe(failure);
    await expect(output.close()).rejects.toBe(failure);
    expect(fs.readFileSync(path, 'utf8')).toBe('whole ');
  });

  test('05 is gone after an abort', async () => {
    const output = new FileOutput(path);
    output.write(bytes('x'));
    await output.abort();
    expect(fs.existsSync(path)).toBe(false);
    await output.abort();
  });

  test('06 that is a pipe is written and not deleted', async () => {
    execFileSync('mkfifo', [path]);
    const reader = fs.openSync(path, 'r+'); // opening a pipe waits for its other end
    const output = new FileOutput(path);
    output.write(bytes('x'));
    expect(await output.close()).toBe(1);
    await new FileOutput(path).abort();
    expect(fs.existsSync(path)).toBe(true);
    fs.closeSync(reader);
  });
});

/** Takes each chunk when it is let to. */
class SlowWritable extends Writable {
  readonly chunks: Buffer[] = [];
  private readonly pending: (() => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.pending.push(() => {
      this.chunks.push(chunk);
      done();
    });
  }

  /** Lets it take all that comes within a turn of the event loop. */
  async letGo(): Promise<void> {
    do {
      for (const take of this.pending.splice(0)) take();
      await soon();
    } while (this.pending.length > 0);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

describe('a Writable', () => {
  test('07 gets the chunks in order, and is ended', async () => {
    const stream = new PassThrough();
    const output = new WritableOutput(stream);
    output.write(bytes('one,'));
    output.write(bytes('two'));
    expect(await output.close()).toBe(7);
    expect(stream.writableFinished).toBe(true);
    expect((stream.read() as Buffer).toString()).toBe('one,two');
  });

  test('08 that is slow is not filled beyond its own limit', async () => {
    const stream = new SlowWritable({ highWaterMark: 10 });
    const output = new WritableOutput(stream);
    for (let i = 0; i < 10; i++) output.write(bytes(`chunk ${i},`));
    expect(output.queuedBytes).toBe(80);
    expect(stream.writableLength).toBe(16);
    let isFlushed = false;
    const flushed = output.flush().then(() => (isFlushed = true));
    await soon();
    expect(isFlushed).toBe(false);
    await stream.letGo();
    await flushed;
    expect(output.queuedBytes).toBe(0);
    expect(stream.text).toBe(Array.from({ length: 10 }, (_, i) => `chunk ${i},`).join(''));
    await output.close();
  });

  test('09 is ready again below the low-water mark', async () => {
    const stream = new SlowWritable();
    const output = new WritableOutput(stream);
    for (let i = 0; i < 8; i++) output.write(new Uint8Array(1 << 20));
    let isReady = false;
    const ready = output.ready().then(() => (isReady = true));
    await soon();
    expect(isReady).toBe(false);
    await stream.letGo();
    await ready;
    expect(output.queuedBytes).toBe(0);
    await output.ready();
  });

  test('10 in object mode is counted in bytes as well', async () => {
    const stream = new SlowWritable({ objectMode: true });
    const output = new WritableOutput(stream);
    output.write(new Uint8Array(1000));
    output.write(new Uint8Array(500));
    expect(output.queuedBytes).toBe(1500);
    await stream.letGo();
    expect(await output.close()).toBe(1500);
  });

  test('11 gets gzip members where it is compressed', async () => {
    const stream = new PassThrough();
    const output = new WritableOutput(stream, 1);
    output.write(bytes('one,'));
    output.write(bytes('two'));
    const size = await output.close();
    const all = stream.read() as Buffer;
    expect(all.length).toBe(size);
    expect(gunzipSync(all).toString()).toBe('one,two');
  });

  test('12 that fails rejects what waits, and all calls from then on', async () => {
    const stream = new SlowWritable({ highWaterMark: 1 });
    const output = new WritableOutput(stream);
    output.write(bytes('one'));
    output.write(bytes('two'));
    const waiting = output.flush();
    stream.destroy(Object.assign(new Error('the peer went away'), { code: 'EPIPE' }));
    await expect(waiting).rejects.toMatchObject({
      code: 'IO',
      systemCode: 'EPIPE',
      message: 'Could not write to the stream: the peer went away',
    });
    expect(() => output.write(bytes('x'))).toThrow('the peer went away');
    for (const call of [() => output.ready(), () => output.flush(), () => output.close()]) {
      await expect(call()).rejects.toThrow('the peer went away');
    }
    expect(output.queuedBytes).toBe(0);
    await output.abort();
  });

  test('13 that fails at a chunk does so in the next call', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('no')) });
    const output = new WritableOutput(stream);
    output.write(bytes('x'));
    await soon();
    expect(() => output.write(bytes('x'))).toThrow(expect.objectContaining({ code: 'IO' }) as Error);
    await expect(output.close()).rejects.toThrow('Could not write to the stream: no');
  });

  test('14 whose write function throws is one that fails', async () => {
    const stream = new Writable({
      write: () => {
        throw new Error('broken');
      },
    });
    const output = new WritableOutput(stream);
    output.write(bytes('x'));
    await expect(output.flush()).rejects.toThrow('Could not write to the stream: broken');
  });

  test('15 that fails at its end rejects close()', async () => {
    const stream = new Writable({ write: (_c, _e, done) => done(), final: (done) => done(new Error('at the end')) });
    const output = new WritableOutput(stream);
    output.write(bytes('x'));
    await expect(output.close()).rejects.toThrow('Could not write to the stream: at the end');
  });

  test('16 that is closed or ended by others fails', async () => {
    const destroyed = new PassThrough();
    const output = new WritableOutput(destroyed);
    destroyed.destroy();
    await expect(output.close()).rejects.toThrow('it was closed before the trace was complete');

    const ended = new PassThrough();
    const other = new WritableOutput(ended);
    ended.end();
    ended.resume();
    await soon();
    expect(() => other.write(bytes('x'))).toThrow('it was ended before the trace was complete');
  });

  test('17 that was ended, destroyed or broken before is refused', async () => {
    const ended = new PassThrough();
    ended.end();
    expect(() => new WritableOutput(ended)).toThrow('Could not write to the stream: it was ended before');
    const destroyed = new PassThrough();
    destroyed.destroy();
    expect(() => new WritableOutput(destroyed)).toThrow('Could not write to the stream: it is destroyed');
    const broken = new PassThrough();
    broken.on('error', () => undefined);
    broken.destroy(new Error('long ago'));
    await soon();
    expect(() => new WritableOutput(broken)).toThrow(expect.objectContaining({ code: 'IO' }) as Error);
    expect(() => new WritableOutput(broken)).toThrow('long ago');
  });

  test('18 is destroyed by an abort, which rejects what waits', async () => {
    const stream = new SlowWritable({ emitClose: false });
    const output = new WritableOutput(stream);
    output.write(bytes('x'));
    const waiting = output.flush();
    await output.abort();
    expect(stream.destroyed).toBe(true);
    await expect(waiting).rejects.toThrow('the trace was aborted');
  });

  test('19 may report errors after its end, without harm', async () => {
    const stream = new PassThrough();
    stream.resume();
    const output = new WritableOutput(stream);
    await output.close();
    stream.emit('error', new Error('late'));
    expect(await output.flush()).toBeUndefined();
  });
});

import { constants, createReadStream, openSync, promises as fs } from 'node:fs';
import { Socket } from 'node:net';
import { addAbortSignal, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ioError, TraceSmithError } from '../errors';

const CHUNK_BYTES = 1 << 18;

/** What stands for standard input among paths. */
export const STDIN = '-';
export const STDIN_DESCRIPTOR = 0;

/** A file and its content, inflated where it is gzipped. */
export interface TraceFile {
  /** Its size; undefined for what has none before it was read. */
  bytes: number | undefined;
  gzip: boolean;
  /** How much of the file itself was read. */
  progress: { bytesRead: number };
  /** @throws TraceSmithError `IO`, or `INVALID_INPUT` for gzip that is damaged or cut off, behind all that could be inflated. */
  chunks: AsyncGenerator<Buffer>;
}

/**
 * Opens a regular file, a pipe or standard input (`-`). The signal ends a read that waits for more.
 *
 * @throws TraceSmithError `IO` where it cannot be read, `INVALID_INPUT` where there is nothing to read.
 */
export async function openTraceFile(path: string, signal?: AbortSignal): Promise<TraceFile> {
  try {
    const stats = path === STDIN ? undefined : await fs.stat(path);
    if (stats?.isDirectory()) throw unreadable(path, 'it is a folder');
    const bytes = stats?.isFile() ? stats.size : undefined;
    const progress = { bytesRead: 0 };
    const file = stats === undefined ? process.stdin : stats.isFIFO() ? openPipe(path) : createReadStream(path, { highWaterMark: CHUNK_BYTES });
    const { head, chunks } = await peek(read(file, path, progress, signal), 2);
    if (head.length === 0) throw new TraceSmithError('INVALID_INPUT', `${nameOfInput(path)} is empty`);
    const gzip = head[0] === 0x1f && head[1] === 0x8b;
    return { bytes, gzip, progress, chunks: gzip ? inflated(chunks, path) : chunks };
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof TraceSmithError ? error : ioError('read', nameOfInput(path), error);
  }
}

export function unreadable(path: string, why: string, cause?: unknown): TraceSmithError {
  return new TraceSmithError('INVALID_INPUT', `${path} cannot be read as a trace: ${why}`, { cause });
}

/** Names the fault in gzip data that an error of `chunks` is about, in the words of the addon. */
export function gzipProblem({ cause }: TraceSmithError): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return 'the gzip member ends early';
  const isMismatch = message === 'incorrect data check' || message === 'incorrect length check';
  return isMismatch ? 'gzip checksum mismatch' : `the gzip data is corrupt: ${message}`;
}

/** What error texts call an input. */
export function nameOfInput(path: string): string {
  return path === STDIN ? 'standard input' : path;
}

/**
 * Looks at the first chunks, which have at least so many bytes where there are so many; they are in `chunks` as well. An error
 * behind a first byte comes from `chunks`.
 */
export async function peek(
  chunks: AsyncGenerator<Buffer>,
  least: number,
): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  let head = Buffer.alloc(0);
  let failure: { error: unknown } | undefined;
  try {
    while (head.length < least) {
      const next = await chunks.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
  } catch (error) {
    if (head.length === 0) throw error;
    failure = { error };
  }
  return { head, chunks: continued(head, chunks, failure) };
}

async function* continued(head: Buffer, chunks: AsyncGenerator<Buffer>, failure: { error: unknown } | undefined): AsyncGenerator<Buffer> {
  try {
    yield head;
    if (failure !== undefined) throw failure.error;
    yield* chunks;
  } finally {
    await chunks.return(undefined); // not done by yield* where the head was all that was wanted
  }
}

/** Opening it as a file would wait for its writer, and nothing could stop that. */
function openPipe(path: string): Readable {
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}

async function* read(
  file: Readable,
  path: string,
  progress: TraceFile['progress'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  if (signal !== undefined) addAbortSignal(signal, file);
  try {
    for await (const chunk of file as AsyncIterable<Buffer | string>) {
      signal?.throwIfAborted();
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      progress.bytesRead += bytes.length;
      yield bytes;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw ioError('read', nameOfInput(path), error);
  }
}

/** One piece of deflate becomes at most a thousand times as long: this bounds what waits. */
const DEFLATED_BYTES = 1 << 14;

async function* inflated(content: AsyncGenerator<Buffer>, path: string): AsyncGenerator<Buffer> {
  // Several members one behind the other are one content.
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  let waiting: Buffer[] = [];
  let length = 0;
  let failure: NodeJS.ErrnoException | undefined;
  // Not as an async iterable, which drops what it has not given yet when an error comes.
  gunzip.on('data', (chunk: Buffer) => waiting.push(chunk));
  gunzip.on('error', (error) => (failure = error));
  const take = () => {
    const taken = waiting;
    waiting = [];
    for (const { length: bytes } of taken) length += bytes;
    return taken;
  };
  try {
    for await (const chunk of content) {
      for (let start = 0; start < chunk.length && failure === undefined; start += DEFLATED_BYTES) {
        const piece = chunk.subarray(start, start + DEFLATED_BYTES);
        await settled(gunzip, (done) => gunzip.write(piece, done));
        yield* take();
      }
      if (failure !== undefined) break;
    }
    if (failure === undefined) await settled(gunzip, (done) => gunzip.end().once('end', done));
    yield* take();
    if (failure !== undefined) {
      const why = `its gzip data are damaged or cut off: ${length} bytes could be inflated, then: ${failure.message}`;
      throw unreadable(nameOfInput(path), why, failure);
    }
  } finally {
    gunzip.destroy();
    await content.return(undefined);
  }
}

/** Resolves when the work says that it is done, or the stream that it has failed. */
function settled(stream: NodeJS.EventEmitter, work: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('error', done);
      resolve();
    };
    stream.once('error', done);
    work(done);
  });
}

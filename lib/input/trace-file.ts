import { createReadStream, promises as fs } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { ioError, TraceSmithError } from '../errors';

const CHUNK_BYTES = 1 << 18;

/** A file and its content, inflated where it is gzipped. */
export interface TraceFile {
  path: string;
  bytes: number;
  gzip: boolean;
  /** How much of the file itself was read. */
  progress: { bytesRead: number };
  /** @throws TraceSmithError `IO`, or `INVALID_INPUT` for gzip that is damaged or cut off. */
  chunks: AsyncGenerator<Buffer>;
}

/** @throws TraceSmithError `IO` where it cannot be read, `INVALID_INPUT` where there is nothing to read. */
export async function openTraceFile(path: string): Promise<TraceFile> {
  try {
    const stats = await fs.stat(path);
    if (stats.isDirectory()) throw unreadable(path, 'it is a folder');
    // A pipe could be read once only, and this looks at the beginning twice.
    if (!stats.isFile()) throw unreadable(path, 'it is no regular file');
    if (stats.size === 0) throw unreadable(path, 'it is empty');
    const gzip = await startsWithGzip(path);
    const progress = { bytesRead: 0 };
    const chunks = gzip ? inflated(path, progress) : plain(path, progress);
    return { path, bytes: stats.size, gzip, progress, chunks };
  } catch (error) {
    throw error instanceof TraceSmithError ? error : ioError('read', path, error);
  }
}

export function unreadable(path: string, why: string, cause?: unknown): TraceSmithError {
  return new TraceSmithError('INVALID_INPUT', `${path} cannot be read as a trace: ${why}`, { cause });
}

async function startsWithGzip(path: string): Promise<boolean> {
  const file = await fs.open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function* plain(path: string, progress: TraceFile['progress']): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      progress.bytesRead += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw ioError('read', path, error);
  }
}

async function* inflated(path: string, progress: TraceFile['progress']): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // Several members one behind the other are one content.
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on('error', (error) => gunzip.destroy(error));
  let length = 0;
  try {
    for await (const chunk of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      length += chunk.length;
      progress.bytesRead = file.bytesRead;
      yield chunk;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_')) {
      throw unreadable(path, `its gzip data are damaged or cut off: ${length} bytes could be inflated, then: ${message}`, error);
    }
    throw ioError('read', path, error);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

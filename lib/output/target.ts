/**
 * Output files that appear whole or not at all: chunks go to a file beside the target, which takes
 * the target's place at the end.
 */
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { ioError } from '../errors';

/**
 * Deflate costs several times what encoding costs, and the lowest level gives most of what there is
 * to gain.
 */
const GZIP_OPTIONS: zlib.ZlibOptions = { level: 1 };
const gzip = promisify<Buffer | Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

export interface WriteOptions {
  /** Compress; each chunk becomes a gzip member of its own, so that both ways of writing give the same bytes. */
  gzip: boolean;
  signal?: AbortSignal;
}

/** Where the bytes go, and what takes them to their place. */
interface Destination {
  /** The file that is written. */
  path: string;
  flags: 'w' | 'wx';
  mode: number | undefined;
  /** The file that it becomes; undefined for a device or pipe, which is written directly. */
  replaces?: string;
}

/** Writes without blocking the thread; gives the number of bytes in the file. */
export async function writeChunks(target: string, chunks: Iterable<Uint8Array>, options: WriteOptions): Promise<number> {
  const destination = destinationFor(target);
  let size = 0;
  try {
    const file = await fs.promises.open(destination.path, destination.flags, destination.mode);
    try {
      for (const chunk of chunks) {
        options.signal?.throwIfAborted();
        const bytes = options.gzip ? await gzip(chunk, GZIP_OPTIONS) : chunk;
        size += bytes.length;
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
    options.signal?.throwIfAborted();
    if (destination.replaces !== undefined) await fs.promises.rename(destination.path, destination.replaces);
  } catch (error) {
    discard(destination);
    throw isSystemError(error) ? ioError('write', target, error) : error;
  }
  return size;
}

/** The same on this thread. */
export function writeChunksSync(target: string, chunks: Iterable<Uint8Array>, options: WriteOptions): number {
  const destination = destinationFor(target);
  let size = 0;
  try {
    const file = fs.openSync(destination.path, destination.flags, destination.mode);
    try {
      for (const chunk of chunks) {
        const bytes = options.gzip ? zlib.gzipSync(chunk, GZIP_OPTIONS) : chunk;
        size += bytes.length;
        fs.writeFileSync(file, bytes);
      }
    } finally {
      fs.closeSync(file);
    }
    if (destination.replaces !== undefined) fs.renameSync(destination.path, destination.replaces);
  } catch (error) {
    discard(destination);
    throw isSystemError(error) ? ioError('write', target, error) : error;
  }
  return size;
}

/** Compresses chunks that stay in memory. */
export function gzipChunk(chunk: Uint8Array): Buffer {
  return zlib.gzipSync(chunk, GZIP_OPTIONS);
}

function destinationFor(target: string): Destination {
  let replaces = path.resolve(target);
  let mode: number | undefined;
  try {
    const stats = fs.statSync(replaces);
    if (stats.isDirectory()) throw ioError('write', target, new Error('it is a folder'));
    // Renaming would put a file in the place of /dev/stdout or a pipe.
    if (!stats.isFile()) return { path: replaces, flags: 'w', mode: undefined };
    replaces = fs.realpathSync(replaces); // a link stays a link
    fs.accessSync(replaces, fs.constants.W_OK);
    mode = stats.mode;
  } catch (error) {
    if (isSystemError(error) && error.code !== 'ENOENT') throw ioError('write', target, error);
    if (!isSystemError(error)) throw error;
  }
  const temporary = `${replaces}.${randomBytes(6).toString('hex')}.tmp`;
  return { path: temporary, flags: 'wx', mode, replaces };
}

function discard(destination: Destination): void {
  if (destination.replaces === undefined) return;
  fs.rmSync(destination.path, { force: true });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';
}

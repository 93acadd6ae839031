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
const DEFAULT_LEVEL = 1;
const gzip = promisify<Buffer | Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

export interface WriteOptions {
  /** Compress; each chunk becomes a gzip member of its own, so that both ways of writing give the same bytes. */
  gzip: boolean;
  /** Of the compression, 1 (the default) to 9. */
  level?: number;
  signal?: AbortSignal;
}

/** Where the bytes go, and what takes them to their place. */
export interface Destination {
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
      for await (const bytes of compressed(chunks, options)) {
        size += bytes.length;
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
    options.signal?.throwIfAborted();
    await complete(destination);
  } catch (error) {
    discard(destination);
    throw isSystemError(error) ? ioError('write', target, error) : error;
  }
  return size;
}

/** The chunks as they are written. */
export async function* compressed(chunks: Iterable<Uint8Array>, options: WriteOptions): AsyncGenerator<Uint8Array> {
  const { level = DEFAULT_LEVEL, signal } = options;
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    yield options.gzip ? await gzip(chunk, { level }) : chunk;
  }
}

/** The same on this thread. */
export function writeChunksSync(target: string, chunks: Iterable<Uint8Array>, options: WriteOptions): number {
  const destination = destinationFor(target);
  let size = 0;
  try {
    const file = fs.openSync(destination.path, destination.flags, destination.mode);
    try {
      for (const chunk of chunks) {
        const bytes = options.gzip ? zlib.gzipSync(chunk, { level: options.level ?? DEFAULT_LEVEL }) : chunk;
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

/**
 * Where to write what is to become the target.
 *
 * @throws TraceSmithError `IO` where that can be told to fail.
 */
export function destinationFor(target: string): Destination {
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

/** Creates the temporary file, empty, for those who open files by their path alone. */
export function reserve(destination: Destination): void {
  if (destination.replaces === undefined) return;
  fs.closeSync(fs.openSync(destination.path, destination.flags, destination.mode));
}

/** Takes what was written to its place. */
export async function complete(destination: Destination): Promise<void> {
  if (destination.replaces !== undefined) await fs.promises.rename(destination.path, destination.replaces);
}

/** Deletes what was written, where that is not the target itself. */
export function discard(destination: Destination): void {
  if (destination.replaces === undefined) return;
  fs.rmSync(destination.path, { force: true });
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';
}

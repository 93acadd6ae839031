/**
 * Output files that appear whole or not at all: a file beside the target is written, and takes the target's place at the
 * end.
 */
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { ioError } from '../errors';

/** The lowest level gives most of what there is to gain; deflate costs several times what encoding costs. */
const DEFAULT_LEVEL = 1;
const gzip = promisify<Buffer | Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

/** A file that takes the place of a target, or is deleted. */
export class WholeFile {
  private constructor(
    private readonly target: string,
    /** The file to write. */
    readonly path: string,
    /** The file that it becomes; undefined for a device or pipe, which is written directly. */
    private readonly replaces?: string,
  ) {}

  /** Whether the file to write is beside the target. */
  get isBeside(): boolean {
    return this.replaces !== undefined;
  }

  /**
   * Creates the file to write, empty, with the rights of the target.
   *
   * @throws TraceSmithError `IO`
   */
  static create(target: string): WholeFile {
    let replaces = path.resolve(target);
    try {
      const stats = fs.statSync(replaces, { throwIfNoEntry: false });
      if (stats?.isDirectory()) throw ioError('write', target, new Error('it is a folder'));
      // Renaming would put a file in the place of /dev/stdout or a pipe.
      if (stats !== undefined && !stats.isFile()) return new WholeFile(target, replaces);
      if (stats !== undefined) {
        replaces = fs.realpathSync(replaces); // a link stays a link
        fs.accessSync(replaces, fs.constants.W_OK);
      }
      const file = new WholeFile(target, besideName(replaces), replaces);
      fs.closeSync(fs.openSync(file.path, 'wx', stats?.mode));
      return file;
    } catch (error) {
      throw isSystemError(error) ? ioError('write', target, error, remedyFor(error, target)) : error;
    }
  }

  /** Puts the file in the target's place. @throws TraceSmithError `IO` */
  async complete(): Promise<void> {
    if (this.replaces === undefined) return;
    await fs.promises.rename(this.path, this.replaces).catch((error: unknown) => this.fail(error));
  }

  /** The same on this thread. */
  completeSync(): void {
    if (this.replaces === undefined) return;
    try {
      fs.renameSync(this.path, this.replaces);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Deletes the file, if it is beside the target. Does nothing once it is in its place. */
  discard(): void {
    if (this.replaces !== undefined) fs.rmSync(this.path, { force: true });
  }

  /** Discards the file after an error, and throws it. @throws TraceSmithError `IO` for an error of the system */
  fail(error: unknown): never {
    this.discard();
    throw isSystemError(error) ? ioError('write', this.target, error) : error;
  }
}

/** Most systems allow names of 255 bytes; what is added to them needs some. */
const MAX_NAME_BYTES = 200;

/** A name for the file beside the target, also where the target's own is as long as one may be. */
function besideName(target: string): string {
  const name = Buffer.from(path.basename(target)).subarray(0, MAX_NAME_BYTES).toString().replace(/\uFFFD+$/, '');
  return path.join(path.dirname(target), `${name}.${randomBytes(6).toString('hex')}.tmp`);
}

/** What the system means where it refuses the file beside the target, of which the user knows nothing. */
function remedyFor({ code, syscall }: NodeJS.ErrnoException, target: string): string {
  if (syscall !== 'open') return '';
  const folder = path.dirname(target);
  if (code === 'ENOENT') return `: there is no folder ${folder}; make it first`;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return `: the folder ${folder} takes no new file`;
  return '';
}

export interface WriteOptions {
  /** Compress; each chunk becomes a gzip member of its own, so that both ways of writing give the same bytes. */
  gzip: boolean;
  /** Of the compression, 1 (the default) to 9. */
  level?: number;
  signal?: AbortSignal;
}

/** Writes chunks as a file, without blocking the thread; returns the number of its bytes. */
export async function writeChunks(target: string, chunks: Iterable<Uint8Array>, options: WriteOptions): Promise<number> {
  const whole = WholeFile.create(target);
  const size = { bytes: 0 };
  try {
    // Opened before: an error in the chunks could come first, and the file would be there again after it was deleted.
    const file = await fs.promises.open(whole.path, 'w');
    await pipeline(compressed(chunks, options, size), file.createWriteStream());
    options.signal?.throwIfAborted();
    await whole.complete();
  } catch (error) {
    whole.fail(error);
  }
  return size.bytes;
}

/** The chunks as they are written, and how many bytes they are so far. */
export async function* compressed(
  chunks: Iterable<Uint8Array>,
  { gzip: isCompressed, level = DEFAULT_LEVEL, signal }: WriteOptions,
  size: { bytes: number },
): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    signal?.throwIfAborted();
    const bytes = isCompressed ? await gzip(chunk, { level }) : chunk;
    size.bytes += bytes.length;
    yield bytes;
  }
}

/** writeChunks on this thread. */
export function writeChunksSync(target: string, chunks: Iterable<Uint8Array>, options: WriteOptions): number {
  const whole = WholeFile.create(target);
  let size = 0;
  try {
    const file = fs.openSync(whole.path, 'w');
    try {
      for (const chunk of chunks) {
        const bytes = options.gzip ? zlib.gzipSync(chunk, { level: options.level ?? DEFAULT_LEVEL }) : chunk;
        size += bytes.length;
        fs.writeFileSync(file, bytes);
      }
    } finally {
      fs.closeSync(file);
    }
    whole.completeSync();
  } catch (error) {
    whole.fail(error);
  }
  return size;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';
}

/**
 * Output files that appear whole or not at all: a file beside the target is written, and takes the target's place at the
 * end.
 */
import * as fs from 'node:fs';
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { ioError } from '../errors';

/** The lowest level gives most of what there is to gain; deflate costs several times what encoding costs. */
const DEFAULT_LEVEL = 1;
const gzip = promisify<Buffer | Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

/** A file that takes the place of a target, or is deleted. */
export class WholeFile {
  /** The file to write. */
  readonly path: string;
  /** Whether that is beside the target; a device or pipe is written directly. */
  readonly isBeside: boolean;

  private constructor(
    private readonly target: string,
    /** The file that it becomes; undefined for a device or pipe. */
    private readonly replaces: string | undefined,
    writtenPath: string,
  ) {
    this.path = writtenPath;
    this.isBeside = replaces !== undefined;
  }

  /**
   * Creates the file to write, empty, with the rights of the target.
   *
   * @throws TraceSmithError `IO`
   */
  static create(target: string): WholeFile {
    let replaces = path.resolve(target);
    let mode: number | undefined;
    try {
      const stats = fs.statSync(replaces);
      if (stats.isDirectory()) throw ioError('write', target, new Error('it is a folder'));
      // Renaming would put a file in the place of /dev/stdout or a pipe.
      if (!stats.isFile()) return new WholeFile(target, undefined, replaces);
      replaces = fs.realpathSync(replaces); // a link stays a link
      fs.accessSync(replaces, fs.constants.W_OK);
      mode = stats.mode;
    } catch (error) {
      if (isSystemError(error) && error.code !== 'ENOENT') throw ioError('write', target, error);
      if (!isSystemError(error)) throw error;
    }
    const file = new WholeFile(target, replaces, `${replaces}.${randomBytes(6).toString('hex')}.tmp`);
    file.attempt(() => fs.closeSync(fs.openSync(file.path, 'wx', mode)));
    return file;
  }

  /** Puts the file in the target's place. @throws TraceSmithError `IO` */
  async complete(): Promise<void> {
    if (this.replaces === undefined) return;
    await fs.promises.rename(this.path, this.replaces).catch((error: unknown) => this.fail(error));
  }

  /** The same on this thread. */
  completeSync(): void {
    const { replaces } = this;
    if (replaces !== undefined) this.attempt(() => fs.renameSync(this.path, replaces));
  }

  /** Deletes the file, if it is beside the target. Does nothing once it is in its place. */
  discard(): void {
    if (this.replaces !== undefined) fs.rmSync(this.path, { force: true });
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): never {
    throw isSystemError(error) ? ioError('write', this.target, error) : error;
  }
}

export interface WriteOptions {
  /** Compress; each chunk becomes a gzip member of its own, so that both ways of writing give the same bytes. */
  gzip: boolean;
  /** Of the compression, 1 (the default) to 9. */
  level?: number;
  signal?: AbortSignal;
}

/** Writes chunks as a file, without blocking the thread; gives the number of its bytes. */
export async function writeChunks(target: string, chunks: Iterable<Uint8Array>, options: WriteOptions): Promise<number> {
  const whole = WholeFile.create(target);
  let size = 0;
  try {
    const file = await fs.promises.open(whole.path, 'w');
    try {
      for await (const bytes of compressed(chunks, options)) {
        size += bytes.length;
        await file.writeFile(bytes);
      }
    } finally {
      await file.close();
    }
    options.signal?.throwIfAborted();
    await whole.complete();
  } catch (error) {
    whole.discard();
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
    whole.discard();
    throw isSystemError(error) ? ioError('write', target, error) : error;
  }
  return size;
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string';
}

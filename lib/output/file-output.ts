import * as fs from 'node:fs';
import * as zlib from 'node:zlib';
import { ioError, type TraceSmithError } from '../errors';
import type { StreamOutput } from './stream-output';

/**
 * Writes a file at its final place, in the call: what write() took is the system's when it returns, so
 * that it survives a kill of the process.
 */
export class FileOutput implements StreamOutput {
  /** Always 0: nothing waits. */
  readonly queuedBytes = 0;

  private readonly file: number;
  private readonly isRegular: boolean;
  private isOpen = true;
  private size = 0;
  private failure?: TraceSmithError;

  /**
   * Opens the file and empties it.
   *
   * @param gzipLevel 1 to 9: each chunk becomes a gzip member; undefined: as they are.
   * @throws TraceSmithError `IO`
   */
  constructor(
    private readonly path: string,
    private readonly gzipLevel?: number,
  ) {
    try {
      this.file = fs.openSync(path, 'w');
      this.isRegular = fs.fstatSync(this.file).isFile();
    } catch (error) {
      throw ioError('write', path, error);
    }
  }

  write(chunk: Uint8Array): void {
    if (this.failure !== undefined) throw this.failure;
    const bytes = this.gzipLevel === undefined ? chunk : zlib.gzipSync(chunk, { level: this.gzipLevel });
    try {
      for (let written = 0; written < bytes.length; ) {
        written += fs.writeSync(this.file, bytes, written, bytes.length - written);
      }
    } catch (error) {
      this.fail(error);
    }
    this.size += bytes.length;
  }

  ready(): Promise<void> {
    return this.flush();
  }

  flush(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  // Declared async, so that a failure is a rejection.
  // eslint-disable-next-line @typescript-eslint/require-await
  async close(): Promise<number> {
    this.closeSync();
    return this.size;
  }

  closeSync(): void {
    try {
      this.closeFile();
    } catch (error) {
      this.failure ??= ioError('write', this.path, error);
    }
    if (this.failure !== undefined) throw this.failure;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a failure is a rejection
  async abort(): Promise<void> {
    try {
      this.closeFile();
      // A device or pipe is not the writer's to delete.
      if (this.isRegular) fs.rmSync(this.path, { force: true });
    } catch (error) {
      throw ioError('delete', this.path, error);
    }
  }

  private closeFile(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    fs.closeSync(this.file);
  }

  /** Takes back the part of the chunk that did get written, so that the file ends with a whole one. Throws. */
  private fail(cause: unknown): never {
    this.failure = ioError('write', this.path, cause);
    try {
      if (this.isRegular) fs.ftruncateSync(this.file, this.size);
    } catch {
      // The failure to write says more than this one would.
    }
    throw this.failure;
  }
}

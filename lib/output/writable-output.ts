import type { Writable } from 'node:stream';
import * as zlib from 'node:zlib';
import { ioError, type TraceSmithError } from '../errors';
import { LOW_WATER_BYTES, type StreamOutput } from './stream-output';

/**
 * Writes to a stream as fast as it takes the bytes, and keeps the rest.
 *
 * What is queued is counted by the stream's acknowledgements, not by its `writableLength`: that counts
 * objects in object mode, and not the chunk that the stream is busy with.
 */
export class WritableOutput implements StreamOutput {
  private readonly queue: Uint8Array[] = [];
  private queued = 0;
  private size = 0;
  /** This output has asked the stream to end. */
  private isEnding = false;
  private hasFinished = false;
  private failure?: TraceSmithError;
  /** Wake those that wait for the output to come to a certain point. */
  private readonly waiters: (() => void)[] = [];

  /**
   * Takes over the stream: it ends or destroys it, and its errors become this output's.
   *
   * @param gzipLevel 1 to 9: each chunk becomes a gzip member; undefined: as they are.
   * @throws TraceSmithError `IO` for a stream that was ended or destroyed before.
   */
  constructor(
    private readonly stream: Writable,
    private readonly gzipLevel?: number,
  ) {
    if (!stream.writable) {
      throw streamError(stream.errored ?? new Error(stream.destroyed ? 'it is destroyed' : 'it was ended before'));
    }
    // The listeners stay for good: a stream may report an error after it was ended or destroyed, and
    // nobody else may be there to hear it.
    stream.on('error', (error) => this.fail(error));
    stream.on('close', () => this.fail(new Error('it was closed before the trace was complete')));
    stream.on('drain', () => this.send());
    stream.on('finish', () => {
      if (!this.isEnding) return this.fail(new Error('it was ended before the trace was complete'));
      this.hasFinished = true;
      this.wake();
    });
  }

  get queuedBytes(): number {
    return this.queued;
  }

  write(chunk: Uint8Array): void {
    if (this.failure !== undefined) throw this.failure;
    const bytes = this.gzipLevel === undefined ? chunk : zlib.gzipSync(chunk, { level: this.gzipLevel });
    this.size += bytes.length;
    this.queued += bytes.length;
    this.queue.push(bytes);
    this.send();
  }

  ready(): Promise<void> {
    return this.until(() => this.queued <= LOW_WATER_BYTES);
  }

  flush(): Promise<void> {
    return this.until(() => this.queued === 0);
  }

  async close(): Promise<number> {
    await this.flush();
    this.isEnding = true;
    this.stream.end();
    await this.until(() => this.hasFinished);
    return this.size;
  }

  abort(): Promise<void> {
    this.fail(new Error('the trace was aborted'));
    this.stream.destroy();
    return Promise.resolve();
  }

  /** Hands over what the stream takes without having to buffer it beyond its own limit. */
  private send(): void {
    while (this.queue.length > 0 && !this.stream.writableNeedDrain) {
      const bytes = this.queue.shift()!;
      try {
        this.stream.write(bytes, (error) => (error ? this.fail(error) : this.taken(bytes.length)));
      } catch (error) {
        this.fail(error as Error); // what a stream's own write function throws comes out here
      }
    }
  }

  private taken(bytes: number): void {
    if (this.failure !== undefined) return;
    this.queued -= bytes;
    this.wake();
  }

  private async until(isOver: () => boolean): Promise<void> {
    while (this.failure === undefined && !isOver()) await new Promise<void>((resolve) => this.waiters.push(resolve));
    if (this.failure !== undefined) throw this.failure;
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  /** The first failure stays; what comes after the end of the stream is none. */
  private fail(cause: Error): void {
    if (this.failure !== undefined || this.hasFinished) return;
    this.failure = streamError(cause);
    this.queue.length = 0;
    this.queued = 0;
    this.wake();
  }
}

function streamError(cause: Error): TraceSmithError {
  return ioError('write to', 'the stream', cause);
}

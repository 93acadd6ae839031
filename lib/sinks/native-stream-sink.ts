import type { EventBatch } from '../batch/batch';
import { TraceSmithError } from '../errors';
import type { NativeWriter } from '../addon/load';
import { Format } from '../output/format';
import { LOW_WATER_BYTES, type StreamOutput } from '../output/stream-output';
import type { StreamCounts, WriterBackend } from './stream-sink';

/**
 * Writes a native trace through the addon. With a path the addon writes the file itself; otherwise
 * this class takes what it has encoded and passes it to an output.
 */
export class NativeWriterBackend implements WriterBackend {
  readonly format = Format.PROTOBUF;
  private failure?: TraceSmithError;

  /**
   * @param target what is written, for error texts
   * @param output where the bytes go that the addon does not write itself
   */
  constructor(
    private readonly native: NativeWriter,
    private readonly target: string,
    private readonly output?: StreamOutput,
  ) {}

  get queuedBytes(): number {
    return this.native.queuedBytes + (this.output?.queuedBytes ?? 0);
  }

  append(batch: EventBatch): void {
    this.checkFailure();
    try {
      // First, since a batch that was appended is not to be refused.
      this.passOn();
      this.native.append(batch);
    } catch (error) {
      throw this.failWith(error);
    }
  }

  async flush(all: boolean): Promise<void> {
    this.checkFailure();
    try {
      await this.native.flush(all);
      this.passOn();
      await this.output?.flush();
    } catch (error) {
      throw this.failWith(error);
    }
  }

  flushSoon(): void {
    if (this.failure !== undefined) return;
    if (this.output === undefined) this.native.flushSoon();
    // Its error is kept: the next call that can report it does.
    else this.passOnSoon().catch(() => undefined);
  }

  async ready(): Promise<void> {
    this.checkFailure();
    if (this.queuedBytes <= LOW_WATER_BYTES) return;
    try {
      if (this.output === undefined) return await this.native.drained();
      await this.passOnSoon();
      await this.output.ready();
    } catch (error) {
      throw this.failWith(error);
    }
  }

  async close(): Promise<StreamCounts> {
    try {
      const counts = await this.native.finish();
      this.checkFailure();
      this.passOn();
      return this.output === undefined ? counts : { ...counts, bytes: await this.output.close() };
    } catch (error) {
      throw this.failWith(error);
    }
  }

  async abort(): Promise<void> {
    this.native.abort();
    await this.output?.abort();
  }

  /** Passes on all that has come, once it is encoded. */
  private async passOnSoon(): Promise<void> {
    try {
      await this.native.flush(false);
      this.passOn();
    } catch (error) {
      throw this.failWith(error);
    }
  }

  /** Passes on what is encoded so far. */
  private passOn(): void {
    if (this.output === undefined) return;
    for (let chunk = this.native.take(); chunk !== null; chunk = this.native.take()) this.output.write(chunk);
  }

  private checkFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Keeps the first failure, as an error of this package. */
  private failWith(error: unknown): TraceSmithError {
    return (this.failure ??= error instanceof TraceSmithError ? error : writerError(error, this.target));
  }
}

/** An error of the addon's writer as one of this package. */
export function writerError(error: unknown, target: string): TraceSmithError {
  const { code, systemCode, message } = error as Error & { code?: string; systemCode?: string };
  if (code === 'IO') {
    return new TraceSmithError('IO', message, { cause: Object.assign(new Error(message), { code: systemCode }) });
  }
  // Everything was checked on the way here, so a refusal is a bug of this package.
  return new TraceSmithError('INTERNAL', `The addon refused to write ${target}: ${message}`, { cause: error });
}

import { COMPRESSION_NUMBERS, type NativeCounts, type NativeWriter, type NativeWriterOptions } from '../addon/contract';
import { nativeError } from '../addon/native-error';
import type { EventBatch } from '../batch/batch';
import type { TraceSmithError } from '../errors';
import { MAX_UINT32 } from '../limits';
import { Format } from '../output/format';
import { LOW_WATER_BYTES, type StreamOutput } from '../output/stream-output';
import type { WholeFile } from '../output/whole-file';
import type { StreamCounts, StreamSink, WholeCounts, WholeSink } from './sink';

/** The most bytes of room that the addon can be told to expect. */
const MAX_ROOM = 2 ** 30;

/** What the addon is told about a trace: by default a whole one in memory, of unknown size. */
export function nativeOptions(options: Partial<NativeWriterOptions> = {}): NativeWriterOptions {
  const { rows = 0, room = 0 } = options;
  const defaults = { window: 0, path: null, name: 'the trace', compression: COMPRESSION_NUMBERS.none, level: 1, clock: 0, seed: 0 } as const;
  return { ...defaults, ...options, rows: Math.min(rows, MAX_UINT32), room: Math.min(room, MAX_ROOM) };
}

/** Writes a whole native trace through the addon, which writes the file by itself. */
export class NativeWholeSink implements WholeSink {
  /**
   * @param target the trace, for error texts
   * @param file what the addon writes to; undefined: the trace stays in memory
   */
  constructor(
    private readonly native: NativeWriter,
    private readonly target: string,
    private readonly file?: WholeFile,
  ) {}

  append(batch: EventBatch): void {
    try {
      this.native.append(batch);
    } catch (error) {
      throw this.failure(error);
    }
  }

  async finish(signal?: AbortSignal): Promise<WholeCounts> {
    try {
      const counts = await this.native.finish();
      if (signal?.aborted) this.abort();
      else await this.file?.complete();
      signal?.throwIfAborted();
      return countsOfWhole(counts);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw this.failure(error);
    }
  }

  finishSync(): WholeCounts {
    try {
      const counts = this.native.finishSync();
      this.file?.completeSync();
      return countsOfWhole(counts);
    } catch (error) {
      throw this.failure(error);
    }
  }

  bytes(): Buffer {
    const bytes = this.native.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  abort(): void {
    this.native.abort();
    this.file?.discard();
  }

  private failure(error: unknown): TraceSmithError {
    this.abort();
    return nativeError(error, `write ${this.target}`);
  }
}

/**
 * Writes a native stream through the addon. With a path the addon writes the file by itself; otherwise
 * this class takes the encoded chunks and passes them to an output.
 */
export class NativeStreamSink implements StreamSink {
  readonly format = Format.PROTOBUF;
  private firstFailure?: TraceSmithError;

  /**
   * @param target the trace, for error texts
   * @param output where chunks go; undefined: the addon writes a file
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
      throw this.failure(error);
    }
  }

  async flush(all: boolean): Promise<void> {
    this.checkFailure();
    try {
      await this.native.flush(all);
      this.passOn();
      await this.output?.flush();
    } catch (error) {
      throw this.failure(error);
    }
  }

  flushSoon(): void {
    if (this.firstFailure !== undefined) return;
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
      throw this.failure(error);
    }
  }

  async close(): Promise<StreamCounts> {
    try {
      const { slices, instants, counters, lanes, unclosed, lateSlices, bytes } = await this.native.finish();
      this.checkFailure();
      this.passOn();
      const written = this.output === undefined ? bytes : await this.output.close();
      return { slices, instants, counters, lanes, unclosed, lateSlices, bytes: written };
    } catch (error) {
      throw this.failure(error);
    }
  }

  get closeSync(): (() => void) | undefined {
    if (this.output !== undefined) return undefined;
    return () => {
      try {
        this.native.finishNow();
      } catch (error) {
        throw this.failure(error);
      }
    };
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
      throw this.failure(error);
    }
  }

  /** Passes on what is encoded so far. */
  private passOn(): void {
    if (this.output === undefined) return;
    for (let chunk = this.native.take(); chunk !== null; chunk = this.native.take()) this.output.write(chunk);
  }

  private checkFailure(): void {
    if (this.firstFailure !== undefined) throw this.firstFailure;
  }

  /** Keeps the first failure. */
  private failure(error: unknown): TraceSmithError {
    return (this.firstFailure ??= nativeError(error, `write ${this.target}`));
  }
}

function countsOfWhole({ lateSlices, ...counts }: NativeCounts): WholeCounts {
  return counts;
}

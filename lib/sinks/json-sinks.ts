import type { EventBatch } from '../batch/batch';
import { TraceSmithError } from '../errors';
import { ChromeJsonBackend } from '../chrome-json/write/chrome-json';
import { ChromeJsonStream } from '../chrome-json/write/chrome-json-stream';
import { Format } from '../output/format';
import type { StreamOutput } from '../output/stream-output';
import { writeChunks, writeChunksSync } from '../output/whole-file';
import type { StreamCounts, StreamSink, WholeCounts, WholeSink } from './sink';

/** Writes a whole trace as Chrome JSON, on the thread that appends. */
export class JsonWholeSink implements WholeSink {
  private readonly json = new ChromeJsonBackend();

  /** @param file where the trace goes; undefined: it stays in memory */
  constructor(private readonly file?: { path: string; gzip: boolean }) {}

  append(batch: EventBatch): void {
    this.json.append(batch);
  }

  async finish(signal?: AbortSignal): Promise<WholeCounts> {
    const counts = this.json.finish();
    signal?.throwIfAborted();
    const { file } = this;
    return { ...counts, bytes: file === undefined ? 0 : await writeChunks(file.path, this.json.chunks(), { ...file, signal }) };
  }

  finishSync(): WholeCounts {
    const counts = this.json.finish();
    const { file } = this;
    return { ...counts, bytes: file === undefined ? 0 : writeChunksSync(file.path, this.json.chunks(), file) };
  }

  bytes(): Buffer {
    return this.json.bytes();
  }

  abort(): void {
    // No file is there before finishing.
  }
}

/** Writes a stream as Chrome JSON, on the thread that appends. */
export class JsonStreamSink implements StreamSink {
  readonly format = Format.JSON;
  private readonly stream: ChromeJsonStream;
  private failure?: TraceSmithError;
  private isFinished = false;

  /** @param window how many slices wait for earlier ones */
  constructor(
    private readonly output: StreamOutput,
    window?: number,
  ) {
    this.stream = new ChromeJsonStream((chunk) => output.write(chunk), window);
  }

  get queuedBytes(): number {
    return this.output.queuedBytes;
  }

  append(batch: EventBatch): void {
    this.attempt(() => this.stream.append(batch));
  }

  async flush(all: boolean): Promise<void> {
    this.attempt(() => (all ? this.stream.flushAll() : this.stream.handOver()));
    await this.output.flush();
  }

  flushSoon(): void {
    this.attempt(() => this.stream.handOver());
  }

  ready(): Promise<void> {
    return this.output.ready();
  }

  async close(): Promise<StreamCounts> {
    let counts: Omit<StreamCounts, 'bytes'>;
    try {
      counts = this.finish();
    } catch (error) {
      // The output must not stay open; that it fails again says nothing new.
      await this.output.close().catch(() => undefined);
      throw error;
    }
    return { ...counts, bytes: await this.output.close() };
  }

  get closeSync(): (() => void) | undefined {
    const { output } = this;
    if (output.closeSync === undefined) return undefined;
    return () => {
      try {
        if (!this.isFinished) this.finish();
      } finally {
        output.closeSync!();
      }
    };
  }

  abort(): Promise<void> {
    return this.output.abort();
  }

  private finish(): Omit<StreamCounts, 'bytes'> {
    this.isFinished = true;
    return this.attempt(() => this.stream.finish());
  }

  /** After a failure in the middle of a row the file cannot go on: all later calls fail alike. */
  private attempt<T>(write: () => T): T {
    if (this.failure !== undefined) throw this.failure;
    try {
      return write();
    } catch (error) {
      const { message } = error as Error;
      this.failure =
        error instanceof TraceSmithError
          ? error
          : new TraceSmithError('INTERNAL', `Chrome JSON could not be written: ${message}`, { cause: error });
      throw this.failure;
    }
  }
}

import { createWriteStream, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ioError, TraceSmithError } from '../errors';
import { contentProblem, sniff } from '../input/sniff';
import { nameOfInput, openTraceFile, unreadable } from '../input/trace-file';
import { DamagedMessage } from '../protobuf/field-reader';
import { PacketSplitter } from '../protobuf/packets';
import { PacketWalker, type WalkedPacket } from './walk';

/** A trace that is read several times. A pipe can be read once, so its content is kept in a temporary file. */
export class TraceSource {
  bytes = 0;
  /** How far the reading has come that runs, and how many have ended. */
  readonly progress: { readings: number; bytesRead: number; totalBytes?: number } = { readings: 0, bytesRead: 0 };

  private constructor(
    /** What error texts call it. */
    readonly name: string,
    /** Where its content lies. */
    readonly file: string,
    private readonly signal: AbortSignal | undefined,
    private readonly folder?: string,
  ) {}

  /** @throws TraceSmithError `IO`, `INVALID_INPUT` */
  static async open(input: string, signal?: AbortSignal): Promise<TraceSource> {
    const { bytes, chunks } = await openTraceFile(input, signal);
    if (bytes !== undefined) {
      await checkHead(nameOfInput(input), chunks);
      return new TraceSource(nameOfInput(input), input, signal);
    }
    const folder = await fs.mkdtemp(path.join(tmpdir(), 'tracesmith-trim-')).catch((error: unknown) => {
      throw ioError('make a folder in', tmpdir(), error);
    });
    const source = new TraceSource(nameOfInput(input), path.join(folder, 'input'), signal, folder);
    try {
      await pipeline(chunks, createWriteStream(source.file));
      await checkHead(source.name, (await openTraceFile(source.file, signal)).chunks);
      return source;
    } catch (error) {
      await source.close();
      signal?.throwIfAborted();
      throw error instanceof TraceSmithError ? error : ioError('write', source.file, error);
    }
  }

  /**
   * Reads all packets once; between chunks of them the caller may wait for something.
   *
   * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
   */
  async *read(visit: (packet: WalkedPacket) => void, walker = new PacketWalker()): AsyncGenerator<void> {
    const { bytes, progress, chunks } = await openTraceFile(this.file, this.signal);
    this.progress.totalBytes = bytes;
    const splitter = new PacketSplitter();
    try {
      for await (const chunk of chunks) {
        this.signal?.throwIfAborted();
        this.progress.bytesRead = progress.bytesRead;
        for (const packet of splitter.push(chunk)) walker.walk(packet, visit);
        yield;
      }
    } catch (error) {
      if (!(error instanceof DamagedMessage)) throw error;
      throw unreadable(this.name, `at byte ${splitter.offset}: ${error.message}`, error);
    } finally {
      await chunks.return(undefined);
    }
    this.bytes = progress.bytesRead;
    this.progress.readings++;
    if (splitter.pending > 0) {
      throw unreadable(this.name, `it is cut off: it ends ${splitter.pending} bytes into the packet at byte ${splitter.offset}`);
    }
  }

  /** Deletes what was kept of a pipe. */
  async close(): Promise<void> {
    if (this.folder !== undefined) await fs.rm(this.folder, { recursive: true, force: true });
  }
}

/** Looks whether this is a native trace, by its first bytes. @throws TraceSmithError `INVALID_INPUT` */
async function checkHead(name: string, chunks: AsyncGenerator<Buffer>): Promise<void> {
  const { value } = (await chunks.next()) as IteratorResult<Buffer, undefined>;
  await chunks.return(undefined);
  const head = value ?? Buffer.alloc(0);
  const kind = sniff(head);
  if (kind === 'perfetto') return;
  if (kind === 'json') throw unreadable(name, 'it is JSON; use convert, which has the same filters; expected a native Perfetto trace');
  throw unreadable(name, `it is ${contentProblem(kind, head, 'a native Perfetto trace')}`);
}

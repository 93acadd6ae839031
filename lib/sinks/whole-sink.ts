/**
 * The two ways in which batches become a file. Producers fill an EventBatch that flushes into a
 * backend, finish it, and take the chunks.
 */
import type { BatchSink, EventBatch } from '../batch/batch';
import { TraceSmithError } from '../errors';
import { ChromeJsonBackend } from '../chrome-json/write/chrome-json';
import { createNativeEncoder, isSDKAvailable, sdkInfo, type NativeEncoder } from '../addon/load';
import type { TimelineCounts } from '../order/timeline';
import { Format } from '../output/format';

export interface Backend extends BatchSink {
  readonly format: Format;
  /** Orders and encodes on this thread. No batch may come afterwards. */
  finish(): TimelineCounts;
  /** The same without blocking this thread, where the backend can. */
  finishAsync(): Promise<TimelineCounts>;
  /** The file, in order. After finishing, and once: the backend lets go of it. */
  chunks(): Iterable<Uint8Array>;
  /** The same in one piece. */
  bytes(): Buffer;
}

/** Large enough to make a write cheap, small enough to hold a few of them. */
const CHUNK_BYTES = 1 << 20;
/** What an event with all arguments takes; 80 is usual. */
const BYTES_A_ROW = 88;

class NativeBackend implements Backend {
  readonly format = Format.PROTOBUF;
  private readonly encoder: NativeEncoder;

  constructor(expectedRows: number, inOnePiece: boolean) {
    this.encoder = createNativeEncoder(expectedRows, inOnePiece ? expectedRows * BYTES_A_ROW : 0);
  }

  append(batch: EventBatch): void {
    try {
      this.encoder.append(batch);
    } catch (error) {
      // Everything was checked on the way here, so a refusal is a bug of this package.
      throw new TraceSmithError('INTERNAL', `The addon refused a batch: ${(error as Error).message}`, { cause: error });
    }
  }

  finish(): TimelineCounts {
    return this.encoder.encode();
  }

  finishAsync(): Promise<TimelineCounts> {
    return this.encoder.encodeAsync();
  }

  *chunks(): Generator<Uint8Array> {
    const length = this.encoder.byteLength;
    for (let offset = 0; offset < length; ) {
      const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, length - offset));
      offset += this.encoder.read(offset, chunk);
      yield chunk;
    }
    this.encoder.release();
  }

  bytes(): Buffer {
    const bytes = this.encoder.bytes();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

/**
 * A backend. The number of rows to come, where it is known, saves the native one some memory, and so
 * does knowing that bytes() will be asked for, and not chunks().
 */
export function createBackend(format: Format, expectedRows = 0, inOnePiece = false): Backend {
  return format === Format.PROTOBUF ? new NativeBackend(expectedRows, inOnePiece) : new ChromeJsonBackend();
}

let warned = false;

/**
 * The format that will really be written: the one asked for, or JSON with one warning a process
 * where that is native and the addon is missing.
 */
export function availableFormat(wanted: Format, fallback: 'json' | 'error'): Format {
  if (wanted === Format.JSON || isSDKAvailable()) return wanted;
  if (fallback === 'error') createNativeEncoder(); // throws what is wrong and how to mend it
  if (!warned) {
    warned = true;
    process.emitWarning(`Writing Chrome JSON instead of a native Perfetto trace: ${sdkInfo().reason}.`, {
      code: 'TRACESMITH_SDK_UNAVAILABLE',
      detail: 'Run "npx tracesmith-perfetto doctor" to see what is missing.',
    });
  }
  return Format.JSON;
}

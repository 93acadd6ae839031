import type { Writable } from 'node:stream';
import { availableFormat } from './whole-sink';
import { TraceSmithError } from '../errors';
import { createNativeWriter } from '../addon/load';
import { FileOutput } from '../output/file-output';
import { Format, outputKindOf } from '../output/format';
import { WritableOutput } from '../output/writable-output';
import type { WriterBackend } from './stream-sink';
import { CLOCK_NUMBERS } from '../writer/clock';
import { JsonWriterBackend } from './json-stream-sink';
import { NativeWriterBackend, writerError } from './native-stream-sink';
import type { CheckedWriterOptions, Compression } from '../writer/options';

/** What was opened, and what it really writes. */
export interface OpenedBackend {
  backend: WriterBackend;
  format: Format;
  /** True where a native trace was asked for and the addon is missing. */
  fallback: boolean;
  compression: Compression;
}

const COMPRESSION_NUMBERS = { none: 0, gzip: 1, packets: 2 } as const;

/**
 * Opens the output and what encodes for it. The extension of a path goes before the option `format`,
 * as for the exporter; the option `compression` goes before the `.gz` of a path.
 *
 * @throws TraceSmithError `IO`; `SDK_UNAVAILABLE` with `fallback: 'error'`; `INVALID_ARGUMENT` for
 *   `packets` where JSON was asked for.
 */
export function openBackend(target: string | Writable, options: CheckedWriterOptions): OpenedBackend {
  const kind = typeof target === 'string' ? outputKindOf(target) : { format: undefined, gzip: false };
  const wanted = kind.format ?? options.format;
  const asked = options.compression ?? (kind.gzip ? 'gzip' : 'none');
  if (wanted === Format.JSON && asked === 'packets') {
    throw new TraceSmithError('INVALID_ARGUMENT', 'Expected compression to be "none" or "gzip" for JSON, which has no packets');
  }
  const format = availableFormat(wanted, options.fallback);
  const compression = format === Format.JSON && asked === 'packets' ? 'none' : asked;
  const open = format === Format.JSON ? openJson : openNative;
  return { backend: open(target, options, compression), format, fallback: format !== wanted, compression };
}

function openNative(target: string | Writable, options: CheckedWriterOptions, compression: Compression): WriterBackend {
  const { level, clock, reorderWindow: window } = options;
  // The addon writes and compresses a path itself; for a stream it compresses, and its output is passed on.
  const output = typeof target === 'string' ? undefined : new WritableOutput(target);
  try {
    const native = createNativeWriter({
      path: typeof target === 'string' ? target : null,
      window,
      compression: COMPRESSION_NUMBERS[compression],
      level,
      clock: clock === undefined ? 0 : CLOCK_NUMBERS[clock],
    });
    return new NativeWriterBackend(native, nameOf(target), output);
  } catch (error) {
    throw error instanceof TraceSmithError ? error : writerError(error, nameOf(target));
  }
}

function openJson(target: string | Writable, options: CheckedWriterOptions, compression: Compression): WriterBackend {
  const gzipLevel = compression === 'gzip' ? options.level : undefined;
  const output = typeof target === 'string' ? new FileOutput(target, gzipLevel) : new WritableOutput(target, gzipLevel);
  return new JsonWriterBackend(output, options.reorderWindow);
}

/** What is written, as it stands in error texts. */
export function nameOf(target: string | Writable): string {
  return typeof target === 'string' ? target : 'the stream';
}

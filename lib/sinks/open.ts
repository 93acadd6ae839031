/** Opens sinks: decides what a trace is written as, and what encodes and writes it. */
import type { Writable } from 'node:stream';
import { CLOCK_NUMBERS, COMPRESSION_NUMBERS, wholeTraceOptions, type CompressionName } from '../addon/contract';
import { createNativeWriter, isSDKAvailable, requireAddon, sdkInfo } from '../addon/load';
import { nativeError } from '../addon/native-error';
import { TraceSmithError } from '../errors';
import { FileOutput } from '../output/file-output';
import { Format, outputKindOf } from '../output/format';
import { WholeFile } from '../output/whole-file';
import { WritableOutput } from '../output/writable-output';
import { JsonStreamSink, JsonWholeSink } from './json-sinks';
import { NativeStreamSink, NativeWholeSink } from './native-sinks';
import type { StreamSink } from './stream-sink';
import type { WholeSink } from './whole-sink';

/** What is done where a native trace is asked for and the addon is missing. */
export type Fallback = 'json' | 'error';

let warned = false;

/**
 * The format that will really be written: the one asked for, or JSON with one warning a process
 * where that is native and the addon is missing.
 *
 * @throws TraceSmithError `SDK_UNAVAILABLE` with the fallback `error`
 */
export function availableFormat(wanted: Format, fallback: Fallback): Format {
  if (wanted === Format.JSON || isSDKAvailable()) return wanted;
  if (fallback === 'error') requireAddon(); // throws what is wrong and how to mend it
  if (!warned) {
    warned = true;
    process.emitWarning(`Writing Chrome JSON instead of a native Perfetto trace: ${sdkInfo().reason}.`, {
      code: 'TRACESMITH_SDK_UNAVAILABLE',
      detail: 'Run "npx tracesmith-perfetto doctor" to see what is missing.',
    });
  }
  return Format.JSON;
}

/** Bytes of a row with all arguments; 80 are usual. */
const BYTES_PER_ROW = 88;

/** A sink for a whole trace in memory. The number of rows to come, if it is known, saves copies. */
export function openMemory(format: Format, rows: number): WholeSink {
  if (format === Format.JSON) return new JsonWholeSink();
  const options = wholeTraceOptions({ rows, room: rows * BYTES_PER_ROW });
  return new NativeWholeSink(createNativeWriter(options), 'the trace');
}

/** A file for a whole trace. */
export interface WholeTarget {
  path: string;
  format: Format;
  gzip: boolean;
}

/** A sink for a whole trace in a file, which appears whole or not at all. @throws TraceSmithError `IO` */
export function openWhole({ path, format, gzip }: WholeTarget, rows: number): WholeSink {
  if (format === Format.JSON) return new JsonWholeSink({ path, gzip });
  const file = WholeFile.create(path);
  try {
    const compression = COMPRESSION_NUMBERS[gzip ? 'gzip' : 'none'];
    const native = createNativeWriter(wholeTraceOptions({ path: file.path, name: path, rows, compression }));
    return new NativeWholeSink(native, path, file);
  } catch (error) {
    file.discard();
    throw nativeError(error, `write ${path}`);
  }
}

/** What a stream is written as, with every default applied. */
export interface StreamTarget {
  format: Format;
  fallback: Fallback;
  /** Undefined: what the path says. */
  compression: CompressionName | undefined;
  /** Of the compression, 1 to 9. */
  level: number;
  clock: keyof typeof CLOCK_NUMBERS | undefined;
  /** How many slices wait for earlier ones. */
  reorderWindow: number;
}

/** What was opened, and what it really writes. */
export interface OpenedStream {
  sink: StreamSink;
  format: Format;
  /** True where a native trace was asked for and the addon is missing. */
  fallback: boolean;
  compression: CompressionName;
}

/**
 * Opens the output of a stream and what encodes for it. The extension of a path goes before the option `format`,
 * as for the exporter; the option `compression` goes before the `.gz` of a path.
 *
 * @throws TraceSmithError `IO`; `SDK_UNAVAILABLE` with `fallback: 'error'`; `INVALID_ARGUMENT` for
 *   `packets` where JSON was asked for.
 */
export function openStream(target: string | Writable, options: StreamTarget): OpenedStream {
  const kind = typeof target === 'string' ? outputKindOf(target) : { format: undefined, gzip: false };
  const wanted = kind.format ?? options.format;
  const asked = options.compression ?? (kind.gzip ? 'gzip' : 'none');
  if (wanted === Format.JSON && asked === 'packets') {
    throw new TraceSmithError('INVALID_ARGUMENT', 'Expected compression to be "none" or "gzip" for JSON, which has no packets');
  }
  const format = availableFormat(wanted, options.fallback);
  const compression = format === Format.JSON && asked === 'packets' ? 'none' : asked;
  const open = format === Format.JSON ? openJson : openNative;
  return { sink: open(target, options, compression), format, fallback: format !== wanted, compression };
}

function openNative(target: string | Writable, options: StreamTarget, compression: CompressionName): StreamSink {
  const { level, clock, reorderWindow: window } = options;
  // The addon writes and compresses a path by itself; for a Writable it compresses, and its chunks are passed on.
  const output = typeof target === 'string' ? undefined : new WritableOutput(target);
  try {
    const native = createNativeWriter({
      window,
      path: typeof target === 'string' ? target : null,
      name: nameOf(target),
      rows: 0,
      room: 0,
      compression: COMPRESSION_NUMBERS[compression],
      level,
      clock: clock === undefined ? 0 : CLOCK_NUMBERS[clock],
    });
    return new NativeStreamSink(native, nameOf(target), output);
  } catch (error) {
    throw nativeError(error, `write ${nameOf(target)}`);
  }
}

function openJson(target: string | Writable, options: StreamTarget, compression: CompressionName): StreamSink {
  const gzipLevel = compression === 'gzip' ? options.level : undefined;
  const output = typeof target === 'string' ? new FileOutput(target, gzipLevel) : new WritableOutput(target, gzipLevel);
  return new JsonStreamSink(output, options.reorderWindow);
}

/** What is written, as it stands in error texts. */
export function nameOf(target: string | Writable): string {
  return typeof target === 'string' ? target : 'the stream';
}

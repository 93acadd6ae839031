/** Opens sinks: decides what a trace is written as, and what encodes and writes it. */
import type { Writable } from 'node:stream';
import { CLOCK_NUMBERS, COMPRESSION_NUMBERS } from '../addon/contract';
import { createNativeWriter, isSDKAvailable, requireAddon, sdkInfo } from '../addon/load';
import { nativeError } from '../addon/native-error';
import { FileOutput } from '../output/file-output';
import { Format } from '../output/format';
import { resolveOutput, type OutputWishes, type ResolvedOutput } from '../output/resolve';
import { WholeFile } from '../output/whole-file';
import { WritableOutput } from '../output/writable-output';
import { JsonStreamSink, JsonWholeSink } from './json-sinks';
import { NativeStreamSink, NativeWholeSink, nativeOptions } from './native-sinks';
import type { StreamSink, WholeSink } from './sink';

let warned = false;

/**
 * The format that will really be written: the one asked for, or JSON with one warning a process
 * where that is native and the addon is missing.
 *
 * @throws TraceSmithError `SDK_UNAVAILABLE` with the fallback `error`
 */
export function availableFormat(wanted: Format, fallback: OutputWishes['fallback']): Format {
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
  const options = nativeOptions({ rows, room: rows * BYTES_PER_ROW });
  return new NativeWholeSink(createNativeWriter(options), 'the trace');
}

/** A sink for a whole trace in a file, which appears whole or not at all. @throws TraceSmithError `IO` */
export function openWhole({ path, format, compression }: ResolvedOutput & { path: string }, rows: number): WholeSink {
  if (format === Format.JSON) return new JsonWholeSink({ path, gzip: compression === 'gzip' });
  const file = WholeFile.create(path);
  try {
    const numbered = COMPRESSION_NUMBERS[compression];
    const native = createNativeWriter(nativeOptions({ path: file.path, name: path, rows, compression: numbered }));
    return new NativeWholeSink(native, path, file);
  } catch (error) {
    file.discard();
    throw nativeError(error, `write ${path}`);
  }
}

/** What a stream is written as, with every default applied. */
export interface StreamWishes extends OutputWishes {
  /** Of the compression, 1 to 9. */
  level: number;
  clock?: keyof typeof CLOCK_NUMBERS;
  /** How many slices wait for earlier ones. */
  reorderWindow: number;
  seed: number;
}

/** What was opened, and what it really writes. */
export interface OpenedStream extends Pick<ResolvedOutput, 'name' | 'format' | 'fallback' | 'compression'> {
  sink: StreamSink;
}

/**
 * Opens the output of a stream and what encodes for it.
 *
 * @throws TraceSmithError `IO`; what resolveOutput throws.
 */
export function openStream(target: string | Writable, wishes: StreamWishes): OpenedStream {
  const output = resolveOutput(target, wishes, availableFormat);
  const { name, format, fallback, compression } = output;
  const sink = format === Format.JSON ? openJson(output, wishes) : openNative(output, wishes);
  return { sink, name, format, fallback, compression };
}

function openNative({ path, stream, name, compression }: ResolvedOutput, wishes: StreamWishes): StreamSink {
  const { level, clock, reorderWindow, seed } = wishes;
  // The addon writes and compresses a path by itself; for a Writable it compresses, and its chunks are passed on.
  const output = stream === undefined ? undefined : new WritableOutput(stream);
  try {
    const options = nativeOptions({
      window: reorderWindow,
      path: path ?? null,
      name,
      compression: COMPRESSION_NUMBERS[compression],
      level,
      clock: clock === undefined ? 0 : CLOCK_NUMBERS[clock],
      seed,
    });
    return new NativeStreamSink(createNativeWriter(options), name, output);
  } catch (error) {
    throw nativeError(error, `write ${name}`);
  }
}

function openJson({ path, stream, compression }: ResolvedOutput, { level, reorderWindow }: StreamWishes): StreamSink {
  const gzipLevel = compression === 'gzip' ? level : undefined;
  const output = stream === undefined ? new FileOutput(path!, gzipLevel) : new WritableOutput(stream, gzipLevel);
  return new JsonStreamSink(output, reorderWindow);
}

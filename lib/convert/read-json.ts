import { constants as bufferConstants } from 'node:buffer';
import { TraceSmithError } from '../errors';
import { openTraceFile } from '../input/trace-file';

/** A Chrome JSON trace as it stands in its file. */
export interface JsonTrace {
  /** What `traceEvents`, or the array that is the file, holds. */
  events: unknown[];
  /** The other keys of the object form. */
  properties: Record<string, unknown>;
  form: 'object' | 'array';
  /** Size of the file, compressed where it is. */
  inputBytes: number;
}

/** How far reading has come, from 0 to 1. */
export type ReadProgress = (fraction: number) => void;

/**
 * Reads a Chrome or Kineto JSON trace, plain or gzipped, whole into memory.
 *
 * Timestamps of 13 or more digits with a fraction come as strings: as doubles they would lose their
 * nanoseconds.
 *
 * @throws TraceSmithError `IO` where the file cannot be read, `INVALID_INPUT` where it is no such trace.
 */
export async function readJsonTrace(path: string, signal?: AbortSignal, onRead?: ReadProgress): Promise<JsonTrace> {
  const { text, size } = await readText(path, signal, onRead);
  const first = /\S/.exec(text)?.[0];
  if (first === undefined) throw notATrace(path, 'it is empty');
  if (first !== '{' && first !== '[') throw notATrace(path, `it begins with ${JSON.stringify(text.slice(0, 20))}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/("ts"\s*:\s*)(\d{13,}\.\d+)/g, '$1"$2"'));
  } catch (error) {
    throw new TraceSmithError('INVALID_INPUT', `${path} is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
  if (Array.isArray(parsed)) return { events: parsed, properties: {}, form: 'array', inputBytes: size };
  const { traceEvents, ...properties } = parsed as Record<string, unknown>;
  if (!Array.isArray(traceEvents)) throw notATrace(path, 'the object has no array traceEvents');
  return { events: traceEvents, properties, form: 'object', inputBytes: size };
}

async function readText(path: string, signal?: AbortSignal, onRead?: ReadProgress): Promise<{ text: string; size: number }> {
  const file = await openTraceFile(path);
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of file.chunks) {
    signal?.throwIfAborted();
    parts.push(part);
    length += part.length;
    if (length > bufferConstants.MAX_STRING_LENGTH) throw tooLarge(path);
    onRead?.(file.progress.bytesRead / file.bytes);
  }
  onRead?.(1);
  return { text: Buffer.concat(parts).toString('utf8'), size: file.bytes };
}

function notATrace(path: string, why: string): TraceSmithError {
  return new TraceSmithError(
    'INVALID_INPUT',
    `${path} is no Chrome or Kineto JSON trace: ${why}; expected an array of events or an object with traceEvents`,
  );
}

function tooLarge(path: string): TraceSmithError {
  const limit = Math.floor(bufferConstants.MAX_STRING_LENGTH / 2 ** 20);
  return new TraceSmithError('INVALID_INPUT', `${path} holds more than ${limit} MiB of JSON, the most that this version reads`);
}

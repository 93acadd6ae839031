import type { Writable } from 'node:stream';
import { TraceSmithError } from '../errors';
import { Format, outputKindOf, type Compression } from './format';

/** What stands for standard output among paths. */
export const STDOUT = '-';
export const STDOUT_DESCRIPTOR = 1;

/** Options about an output; checked, with the defaults applied. */
export interface OutputWishes {
  /** Of a stream, and of a path whose extension says nothing. An extension goes before it. */
  format: Format;
  /** Goes before the `.gz` of a path; undefined: the path decides. */
  compression?: Compression | undefined;
  /** Whether JSON may be written where a native trace is wanted and the addon is missing. */
  fallback: 'json' | 'error';
  /** Whether the path `-` is standard output; else it is a file of that name. */
  hasStdout?: boolean;
}

/**
 * The format that can be written where one is wanted: `availableFormat` of lib/sinks, which knows the addon.
 *
 * @throws TraceSmithError `SDK_UNAVAILABLE` where no fallback is allowed.
 */
export type FormatChoice = (wanted: Format, fallback: 'json' | 'error') => Format;

/** The place and form of an output: standard output, which stays open, has neither path nor stream. */
export interface ResolvedOutput {
  path?: string;
  stream?: Writable;
  /** What error texts call it. */
  name: string;
  format: Format;
  /** True where a native trace was wanted and JSON is written. */
  fallback: boolean;
  compression: Compression;
}

/**
 * Decides where a trace goes, in which format, and how it is compressed.
 *
 * The extension of a path goes before the wished format, and the wished compression before the `.gz` of a path. JSON
 * that stands in for a native trace is not compressed where `packets` were wished, which it has not.
 *
 * @throws TraceSmithError `INVALID_ARGUMENT` for `packets` where JSON was asked for, and for a path that names another
 *   compression; what `choose` throws.
 */
export function resolveOutput(target: string | Writable, wishes: OutputWishes, choose: FormatChoice): ResolvedOutput {
  const place = placeOf(target, wishes.hasStdout);
  if (place.path !== undefined) checkExtension(place.path);
  const kind = place.path === undefined ? { format: undefined, gzip: false } : outputKindOf(place.path);
  const wanted = kind.format ?? wishes.format;
  const compression = wishes.compression ?? (kind.gzip ? 'gzip' : 'none');
  if (wanted === Format.JSON && compression === 'packets') {
    throw new TraceSmithError('INVALID_ARGUMENT', 'Expected compression to be "none" or "gzip" for JSON, which has no packets');
  }
  const format = choose(wanted, wishes.fallback);
  const isPossible = format !== Format.JSON || compression !== 'packets';
  return { ...place, format, fallback: format !== wanted, compression: isPossible ? compression : 'none' };
}

/** Of other compressions, whose readers would refuse what is written. */
const OTHER_COMPRESSIONS: Readonly<Record<string, string>> = {
  zst: 'zstd', zstd: 'zstd', xz: 'xz', bz2: 'bzip2', br: 'Brotli', lz4: 'LZ4', zip: 'a zip archive',
};

function checkExtension(path: string): void {
  const [, extension = ''] = /\.([a-z0-9]+)$/i.exec(path) ?? [];
  const compression = OTHER_COMPRESSIONS[extension.toLowerCase()];
  if (compression === undefined) return;
  throw new TraceSmithError('INVALID_ARGUMENT', `Expected ${path} to end in .gz or without a compression: ${compression} is not written`);
}

function placeOf(target: string | Writable, hasStdout = false): Pick<ResolvedOutput, 'path' | 'stream' | 'name'> {
  if (typeof target !== 'string') return { stream: target, name: 'the stream' };
  return hasStdout && target === STDOUT ? { name: 'standard output' } : { path: target, name: target };
}

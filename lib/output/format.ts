import { invalid } from '../checks';

/** The format of a trace file. */
export enum Format {
  /** Chrome JSON, which every trace viewer reads. */
  JSON = 0,
  /** Perfetto's native format. */
  PROTOBUF = 1,
}

export function checkFormat(format: Format): void {
  if (format === Format.JSON || format === Format.PROTOBUF) return;
  throw invalid('format', 'Format.JSON or Format.PROTOBUF', format);
}

/** How the bytes of a trace are compressed. */
export type Compression = 'none' | 'gzip' | 'packets';

/**
 * Reads the extension of a path: `.perfetto-trace`, `.pftrace`, `.pb` or `.json`, each with `.gz` behind it or not. The
 * format is undefined where the name does not say.
 */
export function outputKindOf(path: string): { format: Format | undefined; gzip: boolean } {
  const [, native, json, gzip] = /(?:(\.perfetto-trace|\.pftrace|\.pb)|(\.json))?(\.gz)?$/i.exec(path)!;
  const format = native ? Format.PROTOBUF : json ? Format.JSON : undefined;
  return { format, gzip: gzip !== undefined };
}

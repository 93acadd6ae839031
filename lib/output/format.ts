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

const FORMATS: readonly [extension: string, format: Format][] = [
  ['.perfetto-trace', Format.PROTOBUF],
  ['.pftrace', Format.PROTOBUF],
  ['.pb', Format.PROTOBUF],
  ['.json', Format.JSON],
];

/**
 * Reads the extension of a path: `.perfetto-trace`, `.pftrace`, `.pb` or `.json`, each with `.gz` behind it or not. The
 * format is undefined where the name does not say.
 */
export function outputKindOf(path: string): { format: Format | undefined; gzip: boolean } {
  const name = path.toLowerCase();
  const gzip = name.endsWith('.gz');
  const plain = gzip ? name.slice(0, -'.gz'.length) : name;
  const found = FORMATS.find(([extension]) => plain.endsWith(extension));
  return { format: found?.[1], gzip };
}

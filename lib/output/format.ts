import { invalid } from '../checks';

/** What a trace is written as. */
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

/** What a file name asks for. */
export interface OutputKind {
  /** Undefined: the name does not say. */
  format: Format | undefined;
  gzip: boolean;
}

const FORMATS: readonly [extension: string, format: Format][] = [
  ['.perfetto-trace', Format.PROTOBUF],
  ['.pftrace', Format.PROTOBUF],
  ['.pb', Format.PROTOBUF],
  ['.json', Format.JSON],
];

/** Reads the extension: `.perfetto-trace`, `.pftrace`, `.pb` or `.json`, each with `.gz` behind it or not. */
export function outputKindOf(path: string): OutputKind {
  const name = path.toLowerCase();
  const gzip = name.endsWith('.gz');
  const plain = gzip ? name.slice(0, -'.gz'.length) : name;
  const found = FORMATS.find(([extension]) => plain.endsWith(extension));
  return { format: found?.[1], gzip };
}

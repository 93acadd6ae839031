import { MessageWriter } from '../protobuf/message-writer';
import type { TrimCounts } from './plan';
import type { RewriteCounts } from './rewriter';
import type { TrimOptions } from './options';

/** TracePacket.trace_attributes, which readers show among the metadata of the trace. */
const TRACE_ATTRIBUTES = 126;

/** What a trimmed trace says of itself: what was asked for, and how much of what was left out. */
export function metadataPacket(options: TrimOptions, counts: TrimCounts & RewriteCounts): Buffer {
  const attributes = new MessageWriter();
  const add = (key: string, write: (value: MessageWriter) => void) => {
    const attribute = new MessageWriter().data(1, key);
    write(attribute);
    attributes.data(1, attribute.finish());
  };
  add('trim.options', (value) => value.data(3, optionsText(options)));
  for (const [name, count] of Object.entries(counts)) add(`trim.${snakeCase(name)}`, (value) => value.integer(2, count as number));
  return new MessageWriter().data(TRACE_ATTRIBUTES, attributes.finish()).finish();
}

/** The filters alone, as JSON. */
export function optionsText(options: TrimOptions): string {
  const filters: Partial<TrimOptions> = { ...options };
  for (const name of ['signal', 'compression', 'level'] as const) delete filters[name];
  return JSON.stringify(filters, (_, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return Object.prototype.toString.call(value) === '[object RegExp]' ? String(value) : value;
  });
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

import { filterText, type FilterOptions } from '../filter/options';
import { MessageWriter } from '../protobuf/message-writer';
import type { TrimCounts } from './report';

/** TracePacket.trace_attributes, which readers show among the metadata of the trace. */
const TRACE_ATTRIBUTES = 126;

/** What a trimmed trace says of itself: what was asked for, and how much of what was left out. */
export function metadataPacket(options: FilterOptions, counts: TrimCounts): Buffer {
  const attributes = new MessageWriter();
  const add = (key: string, write: (value: MessageWriter) => void) => {
    const attribute = new MessageWriter().data(1, key);
    write(attribute);
    attributes.data(1, attribute.finish());
  };
  add('trim.options', (value) => value.data(3, filterText(options)));
  for (const [name, count] of Object.entries(counts)) add(`trim.${snakeCase(name)}`, (value) => value.integer(2, count as number));
  return new MessageWriter().data(TRACE_ATTRIBUTES, attributes.finish()).finish();
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

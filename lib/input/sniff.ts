import { DamagedMessage, FieldReader } from '../protobuf/field-reader';
import { PACKET_TAG, PacketSplitter } from '../protobuf/packets';

/** How much of the beginning is looked at. */
export const SNIFF_BYTES = 4096;

const JSON_START = /^\uFEFF?\s*(?:\{\s*(?:["}]|$)|\[\s*(?:[[{\],]|$))/;
// eslint-disable-next-line no-control-regex -- control characters are what tells binary data from text
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;
/** Enough of a trace to meet a small number, which is a control character. */
const TEXT_SAMPLE = 200;

/**
 * Tells the kind of a file by its first bytes; null for a kind that is not known. A line break before the
 * JSON, which Kineto writes, is also the tag of a packet, so control characters decide.
 */
export function sniff(head: Uint8Array): 'perfetto' | 'chrome-json' | null {
  const text = Buffer.from(head).toString('utf8');
  const isJson = JSON_START.test(text) && !CONTROL.test(text.slice(0, TEXT_SAMPLE));
  if (isJson) return 'chrome-json';
  return startsWithPacket(head) ? 'perfetto' : null;
}

/** Whether a packet begins here: one that fits is read to its end, of a longer one only the length. */
function startsWithPacket(head: Uint8Array): boolean {
  if (head[0] !== PACKET_TAG) return false;
  try {
    const [packet] = new PacketSplitter().push(head);
    if (packet === undefined) return CONTROL.test(Buffer.from(head.subarray(1, TEXT_SAMPLE)).toString('latin1'));
    const fields = new FieldReader(packet);
    while (fields.next());
    return true;
  } catch (error) {
    if (error instanceof DamagedMessage) return false;
    throw error;
  }
}

/** The first bytes, as text where they are text. */
export function preview(head: Uint8Array): string {
  const start = Buffer.from(head.subarray(0, 24));
  const isText = start.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127));
  return isText ? JSON.stringify(start.toString('latin1')) : `bytes ${start.subarray(0, 8).toString('hex')}`;
}

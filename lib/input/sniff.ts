import { DamagedMessage, FieldReader } from '../protobuf/field-reader';
import { PACKET_TAG, PacketSplitter } from '../protobuf/packets';

/** How much of the beginning is looked at, and so much there must be if there is so much. */
export const SNIFF_BYTES = 4096;

/** The kind of a file, by the first bytes of its content. */
export type ContentKind = keyof typeof PROBLEMS | 'json' | 'perfetto';

const MAGICS: readonly [bytes: string, kind: ContentKind][] = [
  ['\xff\xfe', 'utf16'],
  ['\xfe\xff', 'utf16'],
  // The beginning of JSON in UTF-16 without a byte order mark.
  ['{\0', 'utf16'],
  ['[\0', 'utf16'],
  ['\0{', 'utf16'],
  ['\0[', 'utf16'],
  ['\x1f\x8b', 'gzip'],
  ['PK\x03\x04', 'zip'],
  ['PK\x05\x06', 'zip'], // an empty one
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['\xfd7zXZ\0', 'xz'],
  ['BZh', 'bzip2'],
  ['\x7fELF', 'binary'],
];

/** What a file of each kind is, and the remedy if there is one; it continues "FILE is ". In the words of the addon. */
const PROBLEMS = {
  empty: (head: string) => (head === '' ? 'empty' : 'empty but for blanks'),
  utf16: () => 'UTF-16 text; convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)',
  gzip: () => 'gzipped twice; inflate it once first (gunzip)',
  zip: () => 'a zip archive; unpack it first',
  zstd: () => 'compressed with zstd; decompress it first (zstd -d)',
  xz: () => 'compressed with xz; decompress it first (xz -d)',
  bzip2: () => 'compressed with bzip2; decompress it first (bzip2 -d)',
  heapProfile: () => "a heap profile of V8, which has no times; the panel Memory of Chrome's developer tools opens it",
  heapSnapshot: () => "a heap snapshot of V8, which has no times; the panel Memory of Chrome's developer tools opens it",
  ftrace: () => 'text of ftrace; open it in ui.perfetto.dev as it is',
  markup: (head: string) =>
    `an HTML or XML page that begins with ${quoted(head)}; if it shows a trace, open it in a browser and save the trace as ` +
    'JSON, else the download has perhaps failed',
  binary: (head: string, expected = 'JSON text') => `binary data that begins with the bytes ${hexBytes(head)}; expected ${expected}`,
  text: (head: string, expected = 'JSON, which begins with { or [') => `text that begins with ${quoted(head)}; expected ${expected}`,
};

const BYTE_ORDER_MARK = '\xef\xbb\xbf';
// eslint-disable-next-line no-control-regex -- control characters are what tells binary data from text
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/;
/** Enough of a trace to meet a small number, which is a control character. */
const TEXT_SAMPLE = 200;
const SHOWN_TEXT = 24;
const SHOWN_BYTES = 8;

/** Text that begins like JSON is JSON, whatever follows. The addon tells kinds by the same rules (binding/convert/sniff.h). */
export function sniff(bytes: Uint8Array): ContentKind {
  const head = Buffer.from(bytes).toString('latin1');
  const [, magic] = MAGICS.find(([start]) => head.startsWith(start)) ?? [];
  if (magic !== undefined) return magic;
  const text = head.slice(head.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0).replace(/^[ \t\r\n]+/, '');
  // If the head is full of blanks, something else may follow.
  if (text === '') return head.length < SNIFF_BYTES ? 'empty' : 'json';
  // A line break before the JSON, which Kineto writes, is also the tag of a packet, so control characters decide.
  const isTrace = /^(?:\{[ \t\r\n]*(?:["}]|$)|\[[ \t\r\n]*(?:[[{\],]|$))/.test(text) && !CONTROL.test(head.slice(0, TEXT_SAMPLE));
  if (!isTrace && startsWithPacket(bytes, head)) return 'perfetto';
  if (text.startsWith('{') || text.startsWith('[')) return jsonKind(text);
  if (text.startsWith('<')) return 'markup';
  if (text.startsWith('# tracer:')) return 'ftrace';
  const controls = head.split(new RegExp(CONTROL, 'g')).length - 1;
  return head.includes('\0') || controls > Math.floor(head.length / 16) ? 'binary' : 'text';
}

/** Describes a file that is no trace, as PROBLEMS has it. `expected`: what is read, if not JSON. */
export function contentProblem(kind: keyof typeof PROBLEMS, bytes: Uint8Array, expected?: string): string {
  return PROBLEMS[kind](Buffer.from(bytes).toString('latin1'), expected);
}

function jsonKind(text: string): ContentKind {
  const [, key] = /^\{[ \t\r\n]*"(head|snapshot)"/.exec(text) ?? [];
  if (key === 'snapshot' && text.includes('"node_fields"')) return 'heapSnapshot';
  const [size, hits] = ['"selfSize"', '"hitCount"'].map((name) => text.indexOf(name));
  return key === 'head' && size >= 0 && (hits < 0 || size < hits) ? 'heapProfile' : 'json';
}

/** Whether a packet begins here: one that fits is read to its end, of a longer one only the length. */
function startsWithPacket(bytes: Uint8Array, head: string): boolean {
  if (bytes[0] !== PACKET_TAG) return false;
  try {
    const [packet] = new PacketSplitter().push(bytes);
    if (packet === undefined) return CONTROL.test(head.slice(1, TEXT_SAMPLE));
    const fields = new FieldReader(packet);
    while (fields.next());
    return true;
  } catch (error) {
    if (error instanceof DamagedMessage) return false;
    throw error;
  }
}

function quoted(head: string): string {
  const text = head.slice(0, SHOWN_TEXT).replace(/[^ -~]|["\\]/g, (character) => {
    if (character === '\n') return '\\n';
    if (character === '"' || character === '\\') return `\\${character}`;
    return `\\x${hexOf(character)}`;
  });
  return `"${text}"`;
}

function hexBytes(head: string): string {
  return [...head.slice(0, SHOWN_BYTES)].map(hexOf).join(' ');
}

function hexOf(byte: string): string {
  return byte.charCodeAt(0).toString(16).padStart(2, '0');
}

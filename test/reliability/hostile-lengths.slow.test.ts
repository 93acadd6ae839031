/** Texts that are too long for a packet or a message. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Format, isSDKAvailable, PerfettoProtoExporter, type TraceEvent, type TraceWriter } from '../../lib';
import { copy, exported, written } from '../support/written';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracesmith-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const LONG = 'x'.repeat(10 << 20);

const formats = [
  ...(isSDKAvailable() ? [{ name: 'native', format: Format.PROTOBUF, file: 'trace.pftrace' }] : []),
  { name: 'JSON', format: Format.JSON, file: 'trace.json' },
];

describe.each(formats)('$name', ({ format, file }) => {
  const isNative = format === Format.PROTOBUF;

  const writeRows = (fill: (trace: TraceWriter) => void) => written(join(folder, `written-${file}`), fill);
  const exportAll = (events: TraceEvent[]) => exported(join(folder, `exported-${file}`), events);

  (isNative ? test : test.skip)('07 keeps packets far below the 256 MiB that a reader takes, whatever they hold', async () => {
    const texts = Array.from({ length: 9 }, (_, i) => `${i}${LONG}`);
    const bytes = [
      new PerfettoProtoExporter().exportToProto(texts.map((name, timestamp) => copy({ name, timestamp }))),
      new PerfettoProtoExporter().exportToProto([copy({ metadata: { texts } })]),
    ];
    for (const trace of bytes) {
      const lengths = packetLengths(trace);
      expect(Math.max(...lengths)).toBeGreaterThan(LONG.length);
      expect(Math.max(...lengths)).toBeLessThan(80 << 20);
    }
    const path = await writeRows((trace) => trace.track({ name: 'track' }).slice('slice', 1, 1, { args: { texts } }));
    expect(Math.max(...packetLengths(readFileSync(path)))).toBeLessThan(80 << 20);
  });

  test('08 refuses a string that no message could hold', async () => {
    const tooLong = 'x'.repeat(2 ** 24 + 1);
    await expect(exportAll([copy({ name: tooLong })])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(writeRows((trace) => trace.track({ name: tooLong }))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    const path = await writeRows((trace) => {
      const track = trace.track({ name: 'track' });
      expect(() => track.slice(tooLong, 1, 1)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }) as Error);
      track.slice('slice', 1, 1, { args: { value: tooLong } });
      expect(trace.notWritten).toBe(1);
      track.slice('slice', 1, 1);
    });
    expect(path).toContain(file);
  });
});

/** Of the packets of a native trace: a tag of one byte, a length of seven bits a byte, the packet. */
function packetLengths(trace: Uint8Array): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < trace.length; at += lengths[lengths.length - 1]) {
    expect(trace[at++]).toBe(0x0a);
    let length = 0;
    let shift = 1;
    let byte: number;
    do {
      byte = trace[at++];
      length += (byte & 0x7f) * shift;
      shift *= 128;
    } while (byte >= 128);
    lengths.push(length);
  }
  return lengths;
}

import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { MessageWriter } from '../protobuf/message-writer';
import type { Compression } from '../output/format';

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
const deflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflate);

/** Readers refuse compressed packets of more than 512 KiB. */
const CHUNK_BYTES = 256 * 1024;
/** Trace.packet and TracePacket.compressed_packets. */
const PACKET = 1;
const COMPRESSED = 50;

/** Collects packets, and makes chunks of a file of them. */
export class PacketChunks {
  private parts: Uint8Array[] = [];
  private size = 0;
  private ready: Buffer[] = [];

  /** Takes a packet without its length; what it lies in may change behind the call. */
  add(packet: Uint8Array): void {
    const framed = new MessageWriter(packet.length + 11).data(PACKET, packet).finish();
    if (this.size > 0 && this.size + framed.length > CHUNK_BYTES) this.end();
    this.parts.push(framed);
    this.size += framed.length;
  }

  end(): void {
    if (this.size === 0) return;
    this.ready.push(Buffer.concat(this.parts, this.size));
    this.parts = [];
    this.size = 0;
  }

  /** The chunks that are full. */
  take(): Buffer[] {
    const { ready } = this;
    this.ready = [];
    return ready;
  }
}

/** The chunk as it is written. */
export async function compressChunk(chunk: Buffer, compression: Compression, level: number): Promise<Uint8Array> {
  if (compression === 'gzip') return gzip(chunk, { level });
  if (compression === 'none') return chunk;
  const packet = new MessageWriter(chunk.length).data(COMPRESSED, await deflate(chunk, { level })).finish();
  return new MessageWriter(packet.length + 11).data(PACKET, packet).finish();
}

/** The tag of `Trace.packet`: field 1, length-delimited. */
export const PACKET_TAG = 0x0a;

/** A packet beyond this is taken for damage: it would have to be held in memory whole. */
export const MAX_PACKET_BYTES = 64 * 2 ** 20;

/** Where and why the bytes stop being packets. */
export class NoPacket extends Error {}

/** Cuts a stream of chunks into packets, and holds no more than one packet and one chunk. */
export class PacketSplitter {
  /** Where the next packet begins, in bytes from the start of the stream. */
  offset = 0;
  private buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;

  /** The packets that are complete with this chunk; each is valid until the next is asked for. */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.append(chunk);
    for (;;) {
      const header = this.readHeader();
      if (header === null) return;
      const packetEnd = header.start + header.length;
      if (packetEnd > this.end) return;
      yield this.buffer.subarray(header.start, packetEnd);
      this.offset += packetEnd - this.start;
      this.start = packetEnd;
    }
  }

  /** Bytes of a packet that is not complete. */
  get pending(): number {
    return this.end - this.start;
  }

  private readHeader(): { start: number; length: number } | null {
    let position = this.start;
    if (position >= this.end) return null;
    if (this.buffer[position] !== PACKET_TAG) throw new NoPacket('no packet begins there');
    position++;
    let length = 0;
    for (let scale = 1; position < this.end; scale *= 128) {
      const byte = this.buffer[position++];
      length += (byte & 0x7f) * scale;
      if (length > MAX_PACKET_BYTES) throw new NoPacket(`the packet there would be longer than ${MAX_PACKET_BYTES} bytes`);
      if (byte < 0x80) return { start: position, length };
      if (scale > MAX_PACKET_BYTES) throw new NoPacket('the packet there has no valid length');
    }
    return null;
  }

  private append(chunk: Uint8Array): void {
    const pending = this.pending;
    if (pending + chunk.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(pending + chunk.length, 2 * pending));
      this.buffer.copy(larger, 0, this.start, this.end);
      this.buffer = larger;
    } else {
      this.buffer.copyWithin(0, this.start, this.end);
    }
    this.buffer.set(chunk, pending);
    this.start = 0;
    this.end = pending + chunk.length;
  }
}

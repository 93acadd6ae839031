import { FieldReader } from './field-reader';
import { SEQ_INCREMENTAL_STATE_CLEARED, TracePacket } from './packet-fields';
import type { Exact } from '../inspect/trace-info';

/** What of a packet must be known before its payload is read, since fields come in any order. */
export interface PacketHead {
  sequenceId: number;
  timestamp?: Exact;
  clockId?: number;
  isCleared: boolean;
  previousDropped: boolean;
  defaults?: FieldReader;
  clockSnapshot?: FieldReader;
}

export function readHead(packet: Uint8Array): PacketHead {
  const head: PacketHead = { sequenceId: 0, isCleared: false, previousDropped: false };
  const fields = new FieldReader(packet);
  while (fields.next()) {
    switch (fields.field) {
      case TracePacket.timestamp:
        head.timestamp = fields.integer();
        break;
      case TracePacket.sequenceId:
        head.sequenceId = fields.number();
        break;
      case TracePacket.sequenceFlags:
        head.isCleared ||= (fields.number() & SEQ_INCREMENTAL_STATE_CLEARED) !== 0;
        break;
      case TracePacket.incrementalStateCleared:
        head.isCleared ||= fields.number() !== 0;
        break;
      case TracePacket.previousPacketDropped:
        head.previousDropped = fields.number() !== 0;
        break;
      case TracePacket.timestampClockId:
        head.clockId = fields.number();
        break;
      case TracePacket.defaults:
        head.defaults = fields.message();
        break;
      case TracePacket.clockSnapshot:
        head.clockSnapshot = fields.message();
        break;
    }
  }
  return head;
}

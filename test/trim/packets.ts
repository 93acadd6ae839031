/** Native traces of other writers, packet by packet. */
import { deflateSync } from 'node:zlib';
import { MessageWriter } from '../../lib/protobuf/message-writer';

export const BOOTTIME = 6;
export const SEQUENCE = 7;
const CLEARED = 1;

export type Fill = (message: MessageWriter) => void;

export function message(fill: Fill): Buffer {
  const written = new MessageWriter();
  fill(written);
  return written.finish();
}

/** Packets one behind the other, as a trace has them. */
export function traceOf(packets: readonly Buffer[]): Buffer {
  return message((trace) => packets.forEach((packet) => trace.data(1, packet)));
}

export function compressed(packets: readonly Buffer[]): Buffer {
  return message((packet) => packet.data(50, deflateSync(traceOf(packets))));
}

/** A packet of the sequence. */
export function packet(fill: Fill, flags = 2): Buffer {
  return message((m) => fill(m.integer(10, SEQUENCE).integer(13, flags)));
}

/** Begins the sequence with an incremental clock as its default one. */
export function sequenceStart(time: number, multiplier = 1): Buffer[] {
  const clock = (id: number, fill: Fill) => message((m) => fill(m.integer(1, id)));
  return [
    packet((m) => m.data(59, message((d) => d.integer(58, 64))).integer(87, 1), CLEARED),
    packet((m) =>
      m.data(6, message((s) =>
        s
          .data(1, clock(BOOTTIME, (c) => c.integer(2, time)))
          .data(1, clock(64, (c) => c.integer(2, time / multiplier).integer(3, 1).integer(4, multiplier)))
          .integer(2, BOOTTIME)),
      )),
  ];
}

export function track(uuid: number, name: string, fill: Fill = () => undefined): Buffer {
  return packet((m) => m.data(60, message((t) => fill(t.integer(1, uuid).data(2, name)))));
}

/** A TrackEvent some units of the default clock behind the packet before. */
export function event(delta: number, type: number, uuid: number, fill: Fill = () => undefined): Buffer {
  return packet((m) => m.integer(8, delta).data(11, message((e) => fill(e.integer(9, type).integer(11, uuid)))));
}

export const begin = (delta: number, uuid: number, name: string, fill: Fill = () => undefined) =>
  event(delta, 1, uuid, (e) => fill(e.data(23, name)));
export const end = (delta: number, uuid: number) => event(delta, 2, uuid);

/** Random native traces with all that packets may rely on, the same for a seed. */
import { BOOTTIME, compressed, message, packet, SEQUENCE, track, type Fill } from './packets';

/** Numbers from 0 to below `count`; the same for a seed. */
export function randomOf(seed: number): (count: number) => number {
  let state = seed >>> 0;
  return (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

const TRACKS = [5, 6, 7];
/** Incremental ones by sequence: readers refuse those of another sequence. */
const INCREMENTAL = new Map([[SEQUENCE, 20], [8, 22]]);
const ABSOLUTE = 21;
const NAMES = ['a', 'b', 'load', 'ProfilerStep#1', 'ProfilerStep#2'];

/** Packets with their times in order within a track, unless late; wild ones also have arrows, and values without a meaning. */
export function randomTrace(seed: number, { isLate = false, isWild = true, count = 200 } = {}): Buffer[] {
  const random = randomOf(seed);
  const sequenceOf = (id: number, content: Fill, flags = 2) => message((m) => content(m.integer(10, id).integer(13, flags)));
  const packets: Buffer[] = [];
  let now = 10_000;
  const base = new Map<number, number>();

  const start = (id: number) => {
    const entry = (iid: number, text: string) => message((m) => m.integer(1, iid).data(2, text));
    const interned = message((i) => {
      NAMES.forEach((name, n) => i.data(2, entry(n + 1, name)));
      ['cpu_op', 'kernel'].forEach((name, n) => i.data(1, entry(n + 1, name)));
      ['Ev Idx', 'size', 'correlation'].forEach((name, n) => i.data(3, entry(n + 1, name)));
    });
    const clock = (clockId: number, fill: Fill) => message((m) => fill(m.integer(1, clockId)));
    packets.push(
      sequenceOf(id, (m) => m.data(59, message((d) => d.integer(58, 64).data(11, message((e) => e.integer(11, 5).integer(31, INCREMENTAL.get(id)!))))).data(12, interned), 1),
      sequenceOf(id, (m) => m.data(6, message((s) => s.data(1, clock(BOOTTIME, (c) => c.integer(2, now))).data(1, clock(64, (c) => c.integer(2, now).integer(3, 1))).integer(2, BOOTTIME)))),
    );
    base.set(id, now);
  };
  const counterOf = (id: number, uuid: number) =>
    sequenceOf(id, (m) => m.data(60, message((t) => t.integer(1, uuid).data(2, `C${uuid}`).data(8, message((c) => c.integer(5, uuid === ABSOLUTE ? 0 : 1))))));
  start(SEQUENCE);
  start(8);
  packets.push(...TRACKS.map((uuid) => track(uuid, `T${uuid}`, (t) => t.data(4, message((d) => d.integer(1, 3).integer(2, uuid).data(5, `thread ${uuid}`))))));
  packets.push(counterOf(SEQUENCE, ABSOLUTE), ...[...INCREMENTAL].map(([id, uuid]) => counterOf(id, uuid)));
  const open = new Map<number, number>();
  while (packets.length < count) {
    const id = random(3) === 0 ? 8 : SEQUENCE;
    if (random(40) === 0) start(id);
    now += random(4) * 10;
    const time = isLate && random(5) === 0 ? now - 50 : now;
    const event = (type: number, fill: Fill) => {
      const isAbsolute = time < base.get(id)! || random(10) === 0;
      packets.push(sequenceOf(id, (m) => {
        if (isAbsolute) m.integer(8, time).integer(58, BOOTTIME);
        else m.integer(8, time - base.get(id)!);
        if (random(50) === 0) m.integer(42, 1);
        m.data(11, message((e) => fill(e.integer(9, type))));
      }));
      if (!isAbsolute) base.set(id, time);
    };
    const on = TRACKS[random(3)];
    const details: Fill = (e) => {
      if (on !== 5 || random(2) === 0) e.integer(11, on);
      if (random(3) === 0) e.data(23, `n${random(9)}`);
      else e.integer(10, random(NAMES.length) + 1);
      if (random(3) > 0) e.integer(3, random(2) + 1);
      if (random(6) === 0) e.data(22, 'dynamic');
      for (let n = random(3); n > 0; n--) e.data(4, message((a) => a.integer(1, random(3) + 1).integer(4, random(100))));
      if (!isWild) return;
      if (random(4) === 0) e.fixed64(47, random(6) + 1);
      if (random(8) === 0) e.fixed64(48, random(6) + 1).integer(36, random(3) + 1);
    };
    const kind = random(10);
    if (kind < 4 && (open.get(on) ?? 0) < 5) {
      event(1, details);
      open.set(on, (open.get(on) ?? 0) + 1);
    } else if (kind < 7) {
      event(2, (e) => void (random(4) === 0 ? e.integer(11, on).integer(isWild ? 30 : 12, random(50)) : e.integer(11, on)));
      open.set(on, Math.max((open.get(on) ?? 0) - 1, 0));
    } else if (kind === 7) {
      event(3, isWild ? details : (e) => e.integer(11, on).data(23, 'instant'));
    } else if (kind === 8) {
      const counter = random(2) === 0 ? ABSOLUTE : INCREMENTAL.get(isWild ? SEQUENCE : id)!;
      event(4, (e) => e.integer(11, counter).integer(30, random(100) - 50));
    } else if (random(3) === 0) {
      packets.push(sequenceOf(id, (m) => m.integer(8, time).integer(58, BOOTTIME).data(53, message((s) => s.integer(1, packets.length).integer(2, random(80)).data(17, 'stage')))));
    } else {
      event(3, (e) => {
        e.integer(11, on).data(23, 'instant').integer(12, random(9));
        if (isWild) e.integer(8, random(5)).integer(2, random(5));
      });
    }
  }
  if (random(2) === 0) packets.push(compressed(packets.splice(packets.length - 20)));
  packets.push(packet((m) => m.integer(8, now - base.get(SEQUENCE)!).data(11, message((e) => e.integer(9, 3).integer(11, 5).data(23, 'instant')))));
  return packets;
}


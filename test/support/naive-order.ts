/**
 * The ordering rules as one would write them down first: every question is answered by looking at all
 * rows. Quadratic, for small inputs; independent of lib/order/, which it checks.
 */
import type { EventRow } from './event-rows';

export interface Outcome {
  ops: (string | number)[][];
  arrows: [number, number][];
  counts: Record<string, number>;
}

interface Item {
  index: number;
  row: EventRow;
  kind: EventRow['kind'];
  time: number;
  /** Infinity: nothing ends it. NEVER_ENDS: all that comes later on its track is in it. */
  extent: number;
  flowOut: string[];
  flowIn: string[];
  isAbsorbed: boolean;
}

const NEVER_ENDS = Number.MAX_VALUE;
const endOf = (item: Item): number => item.time + item.extent;
const correlationOf = (item: Item): number => Number(item.row.correlation ?? 0);
const isCounterOrFlow = (item: Item): boolean => item.kind === 'counter' || item.kind === 'flow';

export function naiveOrder(rows: readonly EventRow[]): Outcome {
  const counts = {
    slices: 0, instants: 0, counters: 0, flows: 0, lanes: 0, unclosed: 0, unmatched: 0, flowsUndrawn: 0,
  };
  let items = rows.map((row, index): Item => {
    const none = row.kind === 'slice' ? NEVER_ENDS : Infinity;
    const extent = row.extent === undefined ? none : Number(row.extent);
    const names = (flows: [number, number | string][] = []): string[] => flows.map(([type, id]) => `${type}/${id}`);
    const [flowOut, flowIn] = [names(row.flowOut), names(row.flowIn)];
    return { index, row, kind: row.kind, time: Number(row.time), extent, flowOut, flowIn, isAbsorbed: false };
  });
  const comesLast = (item: Item): number => (item.kind === 'close' && correlationOf(item) !== 0 ? 1 : 0);
  items = items.toSorted((a, b) => a.time - b.time || comesLast(a) - comesLast(b));

  items = paired(items, counts);
  const rank = (item: Item): number => (item.kind === 'slice' ? 0 : 1);
  const longer = (a: Item, b: Item): number => {
    if (a.kind !== 'slice' || a.extent === b.extent) return 0;
    return a.extent > b.extent ? -1 : 1;
  };
  items = items.toSorted((a, b) => a.time - b.time || rank(a) - rank(b) || longer(a, b));

  const arrows = connected(items, counts);
  items = items.filter(({ kind }) => kind !== 'flow');
  const { order, cut } = withStartsFirst(items, arrows);
  const drawn = arrows.filter((arrow) => !cut.has(arrow));
  counts.flows = drawn.length;
  counts.flowsUndrawn += cut.size;
  const ops = emitted(order, counts);
  return { ops, arrows: drawn.map(([start, end]) => [start.index, end.index]), counts };
}

function paired(items: Item[], counts: Record<string, number>): Item[] {
  const dropped = new Set<Item>();
  items.forEach((close, position) => {
    if (close.kind !== 'close') return;
    const { channel, track } = close.row;
    const isOfChannel = (item: Item): boolean => channel !== undefined && item.row.channel === channel;
    const before = items.slice(0, position).filter((item) => isOfChannel(item) && !dropped.has(item));
    const completes = before.filter((item) => item.row.kind === 'slice');
    const opens = before.filter((item) => item.kind === 'open');
    const ids = channel === 'kernel' ? correlationOf(close) : 0;
    let open: Item | undefined;
    let isDropped = false;
    if (ids !== 0) {
      open = opens.findLast((item) => correlationOf(item) === ids);
      if (open === undefined && completes.some((item) => correlationOf(item) === ids)) isDropped = true;
      else open ??= opens.findLast((item) => item.row.track === track && correlationOf(item) === 0);
    } else {
      open = opens.findLast((item) => item.row.track === track);
      if (open === undefined) {
        const isTied = (item: Item): boolean => channel === 'kernel' && correlationOf(item) !== 0;
        const complete = completes.findLast((item) => item.row.track === track && !item.isAbsorbed && !isTied(item));
        if (complete !== undefined) complete.isAbsorbed = isDropped = true;
      }
    }
    if (open !== undefined) {
      open.kind = 'slice';
      open.extent = close.time + (close.extent === Infinity ? 0 : close.extent) - open.time;
      open.flowOut.push(...close.flowOut);
      open.flowIn.push(...close.flowIn);
      dropped.add(close);
    } else if (isDropped) {
      dropped.add(close);
    } else if (close.extent === Infinity) {
      close.kind = 'instant';
      counts.unmatched++;
    } else {
      close.kind = 'slice';
    }
  });
  for (const item of items) {
    if (item.kind !== 'open') continue;
    item.kind = 'slice';
    item.extent = Infinity;
    counts.unclosed++;
  }
  return items.filter((item) => !dropped.has(item));
}

interface End {
  time: number;
  target: Item | undefined;
  identity: string;
  uses: number;
}

function connected(items: Item[], counts: Record<string, number>): [Item, Item][] {
  const outs: End[] = [];
  const ins: End[] = [];
  items.forEach((item, position) => {
    if (item.kind === 'counter') return;
    let target: Item | undefined = item;
    if (item.kind === 'flow') {
      const slices = items.filter((other) => other.kind === 'slice' && other.row.track === item.row.track);
      target =
        item.row.channel === 'next'
          ? slices.find((other) => items.indexOf(other) > position)
          : slices.findLast((other) => items.indexOf(other) < position && endOf(other) > item.time);
    }
    for (const identity of item.flowOut) outs.push({ time: item.time, target, identity, uses: 0 });
    for (const identity of item.flowIn) ins.push({ time: item.time, target, identity, uses: 0 });
  });
  const arrows: [Item, Item][] = [];
  for (const end of ins) {
    const start = outs
      .filter(({ time, identity }) => time <= end.time && identity === end.identity)
      .findLast(({ target }) => target !== undefined && target !== end.target);
    if (end.target === undefined || start?.target === undefined || start.target.time > end.target.time) continue;
    start.uses++;
    end.uses++;
    arrows.push([start.target, end.target]);
  }
  for (const identity of new Set([...outs, ...ins].map((end) => end.identity))) {
    const unused = (ends: End[]): number => ends.filter((end) => end.identity === identity && end.uses === 0).length;
    counts.flowsUndrawn += Math.max(unused(outs), unused(ins));
  }
  return arrows;
}

function withStartsFirst(items: Item[], arrows: [Item, Item][]): { order: Item[]; cut: Set<[Item, Item]> } {
  const order: Item[] = [];
  const cut = new Set<[Item, Item]>();
  const path: Item[] = [];
  const isBefore = (a: Item, b: Item): boolean => items.indexOf(a) < items.indexOf(b);
  const trackBefore = (item: Item): Item[] =>
    items.filter((other) => other.time === item.time && other.row.track === item.row.track && isBefore(other, item));
  const visit = (item: Item): void => {
    if (order.includes(item)) return;
    path.push(item);
    trackBefore(item).forEach(visitUnlessOnPath);
    for (const arrow of arrows) {
      const [start, end] = arrow;
      if (end !== item || start.time !== item.time || order.includes(start)) continue;
      if ([start, ...trackBefore(start)].some((other) => path.includes(other))) cut.add(arrow);
      else visit(start);
    }
    path.pop();
    order.push(item);
  };
  const visitUnlessOnPath = (item: Item): void => {
    if (!path.includes(item)) visit(item);
  };
  items.forEach(visit);
  return { order, cut };
}

function emitted(order: Item[], counts: Record<string, number>): Outcome['ops'] {
  const ops: Outcome['ops'] = [];
  interface Placed {
    item: Item;
    lane: number;
  }
  let open: Placed[] = [];
  const blocked = new Set<string>();
  const lanes = new Map<number, number>();
  const endUntil = (time: number): void => {
    const due = open.filter(({ item }) => endOf(item) <= time && item.extent < NEVER_ENDS);
    due.reverse().sort((a, b) => endOf(a.item) - endOf(b.item));
    for (const { item, lane } of due) ops.push(['E', item.row.track, lane, endOf(item)]);
    open = open.filter((placed) => !due.includes(placed));
  };
  order.forEach((item, position) => {
    endUntil(item.time);
    const { track } = item.row;
    if (item.kind === 'instant') ops.push(['I', item.index]);
    if (item.kind === 'counter') ops.push(['C', item.index]);
    counts[`${item.kind}s`]++;
    if (item.kind !== 'slice') return;

    const openOn = (lane: number): Item | undefined =>
      open.findLast((placed) => placed.item.row.track === track && placed.lane === lane)?.item;
    const isUnclosed = item.extent === Infinity;
    const isFollowed = order.slice(position + 1).some((other) => other.row.track === track && !isCounterOrFlow(other));
    let lane = isUnclosed && isFollowed ? (lanes.get(track) ?? 1) : 0;
    const fits = (): boolean => {
      const innermost = openOn(lane);
      if (blocked.has(`${track}/${lane}`)) return false;
      return innermost === undefined || (!isUnclosed && endOf(innermost) >= endOf(item));
    };
    while (!fits()) lane++;
    lanes.set(track, Math.max(lanes.get(track) ?? 1, lane + 1));
    if (isUnclosed) blocked.add(`${track}/${lane}`);
    if (item.extent === NEVER_ENDS) counts.unclosed++;
    ops.push(['B', item.index, lane]);
    if (item.extent === 0) ops.push(['E', track, lane, item.time]);
    else open.push({ item, lane });
  });
  endUntil(Infinity);
  counts.lanes = [...lanes.values()].reduce((sum, used) => sum + used - 1, 0);
  return ops;
}

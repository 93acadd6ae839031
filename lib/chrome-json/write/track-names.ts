import { TrackKind } from '../../batch/layout';
import type { EventTable, Track } from '../../order/event-table';

const SEPARATOR = ' / ';

/**
 * JSON has processes and their threads, no deeper tree: a track below those gets the names on the way
 * to it, such as `GPU 0 / Stream 7`.
 */
export function displayName(table: EventTable, track: number): string {
  const names: string[] = [];
  for (let current: number | undefined = track; current !== undefined; current = table.tracks[current].parent) {
    const { kind, name } = table.tracks[current];
    if (kind === TrackKind.Process && current !== track) break;
    names.unshift(name);
    if (kind === TrackKind.Thread && current === track) break;
  }
  return names.filter((name) => name !== '').join(SEPARATOR);
}

/** Perfetto's ChildTracksOrdering. */
const enum ChildOrdering {
  ByName = 1,
  ByRank = 3,
}

/**
 * The tracks from a number on in the order of the tree as a native trace shows it: siblings in the order
 * that their parent asks for, a parent before its children, before all of them those whose parent is not
 * among these tracks.
 */
export function inOrderOfTree({ tracks }: EventTable, first: number): number[] {
  const roots: number[] = [];
  const children = new Map<number, number[]>();
  for (let number = first; number < tracks.length; number++) {
    const { parent } = tracks[number];
    if (parent === undefined || parent < first) roots.push(number);
    else if (!children.get(parent)?.push(number)) children.set(parent, [number]);
  }
  for (const [parent, siblings] of children) sortSiblings(tracks, tracks[parent], siblings);

  const order: number[] = [];
  const stack = roots.reverse();
  for (let track = stack.pop(); track !== undefined; track = stack.pop()) {
    order.push(track);
    for (const child of children.get(track)?.reverse() ?? []) stack.push(child);
  }
  return order;
}

function sortSiblings(tracks: readonly Track[], parent: Track, siblings: number[]): void {
  if (Number(parent.childOrdering) === ChildOrdering.ByRank) {
    siblings.sort((a, b) => Number(tracks[a].rank ?? 0) - Number(tracks[b].rank ?? 0));
  } else if (Number(parent.childOrdering) === ChildOrdering.ByName) {
    siblings.sort((a, b) => (tracks[a].name < tracks[b].name ? -1 : 1));
  }
}

import { TrackKind } from '../batch/layout';
import type { EventTable } from '../order/event-table';
import type { Track } from '../order/track';

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
    names.unshift(table.strings[name]);
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
 * The place of each track in the tree as a native trace shows it, from 1: siblings in the order that
 * their parent asks for, a parent before its children.
 */
export function positionsInTree(table: EventTable): number[] {
  const { tracks } = table;
  const roots: number[] = [];
  const children: number[][] = tracks.map(() => []);
  tracks.forEach(({ parent }, number) => (parent === undefined ? roots : children[parent]).push(number));
  tracks.forEach((track, number) => sortSiblings(table, track, children[number]));

  const positions: number[] = [];
  const stack = roots.reverse();
  for (let position = 1; stack.length > 0; position++) {
    const track = stack.pop()!;
    positions[track] = position;
    for (const child of children[track].reverse()) stack.push(child);
  }
  return positions;
}

function sortSiblings({ tracks, strings }: EventTable, parent: Track, siblings: number[]): void {
  if (Number(parent.childOrdering) === ChildOrdering.ByRank) {
    siblings.sort((a, b) => Number(tracks[a].rank ?? 0) - Number(tracks[b].rank ?? 0));
  } else if (Number(parent.childOrdering) === ChildOrdering.ByName) {
    siblings.sort((a, b) => (strings[tracks[a].name] < strings[tracks[b].name] ? -1 : 1));
  }
}

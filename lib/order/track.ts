import { AttrType, TrackKind, TrackProperty } from '../batch/layout';
import type { Integer } from '../events';
import type { EventTable } from './event-table';

/** A track as its defining row describes it. */
export interface Track {
  kind: TrackKind;
  /** A string id. */
  name: number;
  /** The number of the parent track; undefined for a track at the root. */
  parent?: number;
  pid?: Integer;
  tid?: Integer;
  sortIndex?: Integer;
  /** String ids. */
  labels: number[];
  rank?: Integer;
  childOrdering?: Integer;
}

/** Makes a track of kind, name and the properties from `attrBegin` to before `attrEnd`. */
export function readTrack(table: EventTable, kind: TrackKind, name: number, attrBegin: number, attrEnd: number): Track {
  const track: Track = { kind, name, labels: [] };
  for (let attr = attrBegin; attr < attrEnd; attr++) {
    const value = table.attrInteger(attr);
    switch (table.attrKey(attr) as TrackProperty) {
      case TrackProperty.Pid:
        track.pid = value;
        break;
      case TrackProperty.Tid:
        track.tid = value;
        break;
      case TrackProperty.SortIndex:
        track.sortIndex = value;
        break;
      case TrackProperty.Label:
        if (table.attrType(attr) === AttrType.Text) track.labels.push(Number(value));
        break;
      case TrackProperty.Rank:
        track.rank = value;
        break;
      case TrackProperty.ChildOrdering:
        track.childOrdering = value;
        break;
      case TrackProperty.Unit:
        break;
    }
  }
  return track;
}

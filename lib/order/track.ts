import { AttrType, TrackKind, TrackProperty } from '../batch/layout';
import type { Integer } from '../values';
import type { EventTable } from './event-table';

/** A track as its defining row describes it. */
export interface Track {
  kind: TrackKind;
  name: string;
  /** The number of the parent track; undefined for a track at the root. */
  parent?: number;
  pid?: Integer;
  tid?: Integer;
  sortIndex?: Integer;
  labels: string[];
  rank?: Integer;
  childOrdering?: Integer;
  /** The values of a counter are differences to the one before. */
  isIncremental?: boolean;
  /** What each value of a counter is multiplied with. */
  unitMultiplier?: Integer;
}

/**
 * Makes a track of kind, name and the properties from `attrBegin` to before `attrEnd`; those that only a
 * native trace can hold are left out.
 */
export function readTrack(table: EventTable, kind: TrackKind, name: string, attrBegin: number, attrEnd: number): Track {
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
        if (table.attrType(attr) === AttrType.Text) track.labels.push(table.stringOf(Number(value)));
        break;
      case TrackProperty.Rank:
        track.rank = value;
        break;
      case TrackProperty.ChildOrdering:
        track.childOrdering = value;
        break;
      case TrackProperty.Incremental:
        track.isIncremental = value !== 0;
        break;
      case TrackProperty.UnitMultiplier:
        track.unitMultiplier = value;
        break;
      default:
    }
  }
  return track;
}

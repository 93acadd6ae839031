import { shownName } from '../chrome-json/read/chrome-tracks';
import type { Owner } from '../filter/criteria';

/** A process, a thread, or what lies below a process. */
export interface OwnedTrack {
  kind: 'process' | 'thread' | 'async' | 'counter' | 'global';
  process?: OwnedTrack;
  id: string;
  number?: number;
  name: string;
}

/** The process and thread of a track, as the input names them: an id that is no number is matched by its name alone. */
export function ownerOf(track: OwnedTrack): Owner {
  const { kind, process } = track;
  if (kind === 'process') return { pid: track.number ?? NaN, process: shownName(track), thread: '' };
  const owner = process === undefined ? { process: '', thread: '' } : ownerOf(process);
  return kind === 'thread' ? { ...owner, tid: track.number ?? NaN, thread: shownName(track) } : owner;
}

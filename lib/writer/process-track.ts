import { TrackKind } from '../batch/layout';
import { Track } from './track';
import { threadAttributes, type ThreadOptions } from './track-options';

/** A process and the track of what concerns all of it. Made by `process()` of a trace. */
export class ProcessTrack extends Track {
  private readonly threads = new Map<number, string>();

  /** A thread. Each tid once in a process. @throws TraceSmithError as track() does. */
  thread(options: ThreadOptions): Track {
    const attributes = threadAttributes(options, this.reject);
    const { tid, name } = options;
    this.checkIsNew(tid, this.threads.get(tid), name, 'tid');
    const number = this.rows.defineTrack(this.where, TrackKind.Thread, this.number, name, attributes);
    this.threads.set(tid, name);
    return new Track(this.rows, number, name);
  }
}

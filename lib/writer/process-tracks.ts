/** Tracks that stand for a process or a GPU, and have tracks of their own kind below them. */
import { TrackKind, TrackProperty, type GpuEvents } from '../batch/layout';
import type { TraceRows } from './trace-rows';
import { Track } from './track';
import { streamAttributes, threadAttributes, type StreamOptions, type ThreadOptions } from './track-options';

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

/** A GPU and the track of what concerns all of it. Made by `gpu()` of a trace. */
export class GpuTrack extends Track {
  private readonly streams = new Map<number, Track>();

  /** @param gpuEvents how slices of its streams are written; undefined: as those of any track */
  constructor(
    rows: TraceRows,
    number: number,
    name: string,
    private readonly gpuEvents: GpuEvents | undefined,
  ) {
    super(rows, number, name);
  }

  /**
   * The track of a stream, 0 to 2^31 - 1, always the same one for a number.
   *
   * @throws TraceSmithError as track() does; `INVALID_ARGUMENT` if it has another name already.
   */
  stream(stream: number, options: StreamOptions = {}): Track {
    const attributes = streamAttributes(stream, options, this.reject);
    const { name = `Stream ${stream}` } = options;
    const known = this.streams.get(stream);
    if (known !== undefined) {
      if (options.name !== undefined && name !== known.name) this.checkIsNew(stream, known.name, name, 'the stream');
      return known;
    }
    if (this.gpuEvents !== undefined) attributes.push([TrackProperty.GpuEvents, this.gpuEvents]);
    const number = this.rows.defineTrack(this.where, TrackKind.Plain, this.number, name, attributes);
    const track = new Track(this.rows, number, name);
    this.streams.set(stream, track);
    return track;
  }
}

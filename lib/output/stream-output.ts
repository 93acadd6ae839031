/**
 * Where the bytes of a trace go while it is being written. `FileOutput` writes a path, `WritableOutput`
 * any Node stream.
 */
export interface StreamOutput {
  /**
   * Takes the next bytes; they are the output's from then on.
   *
   * @throws TraceSmithError `IO` once the output has failed, the same one each time.
   */
  write(chunk: Uint8Array): void;
  /** Bytes taken that are not where they belong yet. */
  readonly queuedBytes: number;
  /** Resolves when at most LOW_WATER_BYTES are queued. Rejects when the output fails or has failed. */
  ready(): Promise<void>;
  /** Resolves when nothing is queued. Rejects like ready(). */
  flush(): Promise<void>;
  /** Writes what is queued and ends the output; gives its size in bytes. Rejects like ready(). */
  close(): Promise<number>;
  /**
   * Ends the output on this thread: all that was taken is written. Does nothing once it is ended; undefined where that
   * cannot be had.
   *
   * @throws TraceSmithError `IO`
   */
  closeSync?: () => void;
  /** Ends the output where it stands: a file is deleted, a Writable destroyed. */
  abort(): Promise<void>;
}

/** Where a producer that waited may go on: far enough below the limit that it does not stop again at once. */
export const LOW_WATER_BYTES = 4 << 20;

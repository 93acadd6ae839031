export interface InspectOptions {
  /** Stops reading; inspectTrace then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Is told how far it has come, some times a second. */
  onProgress?: (progress: InspectProgress) => void;
}

export interface InspectProgress {
  /** Of the file, as it is stored. */
  bytesRead: number;
  /** Its size, where it is known. */
  totalBytes?: number;
}

/** What JavaScript and the addon say to each other: the classes in binding/napi describe the same from the other side. */

/** How the addon numbers compressions. */
export const COMPRESSION_NUMBERS = { none: 0, gzip: 1, packets: 2 } as const;
export type CompressionNumber = (typeof COMPRESSION_NUMBERS)[keyof typeof COMPRESSION_NUMBERS];

/** How the addon numbers the clocks of the system. */
export const CLOCK_NUMBERS = { boottime: 1, monotonic: 2, realtime: 3 } as const;

/** The columns of a batch, as lib/batch/layout.ts describes them. The addon copies what it needs within the call. */
export interface NativeBatch {
  readonly rows: number;
  readonly attrs: number;
  readonly words: number;
  readonly newTexts: number;
  readonly generation: number;
  readonly kind: Uint8Array;
  readonly channel: Uint8Array;
  readonly flags: Uint8Array;
  readonly track: Uint32Array;
  readonly name: Uint32Array;
  readonly category: Uint32Array;
  readonly attrEnd: Uint32Array;
  readonly time: Float64Array;
  readonly extent: Float64Array;
  readonly attrHead: Uint32Array;
  readonly attrValue: Float64Array;
  readonly word: Uint32Array;
  readonly textEnd: Uint32Array;
  readonly textBytes: Uint8Array;
}

/** What a trace came to. */
export interface NativeCounts {
  slices: number;
  instants: number;
  counters: number;
  flows: number;
  flowsUndrawn: number;
  lanes: number;
  unclosed: number;
  unmatched: number;
  lateSlices: number;
  /** Of the output, compressed where it is; 0 for a whole trace in memory. */
  bytes: number;
}

/**
 * The addon's writer of native traces; it encodes and writes on a thread of its own. Once its output failed, everything
 * but abort() throws or rejects with an error of code `IO` and the system's code as `systemCode`.
 */
export interface NativeWriter {
  /** Blocks in the call while too much is queued, unless the output is taken in chunks. */
  append(batch: NativeBatch): void;
  /** Bytes of batches that wait and of chunks that were not taken. */
  readonly queuedBytes: number;
  /** Resolves when all that came is encoded, and with a path written; `all`: the window as well. */
  flush(all: boolean): Promise<void>;
  /** Writes what the window has released, without waiting. */
  flushSoon(): void;
  /** Resolves when nothing is queued. */
  drained(): Promise<void>;
  /** A stream without a path: the next chunk of output. The caller keeps it. */
  take(): Uint8Array | null;
  /** Encodes the rest and closes the file. The last chunks of a stream without a path are then there to take. */
  finish(): Promise<NativeCounts>;
  /** The same on this thread. */
  finishSync(): NativeCounts;
  /** The same, or waits for a finish() that is not done: for the exit of the process. */
  finishNow(): void;
  /** All of a whole trace in memory, once, after finishing. */
  bytes(): Uint8Array;
  /** Stops, and closes and deletes the file. */
  abort(): void;
}

export interface NativeWriterOptions {
  /** How many slices of a stream are held back to be put in order; 0: a whole trace, written when it is finished. */
  window: number;
  /** The file to write; null: chunks are taken, or the bytes of a whole trace. */
  path: string | null;
  /** What error texts call the output. */
  name: string;
  /** About how many rows of a whole trace will come, to save growing in steps; 0: unknown. */
  rows: number;
  /** About how many bytes a whole trace in memory will have, to save copying them; 0: unknown. */
  room: number;
  compression: CompressionNumber;
  /** Of the compression, 1 to 9. */
  level: number;
  /** The clock of the trace, by CLOCK_NUMBERS; 0: nothing is said about clocks. */
  clock: 0 | 1 | 2 | 3;
  /** Traces of the same rows by different seeds have different numbers of tracks, so that they can be joined. */
  seed: number;
}

/**
 * The addon's converter of Chrome JSON; it works on threads of its own. Errors of run() have a code: `IO`
 * with the system's code as `systemCode`, `INVALID_INPUT`, `CANCELLED`, `INTERNAL`; their texts are final.
 */
export interface NativeConversion {
  /** Converts; once. */
  run(): Promise<NativeConvertReport>;
  /** To write parts of the trace, in the place of run(): reads it; once, and before the three that follow. */
  lookAt(): Promise<NativeTraceSurvey>;
  /** The names and categories in the trace, by number; the first is the empty text. Only with `needsTexts`. */
  texts(): string[];
  /** The processes and threads, by number. */
  owners(): { processes: NativeOwner[]; threads: (NativeOwner & { process: number })[] };
  writePart(options: NativeTracePart): Promise<{ report: NativeConvertReport; counts: NativePartCounts }>;
  progress(): NativeConvertProgress;
  /** What runs rejects soon. */
  cancel(): void;
}

export interface NativeConversionOptions {
  /** Paths, or descriptors, which stay open. The output is that of run(). */
  input: string | number;
  output: string | number;
  /** What error texts call them. */
  inputName: string;
  outputName: string;
  /** 0 none, 1 gzip, 2 packets. */
  compression: CompressionNumber;
  /** Of the compression, 1 to 9. */
  level: number;
  /** Bytes of what waits to be put in order; more is spilled. */
  memoryBudget: number;
  /** A file beside which temporary files are written; with a slash at the end the folder for them. */
  spillPath: string;
  /** 0 tracks, 1 GPU stage events, 2 both. */
  gpuEvents: 0 | 1 | 2;
  /** Events at 0 that lie years before the rest are left out. */
  dropZeroTimes: boolean;
  /** Nothing is written where anything is repaired, dropped or damaged. */
  strict: boolean;
  /** Counts what the trace holds, see NativeContents, and writes nothing; `output` has no meaning then. */
  contents: boolean;
  /** Of what is read and parsed at a time, bytes; 0: the addon's own choice. */
  blockSize: number;
  survey?: NativeSurveyOptions;
}

/** What lookAt() is to tell. */
export interface NativeSurveyOptions {
  /** The names of slices and instants whose times are wanted, and a prefix of such; '': none. */
  names: readonly string[];
  prefix: string;
  needsTexts: boolean;
  /** Little will stay: arguments may be read when it is known of what. */
  keepsLittle: boolean;
}

export interface NativeTraceSurvey {
  /** The first and the last time; null: nothing has one. */
  start: bigint | null;
  end: bigint;
  /** A null end is none at all. */
  named: { name: string; from: bigint; to: bigint | null }[];
  /** Of the whole trace, before anything is written. */
  report: NativeConvertReport;
}

export interface NativeOwner {
  /** As it is written. */
  id: string;
  /** Where it is one. */
  number?: number;
  name: string;
}

/** What chooses the part of a trace that is written, and of which arguments. */
export interface NativeChoice {
  /** Begin and end of each part of the time that stays; null: all of it. */
  windows: BigInt64Array | null;
  windowCount: number;
  /** Whether what the arrows of slices in the windows lead to stays as well. */
  followsFlows: boolean;
  /** By text, whether it is accepted as a name; null: all are. */
  names: Uint8Array | null;
  /** By text, whether it is a category that is included (1) or excluded (2), or both; null: all are accepted. */
  categories: Uint8Array | null;
  /** Whether an event must have a category that is included. */
  needsCategory: boolean;
  minDuration: number;
  /** Levels of slices; 0xffffffff: all. */
  maxDepth: number;
  /** 0 all, 1 lean, 2 none. */
  args: 0 | 1 | 2;
  uniqueArgs: readonly string[];
  arrowArg: string;
  /** The options as a JSON text. */
  optionsText: string;
}

export interface NativeTracePart extends NativeChoice {
  /** A path, or a descriptor, which stays open. */
  output: string | number;
  outputName: string;
  /** By number, whether it is accepted; null: all are. */
  processes: Uint8Array | null;
  threads: Uint8Array | null;
  /** Whether what belongs to no process is. */
  acceptsOwnerless: boolean;
}

/** What stayed and what went; see FilterReport. */
export interface NativePartCounts {
  slices: number;
  instants: number;
  counters: number;
  flows: number;
  cut: number;
  droppedSlices: number;
  droppedInstants: number;
  droppedCounters: number;
  droppedSamples: number;
  flowsCut: number;
}

export interface NativeConvertProgress {
  /** 0 reading, 1 writing. */
  phase: 0 | 1;
  bytesRead: number;
  /** 0: not known. */
  totalBytes: number;
  events: number;
  /** How many of the events are written. */
  written: number;
}

export interface NativeFinding {
  category: 'repaired' | 'dropped' | 'ignored' | 'damaged';
  reason: string;
  count: number;
  /** Of the first case: byte in the text behind decompression, line from 1, how the text begins. */
  offset: number;
  line: number;
  excerpt: string;
}

export interface NativeConvertReport extends Omit<NativeCounts, 'lateSlices'> {
  /** False: strict, and there are findings. */
  written: boolean;
  isGzip: boolean;
  inputBytes: number;
  textBytes: number;
  spilledBytes: number;
  flowsBackward: number;
  flowsUndrawnBy: { startMissing: number; endMissing: number; backwards: number };
  /** ns that were added to all times. */
  timeShift: number;
  events: number;
  samples: number;
  phases: Record<string, number>;
  findings: NativeFinding[];
  /** With the option `contents`. */
  contents?: NativeContents;
}

/** A process or thread. */
export interface NativeSurveyEntry {
  /** The pid or tid as it is written. */
  id: string;
  number?: number;
  name: string;
  events: number;
}

/** What a file of Chrome JSON or a CPU profile holds. */
export interface NativeContents {
  /** 0: no JSON trace, 1 array, 2 object, 3 lines. */
  form: 0 | 1 | 2 | 3;
  /** Values where events belong. */
  entries: number;
  slices: number;
  instants: number;
  counters: number;
  flowPoints: number;
  /** ns; missing where nothing has a time. */
  first?: bigint;
  last?: bigint;
  processes: NativeSurveyEntry[];
  /** `process` is an index of `processes`. */
  threads: (NativeSurveyEntry & { process: number })[];
  /** In the order of their first events: 0 async, those of one name in a process as one, 1 counter, 2 global. */
  tracks: { kind: 0 | 1 | 2; process?: number; name: string; events: number; lanes: number }[];
}

/**
 * The addon's trimming of native traces; it works on threads of its own, one call at a time. Errors are as those of
 * NativeConversion.
 */
export interface NativeTrim {
  /** Reads the trace once; once, and before the others. */
  lookAt(): Promise<NativeTrimSurvey>;
  /** The names, categories and names of arguments in the trace, by number. */
  texts(): string[];
  /** The process and thread of each track, by number. */
  tracks(): { pid?: number; tid?: number; process: string; thread: string }[];
  write(options: NativeTrimOutput): Promise<{ bytes: number; counts: NativeTrimCounts }>;
  progress(): NativeTrimProgress;
  /** What runs rejects soon. */
  cancel(): void;
}

export interface NativeTrimOptions {
  input: string;
  /** What error texts call it. */
  inputName: string;
  /** The names of slices and instants of which lookAt() tells the times, and a prefix of such; '': none. */
  names: string[];
  prefix: string;
  /** A folder for temporary files, with a slash at the end. */
  spillPath: string;
}

export interface NativeTrimSurvey {
  /** The first and the last time; null: nothing has one. */
  start: bigint | null;
  end: bigint;
  inputBytes: number;
  /** A null end is none at all. */
  named: { name: string; from: bigint; to: bigint | null }[];
}

export interface NativeTrimOutput extends NativeChoice {
  /** A path, or a descriptor, which stays open. */
  output: string | number;
  outputName: string;
  compression: CompressionNumber;
  level: number;
  /** By track, whether it is accepted; null: all are. */
  tracks: Uint8Array | null;
}

/** What stayed and what went; see TrimReport. */
export interface NativeTrimCounts {
  slices: number;
  instants: number;
  counters: number;
  cut: number;
  droppedSlices: number;
  droppedInstants: number;
  droppedCounters: number;
  flowsCut: number;
  droppedKernelEvents: number;
  droppedSamples: number;
  droppedStages: number;
  droppedPackets: number;
}

export interface NativeTrimProgress {
  /** In this reading of the file; 0 in total: not known. */
  bytesRead: number;
  totalBytes: number;
  /** Readings that have ended. */
  readings: number;
}

/** Clocks of the system that Node does not read. Each function writes the time of one into the cell, in ns. */
export interface NativeClocks {
  clockCell: BigUint64Array;
  readBoottime: () => void;
  readRealtime: () => void;
}

/** What the addon's module exports. */
export interface Addon extends Partial<NativeClocks> {
  sdkVersion: string;
  Writer: new (options: NativeWriterOptions) => NativeWriter;
  Conversion: new (options: NativeConversionOptions) => NativeConversion;
  Trim: new (options: NativeTrimOptions) => NativeTrim;
}

/**
 * The layout of an event batch: what each column holds. binding/batch/layout.h is the C++ side of
 * this file and must agree with it number by number; test/batch/layout.test.ts compares the two.
 *
 * A batch is a run of rows. A row has fixed columns (kind, channel, flags, track, name, category,
 * time, extent) and any number of attributes, which lie in columns of their own: those of row i are
 * the attributes from attrEnd[i - 1] to attrEnd[i]. Strings are ids into a table that lives as long
 * as the encoder; a batch carries the strings that are new in it. Track definitions are rows too, so
 * that a track is always defined before an event refers to it.
 */

/** Rows in a full batch. Small enough to stay in the cache, large enough to make a call cheap. */
export const BATCH_ROWS = 4096;

export const enum RowKind {
  /** A complete slice: `time` is its start, `extent` its length in ns; without one it never ends. */
  Slice = 1,
  /** A moment: `time`. */
  Instant = 2,
  /** Opens a slice that a Close of the same channel ends. */
  Open = 3,
  /** Ends an open slice of its channel; with a length it may be a slice itself. */
  Close = 4,
  /** A counter sample: `extent` is the value, a double, or an int64 where ExtentIs64Bit is set. */
  Counter = 5,
  /** One end of an arrow, at the slice that encloses `time` on the track. */
  FlowPoint = 6,
  /** Defines a track: `channel` is its TrackKind, `category` its parent's number plus one or 0. */
  Track = 7,
  /** Opens a slice that an End of the same track ends; those of a track pair in the order of their rows. */
  Begin = 8,
  /** Ends the slice that a Begin of its track opened last; its attributes are more arguments of that slice. */
  End = 9,
  /** Says something about the whole trace: its attributes. Neither track nor time. */
  Metadata = 10,
}

/** Which opens and closes belong together. */
export const enum Channel {
  /** Not paired. */
  None = 0,
  /** Paired by correlation id, else with the latest open one of the track. */
  Kernel = 1,
  /** The others pair with the latest open one of their track. */
  Range = 2,
  Collective = 3,
}

export const enum RowFlag {
  /** The time column holds a 64-bit integer; else a double that is a safe integer. */
  TimeIs64Bit = 1,
  /** The same for the extent column. */
  ExtentIs64Bit = 2,
  /** The row has an extent. */
  HasExtent = 4,
  // Of slices that are a begin and an end in a file; native traces only.
  /** It comes before slices of its time and track that come later and have this flag too, however long they are. */
  KeepsPlace = 8,
  /** It lies in the slices of its track that end at its time. */
  IsInside = 16,
  /** Its end is that of a later row of its time. */
  IsHeld = 32,
  /** It has no length; its extent is the number of held slices that end behind it. */
  Releases = 64,
}

/** An attribute's head is its key, shifted, and its type; the key is a string id unless said otherwise. */
export const enum AttrHead {
  KeyShift = 6,
  /** Added to a type: the value column holds a 64-bit integer; else a double. */
  Is64Bit = 32,
}
/** String ids end here, so that a head fits 32 bits. */
export const MAX_STRINGS = 2 ** 26;

export const enum AttrType {
  /** A string: its id. */
  Text = 1,
  /** A signed integer. */
  Int = 2,
  /** An unsigned integer; always 64-bit. */
  Uint = 3,
  Double = 4,
  /** 0 or 1. */
  Bool = 5,
  /** An address, shown in hexadecimal. */
  Pointer = 6,
  /** Opens a nested object; its entries follow, then End. */
  Dict = 7,
  /** Opens an array; entries have key 0. */
  Array = 8,
  /** Closes the innermost Dict or Array. */
  End = 9,
  /** A launch configuration: the offset of its LAUNCH_WORDS words. No key. */
  Launch = 10,
  /** The correlation id, written as the argument `correlation_id`. No key. Comes first in its row. */
  Correlation = 11,
  /** An arrow leaves here. The key is the number of its type, the value its id. */
  FlowOut = 12,
  /** An arrow arrives here. */
  FlowIn = 13,
  /** A call stack: the offset of its words: the frame count, then FRAME_WORDS words a frame. No key. */
  CallStack = 14,
  /** A flow that starts or goes on here: its 64-bit id, written as it is. No key. */
  Flow = 15,
  /** A flow that ends here. No key. */
  TerminatingFlow = 16,
  /** JSON in a string of the table, which readers flatten. Native traces only. */
  Json = 17,
}

/** Presence bits, then grid x y z, block x y z, shared memory bytes, registers. */
export const LAUNCH_WORDS = 9;
export const enum LaunchHas {
  Grid = 1,
  Block = 2,
  SharedMemory = 4,
  Registers = 8,
}

/** Function name id, file name id, line, address (low, high); the outermost frame comes first. */
export const FRAME_WORDS = 5;

export const enum TrackKind {
  /** A process; properties Pid. */
  Process = 1,
  /** A thread of the process that is its parent; properties Tid. */
  Thread = 2,
  /** Any other track of slices and instants. `time` is its prescribed uuid, 0 for any. */
  Plain = 3,
  /** A counter; properties Unit. */
  Counter = 4,
}

/** Keys of the attributes of a Track row. */
export const enum TrackProperty {
  /** Int. */
  Pid = 1,
  /** Int. */
  Tid = 2,
  /** Int: lower comes first among processes or among the threads of one. */
  SortIndex = 3,
  /** Text; may repeat. */
  Label = 4,
  /** Text. */
  Unit = 5,
  /** Int: position among the siblings of a parent with ChildOrdering 3. */
  Rank = 6,
  /** Int, Perfetto's ChildTracksOrdering: 1 by name, 2 by first event, 3 by Rank. */
  ChildOrdering = 7,
  /** Text, shown with the track. */
  Description = 8,
  /** Text: an argument of the process's command line; may repeat. */
  CommandLine = 9,
  /** Text: a counter's unit that is shown as it is. */
  UnitName = 10,
  /** Int: what each value of a counter is multiplied with. */
  UnitMultiplier = 11,
  /** Bool: the values of a counter are differences to the one before. */
  Incremental = 12,
  /** Text: counters with one key share their y axis. */
  YAxisShareKey = 13,
  /** Int: this is the track of a GPU, of that number. */
  Gpu = 14,
  /** Text: what is known about the GPU. */
  GpuVendor = 15,
  GpuArchitecture = 16,
  GpuUuid = 17,
  GpuPciBdf = 18,
  /** Int: this is a stream, of that number, of the GPU that is its parent. */
  GpuStream = 19,
  /** Int: how slices of the stream are written; a GpuEvents. */
  GpuEvents = 20,
}

/** The value of TrackProperty.GpuEvents; without it slices are written as those of any track. */
export const enum GpuEvents {
  Tracks = 1,
  /** As GpuRenderStageEvent only. */
  RenderStages = 2,
  Both = 3,
}

/** Nesting of Dict and Array attributes, the same limit in both backends. */
export const MAX_ARG_DEPTH = 64;

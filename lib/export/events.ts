/**
 * The data model of the exporter: GPU events as TraceSmith defines them, with the same names and
 * numbers, so that producers need no translation.
 */
import type { Integer, KernelParams, StackFrame } from '../values';

/** What happened. The numbers are those of TraceSmith's `EventType`. */
export enum EventType {
  Unknown = 0,
  KernelLaunch = 1,
  KernelComplete = 2,
  MemcpyH2D = 3,
  MemcpyD2H = 4,
  MemcpyD2D = 5,
  MemsetDevice = 6,
  StreamSync = 7,
  DeviceSync = 8,
  EventRecord = 9,
  EventSync = 10,
  StreamCreate = 11,
  StreamDestroy = 12,
  ContextCreate = 13,
  ContextDestroy = 14,
  MemAlloc = 15,
  MemFree = 16,
  Marker = 17,
  RangeStart = 18,
  RangeEnd = 19,
  NCCLStart = 20,
  NCCLComplete = 21,
  Custom = 255,
}

/** What an arrow means. Two flows with the same id and different types are different arrows. */
export enum FlowType {
  None = 0,
  /** From a forward operator to its backward one (Kineto's `fwdbwd`). */
  FwdBwd = 1,
  /** From the CPU call that launched work to that work on the GPU (Kineto's `ac2g`). */
  AsyncCpuGpu = 2,
  Custom = 255,
}

/** A copy, set, allocation or free. What is not given is not written. All values are 0 to 2^64 - 1. */
export interface MemoryParams {
  srcAddress?: Integer;
  dstAddress?: Integer;
  sizeBytes?: Integer;
}

/** One end of an arrow. An arrow is identified by `type` and `id` together. */
export interface Flow {
  /** 0 to 2^64 - 1. */
  id: Integer;
  /** `FlowType.None` (0): no arrow; the flow is ignored. */
  type: FlowType;
  /** True where the arrow leaves, false (the default) where it arrives. */
  isStart?: boolean;
}

/** One GPU event. */
export interface TraceEvent {
  type: EventType;
  name: string;
  /** Start in nanoseconds, 0 to 2^63 - 1: a safe integer or a bigint. */
  timestamp: Integer;
  /** Length in nanoseconds; start plus length stays below 2^63. */
  duration?: Integer;
  /** 0 to 2^32 - 1, 0 by default. */
  deviceId?: number;
  /** 0 to 2^32 - 1, 0 by default. */
  streamId?: number;
  /** Ties a completion to its launch; 0 means none. 0 to 2^64 - 1. */
  correlationId?: Integer;
  /** The CPU thread that issued the work. 0 to 2^64 - 1. */
  threadId?: Integer;
  /** Arguments of any name, shown with the event. */
  metadata?: object;
  kernelParams?: KernelParams;
  memoryParams?: MemoryParams;
  flow?: Flow;
  /** Native traces only: Chrome JSON has no place for it. */
  callStack?: readonly StackFrame[];
}

/** One sample of a counter. */
export interface CounterEvent {
  /** Nanoseconds, 0 to 2^63 - 1. */
  timestamp: Integer;
  /** 0 to 2^32 - 1, 0 by default: the counter is shown below this device. */
  deviceId?: number;
  /** Tells counters of one name on one device apart. 0 to 2^32 - 1, 0 by default. */
  trackId?: number;
  counterName: string;
  /** A bigint is written as a 64-bit integer, a number as a double. */
  value: number | bigint;
  /** `ns`, `count` and `bytes` are scaled by the UI; any other unit is shown as it is. */
  unit?: string;
}

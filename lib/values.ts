/** The values that the exporter and the writer share. */

/** A whole number: a safe integer, or a bigint where 53 bits are too few. */
export type Integer = number | bigint;

/** Launch configuration. Dimensions not given are 1; what else is not given is not written. */
export interface KernelParams {
  /** Grid size in blocks, each 0 to 2^32 - 1. */
  gridX?: number;
  gridY?: number;
  gridZ?: number;
  /** Block size in threads, each 0 to 2^32 - 1. */
  blockX?: number;
  blockY?: number;
  blockZ?: number;
  /** Dynamic shared memory in bytes, 0 to 2^32 - 1. */
  sharedMemBytes?: number;
  /** Registers, 0 to 2^32 - 1. */
  registersPerThread?: number;
}

/** One frame of a call stack; the innermost frame comes first. */
export interface StackFrame {
  /** Instruction pointer, 0 to 2^64 - 1. */
  address?: Integer;
  functionName?: string;
  fileName?: string;
  /** 1-based source line, 0 to 2^32 - 1. */
  lineNumber?: number;
}

/**
 * A value of an argument. Integers and doubles keep their type in the trace; objects and arrays
 * nest (to a depth of 64); null and undefined are skipped.
 */
export type ArgValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly ArgValue[]
  | { readonly [key: string]: ArgValue };

/** Arguments by name. Options take any object: what its values may be is said in docs/writer.md. */
export type Args = { readonly [key: string]: ArgValue };

import { checkArgs, namedArgs, writeArgs } from '../batch/args';
import type { EventBatch } from '../batch/batch';
import { FRAME_NAMES, writeCallStack } from '../batch/call-stack';
import { LAUNCH_NAMES, writeLaunch } from '../batch/launch';
import { AttrType } from '../batch/layout';
import { checkArray, checkNames, checkString, checkUint64, type Reject } from '../checks';
import { TraceSmithError } from '../errors';
import { MAX_UINT64, MIN_INT64 } from '../limits';
import type { Integer, KernelParams, StackFrame } from '../values';

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** Options of slices and instants. */
export interface RowOptions {
  /** Free text; the UI and SQL filter by it. */
  category?: string;
  /** Shown with the event, as `debug.` arguments in SQL. */
  args?: object;
  /**
   * Arrows that start here or pass through: any number or bigint. Integers within 64 bits are
   * themselves, negative ones in two's complement; anything else is mixed to 64 bits.
   */
  flows?: readonly Integer[];
  /** Arrows that end here. */
  terminatingFlows?: readonly Integer[];
  /** Ties events of one piece of work together, shown as the argument `correlation_id`. 0 to 2^64 - 1. */
  correlationId?: Integer;
  /** The innermost frame comes first. Native traces only. */
  callStack?: readonly StackFrame[];
  /** The launch configuration of a kernel. */
  launch?: KernelParams;
}

/** Options of the end of a slice. */
export interface EndOptions {
  /** Join the arguments of the slice. */
  args?: object;
}

const ROW_OPTIONS = ['category', 'args', 'flows', 'terminatingFlows', 'correlationId', 'callStack', 'launch'];
export const END_OPTIONS = ['args'];

/** A value that an event cannot have, which only this run of the program may bring: it costs the event, no more. */
export class UnwritableValue extends Error {
  constructor(cause: unknown) {
    super(cause instanceof TraceSmithError ? cause.message : `the arguments cannot be read: ${textOf(cause)}`, { cause });
  }
}

/** Refuses options that do not exist, and returns the category. */
export function checkRowOptions(options: RowOptions, reject: Reject): string | undefined {
  checkNames(options, ROW_OPTIONS, reject);
  const { category } = options;
  if (category !== undefined) checkString(category, 'category', reject);
  return category;
}

/** Writes the options but the category as attributes of the row that was begun last. */
export function writeRowOptions(batch: EventBatch, options: RowOptions, reject: Reject): void {
  const { args, flows, terminatingFlows, correlationId, callStack, launch } = options;
  // The layout wants it before all others.
  if (correlationId !== undefined) {
    checkUint64(correlationId, 'correlationId', reject);
    batch.attrInteger(0, AttrType.Correlation, correlationId);
  }
  if (launch !== undefined) {
    writeLaunch(batch, launch, 'launch', reject);
    LAUNCH_NAMES.check(launch, 'launch', reject);
  }
  if (args !== undefined) writeRowArgs(batch, args, 'args', reject);
  if (callStack !== undefined) {
    writeCallStack(batch, callStack, 'callStack', reject);
    callStack.forEach((frame, i) => FRAME_NAMES.check(frame, `callStack[${i}]`, reject));
  }
  if (flows !== undefined) writeFlows(batch, flows, AttrType.Flow, 'flows', reject);
  if (terminatingFlows !== undefined) {
    writeFlows(batch, terminatingFlows, AttrType.TerminatingFlow, 'terminatingFlows', reject);
  }
}

/**
 * Refuses what is certain to be refused when the row is written: for calls that write their row later, when an error
 * would come too late.
 */
export function checkLaterOptions(options: RowOptions, reject: Reject): void {
  checkRowOptions(options, reject);
  const { args } = options;
  if (args === undefined) return;
  if (typeof args !== 'object' || args === null || Array.isArray(args)) reject('args', 'an object', args);
  checkArgs(args, 'args', reject);
}

/** @throws UnwritableValue for a value that only this run may bring; else as `reject` does */
export function writeRowArgs(batch: EventBatch, args: object, field: string, reject: Reject): void {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) reject(field, 'an object', args);
  try {
    writeArgs(batch, namedArgs(args, field, reject), field, reject);
  } catch (error) {
    checkArgs(args, field, reject);
    throw new UnwritableValue(error);
  }
}

/** What an error says, whatever was thrown. */
export function textOf(error: unknown): string {
  try {
    const { message } = error as Partial<Error>;
    return typeof message === 'string' ? message : String(error);
  } catch {
    return 'an error without a text';
  }
}

function writeFlows(batch: EventBatch, ids: readonly Integer[], type: AttrType, field: string, reject: Reject): void {
  checkArray(ids, field, 'an array of numbers and bigints', reject);
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (typeof id !== 'number' && typeof id !== 'bigint') reject(`${field}[${i}]`, 'a number or bigint', id);
    batch.attrInteger(0, type, flowId(id));
  }
}

/**
 * The 64-bit id of a flow.
 *
 * An integer within 64 bits is its own id, a negative one in two's complement. Anything else, a
 * fraction, a larger bigint, NaN or an infinity, is mixed to 64 bits: FNV-1a over its decimal text.
 */
export function flowId(id: Integer): Integer {
  if (typeof id === 'number') {
    if (Number.isSafeInteger(id) && id >= 0) return id + 0; // makes -0 a 0
    return Number.isInteger(id) ? flowId(BigInt(id)) : mixed(String(id));
  }
  return id >= MIN_INT64 && id <= MAX_UINT64 ? BigInt.asUintN(64, id) : mixed(String(id));
}

/** The text is all ASCII: its UTF-16 units are its bytes. */
function mixed(text: string): bigint {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * FNV_PRIME);
  }
  return hash;
}

import type { StackFrame } from '../values';
import { checkArray, checkString, checkUint32, checkUint64, type Reject } from '../checks';
import type { EventBatch } from './batch';
import { KnownNames } from './known-names';
import { AttrType, FRAME_WORDS } from './layout';

/** Of a frame, for callers who refuse others. */
export const FRAME_NAMES = new KnownNames(['address', 'functionName', 'fileName', 'lineNumber']);

/** Writes a call stack as an attribute of the row that was begun last; one without frames is none. */
export function writeCallStack(batch: EventBatch, frames: readonly StackFrame[], field: string, reject: Reject): void {
  checkArray(frames, field, 'an array of frames', reject);
  if (frames.length === 0) return;
  const at = batch.reserveWords(1 + frames.length * FRAME_WORDS);
  batch.word[at] = frames.length;
  for (let i = 0; i < frames.length; i++) {
    // The caller's innermost frame comes first, the trace's outermost.
    writeFrame(batch, frames[i], at + 1 + (frames.length - 1 - i) * FRAME_WORDS, `${field}[${i}]`, reject);
  }
  batch.attr(0, AttrType.CallStack, at);
}

function writeFrame(batch: EventBatch, frame: StackFrame, at: number, field: string, reject: Reject): void {
  if (typeof frame !== 'object' || frame === null) reject(field, 'an object', frame);
  const { address = 0, functionName, fileName, lineNumber = 0 } = frame;
  if (functionName !== undefined) checkString(functionName, `${field}.functionName`, reject);
  if (fileName !== undefined) checkString(fileName, `${field}.fileName`, reject);
  checkUint64(address, `${field}.address`, reject);
  checkUint32(lineNumber, `${field}.lineNumber`, reject);
  batch.word[at] = functionName === undefined ? 0 : batch.text(functionName);
  batch.word[at + 1] = fileName === undefined ? 0 : batch.text(fileName);
  batch.word[at + 2] = lineNumber;
  batch.word[at + 3] = Number(BigInt(address) & 0xffffffffn);
  batch.word[at + 4] = Number(BigInt(address) >> 32n);
}

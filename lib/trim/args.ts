import { isUniqueArg } from '../filter/unique-args';
import type { FieldReader } from '../protobuf/field-reader';
import { MessageWriter } from '../protobuf/message-writer';
import { Decision } from './decisions';
import type { Sequence } from './sequence';

/** Whether a DebugAnnotation stays. */
export function keepsArg(annotation: FieldReader, sequence: Sequence, args: 'lean' | 'none', hasFlow: boolean): boolean {
  if (args === 'none') return false;
  let name: string | undefined;
  while (annotation.next()) {
    if (annotation.field === 1) name = sequence.argNames.get(annotation.integer());
    else if (annotation.field === 10) name = annotation.text();
  }
  return name === undefined || !isUniqueArg(name, hasFlow);
}

/** The DebugAnnotation `trimmed`, which says where a slice was cut. */
export function trimmedArg(decision: number): Buffer {
  const isBoth = (decision & Decision.cutBegin) !== 0 && (decision & Decision.cutEnd) !== 0;
  const value = isBoth ? 'begin and end' : (decision & Decision.cutBegin) !== 0 ? 'begin' : 'end';
  return new MessageWriter().data(10, 'trimmed').data(6, value).finish();
}

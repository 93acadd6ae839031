/** Arguments that make each set of arguments unique; none of them says what an event did. */
export const UNIQUE_ARGS: readonly string[] = [
  'External id', 'external id', 'Ev Idx', 'Record function id', 'Python id', 'Python parent id', 'Python module id',
  'Sequence number', 'Fwd thread id',
];

/** An arrow joins what this number would. */
export const ARROW_ARG = 'correlation';

const UNIQUE: ReadonlySet<string> = new Set(UNIQUE_ARGS);

/** Whether `lean` leaves out an argument of an event; `hasArrow`: the event has an end of an arrow. */
export function isUniqueArg(name: string, hasArrow: boolean): boolean {
  return UNIQUE.has(name) || (hasArrow && name === ARROW_ARG);
}

/** Comparisons of tests that compare thousands of times. */
import { isDeepStrictEqual } from 'node:util';

/** `expect(actual).toEqual(expected)`, whose walk for a report takes far longer than finding that there is no difference. */
export function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

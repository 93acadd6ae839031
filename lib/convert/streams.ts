/** What stands for standard output among paths. */
export const STDOUT = '-';

/** What error texts call an output. */
export function nameOfOutput(path: string): string {
  return path === STDOUT ? 'standard output' : path;
}

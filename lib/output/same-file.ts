import { fstatSync, statSync, type BigIntStats } from 'node:fs';
import { STDOUT, STDOUT_DESCRIPTOR } from './resolve';

/** Standard input has the name of standard output. */
const STDIN_DESCRIPTOR = 0;

/** Whether both are one regular file, by whatever names. */
export function isSameFile(input: string, output: string): boolean {
  const from = statsOf(input === STDOUT ? STDIN_DESCRIPTOR : input);
  const to = statsOf(output === STDOUT ? STDOUT_DESCRIPTOR : output);
  return from !== undefined && to !== undefined && from.isFile() && from.dev === to.dev && from.ino === to.ino;
}

function statsOf(file: string | number): BigIntStats | undefined {
  try {
    return typeof file === 'number' ? fstatSync(file, { bigint: true }) : statSync(file, { bigint: true });
  } catch {
    return undefined; // the output is not there yet, or the conversion will say what is wrong with the input
  }
}

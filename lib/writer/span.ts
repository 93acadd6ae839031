import { namedArgs } from '../batch/args';
import { rejectFor } from '../checks';
import { UnwritableValue } from './row-options';

const reject = rejectFor('addArgs()');

/** A span while its function runs: what the function learns becomes arguments of the slice. */
export class Span {
  private added?: object;
  private refusal?: UnwritableValue;

  /**
   * Adds arguments to those of the options; later ones go before earlier ones of the same name. Never throws: what
   * cannot be an argument costs the slice, and is counted.
   */
  addArgs(args: object): void {
    try {
      this.added = Object.assign(this.added ?? {}, namedArgs(args, 'args', reject));
    } catch (error) {
      this.refusal ??= new UnwritableValue(error);
    }
  }

  /** Whether the slice has no arguments beside those of the options. */
  get isPlain(): boolean {
    return this.added === undefined && this.refusal === undefined;
  }

  /** The arguments of the slice, with those of the options. @throws UnwritableValue */
  argsWith(args: object | undefined): object | undefined {
    if (this.refusal !== undefined) throw this.refusal;
    if (this.added === undefined || args === undefined) return this.added ?? args;
    return { ...namedArgs(args, 'args', reject), ...this.added };
  }
}

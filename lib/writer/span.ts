import { namedArgs } from '../batch/args';
import { rejectFor } from '../checks';
import { UnwritableValue } from './row-options';

const reject = rejectFor('addArgs()');

/** A span while its function runs: what the function learns becomes arguments of the slice. */
export class Span {
  /** The arguments, or why they cannot be written. One field, since each span has one of these. */
  private added: object | UnwritableValue | undefined = undefined;

  /**
   * Adds arguments to those of the options; later ones go before earlier ones of the same name. Never throws: what
   * cannot be an argument costs the slice, and is counted.
   */
  addArgs(args: object): void {
    if (this.added instanceof UnwritableValue) return;
    try {
      this.added = Object.assign(this.added ?? {}, namedArgs(args, 'args', reject));
    } catch (error) {
      this.added = new UnwritableValue(error);
    }
  }

  /** Whether the slice has no arguments beside those of the options. */
  get isPlain(): boolean {
    return this.added === undefined;
  }

  /** The arguments of the slice, with those of the options. @throws UnwritableValue */
  argsWith(args: object | undefined): object | undefined {
    const { added } = this;
    if (added instanceof UnwritableValue) throw added;
    if (added === undefined || args === undefined) return added ?? args;
    return { ...namedArgs(args, 'args', reject), ...added };
  }
}

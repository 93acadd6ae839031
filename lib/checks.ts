/** Checks of what callers give, with errors that name the value, what was expected and what came. */
import { describeValue, TraceSmithError } from './errors';
import { Format } from './output/format';

export function invalid(what: string, expected: string, received: unknown): TraceSmithError {
  return new TraceSmithError('INVALID_ARGUMENT', `Expected ${what} to be ${expected} but received ${describeValue(received)}`);
}

/** An object that has none but the known names. */
export function checkNames(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object', options);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TraceSmithError('INVALID_ARGUMENT', `Unknown option ${name}; there are ${known.join(', ')}`);
    }
  }
}

export function checkFormat(format: Format): void {
  if (format === Format.JSON || format === Format.PROTOBUF) return;
  throw invalid('format', 'Format.JSON or Format.PROTOBUF', format);
}

export function checkChoice(value: string, name: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw invalid(name, `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`, value);
}

export function checkWithin(value: number, name: string, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(name, `an integer from ${least} to ${most}`, value);
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof signal?.throwIfAborted === 'function') return;
  throw invalid('signal', 'an AbortSignal', signal);
}

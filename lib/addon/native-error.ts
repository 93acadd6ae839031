import { TraceSmithError } from '../errors';

/**
 * An error of the addon as one of this package. The texts of `IO` and `INVALID_INPUT` are for people as they are; any
 * other refusal is a bug of this package, since everything is checked on the way to the addon.
 *
 * @param action what the addon would not do, for the text of such a bug: `write trace.pftrace`
 */
export function nativeError(error: unknown, action: string): TraceSmithError {
  if (error instanceof TraceSmithError) return error;
  const { code, systemCode, message } = error as Error & { code?: string; systemCode?: string };
  if (code === 'IO') {
    return new TraceSmithError('IO', message, { cause: Object.assign(new Error(message), { code: systemCode }) });
  }
  if (code === 'INVALID_INPUT') return new TraceSmithError('INVALID_INPUT', message, { cause: error });
  return new TraceSmithError('INTERNAL', `The addon refused to ${action}: ${message}`, { cause: error });
}

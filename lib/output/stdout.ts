import { once } from 'node:events';
import { ioError } from '../errors';

/**
 * Writes to standard output, which stays open, as fast as its reader takes it.
 *
 * @throws TraceSmithError `IO`, with `EPIPE` where the reader has gone.
 */
export async function writeToStdout(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdout } = process;
  let failure: Error | undefined;
  const fail = (error: Error) => (failure = error);
  stdout.on('error', fail);
  try {
    for await (const chunk of chunks) {
      if (!stdout.write(chunk) && failure === undefined) await once(stdout, 'drain');
      if (failure !== undefined) break;
    }
    // What was written last may still fail.
    if (failure === undefined) await new Promise<void>((resolve) => stdout.write('', () => resolve()));
  } catch (error) {
    if (failure === undefined) throw error;
  } finally {
    stdout.off('error', fail);
  }
  if (failure !== undefined) throw ioError('write to', 'standard output', failure);
}

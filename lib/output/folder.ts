import { promises as fs } from 'node:fs';
import { ioError } from '../errors';

/** Makes a folder for several files, with those that it lies in. @throws TraceSmithError `IO` */
export async function makeFolder(folder: string): Promise<void> {
  await fs.mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw ioError('make the folder', folder, error);
  });
}

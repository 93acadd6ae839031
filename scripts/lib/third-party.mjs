// Where the source of a dependency is looked for, and what of it is there.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './project.mjs';

/** The folder that the user named in the environment, or null: nothing is vendored or verified in it. */
export function overrideFolder({ overrideVariable }) {
  const folder = process.env[overrideVariable];
  return folder ? path.resolve(folder) : null;
}

/** The folder whose files are compiled. */
export const sourceFolder = (dependency) => overrideFolder(dependency) ?? inRoot(dependency.folder);

/** The names of the dependency's files that `folder` lacks. */
export const missingFiles = (folder, { files }) =>
  files.map(({ name }) => name).filter((name) => !existsSync(path.join(folder, name)));

/** Names for a message. Of many, the first ones do: a folder with the wrong content lacks them all. */
export function listed(names) {
  if (names.length <= 3) return names.join(' and ');
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} others`;
}

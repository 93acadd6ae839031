// Where the package lies, and what of it is installed. Every script works from
// any current folder, so nothing here depends on process.cwd().

import { createRequire } from 'node:module';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const root = path.resolve(fileURLToPath(new URL('../../', import.meta.url)));

export const inRoot = (...parts) => path.join(root, ...parts);

/** A path as messages show it: relative where it lies inside the package. */
export function display(file) {
  const relative = path.relative(root, file);
  return relative && !relative.startsWith('..') && !path.isAbsolute(relative) ? relative : file;
}

const requireFromRoot = createRequire(path.join(root, 'package.json'));

/** The file that `request` names in node_modules, or null where it is not installed. */
export function resolveInstalled(request) {
  try {
    return requireFromRoot.resolve(request);
  } catch {
    return null;
  }
}

/** Whether the module with this import.meta was started by `node FILE`, not imported. */
export function isEntryPoint(meta) {
  const started = process.argv[1];
  if (!started) return false;
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(meta.url));
  } catch {
    return false;
  }
}

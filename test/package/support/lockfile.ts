/** Which packages of the checkout's node_modules others need, by its lockfile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from './place';

interface Entry {
  version: string;
  dependencies?: Record<string, string>;
}

const { packages } = JSON.parse(readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Entry>;
};

/** As Node looks it up: in the dependent's own node_modules, then in those of the folders above. */
function find(name: string, dependent: string): string {
  for (let folder = dependent; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules') - 1))) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (folder === '') throw new Error(`package-lock.json has no ${name}, which ${dependent} needs`);
  }
}

/** The folders of the packages and of all that they depend on, relative to the checkout. */
export function closure(names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (folder: string) => {
    if (found.has(folder)) return;
    found.add(folder);
    for (const name of Object.keys(packages[folder]?.dependencies ?? {})) visit(find(name, folder));
  };
  for (const name of names) visit(find(name, ''));
  return [...found].sort();
}

// The Debian archives that this machine's own apt configuration names. The
// mirror that the machine uses is the one that it can reach, so it is asked for
// instead of being written down here.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const APT_FOLDER = '/etc/apt';
const DEBIAN_SUITE =
  /^(?:(?:old)*stable|testing|unstable|sid|buster|bullseye|bookworm|trixie|forky|duke)(?:-(?:updates|backports))?$/;

/** The stanzas of a deb822 file as maps of lower-case field to value, line breaks kept. */
function parseStanzas(text) {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n[ \t]*\n/).map((block) => {
    const fields = new Map();
    let field = null;
    for (const line of block.split('\n')) {
      const start = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/.exec(line);
      if (start) {
        field = start[1].toLowerCase();
        fields.set(field, start[2]);
      } else if (field && /^[ \t]/.test(line)) {
        fields.set(field, `${fields.get(field)}\n${line}`);
      }
    }
    return fields;
  });
}

const words = (text) => (text ?? '').split(/\s+/).filter(Boolean);

function entriesOfSourcesFile(text) {
  return parseStanzas(text)
    .filter((fields) => words(fields.get('types')).some((type) => type === 'deb' || type === 'deb-src'))
    .filter((fields) => !/^(no|false|off|0|without|disable)$/i.test(fields.get('enabled')?.trim() ?? ''))
    .flatMap((fields) =>
      words(fields.get('uris')).map((uri) => ({
        uri,
        suites: words(fields.get('suites')),
        components: words(fields.get('components')),
        signedBy: fields.get('signed-by'),
      })),
    );
}

function entriesOfListFile(text) {
  const entries = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb(?:-src)?\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+([^#]+)/.exec(line);
    if (!match) continue;
    const [suite, ...components] = words(match[3]);
    const signedBy = words(match[1]).find((option) => option.startsWith('signed-by='));
    entries.push({
      uri: match[2],
      suites: [suite],
      components,
      signedBy: signedBy?.slice('signed-by='.length).replaceAll(',', ' '),
    });
  }
  return entries;
}

/** Other vendors use Debian's suite names too, for archives of a few packages. */
const hasDebianSuite = ({ uri, suites, components }) =>
  !uri.startsWith('cdrom:') &&
  !/security/.test(uri) &&
  components.includes('main') &&
  suites.some((suite) => DEBIAN_SUITE.test(suite));

const saysDebian = ({ uri, signedBy }) =>
  /debian-archive/.test(signedBy ?? '') || /debian/.test(uri.replace(/^[a-z+]+:\/\/[^/]*/, ''));

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // An unreadable file (often one with credentials) is no source for this user.
    return '';
  }
}

/** [{ uri, signedBy }]: the Debian archives of this machine, each once. */
export function debianArchives(folder = APT_FOLDER) {
  const parts = path.join(folder, 'sources.list.d');
  let names = [];
  try {
    names = readdirSync(parts).sort();
  } catch {
    // Only the single file, then.
  }
  const entries = [
    ...entriesOfListFile(read(path.join(folder, 'sources.list'))),
    ...names.flatMap((name) => {
      if (name.endsWith('.sources')) return entriesOfSourcesFile(read(path.join(parts, name)));
      if (name.endsWith('.list')) return entriesOfListFile(read(path.join(parts, name)));
      return [];
    }),
  ];
  const candidates = entries.filter(hasDebianSuite);
  const certain = candidates.filter(saysDebian);
  const archives = new Map();
  // A company's mirror may have any path; asking a wrong archive costs one "not found".
  for (const { uri, signedBy } of certain.length > 0 ? certain : candidates) {
    const key = uri.replace(/\/+$/, '');
    if (!archives.has(key)) archives.set(key, { uri, signedBy });
  }
  return [...archives.values()];
}

/** A deb822 file that offers the source packages of `suite` from these archives. */
export function sourcesFile(archives, suite) {
  return archives
    .map(({ uri, signedBy }) =>
      ['Types: deb-src', `URIs: ${uri}`, `Suites: ${suite}`, 'Components: main', signedBy && `Signed-By: ${signedBy}`]
        .filter(Boolean)
        .join('\n'),
    )
    .join('\n\n')
    .concat('\n');
}

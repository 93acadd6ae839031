// What a compiled addon asks of the machine that loads it, read from the binary itself.

import { createRequire } from 'node:module';
import { run } from './processes.mjs';
import { inRoot } from './project.mjs';

/** Node-API of the package; CMakeLists.txt compiles for it. */
export const NODE_API_VERSION = 8;

function isOlder(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = left.findIndex((part, index) => part !== (right[index] ?? 0));
  return at < 0 ? left.length < right.length : left[at] < (right[at] ?? 0);
}

/** The calls of Node-API that came after `version`. */
function laterCalls(imports, version) {
  const { symbols } = createRequire(inRoot('package.json'))('node-api-headers');
  const { js_native_api_symbols: engine, node_api_symbols: node } = symbols[`v${version}`];
  const known = new Set([...engine, ...node]);
  return imports.filter((name) => /^(napi|node_api)_/.test(name) && !known.has(name));
}

/**
 * Reads a Linux addon. Resolves to
 * { glibc, newest, cxxRuntime, laterNodeApi }: the oldest glibc that has all it calls (null with musl), which of
 * its calls ask for that one, what it needs of a shared C++ runtime, and calls of a later Node-API.
 */
export async function binaryNeeds(file) {
  const { ok, output } = await run('readelf', ['--dyn-syms', '--wide', file]);
  if (!ok) throw new Error(`readelf could not read ${file}: ${output.trim()}`);
  // "7: 0000000000000000 0 FUNC GLOBAL DEFAULT UND pthread_create@GLIBC_2.2.5 (2)"
  const imports = [...output.matchAll(/ UND ([^\s@]+)(?:@+(\S+))?/g)].map(([, name, version = '']) => ({ name, version }));
  if (imports.length === 0) throw new Error(`readelf found no imports in ${file}`);
  let glibc = null;
  for (const { version } of imports) {
    const [, number] = /^GLIBC_([\d.]+)$/.exec(version) ?? [];
    if (number !== undefined && (glibc === null || isOlder(glibc, number))) glibc = number;
  }
  return {
    glibc,
    newest: imports.filter(({ version }) => version === `GLIBC_${glibc}`).map(({ name }) => name),
    cxxRuntime: imports.filter(({ version }) => /^(GLIBCXX|CXXABI)_/.test(version)).map(({ name }) => name),
    laterNodeApi: laterCalls(imports.map(({ name }) => name), NODE_API_VERSION),
  };
}

/** What is wrong with such needs, in words; empty for a binary that may be published. */
export function excessiveNeeds({ glibc, newest, cxxRuntime, laterNodeApi }, glibcFloor) {
  const problems = [];
  if (glibc !== null && isOlder(glibcFloor, glibc)) {
    problems.push(`it needs glibc ${glibc} instead of ${glibcFloor}, for ${newest.join(', ')}`);
  }
  if (cxxRuntime.length > 0) problems.push(`it needs a shared libstdc++, for ${cxxRuntime.slice(0, 5).join(', ')}`);
  if (laterNodeApi.length > 0) {
    problems.push(`it calls a later Node-API than ${NODE_API_VERSION}: ${laterNodeApi.join(', ')}`);
  }
  return problems;
}

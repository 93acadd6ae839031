/** Which folder may use which: the includes and imports of every file against test/layers.json. */
import { join } from 'node:path';
import { findFaults, readTable, readTree, type Table, type Tree } from './layers';

const ROOT = join(__dirname, '../..');

test('this checkout follows test/layers.json', () => {
  expect(findFaults(readTree(ROOT), readTable(ROOT))).toEqual([]);
});

describe('the checker', () => {
  const room = (uses: string[], without?: string[]) => ({ purpose: 'a room', uses, without });
  const table: Table = {
    binding: { base: room([], ['perfetto.h']), encoder: room(['base']), napi: room(['base', 'encoder']) },
    lib: {
      values: room([]),
      'json/read': room(['values']),
      'json/write': room(['values', 'json/read (types)']),
      cli: room(['values', 'json/read', 'json/write']),
    },
  };
  const good: Record<string, string> = {
    'binding/base/bits.h': '#include <cstdint>',
    'binding/encoder/encoder.h': '#include <perfetto.h>\n#include "base/bits.h"',
    'binding/napi/node_api.h': '#define NAPI_VERSION 8\n#include <napi.h>',
    'binding/napi/addon.cc': '#include "encoder/encoder.h"\n#include "napi/node_api.h"',
    'lib/values.ts': "import { join } from 'node:path';",
    'lib/json/read/read.ts': "import { Value } from '../../values';",
    'lib/json/write/write.ts': "import type { Read } from '../read/read';\nimport '../../values.js';",
    'lib/cli/main.ts': "const read = await import('../json/read/read.js');\nimport { write } from '../json/write/write';",
    'CMakeLists.txt':
      'function(tracesmith_add_layer name)\ntracesmith_add_layer(base)\n' +
      'tracesmith_add_layer(encoder PUBLIC tracesmith_base perfetto_sdk PRIVATE tracesmith_zlib)\n',
  };
  /** The faults of the good tree with some files replaced, or left out where they are undefined. */
  function faultsWith(changes: Record<string, string | undefined>, changedTable = table): string[] {
    const entries = Object.entries({ ...good, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const tree: Tree = new Map(entries);
    return findFaults(tree, changedTable);
  }
  const withRoom = (language: keyof Table, name: string, uses: string[]): Table =>
    ({ ...table, [language]: { ...table[language], [name]: room(uses) } });

  test('finds nothing in a good tree', () => {
    expect(faultsWith({})).toEqual([]);
  });

  test.each<[string, Record<string, string | undefined>, string | RegExp]>([
    [
      'an include that the table does not allow', { 'binding/base/up.cc': '#include "napi/results.h"', 'binding/napi/results.h': '' },
      'binding/base/up.cc: base may not use napi (binding/napi/results.h)',
    ],
    [
      'an import that the table does not allow', { 'lib/values.ts': "import { main } from './cli/other';", 'lib/cli/other.ts': '' },
      'lib/values.ts: values may not use cli (lib/cli/other.ts)',
    ],
    [
      'an import of more than types', { 'lib/json/write/write.ts': "import { Read } from '../read/read';" },
      'lib/json/write/write.ts: json/write may not use json/read for more than types (lib/json/read/read.ts)',
    ],
    [
      'an import of types among others', { 'lib/json/write/write.ts': "import { type Read, read } from '../read/read';" },
      'lib/json/write/write.ts: json/write may not use json/read for more than types (lib/json/read/read.ts)',
    ],
    [
      'an import() in a type', { 'lib/values.ts': "export type Read = import('./json/read/read').Read;" },
      'lib/values.ts: values may not use json/read (lib/json/read/read.ts)',
    ],
    [
      'an import() of a value', { 'lib/values.ts': "void import('./json/read/read.js');" },
      'lib/values.ts: values may not use json/read (lib/json/read/read.ts)',
    ],
    [
      'a require()', { 'lib/values.ts': "const read = require('./json/read/read');" },
      'lib/values.ts: values may not use json/read (lib/json/read/read.ts)',
    ],
    [
      'an import with =', { 'lib/values.ts': "import read = require('./json/read/read');" },
      'lib/values.ts: values may not use json/read (lib/json/read/read.ts)',
    ],
    [
      'an export from elsewhere', { 'lib/values.ts': "export * from './json/read/read';" },
      'lib/values.ts: values may not use json/read (lib/json/read/read.ts)',
    ],
    ['an import of nothing', { 'lib/cli/main.ts': "import '../gone';" }, 'lib/cli/main.ts: imports ../gone, which is not in lib/'],
    [
      'a circle of includes in one folder', { 'binding/base/a.h': '#include "base/b.h"', 'binding/base/b.h': '#include "base/a.h"' },
      'circle of files: binding/base/a.h -> binding/base/b.h -> binding/base/a.h',
    ],
    [
      'a circle of imports of types in one folder',
      { 'lib/cli/a.ts': "import type { B } from './b';", 'lib/cli/b.ts': "import type { A } from './a';" },
      'circle of files: lib/cli/a.ts -> lib/cli/b.ts -> lib/cli/a.ts',
    ],
    ['a file that imports itself', { 'lib/cli/a.ts': "import './a';" }, 'circle of files: lib/cli/a.ts -> lib/cli/a.ts'],
    [
      'a circle of folders without one of files',
      { 'lib/json/read/more.ts': "import type { Write } from '../write/write';" },
      /^circle of folders in lib\/: json\/\w+ -> json\/\w+ -> json\/\w+$/,
    ],
    [
      'an include with ../', { 'binding/encoder/up.h': '#include "../base/bits.h"' },
      'binding/encoder/up.h: "../base/bits.h" goes up by ../, expected a path from binding/',
    ],
    [
      'an include from its own folder', { 'binding/encoder/near.h': '#include "encoder.h"' },
      'binding/encoder/near.h: "encoder.h" is not a path from binding/',
    ],
    [
      'napi.h in another file', { 'binding/napi/addon.cc': '  #  include <napi.h>' },
      'binding/napi/addon.cc: only binding/napi/node_api.h may include napi.h',
    ],
    [
      'perfetto.h in a room without it', { 'binding/base/bits.h': '#include <perfetto.h>' },
      'binding/base/bits.h: base may not reach perfetto.h (binding/base/bits.h -> perfetto.h)',
    ],
    [
      'perfetto.h through another file', { 'binding/base/a.h': '#include "encoder/encoder.h"' },
      'binding/base/a.h: base may not reach perfetto.h (binding/base/a.h -> binding/encoder/encoder.h -> perfetto.h)',
    ],
    ['a folder that the table does not name', { 'binding/more/a.h': '' }, 'binding/more/a.h: lies in no room of test/layers.json'],
    ['a file outside the rooms', { 'lib/json/read.tsx.ts': '' }, 'lib/json/read.tsx.ts: lies in no room of test/layers.json'],
    ['a room that is gone', { 'lib/values.ts': undefined }, 'test/layers.json: lib/values is not in the tree'],
    [
      'a layer that CMake links with more',
      { 'CMakeLists.txt': `${good['CMakeLists.txt'].replace('layer(base)', 'layer(base\n  PRIVATE tracesmith_encoder)')}` },
      'CMakeLists.txt: the layer base is linked with encoder, which test/layers.json does not allow',
    ],
    [
      'a layer that CMake links with the SDK',
      { 'CMakeLists.txt': `${good['CMakeLists.txt'].replace('layer(base)', 'layer(base PUBLIC tracesmith_encoder)')}` },
      'CMakeLists.txt: the layer base is linked with perfetto_sdk (tracesmith_base -> tracesmith_encoder -> perfetto_sdk)',
    ],
    ['a layer that CMake does not build', { 'CMakeLists.txt': 'tracesmith_add_layer(base)' }, 'CMakeLists.txt: builds no layer encoder'],
    [
      'a layer that is no room', { 'CMakeLists.txt': `${good['CMakeLists.txt']}tracesmith_add_layer(more)` },
      'CMakeLists.txt: builds a layer more, which is no room',
    ],
  ])('finds %s', (_what, changes, expected) => {
    const isExpected = (fault: string) => (typeof expected === 'string' ? fault === expected : expected.test(fault));
    const faults = faultsWith(changes);
    expect(faults.some(isExpected) ? [] : [expected, ...faults]).toEqual([]);
  });

  test.each<[string, Table, string]>([
    ['a table with a circle', withRoom('binding', 'base', ['encoder']), 'test/layers.json allows a circle in binding/: base -> encoder -> base'],
    ['a table that allows what is not there', withRoom('lib', 'values', ['live']), 'test/layers.json: lib/values uses live, which is no room'],
  ])('finds %s', (_what, changedTable, expected) => {
    expect(faultsWith({}, changedTable)).toContain(expected);
  });
});

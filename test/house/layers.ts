/**
 * Finds what breaks the table test/layers.json in a tree of sources.
 *
 * A tree is a map of texts by path, so that the tests of this checker need no files. The faults come as sentences that
 * name the file and the rule.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

export interface Room {
  /** One line, for docs/development.md. */
  purpose: string;
  /** The rooms that it may use; `NAME (types)` allows `import type` only. */
  uses: string[];
  /** Headers that none of its files may include, not even through others. */
  without?: string[];
}
/** The rooms of each language, by name. */
export interface Table {
  binding: Record<string, Room>;
  lib: Record<string, Room>;
}
/** Texts by path, such as `lib/order/lane.ts`, with CMakeLists.txt where layers are built. */
export type Tree = Map<string, string>;

/** One file uses another one, or a header of another project. */
interface Arrow {
  from: string;
  /** A path of the tree, or the name of a header that is not in it. */
  to: string;
  isType: boolean;
}
/** Where something leads, by name. */
type Graph = Map<string, Set<string>>;

/** The only file that may include these headers. */
const ONLY_IN: Record<string, string> = {
  'napi.h': 'binding/napi/node_api.h',
  'node_api.h': 'binding/napi/node_api.h',
  'js_native_api.h': 'binding/napi/node_api.h',
};
/** The SDK as CMake and as an include names it. */
const SDK = { library: 'perfetto_sdk', header: 'perfetto.h' };
/** Rooms that CMake does not build by tracesmith_add_layer(). */
const BUILT_OTHERWISE = ['napi'];

/** The sources of a checkout. */
export function readTree(root: string): Tree {
  const below = (folder: string, ending: RegExp): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .filter((file) => ending.test(file));
  const files = [...below('binding', /\.(?:h|cc|c)$/), ...below('lib', /\.[mc]?ts$/), 'CMakeLists.txt'];
  return new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

export function readTable(root: string): Table {
  return JSON.parse(readFileSync(join(root, 'test/layers.json'), 'utf8')) as Table;
}

/** All faults of a tree: empty for a good one. */
export function findFaults(tree: Tree, table: Table): string[] {
  const faults: string[] = [];
  const includes = readIncludes(tree, faults);
  const imports = readImports(tree, faults);
  checkRooms(tree, table, faults);
  checkArrows(includes, 'binding', table.binding, faults);
  checkArrows(imports, 'lib', table.lib, faults);
  checkHeaders(tree, includes, table, faults);
  const cmake = tree.get('CMakeLists.txt');
  if (cmake !== undefined) checkCMake(cmake, table.binding, faults);
  return faults;
}

/** The room of a file: the longest name of a room that its path begins with. */
function roomOf(path: string, language: keyof Table, rooms: Record<string, Room>): string | undefined {
  const inside = path.slice(language.length + 1).replace(/\.ts$/, '');
  const names = Object.keys(rooms).filter((name) => inside === name || inside.startsWith(`${name}/`));
  return names.sort((a, b) => b.length - a.length)[0];
}

// ------------------------------------------------------------- reading sources

function readIncludes(tree: Tree, faults: string[]): Arrow[] {
  const arrows: Arrow[] = [];
  for (const [from, text] of tree) {
    if (!from.startsWith('binding/')) continue;
    for (const [, bracket, name] of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)/gm)) {
      if (name.split('/').includes('..')) faults.push(`${from}: "${name}" goes up by ../, expected a path from binding/`);
      else if (tree.has(`binding/${name}`) && name.includes('/')) arrows.push({ from, to: `binding/${name}`, isType: false });
      else if (bracket === '<') arrows.push({ from, to: name, isType: false });
      else faults.push(`${from}: "${name}" is not a path from binding/`);
    }
  }
  return arrows;
}

function readImports(tree: Tree, faults: string[]): Arrow[] {
  const arrows: Arrow[] = [];
  for (const [from, text] of tree) {
    if (!from.startsWith('lib/')) continue;
    for (const { name, isType } of importsOf(from, text)) {
      if (!name.startsWith('.')) continue; // a package, or a module of Node
      const path = posix.join(posix.dirname(from), name.replace(/\.js$/, ''));
      const to = [`${path}.ts`, `${path}/index.ts`, path].find((candidate) => tree.has(candidate));
      if (to === undefined) faults.push(`${from}: imports ${name}, which is not in lib/`);
      else arrows.push({ from, to, isType });
    }
  }
  return arrows;
}

/** What a TypeScript file imports, exports from elsewhere, requires, or names in a type. */
function importsOf(path: string, text: string): { name: string; isType: boolean }[] {
  const found: { name: string; isType: boolean }[] = [];
  const add = (node: ts.Node | undefined, isType: boolean): void => {
    if (node && ts.isStringLiteralLike(node)) found.push({ name: node.text, isType });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isExternalModuleReference(node)) add(node.expression, false);
    else if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    else if (ts.isCallExpression(node)) {
      const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      if (isImport || /^require(\.resolve)?$/.test(node.expression.getText())) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  return found;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const names = clause.namedBindings;
  const hasNames = names !== undefined && ts.isNamedImports(names) && names.elements.length > 0;
  return clause.name === undefined && hasNames && names.elements.every(({ isTypeOnly }) => isTypeOnly);
}

// --------------------------------------------------------------------- checking

function checkRooms(tree: Tree, table: Table, faults: string[]): void {
  for (const language of ['binding', 'lib'] as const) {
    const rooms = table[language];
    const seen = new Set<string>();
    for (const path of tree.keys()) {
      if (!path.startsWith(`${language}/`)) continue;
      const room = roomOf(path, language, rooms);
      if (room === undefined) faults.push(`${path}: lies in no room of test/layers.json`);
      else seen.add(room);
    }
    for (const [name, { uses }] of Object.entries(rooms)) {
      if (!seen.has(name)) faults.push(`test/layers.json: ${language}/${name} is not in the tree`);
      for (const use of uses) {
        if (!(withoutTypes(use) in rooms)) faults.push(`test/layers.json: ${language}/${name} uses ${use}, which is no room`);
      }
    }
    const allowed = Object.entries(rooms).map(([name, { uses }]) => [name, new Set(uses.map(withoutTypes))] as const);
    reportCircle(new Map(allowed), `test/layers.json allows a circle in ${language}/`, faults);
  }
}

const withoutTypes = (use: string): string => use.replace(/ \(types\)$/, '');

function checkArrows(arrows: Arrow[], language: keyof Table, rooms: Record<string, Room>, faults: string[]): void {
  const files: Graph = new Map();
  const folders: Graph = new Map();
  for (const { from, to, isType } of arrows) {
    link(files, from, to);
    const [user, used] = [roomOf(from, language, rooms), roomOf(to, language, rooms)];
    if (user === undefined || used === undefined || user === used) continue;
    link(folders, user, used);
    const { uses } = rooms[user];
    const isAllowed = uses.includes(used) || (isType && uses.includes(`${used} (types)`));
    const what = uses.includes(`${used} (types)`) ? `${used} for more than types` : used;
    if (!isAllowed) faults.push(`${from}: ${user} may not use ${what} (${to})`);
  }
  // Imports of types count too, between folders and between files.
  reportCircle(files, 'circle of files', faults);
  reportCircle(folders, `circle of folders in ${language}/`, faults);
}

function checkHeaders(tree: Tree, includes: Arrow[], table: Table, faults: string[]): void {
  const graph: Graph = new Map();
  for (const { from, to } of includes) {
    link(graph, from, to);
    if (ONLY_IN[to] !== undefined && ONLY_IN[to] !== from) faults.push(`${from}: only ${ONLY_IN[to]} may include ${to}`);
  }
  for (const path of tree.keys()) {
    const room = path.startsWith('binding/') ? roomOf(path, 'binding', table.binding) : undefined;
    for (const header of room === undefined ? [] : (table.binding[room].without ?? [])) {
      const way = wayTo(graph, path, (name) => name === header);
      if (way) faults.push(`${path}: ${room} may not reach ${header} (${way.join(' -> ')})`);
    }
  }
}

/** The layers that CMakeLists.txt builds, and what it links them with. */
function checkCMake(text: string, rooms: Record<string, Room>, faults: string[]): void {
  const links: Graph = new Map();
  for (const [, name, rest] of text.matchAll(/^[ \t]*tracesmith_add_layer\((\w+)([^)]*)\)/gm)) {
    if (!(name in rooms)) faults.push(`CMakeLists.txt: builds a layer ${name}, which is no room`);
    links.set(`tracesmith_${name}`, new Set());
    for (const library of rest.split(/\s+/).filter((word) => word !== '' && !/^(?:PUBLIC|PRIVATE)$/.test(word))) {
      link(links, `tracesmith_${name}`, library);
      const used = library.replace(/^tracesmith_/, '');
      if (used in rooms && name in rooms && !rooms[name].uses.includes(used)) {
        faults.push(`CMakeLists.txt: the layer ${name} is linked with ${used}, which test/layers.json does not allow`);
      }
    }
  }
  for (const [name, { without }] of Object.entries(rooms)) {
    if (BUILT_OTHERWISE.includes(name)) continue;
    if (!links.has(`tracesmith_${name}`)) faults.push(`CMakeLists.txt: builds no layer ${name}`);
    const way = without?.includes(SDK.header) ? wayTo(links, `tracesmith_${name}`, (library) => library === SDK.library) : undefined;
    if (way) faults.push(`CMakeLists.txt: the layer ${name} is linked with ${SDK.library} (${way.join(' -> ')})`);
  }
}

// ----------------------------------------------------------------------- graphs

function link(graph: Graph, from: string, to: string): void {
  const there = graph.get(from);
  if (there) there.add(to);
  else graph.set(from, new Set([to]));
}

/** A shortest way of at least one step from a node to one that matches. */
function wayTo(graph: Graph, from: string, matches: (name: string) => boolean): string[] | undefined {
  const before = new Map<string, string>();
  const queue = [from];
  for (const node of queue) {
    for (const next of graph.get(node) ?? []) {
      if (matches(next)) {
        const way = [next, node];
        for (let step = node; step !== from; ) way.push((step = before.get(step)!));
        return way.reverse();
      }
      if (next === from || before.has(next)) continue;
      before.set(next, node);
      queue.push(next);
    }
  }
  return undefined;
}

/** One fault for each set of nodes that lead to one another, with a way around. */
function reportCircle(graph: Graph, what: string, faults: string[]): void {
  const reported = new Set<string>();
  for (const node of graph.keys()) {
    const way = reported.has(node) ? undefined : wayTo(graph, node, (name) => name === node);
    if (!way) continue;
    faults.push(`${what}: ${way.join(' -> ')}`);
    for (const step of way) reported.add(step);
  }
}

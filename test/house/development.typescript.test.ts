/** docs/development.md has the rooms of test/layers.json and the suffixes of test/support/suites.js, as they are there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUFFIXES } from '../support/suites.js';
import { readTable, type Table } from './layers';

const ROOT = join(__dirname, '../..');
const text = readFileSync(join(ROOT, 'docs/development.md'), 'utf8').replaceAll('\r\n', '\n');
/** The rows of the tables whose first cell is code that begins so. */
const rows = (start: string) => text.split('\n').filter((line) => line.startsWith(`| \`${start}`));

test.each(['binding', 'lib'] as const)('the rooms of %s/', (language: keyof Table) => {
  const rooms = Object.entries(readTable(ROOT)[language]);
  const expected = rooms.map(([name, { purpose, uses }]) => `| \`${language}/${name}\` | ${purpose} | ${uses.join(', ') || 'nothing'} |`);
  expect(rows(`${language}/`)).toEqual(expected);
});

test('the rooms without perfetto.h', () => {
  const rooms = Object.entries(readTable(ROOT).binding).filter(([, { without }]) => without?.includes('perfetto.h'));
  const line = text.split('\n').find((candidate) => candidate.includes('reach `perfetto.h` by no way'))!;
  const named = [...line.split(' reach ')[0].matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(named.sort()).toEqual(rooms.map(([name]) => name).sort());
});

test('the suffixes of suites', () => {
  const named = rows('.').flatMap((line) => /^\| `\.([\w-]+)` \|/.exec(line)?.[1] ?? []);
  expect(named).toEqual(Object.keys(SUFFIXES));
});

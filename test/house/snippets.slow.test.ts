/** Every block of code in README.md and docs/*.md runs as it stands: as a module where it imports, else as CommonJS. */
import { join } from 'node:path';
import { blocksIn, readPages, type Block } from './docs';
import { extensionOf, faultOf } from './snippets';

const blocks = readPages(join(__dirname, '../..')).flatMap(blocksIn);
const programs = blocks.filter((block) => extensionOf(block) !== undefined);

test.each(programs.map((block) => [block.place, block] as const))('%s runs', (_place, block) => {
  expect(faultOf(block)).toBeUndefined();
});

test('next to no block is left out', () => {
  expect(programs.length).toBeGreaterThan(2);
  const leftOut = blocks.filter(({ words }) => words.includes('ignore')).map(({ place }) => place);
  expect(leftOut.length).toBeLessThanOrEqual(2);
});

describe('the checker', () => {
  const block = (language: string, code: string, words: string[] = []): Block => ({ place: 'a.md:1', language, words, code });

  test.each([
    [block('js', "import { x } from 'y';"), '.mjs'],
    [block('js', "const { x } = require('y'); // import it"), '.cjs'],
    [block('mjs', 'await 1;'), '.mjs'],
    [block('ts', "import type { X } from 'y';"), '.mts'],
    [block('sh', 'import x'), undefined],
    [block('js', 'x', ['ignore']), undefined],
  ])('knows what a block is: %j', (one, extension) => {
    expect(extensionOf(one)).toBe(extension);
  });

  test('takes blocks apart', () => {
    const text = 'a\n\n```js ignore\none\ntwo\n```\n\n```\nno language\n```\n';
    expect(blocksIn({ file: 'a.md', text })).toEqual([
      { place: 'a.md:4', language: 'js', words: ['ignore'], code: 'one\ntwo\n' },
      { place: 'a.md:9', language: '', words: [], code: 'no language\n' },
    ]);
  });

  test('runs good blocks', () => {
    expect(faultOf(block('js', "const { isSDKAvailable } = require('tracesmith-perfetto'); isSDKAvailable();"))).toBeUndefined();
    expect(faultOf(block('js', "import { convertTrace } from 'tracesmith-perfetto';\nawait convertTrace('trace.json', 'x.json');"))).toBeUndefined();
    expect(faultOf(block('ts', "import { TraceWriter } from 'tracesmith-perfetto';\nexport const trace = await TraceWriter.open('x');"))).toBeUndefined();
  });

  test('finds what does not run', () => {
    expect(faultOf(block('js', 'gone();'))).toMatch(/^a\.md:1: exit code 1, stderr: [^]*gone is not defined/);
    expect(faultOf(block('js', "const { x } = require('tracesmith-perfetto');\nawait x;"))).toMatch(/await/);
    expect(faultOf(block('mjs', "import { gone } from 'tracesmith-perfetto';"))).toMatch(/gone/);
    expect(faultOf(block('js', "console.error('a warning');"))).toBe('a.md:1: exit code 0, stderr: a warning\n');
    expect(faultOf(block('ts', "import { TraceWriter } from 'tracesmith-perfetto';\nTraceWriter.open(5).gone();"))).toMatch(/^a\.md:1: /);
  });
});

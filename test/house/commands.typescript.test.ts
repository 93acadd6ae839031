/** Every command of README.md and docs/*.md does something: npm scripts exist, and each `npx jest` selects tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf, titlesIn, type Project } from './commands';
import { commandsIn, readPages } from './docs';

const ROOT = join(__dirname, '../..');

function thisProject(): Project {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).map((file) => `test/${file.replaceAll('\\', '/')}`);
  const tests = files.filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/package/'));
  return {
    scripts: Object.keys(scripts),
    tests: new Map(tests.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')])),
    hasFile: (path) => existsSync(join(ROOT, path)),
  };
}

test('each command of the docs does something', () => {
  const project = thisProject();
  const commands = readPages(ROOT).flatMap((page) => commandsIn(page).map((command) => ({ ...page, command })));
  expect(commands.filter(({ command }) => command.startsWith('npx jest')).length).toBeGreaterThan(20);
  const faults = commands.map(({ file, command }) => [file, faultOf(command, project)]).filter(([, fault]) => fault !== undefined);
  expect(faults).toEqual([]);
});

describe('the checker', () => {
  const text = `
    describe.each(backends)('writing $name', () => {
      (isRoot ? test : test.skip)('03 as nobody', () => undefined);
      describeNative(\`\${name}: streams\`, function () { test.each([1])('%s keeps its lanes', async () => { items.forEach((x) => x); }); });
    });
    it('alone', () => expect(query(path, 'select 1')).toEqual(1));
  `;
  const project: Project = {
    scripts: ['demo'], tests: new Map([['test/order/lanes.slow.test.ts', text]]), hasFile: (path) => path === 'scripts/vendor.mjs',
  };

  test('knows the titles of tests', () => {
    expect(titlesIn('a.test.ts', text)).toEqual(['writing  03 as nobody', 'writing  : streams  keeps its lanes', 'alone']);
  });

  test('finds the commands of a page', () => {
    const page = {
      file: 'a.md',
      text: 'Run `npm ci && npm run demo`, or\n\n```sh\n$ npm test   # all\nnode scripts/a.mjs\n```\n\n```js\nnpm run x\n```\n| `npx jest a -t "1|2"` |',
    };
    expect(commandsIn(page)).toEqual(['npm test', 'node scripts/a.mjs', 'npm ci', 'npm run demo', 'npx jest a -t "1|2"']);
  });

  test.each([
    ['npm run demo', undefined],
    ['npm run gone', 'npm run gone: package.json has no script gone'],
    ['node scripts/vendor.mjs --check', undefined],
    ['node scripts/gone.mjs', 'node scripts/gone.mjs: scripts/gone.mjs is not there'],
    ['npx jest', undefined],
    ['npx jest test/order/lanes', undefined],
    ['npx jest lanes test/gone', 'npx jest lanes test/gone: no test file matches test/gone'],
    ['npx jest lanes -t "0[12]|keeps"', undefined],
    ['npx jest lanes -t "0[12]"', 'npx jest lanes -t "0[12]": no test of lanes matches /0[12]/i'],
    ['npx jest -t 04', 'npx jest -t 04: no test of any file matches /04/i'],
    ['anything else', undefined],
  ])('judges %s', (command, fault) => {
    expect(faultOf(command, project)).toBe(fault);
  });
});

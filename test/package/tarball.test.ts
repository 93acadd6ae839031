/** What is in the tarball, and what tools that judge packages say about it. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, containing, matching, node, project, tarball, userEnvironment } from './support/place';

const inCheckout = (...parts: string[]) => join(CHECKOUT, ...parts);
const installed = (...parts: string[]) => join(project(), 'node_modules', 'tracesmith-perfetto', ...parts);
const ofCheckout = (script: string, ...args: string[]) => node([inCheckout('node_modules', script), ...args], CHECKOUT);

const checkPackage = (...args: string[]) => node([inCheckout('scripts', 'check-package.mjs'), ...args], CHECKOUT);
// A tarball that was made elsewhere has the binaries of all platforms; this checkout has not.
const here = process.env.TRACESMITH_TARBALL === undefined ? test : test.skip;

describe('the tarball', () => {
  here('holds the files of the list, no others, in at most 3 MB', () => {
    expect(checkPackage()).toEqual({ code: 0, out: matching(/^\d+ files, \d+ bytes packed/), err: '' });
    expect(statSync(tarball()).size).toBeLessThanOrEqual(3_000_000);
  });

  test('is not released while a file is missing or one too many', () => {
    const script = `
      import { differences } from './scripts/check-package.mjs';
      const own = 'prebuilds/${process.platform}-${process.arch}/x.node';
      const expected = ['a', own, 'prebuilds/other-x64/x.node'];
      const ask = (names, isRelease) => differences(names, expected, { isRelease });
      const asked = [ask(['a', own], false), ask(['a', own], true), ask(['a'], false), ask([...expected, 'b'], true)];
      console.log(JSON.stringify(asked));
    `;
    const { out } = node(['--input-type=module', '-e', script], CHECKOUT);
    const [asBuilt, atRelease, withoutOwn, withMore] = JSON.parse(out) as string[][];
    expect(asBuilt).toEqual([]);
    expect(atRelease).toEqual(['prebuilds/other-x64/x.node is missing']);
    expect(withoutOwn).toEqual([matching(/^prebuilds.*x\.node is missing$/)]);
    expect(withMore).toEqual([matching(/^b is not in /)]);
  });

  test.each([
    ['perfetto', 'Apache License'],
    ['simdjson', 'Apache License'],
    ['zlib', 'Jean-loup Gailly and Mark Adler'],
  ])('holds the licence of %s', (name, text) => {
    expect(readFileSync(installed('third_party', name, 'LICENSE'), 'utf8')).toContain(text);
  });

  test.each([
    ['node-addon-api', 'LICENSE.md'],
    ['node-api-headers', 'LICENSE'],
  ])('holds the licence of %s as it is', (name, file) => {
    const original = readFileSync(inCheckout('node_modules', name, file), 'utf8');
    expect(readFileSync(installed('third_party', name, 'LICENSE'), 'utf8')).toBe(original);
  });

  test('has no script that runs at an install', () => {
    const { scripts } = JSON.parse(readFileSync(installed('package.json'), 'utf8')) as { scripts: Record<string, string> };
    for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(name);
  });

  test('is fine by publint, strictly', () => {
    const { code, out, err } = ofCheckout('publint/src/cli.js', 'run', tarball(), '--strict');
    expect({ code, out, err }).toMatchObject({ code: 0, out: containing('All good!') });
  });

  test('has types that every module resolution finds', () => {
    const args = ['--no-definitely-typed', '--format', 'json', tarball()];
    const { code, out } = ofCheckout('@arethetypeswrong/cli/dist/index.js', ...args);
    const { types, problems } = (JSON.parse(out) as { analysis: { types: unknown; problems: unknown[] } }).analysis;
    expect({ code, types, problems }).toEqual({ code: 0, types: { kind: 'included' }, problems: [] });
  });
});

const linux = process.platform === 'linux' ? test : test.skip;

describe('the prebuilt binary', () => {
  linux('asks for no newer glibc than 2.28, and for no shared C++ runtime', () => {
    const measured = node([inCheckout('scripts', 'prebuild.mjs'), 'measure', binary()], CHECKOUT);
    const out = matching(/KB, (glibc 2\.\d+ or newer|musl), no shared libstdc\+\+/);
    expect(measured).toMatchObject({ code: 0, err: '', out });
  });

  linux('would be refused otherwise', () => {
    const script = `
      import { excessiveNeeds } from './scripts/lib/binary-needs.mjs';
      const good = { glibc: '2.28', newest: ['f'], cxxRuntime: [], laterNodeApi: [] };
      const changes = [
        {}, { glibc: '2.4' }, { glibc: '2.28.1' }, { glibc: '2.100' }, { cxxRuntime: ['g'] }, { laterNodeApi: ['napi_x'] },
      ];
      console.log(JSON.stringify(changes.map((change) => excessiveNeeds({ ...good, ...change }, '2.28').length)));
    `;
    const { out } = node(['--input-type=module', '-e', script], CHECKOUT);
    expect(JSON.parse(out)).toEqual([0, 0, 1, 1, 1, 1]);
  });
});

test('two copies of the prebuilt binary live in one process, each with its own exceptions', () => {
  const program = `
    const { copyFileSync } = require('node:fs');
    const load = (name) => { copyFileSync(process.argv[1], name); return require(require('node:path').resolve(name)); };
    const copies = [load('one.node'), load('two.node')];
    const tried = copies.concat(copies).map(({ Writer }) => {
      try {
        new Writer('x');
      } catch (error) {
        return error.code;
      }
    });
    console.log(JSON.stringify({ areTwo: copies[0].Writer !== copies[1].Writer, tried }));
  `;
  const { code, out, err } = node(['-e', program, binary()]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toEqual({ areTwo: true, tried: Array.from({ length: 4 }, () => 'INVALID_ARGUMENT') });
});

/** The binary that an installation here loads. */
function binary(): string {
  const { out } = node(['-p', 'require("tracesmith-perfetto").sdkInfo().addonPath'], project(), userEnvironment());
  return out.trim();
}

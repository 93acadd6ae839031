/** The package on a platform that has no prebuilt binary: through JSON, and then with an addon compiled there. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CHECKOUT, command, matching, newFolder, node, npmCache, project, sourceCache, userEnvironment } from './support/place';

/** A copy of the installation, without its prebuilt binaries. */
const bare = () => newFolder('bare');
const installed = (...parts: string[]) => join(bare(), 'node_modules', 'tracesmith-perfetto', ...parts);

beforeAll(() => {
  cpSync(project(), bare(), { recursive: true, verbatimSymlinks: true });
  rmSync(installed('prebuilds'), { recursive: true });
});

const PROGRAM = `
  const { EventType, PerfettoProtoExporter, sdkInfo } = require('tracesmith-perfetto');
  const events = [{ type: EventType.KernelLaunch, name: 'vectorAdd', timestamp: 1_000_000, duration: 500_000 }];
  new PerfettoProtoExporter().exportToFile(events, 'x.perfetto-trace').then(({ format, fallback, slices }) => {
    console.log(JSON.stringify({ info: sdkInfo(), format, fallback, slices }));
  });
`;
const useIt = () => node(['-e', PROGRAM], bare());

test('01 it writes JSON, warns once and says why', () => {
  const { code, out, err } = useIt();
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    fallback: true,
    slices: 1,
    info: {
      available: false,
      addonPath: null,
      reason: 'the addon is not there: it was not built and no prebuilt binary fits this platform',
      errors: [{ message: matching(/^No native build was found for platform=/) }],
    },
  });
  expect(err.match(/TRACESMITH_SDK_UNAVAILABLE/g)).toHaveLength(1);
});

test('02 doctor names the command that compiles the addon', () => {
  const { code, out } = command(['doctor'], bare());
  expect(code).toBe(0);
  expect(out).toContain('no prebuilt addon fits this platform; to compile one: npx tracesmith-perfetto build');
});

const unix = process.platform === 'win32' ? test.skip : test;

unix('03 build says which tools are missing and how to get them', () => {
  const tools = newFolder('only-node');
  mkdirSync(tools);
  symlinkSync(process.execPath, join(tools, 'node'));
  const main = installed('dist', 'cli', 'main.js');
  const { code, err } = node([main, 'build'], bare(), userEnvironment({ PATH: tools }));
  expect(code).toBe(1);
  expect(err).toMatch(/^The native addon was not built: this machine lacks .*C\+\+ compiler.*CMake, make or ninja$/m);
  expect(err).toMatch(/^ {2}- .*(install|apk add|pacman)/m);
  expect(command(['doctor'], bare()).out).toMatch(/Last build +failed: this machine lacks/);
});

test('04 build says what npm could not install', () => {
  const env = buildEnvironment({ npm_config_cache: newFolder('empty-cache') });
  const { code, err } = command(['build'], bare(), env);
  expect(code).toBe(1);
  expect(err).toMatch(/The native addon was not built: npm could not install node-addon-api@[\d.]+ and node-api-headers@[\d.]+/);
  expectNothingLeft();
});

test('05 build refuses source that is not what is pinned', () => {
  // The header is there, but not the one whose checksum is known; no network, so that nothing better is found.
  const header = installed('third_party', 'zlib', 'zlib.h');
  const genuine = readFileSync(header);
  writeFileSync(header, '/* not zlib */');
  const { code, out } = command(['build'], bare(), buildEnvironment({ npm_config_cache: newFolder('empty-cache') }));
  expect(code).toBe(1);
  expect(out).toMatch(/zlib 1\.2\.13: .* is replaced: zlib\.h has the SHA-256 [0-9a-f]{64} instead of [0-9a-f]{64}/);
  expect(readFileSync(header)).toEqual(genuine);
});

test('06 build compiles the addon, which is then used', () => {
  const { code, out, err } = command(['build'], bare(), buildEnvironment());
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Native Perfetto traces can be written now.');
  expectNothingLeft();
  const used = useIt();
  expect({ code: used.code, err: used.err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(used.out)).toMatchObject({
    fallback: false,
    info: { available: true, addonPath: installed('build', 'Release', 'tracesmith_perfetto.node') },
  });
  expect(command(['doctor'], bare()).out).toContain('All is well: native Perfetto traces can be written.');
});

/** Where source comes from a cache; the SDK, whose compilation takes minutes, is the one of this checkout if it has one. */
function buildEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const library = join(CHECKOUT, 'build', 'libperfetto_sdk.a');
  return userEnvironment({
    XDG_CACHE_HOME: sourceCache(),
    npm_config_cache: npmCache(),
    PATH: process.env.PATH?.split(delimiter).filter((folder) => !folder.startsWith(CHECKOUT)).join(delimiter),
    ...(existsSync(library) ? { PERFETTO_SDK_LIBRARY: library } : {}),
    ...more,
  });
}

/** No build tool stays in the installation, and no temporary folder. */
function expectNothingLeft(): void {
  const modules = (folder: string) => readdirSync(join(folder, 'node_modules')).sort();
  expect(modules(bare())).toEqual(modules(project()));
  expect(readdirSync(installed('build')).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(existsSync(installed('node_modules'))).toBe(false);
}

/** The package as programs and people use it once it is installed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT, command, containing, matching, node, npm, project } from './support/place';

const { version } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string };
const expectedPackages = readFileSync(join(__dirname, 'production-packages.txt'), 'utf8').split('\n').filter(Boolean);
const PREBUILT = new RegExp(
  `node_modules.tracesmith-perfetto.prebuilds.${process.platform}-${process.arch}.tracesmith-perfetto`,
);

/** What each of the programs below does with the package's exports, and prints. */
const USE = `
  const events = [{ type: EventType.KernelLaunch, name: 'vectorAdd', timestamp: 1_000_000, duration: 500_000 }];
  const exported = new PerfettoProtoExporter().exportToProto(events);
  const trace = await TraceWriter.open(path);
  trace.track({ name: 'work' }).slice('a', 1, 1);
  const { slices, fallback } = await trace.close();
  console.log(JSON.stringify({ info: sdkInfo(), exported: exported.length, slices, fallback }));
`;
const NAMES = '{ EventType, PerfettoProtoExporter, TraceWriter, sdkInfo }';

function write(name: string, text: string): string {
  const file = join(project(), name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** The program must have written native traces with the prebuilt binary, and said nothing else. */
function expectNative({ code, out, err }: ReturnType<typeof node>): void {
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { info, ...rest } = JSON.parse(out) as { info: { available: boolean; addonPath: string }; exported: number };
  expect(info).toMatchObject({ available: true, addonPath: matching(PREBUILT) });
  expect(rest).toEqual({ exported: expect.any(Number) as number, slices: 1, fallback: false });
  expect(rest.exported).toBeGreaterThan(100);
}

describe('programs', () => {
  test('CommonJS', () => {
    const head = `const ${NAMES} = require('tracesmith-perfetto'); const path = 'cjs.pftrace';`;
    expectNative(node([write('use.cjs', `${head} (async () => { ${USE} })();`)]));
  });

  test('ES modules', () => {
    expectNative(node([write('use.mjs', `import ${NAMES} from 'tracesmith-perfetto'; const path = 'esm.pftrace'; ${USE}`)]));
  });

  test('both at once share one instance', () => {
    const file = write('both.mjs', `
      import { createRequire } from 'node:module';
      import * as imported from 'tracesmith-perfetto';
      const required = createRequire(import.meta.url)('tracesmith-perfetto');
      const names = Object.keys(required).filter((name) => name !== 'default');
      console.log(names.every((name) => imported[name] === required[name]), names.length);
    `);
    expect(node([file]).out).toMatch(/^true \d+\n$/);
  });
});

describe('TypeScript', () => {
  const program = `
    import { convertTrace, EventType, isSDKAvailable, PerfettoProtoExporter, sdkInfo } from 'tracesmith-perfetto';
    import { TraceSmithError, TraceWriter } from 'tracesmith-perfetto';
    import type { ExportResult, SDKInfo, TraceEvent, WriterResult } from 'tracesmith-perfetto';

    const path: string = 'ts.pftrace';
    async function main(): Promise<void> {
      ${USE}
      const info: SDKInfo = sdkInfo();
      const isThere: boolean = isSDKAvailable();
      if (!isThere) throw new TraceSmithError('SDK_UNAVAILABLE', info.reason ?? '');
    }
    export async function types(event: TraceEvent): Promise<[ExportResult, WriterResult]> {
      const { slices } = await convertTrace('in.json', 'out.pftrace');
      const trace = await TraceWriter.open('x.pftrace', { reorderWindow: 10 });
      trace.process({ pid: slices, name: 'p' }).thread({ tid: 1, name: 't' }).slice('s', 1n, 2);
      return [await new PerfettoProtoExporter().exportToFile([event], 'y.pftrace'), await trace.close()];
    }
    void main();
  `;
  const wrong = `
    import { TraceWriter } from 'tracesmith-perfetto';
    export const trace: Promise<TraceWriter> = TraceWriter.open(5);
  `;

  /** Compiles a program with this checkout's compiler and Node's types. */
  function compile(name: string, text: string, resolution: object) {
    write(`${name}/main.ts`, text);
    const compilerOptions = {
      target: 'ES2022', strict: true, skipLibCheck: false, outDir: 'out', lib: ['ES2023', 'ESNext.Disposable'],
      types: ['node'], typeRoots: [join(CHECKOUT, 'node_modules', '@types')], ...resolution,
    };
    const config = write(`${name}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    return node([join(CHECKOUT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', config]);
  }

  test.each([
    ['node16 in CommonJS', 'ts-cjs', { module: 'node16', moduleResolution: 'node16' }, 'commonjs'],
    ['node16 in ES modules', 'ts-esm', { module: 'node16', moduleResolution: 'node16' }, 'module'],
    ['bundler', 'ts-bundler', { module: 'esnext', moduleResolution: 'bundler' }, 'module'],
  ])('%s: compiles, and the result runs', (_, name, resolution, type) => {
    write(`${name}/package.json`, JSON.stringify({ type }));
    expect(compile(name, program, resolution)).toEqual({ code: 0, out: '', err: '' });
    expectNative(node([join(project(), name, 'out', 'main.js')]));
    const refusal = containing("Argument of type 'number' is not assignable");
    expect(compile(name, wrong, resolution)).toMatchObject({ code: 2, out: refusal });
  });
});

describe('the command', () => {
  test('doctor finds everything in order', () => {
    const { code, out, err } = command(['doctor']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`^tracesmith-perfetto +${version}, installed$`, 'm'));
    expect(out).toContain('All is well: native Perfetto traces can be written.');
    expect(out).toMatch(PREBUILT);
  });

  test('convert and info', () => {
    write('small.json', JSON.stringify({ traceEvents: [{ ph: 'X', name: 'op', pid: 1, tid: 2, ts: 5, dur: 7 }] }));
    expect(command(['convert', 'small.json'])).toMatchObject({ code: 0 });
    const { out } = command(['info', 'small.perfetto-trace', '--json']);
    expect(JSON.parse(out)).toMatchObject({ kind: 'perfetto', events: { slices: 1 } });
  });

  test('build has nothing to do where the addon loads', () => {
    expect(command(['build'])).toMatchObject({ code: 0, err: '', out: matching(/^Nothing to do: .* is there and loads/) });
  });
});

test('a production install is these packages and no build tools', () => {
  const { code, out } = npm(['ls', '--omit=dev', '--all', '--parseable'], project());
  const names = out.split('\n').flatMap((line) => line.split(/node_modules[\\/]/).slice(1).at(-1) ?? []);
  const installed = names.map((name) => name.replaceAll('\\', '/')).sort();
  expect({ code, installed }).toEqual({ code: 0, installed: expectedPackages });
});

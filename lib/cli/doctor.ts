import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { buildStatus, sdkInfo, type SDKInfo } from '../addon/load';
import { EventType } from '../export/events';
import { aligned, errorText, ExitCode, jsonText, oneLine, PACKAGE_ROOT, packageVersion, print, wrapped } from './terminal';

type Row = readonly [label: string, value: string];

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Say whether native traces can be written here, and if not, why and what to do.')
    .option('--json', 'print everything as JSON')
    .action(doctor);
}

async function doctor(options: { json?: true }): Promise<void> {
  const diagnosis = await diagnose();
  if (options.json) print(jsonText(diagnosis));
  else print(...wrapped(describe(diagnosis)));
  // The fallback is a way of working; only a package that cannot do what it should is a failure.
  process.exitCode = diagnosis.broken.length > 0 ? ExitCode.Failed : ExitCode.Done;
}

function describe(diagnosis: Diagnosis): string[] {
  const { version, node, platform, isCheckout, tools } = diagnosis;
  const rows: Row[] = [
    ['tracesmith-perfetto', `${version}, ${isCheckout ? 'a checkout' : 'installed'}`],
    ['Node.js', `${node}, ${platform}`],
    ...sdkRows(diagnosis),
    ...buildRows(diagnosis),
    ...tools.map(({ purpose, found }): Row => [purpose, found === null ? 'not found' : `${found.version} (${found.path})`]),
  ];
  return [...aligned(rows), '', ...verdict(diagnosis)];
}

function sdkRows({ sdk, backendVariable }: Diagnosis): Row[] {
  const rows: Row[] = sdk.available
    ? [['Perfetto SDK', sdk.version ?? ''], ['Addon', sdk.addonPath ?? '']]
    : [['Perfetto SDK', `not available: ${sdk.reason}`]];
  for (const { path, code, message } of sdk.errors ?? []) {
    rows.push(['  tried', `${path}: ${code === undefined ? '' : `${code}: `}${oneLine(message)}`]);
  }
  if (backendVariable !== null) {
    const meaning = backendVariable === 'json' ? 'turns the addon off' : 'has no meaning; only "json" has one';
    rows.push(['TRACESMITH_BACKEND', `${backendVariable}: ${meaning}`]);
  }
  return rows;
}

function buildRows({ build }: Diagnosis): Row[] {
  if (build === null) return [];
  const log = build.log === undefined ? '' : ` (see ${build.log})`;
  return [['Last build', build.ok ? 'succeeded' : `failed: ${oneLine(build.reason ?? 'no reason noted')}${log}`]];
}

function verdict({ backend, broken, remedies }: Diagnosis): string[] {
  const steps = remedies.length === 0 ? [] : ['What to do:', ...remedies.map((remedy) => `  - ${remedy}`)];
  if (broken.length > 0) return [`The package is broken: ${broken.join('; ')}.`, ...steps];
  if (backend === 'native') return ['All is well: native Perfetto traces can be written.', ...steps];
  return ['The fallback is in use: Chrome JSON is written instead of native Perfetto traces.', ...steps];
}

/** A program that compiling the addon needs. */
interface Tool {
  /** What it is, for people. */
  purpose: string;
  /** Null where none of the programs that would do is there. */
  found: { path: string; version: string } | null;
}

/** scripts/lib/toolchain.mjs, which the build asks as well. */
interface Toolchain {
  findTools(): Tool[];
  /** How to get what is missing, in a line. */
  installHint(): string;
}

type Facts = ReturnType<typeof factsOf>;

/** Everything that doctor knows. */
interface Diagnosis extends Facts {
  /** A step each; empty where nothing is to be done. */
  remedies: string[];
}

async function diagnose(): Promise<Diagnosis> {
  const sdk = sdkInfo();
  const broken = await selfTest(sdk);
  const toolchain = await loadToolchain(broken);
  const tools = toolchain?.findTools() ?? [];
  const facts = factsOf(sdk, tools, broken);
  const hint = tools.some(({ found }) => found === null) ? [toolchain!.installHint()] : [];
  const forFallback = sdk.available ? [] : remediesForFallback(facts, hint);
  return { ...facts, remedies: [...remediesForBroken(facts), ...forFallback] };
}

/** @param broken the parts that do not work though they should */
function factsOf(sdk: SDKInfo, tools: Tool[], broken: string[]) {
  return {
    version: packageVersion(),
    node: process.version,
    platform: platformName(),
    /** The way in which traces are written here. */
    backend: sdk.available ? 'native' : 'json',
    sdk,
    /** Whether this is a checkout, which builds its addon, or an installed package. */
    isCheckout: existsSync(path.join(PACKAGE_ROOT, 'tsconfig.json')),
    /** The value of TRACESMITH_BACKEND; null where it is not set. */
    backendVariable: process.env.TRACESMITH_BACKEND ?? null,
    /** The note of the last build; null without one. */
    build: buildStatus(),
    tools,
    broken,
  };
}

/** Undefined, and one thing more that is broken, where the package lacks it. */
async function loadToolchain(broken: string[]): Promise<Toolchain | undefined> {
  try {
    return (await import(pathToFileURL(path.join(PACKAGE_ROOT, 'scripts', 'lib', 'toolchain.mjs')).href)) as Toolchain;
  } catch (error) {
    broken.push(`scripts/lib/toolchain.mjs cannot be loaded: ${oneLine(errorText(error))}`);
    return undefined;
  }
}

function platformName(): string {
  const { platform, arch } = process;
  if (platform !== 'linux') return `${platform} ${arch}`;
  // The report looks up network names otherwise, which may take seconds.
  const report = process.report as typeof process.report & { excludeNetwork?: boolean };
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  const glibc = header.glibcVersionRuntime;
  return `${platform} ${arch}, ${glibc === undefined ? 'musl' : `glibc ${glibc}`}`;
}

/** Writes a small trace in each way that should work. */
async function selfTest(sdk: SDKInfo): Promise<string[]> {
  const broken: string[] = [];
  for (const format of sdk.available ? (['JSON', 'Proto'] as const) : (['JSON'] as const)) {
    try {
      const { PerfettoProtoExporter } = await import('../export/exporter.js');
      const bytes = new PerfettoProtoExporter()[`exportTo${format}`]([
        { type: EventType.KernelLaunch, name: 'doctor', timestamp: 1000, duration: 1000 },
      ]);
      if (bytes.length === 0) broken.push(`exportTo${format} gives nothing`);
    } catch (error) {
      broken.push(`exportTo${format} fails: ${oneLine(errorText(error).split('\n')[0])}`);
    }
  }
  return broken;
}

function remediesForBroken({ broken, isCheckout }: Facts): string[] {
  if (broken.length === 0) return [];
  return [isCheckout ? 'build everything again: npm run build' : 'install the package again: npm install tracesmith-perfetto'];
}

function remediesForFallback({ sdk, isCheckout, backendVariable, build }: Facts, installHint: readonly string[]): string[] {
  if (backendVariable === 'json') return ['unset TRACESMITH_BACKEND to use the addon'];
  const [failure] = sdk.errors ?? [];
  if (failure?.code === 'ERR_DLOPEN_DISABLED') {
    return ['run node without --no-addons (look at NODE_OPTIONS and execArgv too)'];
  }
  const noted = build?.ok === false ? (build.remedy ?? '').split('\n').filter(Boolean) : [];
  // The build's own note knows more, but may be older than what is installed now.
  const hints = build?.stage === 'toolchain' ? noted : [...installHint, ...noted];
  if (!isCheckout) {
    const why = failure?.code === undefined ? 'no prebuilt addon fits this platform' : 'the addon does not load here';
    return [...hints, `${why}; to compile one: npx tracesmith-perfetto build`];
  }
  return [...hints, 'vendor the SDK and build the addon: npm run vendor && npm run build:addon'];
}

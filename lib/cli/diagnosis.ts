import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { EventType } from '../export/events';
import { buildStatus, sdkInfo, type BuildStatus, type SDKInfo } from '../addon/load';
import { errorText, oneLine, PACKAGE_ROOT, packageVersion } from './terminal';
import { findTools, installHint, type Tool } from './toolchain';

/** Everything that doctor knows. */
export interface Diagnosis {
  version: string;
  node: string;
  platform: string;
  /** Whether this is a checkout, which builds its addon, or an installed package. */
  isCheckout: boolean;
  /** What is written where a native trace is asked for. */
  backend: 'native' | 'json';
  sdk: SDKInfo;
  /** The value of TRACESMITH_BACKEND; null where it is not set. */
  backendVariable: string | null;
  /** What the last build noted; null without one. */
  build: BuildStatus | null;
  tools: Tool[];
  /** What does not work though it should; empty for a working package. */
  broken: string[];
  /** What to do, a step each; empty where nothing is to be done. */
  remedies: string[];
}

export async function diagnose(): Promise<Diagnosis> {
  const sdk = sdkInfo();
  const isCheckout = existsSync(path.join(PACKAGE_ROOT, 'tsconfig.json'));
  const backendVariable = process.env.TRACESMITH_BACKEND ?? null;
  const build = buildStatus();
  const tools = findTools();
  const broken = await selfTest(sdk);
  const circumstances = { sdk, isCheckout, backendVariable, build, tools };
  return {
    version: packageVersion(),
    node: process.version,
    platform: platformName(),
    backend: sdk.available ? 'native' : 'json',
    ...circumstances,
    broken,
    remedies: [...remediesForBroken(broken, isCheckout), ...(sdk.available ? [] : remediesForFallback(circumstances))],
  };
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

function remediesForBroken(broken: readonly string[], isCheckout: boolean): string[] {
  if (broken.length === 0) return [];
  return [isCheckout ? 'build everything again: npm run build' : 'install the package again: npm install tracesmith-perfetto'];
}

function remediesForFallback(
  circumstances: Pick<Diagnosis, 'sdk' | 'isCheckout' | 'backendVariable' | 'build' | 'tools'>,
): string[] {
  const { sdk, isCheckout, backendVariable, build, tools } = circumstances;
  if (backendVariable === 'json') return ['unset TRACESMITH_BACKEND to use the addon'];
  const [failure] = sdk.errors ?? [];
  if (failure?.code === 'ERR_DLOPEN_DISABLED') {
    return ['run node without --no-addons (look at NODE_OPTIONS and execArgv too)'];
  }
  const isMissing = tools.some(({ found }) => found === null);
  const noted = build?.ok === false ? (build.remedy ?? '').split('\n').filter(Boolean) : [];
  // The build's own note knows more, but may be older than what is installed now.
  const hints = isMissing && build?.stage !== 'toolchain' ? [installHint(), ...noted] : noted;
  if (!isCheckout) {
    const why = failure?.code === undefined ? 'no prebuilt addon fits this platform' : 'the addon does not load here';
    return [...hints, `${why}; to compile one: npx tracesmith-perfetto build`];
  }
  return [...hints, 'vendor the SDK and build the addon: npm run vendor && npm run build:addon'];
}

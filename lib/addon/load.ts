/**
 * Finds and loads the addon, once per thread, and keeps why it could not be loaded.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { TraceSmithError } from '../errors';
import type {
  Addon,
  NativeClocks,
  NativeConversion,
  NativeConversionOptions,
  NativeTrim,
  NativeTrimOptions,
  NativeWriter,
  NativeWriterOptions,
} from './contract';

/** One attempt to load the addon that failed. */
export interface LoadFailure {
  /** The file that was tried, or the folder that was searched. */
  path: string;
  /** The system's or Node's code: `ERR_DLOPEN_FAILED` is a binary that would not load. */
  code?: string;
  message: string;
}

/** What is known about the Perfetto SDK in this process. */
export interface SDKInfo {
  /** Whether native traces can be written. */
  available: boolean;
  /** The SDK's own version, such as `v49.0-b7483d6ac`; null without the addon. */
  version: string | null;
  /** The addon's file; null without it. */
  addonPath: string | null;
  /** Why it is not available, in a sentence. */
  reason?: string;
  /** What was tried. */
  errors?: LoadFailure[];
}

interface Loaded {
  addon: Addon | null;
  info: SDKInfo;
}

const ROOT = path.resolve(__dirname, '../..');

/** `json` turns the addon off: for comparing the two backends, and for working around a bad binary. */
const BACKEND_VARIABLE = 'TRACESMITH_BACKEND';

let loaded: Loaded | undefined;

const load = (): Loaded => (loaded ??= loadAddon());

function loadAddon(): Loaded {
  if (process.env[BACKEND_VARIABLE] === 'json') {
    return unavailable(`${BACKEND_VARIABLE}=json turns the addon off`, []);
  }
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a loader is CommonJS by nature
  const nodeGypBuild = require('node-gyp-build') as ((root: string) => Addon) & { resolve(root: string): string };
  let addonPath: string;
  try {
    addonPath = nodeGypBuild.resolve(ROOT);
  } catch (error) {
    // Gives no code when it finds nothing.
    return unavailable('the addon is not there: it was not built and no prebuilt binary fits this platform', [
      failureOf(ROOT, error),
    ]);
  }
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- addons can only be required
    const addon = require(addonPath) as Addon;
    return { addon, info: { available: true, version: addon.sdkVersion, addonPath } };
  } catch (error) {
    const failure = failureOf(addonPath, error);
    const isForbidden = failure.code === 'ERR_DLOPEN_DISABLED';
    const reason = isForbidden ? 'this process does not allow addons (--no-addons)' : 'the addon was found but would not load';
    return unavailable(reason, [failure]);
  }
}

function failureOf(tried: string, error: unknown): LoadFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  return { path: tried, code, message: message.split('\n')[0] ?? '' };
}

function unavailable(reason: string, errors: LoadFailure[]): Loaded {
  return { addon: null, info: { available: false, version: null, addonPath: null, reason, errors } };
}

/** Whether this process can write native Perfetto traces. */
export function isSDKAvailable(): boolean {
  return load().addon !== null;
}

/** The SDK's version and the addon's place, or why there is none. */
export function sdkInfo(): SDKInfo {
  return { ...load().info };
}

/** What the build in a checkout notes about itself, in build/addon-status.json. */
export interface BuildStatus {
  ok: boolean;
  /** Where it stopped: sdk, toolchain, configure, compile, load; done otherwise. */
  stage?: string;
  reason?: string;
  remedy?: string;
  /** The file with what the compiler said. */
  log?: string;
}

/** What the last build noted, for people who ask why there is no addon; null where there was none. */
export function buildStatus(): BuildStatus | null {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, 'build', 'addon-status.json'), 'utf8')) as BuildStatus;
  } catch {
    return null; // no build, or an interrupted one; the loader's own reason has to do
  }
}

/** A new writer, or `SDK_UNAVAILABLE` with the reason and the remedy. */
export function createNativeWriter(options: NativeWriterOptions): NativeWriter {
  return new (requireAddon().Writer)(options);
}

/** A new conversion, or `SDK_UNAVAILABLE` with the reason and the remedy. */
export function createNativeConversion(options: NativeConversionOptions): NativeConversion {
  return new (requireAddon().Conversion)(options);
}

/** A new trimming, or `SDK_UNAVAILABLE` with the reason and the remedy. */
export function createNativeTrim(options: NativeTrimOptions): NativeTrim {
  return new (requireAddon().Trim)(options);
}

/** The clocks of the system that Node does not read, where the addon is there. */
export function nativeClocks(): NativeClocks | undefined {
  const { clockCell, readBoottime, readRealtime } = load().addon ?? {};
  if (!clockCell || !readBoottime || !readRealtime) return undefined;
  return { clockCell, readBoottime, readRealtime };
}

/** The addon, or `SDK_UNAVAILABLE` with the reason and the remedy. */
export function requireAddon(): Addon {
  const { addon, info } = load();
  if (addon === null) {
    throw new TraceSmithError(
      'SDK_UNAVAILABLE',
      `A native Perfetto trace needs the addon, and ${info.reason}. ` +
        'Run "npx tracesmith-perfetto doctor" to see what is missing, or write Chrome JSON instead.',
    );
  }
  return addon;
}

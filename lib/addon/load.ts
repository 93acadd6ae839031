/**
 * Finds and loads the addon, once per thread, and keeps why it could not be loaded.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { TraceSmithError } from '../errors';
import type { BatchSink, EventBatch } from '../batch/batch';
import type { TimelineCounts } from '../order/timeline';
import type { StreamCounts } from '../sinks/stream-sink';

/** The addon's encoder; binding/napi/encoder_object.h describes it. */
export interface NativeEncoder extends BatchSink {
  encode(): TimelineCounts;
  encodeAsync(): Promise<TimelineCounts>;
  readonly byteLength: number;
  read(offset: number, target: Uint8Array): number;
  /** All of it; releases the encoder. */
  bytes(): Uint8Array;
  release(): void;
}

/**
 * The addon's streaming encoder; it encodes on a thread of its own. Once its output failed, everything
 * but abort() throws or rejects with an error of code `IO` and the system's code as `systemCode`.
 */
export interface NativeWriter extends BatchSink {
  /** With a path it blocks in the call while too much is queued. */
  append(batch: EventBatch): void;
  /** Bytes of batches that wait and of encoded output that is not written or taken. */
  readonly queuedBytes: number;
  /** Resolves when all that came is encoded, and with a path written; `all`: the window as well. */
  flush(all: boolean): Promise<void>;
  /** Writes what the window has released, without waiting. */
  flushSoon(): void;
  /** Resolves when nothing is queued. */
  drained(): Promise<void>;
  /** Without a path: the next chunk of output. The caller keeps it. */
  take(): Uint8Array | null;
  /** Encodes the rest and closes the file. Without a path the last chunks are then there to take. */
  finish(): Promise<StreamCounts>;
  /** Stops, and closes and deletes the file. */
  abort(): void;
}

export interface NativeWriterOptions {
  /** The file to write; null: the output is taken. */
  path: string | null;
  /** How many slices are held back to be put in order. */
  window: number;
  /** 0 none, 1 gzip, 2 packets. */
  compression: 0 | 1 | 2;
  /** Of the compression, 1 to 9. */
  level: number;
  /** The clock of the trace, 1 boottime, 2 monotonic, 3 realtime; 0: nothing is said about clocks. */
  clock: 0 | 1 | 2 | 3;
}

/**
 * The addon's converter of Chrome JSON; it works on threads of its own. Errors of run() have a code: `IO`
 * with the system's code as `systemCode`, `INVALID_INPUT`, `CANCELLED`, `INTERNAL`; their texts are final.
 */
export interface NativeConversion {
  /** Converts; once. */
  run(): Promise<NativeConvertReport>;
  progress(): NativeConvertProgress;
  /** run() rejects soon. */
  cancel(): void;
}

export interface NativeConversionOptions {
  /** Paths, or descriptors, which stay open. */
  input: string | number;
  output: string | number;
  /** What error texts call them. */
  inputName: string;
  outputName: string;
  /** 0 none, 1 gzip, 2 packets. */
  compression: 0 | 1 | 2;
  /** Of the compression, 1 to 9. */
  level: number;
  /** Bytes of what waits to be put in order; more is spilled. */
  memoryBudget: number;
  /** A file beside which temporary files are written; with a slash at the end the folder for them. */
  spillPath: string;
  /** 0 tracks, 1 GPU stage events, 2 both. */
  gpuEvents: 0 | 1 | 2;
  /** Nothing is written where anything is repaired, dropped or damaged. */
  strict: boolean;
  /** Of what is read and parsed at a time, bytes; 0: the addon's own choice. */
  blockSize: number;
}

export interface NativeConvertProgress {
  /** 0 reading, 1 writing. */
  phase: 0 | 1;
  bytesRead: number;
  /** 0: not known. */
  totalBytes: number;
  events: number;
  /** How many of the events are written. */
  written: number;
}

export interface NativeFinding {
  category: 'repaired' | 'dropped' | 'ignored' | 'damaged';
  reason: string;
  count: number;
  /** Of the first case: byte in the text behind decompression, line from 1, how the text begins. */
  offset: number;
  line: number;
  excerpt: string;
}

export interface NativeConvertReport {
  /** False: strict, and there are findings. */
  written: boolean;
  isGzip: boolean;
  bytes: number;
  inputBytes: number;
  textBytes: number;
  spilledBytes: number;
  events: number;
  slices: number;
  instants: number;
  counters: number;
  flows: number;
  flowsUndrawn: number;
  samples: number;
  lanes: number;
  unclosed: number;
  unmatched: number;
  phases: Record<string, number>;
  findings: NativeFinding[];
}

interface Addon extends Partial<NativeClocks> {
  sdkVersion: string;
  Encoder: new (expectedRows: number, room: number) => NativeEncoder;
  Writer: new (options: NativeWriterOptions) => NativeWriter;
  Conversion: new (options: NativeConversionOptions) => NativeConversion;
}

/** The clocks of the system. Each function writes the time of one into the cell. */
export interface NativeClocks {
  /** Whole seconds, the nanoseconds beyond them, and both together as a 64-bit integer of two words. */
  clockCell: Uint32Array;
  readBoottime: () => void;
  readMonotonic: () => void;
  readRealtime: () => void;
}

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

function load(): Loaded {
  loaded ??= loadAddon();
  return loaded;
}

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
    const reason =
      failure.code === 'ERR_DLOPEN_DISABLED'
        ? 'this process does not allow addons (--no-addons)'
        : 'the addon was found but would not load';
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
  const file = path.join(ROOT, 'build', 'addon-status.json');
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as BuildStatus;
  } catch {
    return null; // an interrupted build; the loader's own reason has to do
  }
}

/**
 * A new encoder, or `SDK_UNAVAILABLE` with the reason and the remedy. Knowing about how many rows
 * will come saves it from growing in steps; about how many bytes (at most 1 GiB), where bytes() is called,
 * from copying them.
 */
export function createNativeEncoder(expectedRows = 0, room = 0): NativeEncoder {
  return new (requireAddon().Encoder)(Math.min(expectedRows, 2 ** 32 - 1), Math.min(room, 2 ** 30));
}

/** A new streaming encoder, or `SDK_UNAVAILABLE` with the reason and the remedy. */
export function createNativeWriter(options: NativeWriterOptions): NativeWriter {
  return new (requireAddon().Writer)(options);
}

/** A new conversion, or `SDK_UNAVAILABLE` with the reason and the remedy. */
export function createNativeConversion(options: NativeConversionOptions): NativeConversion {
  return new (requireAddon().Conversion)(options);
}

/** The clocks of the system, where the addon is there. */
export function nativeClocks(): NativeClocks | undefined {
  const { clockCell, readBoottime, readMonotonic, readRealtime } = load().addon ?? {};
  if (!clockCell || !readBoottime || !readMonotonic || !readRealtime) return undefined;
  return { clockCell, readBoottime, readMonotonic, readRealtime };
}

function requireAddon(): Addon {
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

import type { CounterEvent } from './events';
import { checkNames, checkSignal, invalid } from '../checks';
import { checkFormat, Format } from '../output/format';

/** Options of the exporter; those of a call go before those of the constructor. */
export interface ExporterOptions {
  /** What a path without a known extension is written as. Default: `Format.PROTOBUF`. */
  format?: Format;
  /** Counter samples to write beside the events. Default: none. */
  counters?: Iterable<CounterEvent>;
  /** The name of the process that the GPUs are shown below. Default: `GPU trace`. */
  processName?: string;
  /** Names for devices by id, instead of `GPU 0`. */
  deviceNames?: Readonly<Record<number, string>> | ReadonlyMap<number, string>;
  /**
   * What happens where a native trace is asked for and the addon is missing: `json` (the default)
   * writes Chrome JSON to the same path and warns once, `error` throws `SDK_UNAVAILABLE`.
   */
  fallback?: 'json' | 'error';
  /** Stops exportToFile, which then rejects with the signal's reason and leaves the old file. */
  signal?: AbortSignal;
}

/** Options with every default applied and every value checked. */
export interface CheckedOptions extends Required<Omit<ExporterOptions, 'deviceNames' | 'signal'>> {
  deviceNames: ReadonlyMap<number, string>;
  signal: AbortSignal | undefined;
}

const KNOWN = ['format', 'counters', 'processName', 'deviceNames', 'fallback', 'signal'];

export function checkOptions(options: ExporterOptions): CheckedOptions {
  checkNames(options, KNOWN);

  const { format = Format.PROTOBUF, counters = [], processName = 'GPU trace', fallback = 'json', signal } = options;
  const { deviceNames = {} } = options;

  checkFormat(format);
  if (typeof (counters as Iterable<CounterEvent> | null)?.[Symbol.iterator] !== 'function') {
    throw invalid('counters', 'an array or other iterable of CounterEvent', counters);
  }
  if (typeof processName !== 'string') throw invalid('processName', 'a string', processName);
  if (typeof deviceNames !== 'object' || deviceNames === null) {
    throw invalid('deviceNames', 'an object or Map of names by device id', deviceNames);
  }
  if (fallback !== 'json' && fallback !== 'error') throw invalid('fallback', '"json" or "error"', fallback);
  checkSignal(signal);

  return { format, counters, processName, deviceNames: checkDeviceNames(deviceNames), fallback, signal };
}

function checkDeviceNames(names: NonNullable<ExporterOptions['deviceNames']>): ReadonlyMap<number, string> {
  const byId = new Map<number, string>();
  const entries: Iterable<[string | number, string]> = names instanceof Map ? names : Object.entries(names);
  for (const [key, name] of entries) {
    const id = Number(key);
    if (id >>> 0 !== id) throw invalid('a key of deviceNames', 'a device id from 0 to 2^32 - 1', key);
    if (typeof name !== 'string') throw invalid(`deviceNames[${id}]`, 'a string', name);
    byId.set(id, name);
  }
  return byId;
}

/** The public API. */
export { TraceSmithError, type TraceSmithErrorCode } from './errors';
export {
  EventType,
  FlowType,
  type Args,
  type ArgValue,
  type CounterEvent,
  type Flow,
  type Integer,
  type KernelParams,
  type MemoryParams,
  type StackFrame,
  type TraceEvent,
} from './events';
export { PerfettoProtoExporter, type ExportResult } from './export/exporter';
export type { ExporterOptions } from './export/options';
export { isSDKAvailable, sdkInfo, type LoadFailure, type SDKInfo } from './native';
export { Format } from './output/format';

/** The public API. */
export { convertTrace } from './convert/convert';
export type { ConvertOptions, ConvertProgress } from './convert/options';
export type { ConvertReport, Finding } from './convert/report';
export { TraceSmithError, type TraceSmithErrorCode } from './errors';
export type { Args, ArgValue, Integer, KernelParams, StackFrame } from './values';
export { EventType, FlowType, type CounterEvent, type Flow, type MemoryParams, type TraceEvent } from './export/events';
export { PerfettoProtoExporter, type ExportResult } from './export/exporter';
export type { ExporterOptions } from './export/options';
export { isSDKAvailable, sdkInfo, type LoadFailure, type SDKInfo } from './addon/load';
export { Format } from './output/format';
export type { ClockName, Compression, WriterOptions } from './writer/options';
export type { EndOptions, RowOptions } from './writer/row-options';
export type { CounterTrack } from './writer/counter-track';
export type { GpuTrack, ProcessTrack } from './writer/process-tracks';
export type { Span } from './writer/span';
export type { OpenSpan, Track, TrackOptions } from './writer/track';
export type { CounterOptions, GpuOptions, ProcessOptions, StreamOptions, ThreadOptions } from './writer/track-options';
export { TraceWriter, type WriterResult } from './writer/trace-writer';

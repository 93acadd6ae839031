/** Reads what a trace file holds, without loading it into anything. */
export { inspectTrace, type InspectOptions } from './inspect';
export type { EventCounts, TimeRange, TraceInfo, TrackInfo, TrackType } from './trace-info';

/** Chrome JSON by hand, converted, and where the converter puts what Chrome JSON has no place for. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as protobuf from 'protobufjs';
import { convertTrace } from '../../lib/convert/convert';
import type { ConvertReport } from '../../lib/convert/report';

export { convertTrace, type ConvertReport };

/** The track of instants with `s: "g"`; the importer's has no name. */
export const GLOBAL_INSTANTS = 'Global instants';

/**
 * Kineto's GPU rows have the device as pid and the stream as tid, -1 for what concerns the whole context: they become
 * tracks of their own.
 */
export function gpuPlace(device: number, stream: number): string {
  return `GPU ${device} > Stream ${stream}`;
}

/** How what is said about the whole trace is named in trace_processor's table `metadata`. */
export function attributeName(path: string): string {
  return `trace_attribute.${path}`;
}

/** Writes a JSON trace, of events or as the text is, and converts it. */
export async function convertJson(
  folder: string,
  json: unknown[] | string | Buffer,
  name = 'trace.json',
): Promise<{ json: string; path: string; result: ConvertReport }> {
  const input = join(folder, name);
  writeFileSync(input, Array.isArray(json) ? JSON.stringify({ traceEvents: json }) : json);
  const path = join(folder, 'out.perfetto-trace');
  return { json: input, path, result: await convertTrace(input, path) };
}

const SCHEMA = `
syntax = "proto2";
message Trace { repeated TracePacket packet = 1; }
message TracePacket { optional TrackDescriptor track_descriptor = 60; }
message TrackDescriptor {
  optional ProcessDescriptor process = 3;
  optional ThreadDescriptor thread = 4;
}
message ProcessDescriptor { optional int32 pid = 1; optional int32 legacy_sort_index = 3; }
message ThreadDescriptor { optional int32 pid = 1; optional int32 tid = 2; optional int32 legacy_sort_index = 3; }
`;

interface Descriptor {
  process?: { pid: number; legacySortIndex?: number };
  thread?: { pid: number; tid: number; legacySortIndex?: number };
}

const Trace = protobuf.parse(SCHEMA).root.lookupType('Trace');

/** Sort indexes as `pid` or `pid/tid` and the index: trace_processor shows none of a native trace. */
export function sortIndexesIn(path: string): Record<string, number> {
  const { packet } = Trace.toObject(Trace.decode(readFileSync(path))) as { packet: { trackDescriptor?: Descriptor }[] };
  const indexes: Record<string, number> = {};
  for (const { trackDescriptor: { process, thread } = {} } of packet) {
    if (process?.legacySortIndex !== undefined) indexes[process.pid] = process.legacySortIndex;
    if (thread?.legacySortIndex !== undefined) indexes[`${thread.pid}/${thread.tid}`] = thread.legacySortIndex;
  }
  return indexes;
}

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
  optional int32 sibling_order_rank = 12;
  optional ProcessDescriptor process = 3;
  optional ThreadDescriptor thread = 4;
}
message ProcessDescriptor { optional int32 pid = 1; optional int32 legacy_sort_index = 3; }
message ThreadDescriptor { optional int32 pid = 1; optional int32 tid = 2; optional int32 legacy_sort_index = 3; }
`;

interface Descriptor {
  siblingOrderRank?: number;
  process?: { pid: number; legacySortIndex?: number };
  thread?: { pid: number; tid: number; legacySortIndex?: number };
}

const Trace = protobuf.parse(SCHEMA).root.lookupType('Trace');

/**
 * Sort indexes as `pid` or `pid/tid` and the index, which readers take for the rank since v57 if the root asks for it; older
 * ones show none of a native trace.
 */
export function sortIndexesIn(path: string): Record<string, number> {
  const { packet } = Trace.toObject(Trace.decode(readFileSync(path))) as { packet: { trackDescriptor?: Descriptor }[] };
  const indexes: Record<string, number> = {};
  const add = (id: string, index: number, rank: number | undefined) => {
    if (index !== rank) throw new Error(`expected the rank ${index} of ${id}, not ${rank}`);
    indexes[id] = index;
  };
  for (const { trackDescriptor: { process, thread, siblingOrderRank } = {} } of packet) {
    if (process?.legacySortIndex !== undefined) add(String(process.pid), process.legacySortIndex, siblingOrderRank);
    if (thread?.legacySortIndex !== undefined) add(`${thread.pid}/${thread.tid}`, thread.legacySortIndex, siblingOrderRank);
  }
  const hasRoot = readFileSync(path).includes(Buffer.from(ROOT_DESCRIPTOR, 'hex'));
  if (hasRoot !== Object.keys(indexes).length > 0) throw new Error(`expected a root that asks for an order: ${hasRoot}`);
  return indexes;
}

/** TrackDescriptor of uuid 0: child_ordering EXPLICIT, process_ordering and thread_ordering EXPLICIT. */
const ROOT_DESCRIPTOR = '08005803980101a00101';

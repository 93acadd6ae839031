/** Traces that are written for a test: each function returns the path that it was given. */
import { EventType, PerfettoProtoExporter, TraceWriter, type TraceEvent } from '../../lib';

/** One copy on a GPU, with further fields or others. */
export const copy = (more: Partial<TraceEvent>): TraceEvent => ({ type: EventType.MemcpyH2D, name: 'copy', timestamp: 1, duration: 1, ...more });

export async function written(path: string, fill: (trace: TraceWriter) => void): Promise<string> {
  const trace = await TraceWriter.open(path);
  try {
    fill(trace);
    await trace.close();
  } finally {
    await trace.abort();
  }
  return path;
}

export async function exported(path: string, events: TraceEvent[]): Promise<string> {
  await new PerfettoProtoExporter().exportToFile(events, path);
  return path;
}

import { TraceSmithError } from '../errors';
import { ChromeRows } from '../chrome-json/read/chrome-rows';
import { ChromeTraceReader } from '../chrome-json/read/trace-reader';
import { ChromeJsonBackend } from '../chrome-json/write/chrome-json';
import { contentProblem, sniff, SNIFF_BYTES } from '../input/sniff';
import { gzipProblem, nameOfInput, openTraceFile, peek } from '../input/trace-file';
import { writeToStdout } from '../output/stdout';
import { compressed, writeChunks, type WriteOptions } from '../output/whole-file';
import { writeParts } from './json-parts';
import { progressOf } from './options';
import { strictError, type Job, type JobReport } from './report';

/**
 * Converts to Chrome JSON, without the addon. The text passes by; what is kept are the events, as columns
 * of numbers, their distinct strings, and the B and E events until the end as objects.
 *
 * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
 */
export async function convertToJson({ input, output, options }: Job): Promise<JobReport> {
  const { level, signal, strict, onProgress } = options;
  const backend = new ChromeJsonBackend();
  const rows = new ChromeRows(backend);
  const reader = new ChromeTraceReader(rows);
  const progress: { bytesRead: number; totalBytes?: number } = { bytesRead: 0 };
  const tell = (phase: 'read' | 'write', written = 0) =>
    onProgress?.(progressOf(phase, { ...progress, events: reader.events, written }));

  await readText(input, reader, signal, (bytesRead, totalBytes) => {
    Object.assign(progress, { bytesRead, totalBytes });
    tell('read');
  });
  const problem = reader.emptyProblem(nameOfInput(input));
  if (problem !== undefined) throw problem;
  rows.end(reader.tracks.list, reader.findings);
  const leavesOutZero = reader.judgeZeroTimes(options.dropZeroTimes) && options.dropZeroTimes;
  const timeShift = -BigInt(reader.lowestTime);
  const { arrows, ...counts } = backend.finish(timeShift, leavesOutZero, rows.flows);
  const { backward, ...flowsUndrawnBy } = arrows!;
  const report = {
    bytes: 0,
    inputBytes: progress.bytesRead,
    textBytes: reader.text.bytes,
    spilledBytes: 0,
    events: reader.events,
    phases: reader.phases,
    ...counts,
    flowsBackward: backward,
    flowsUndrawnBy,
    samples: 0,
    timeShift: Number(timeShift),
    unmatched: counts.unmatched + rows.unmatched,
    ...reader.findings,
  };
  const error = strict ? strictError(nameOfInput(input), report) : undefined;
  if (error !== undefined) throw error;

  tell('write');
  const write = (path: string | undefined) => writeTo(path, backend.chunks(), { gzip: output.compression === 'gzip', level, signal });
  if (options.filters === undefined) {
    report.bytes = await write(output.path);
  } else {
    const tracks = rows.numbered(reader.tracks.list);
    Object.assign(report, await writeParts({ input, output, options }, options.filters, backend, { tracks, timeShift }, write));
  }
  tell('write', reader.events);
  return report;
}

/** Returns the bytes that were written. */
async function writeTo(path: string | undefined, chunks: Generator<Buffer>, options: WriteOptions): Promise<number> {
  if (path !== undefined) return writeChunks(path, chunks, options);
  const written = { bytes: 0 };
  await writeToStdout(compressed(chunks, options, written));
  return written.bytes;
}

/** Reads as much of the text as can be read. */
async function readText(
  input: string,
  reader: ChromeTraceReader,
  signal: AbortSignal | undefined,
  onRead: (bytesRead: number, totalBytes: number | undefined) => void,
): Promise<void> {
  const { bytes, progress, chunks } = await openTraceFile(input, signal);
  try {
    const { head, chunks: all } = await peek(chunks, SNIFF_BYTES);
    checkHead(nameOfInput(input), head.subarray(0, SNIFF_BYTES));
    await reader.readAll(all, gzipProblem, () => onRead(progress.bytesRead, bytes));
  } finally {
    await chunks.return(undefined);
  }
}

function checkHead(name: string, head: Buffer): void {
  const kind = sniff(head);
  if (kind === 'json') return;
  const problem = kind === 'perfetto' ? 'already a Perfetto trace; open it in ui.perfetto.dev as it is' : contentProblem(kind, head);
  throw new TraceSmithError('INVALID_INPUT', `${name} is ${problem}`);
}

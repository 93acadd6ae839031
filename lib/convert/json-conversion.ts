import { TraceSmithError } from '../errors';
import { ChromeRows } from '../chrome-json/read/chrome-rows';
import { ChromeTraceReader } from '../chrome-json/read/trace-reader';
import { ChromeJsonBackend } from '../chrome-json/write/chrome-json';
import { preview, sniff } from '../input/sniff';
import { gzipProblem, nameOfInput, openTraceFile, unreadable } from '../input/trace-file';
import { writeToStdout } from '../output/stdout';
import { compressed, writeChunks, type WriteOptions } from '../output/whole-file';
import { progressOf } from './options';
import { strictError, type Job, type JobReport } from './report';

/**
 * Converts to Chrome JSON, without the addon. The text passes by; what is kept are the events, as columns
 * of numbers, their distinct strings, and the B and E events until the end as objects.
 *
 * @throws TraceSmithError `IO`, `INVALID_INPUT`; the signal's reason.
 */
export async function convertToJson(job: Job): Promise<JobReport> {
  const conversion = new JsonConversion(job);
  await conversion.read();
  const counts = conversion.order();
  const report = conversion.report(counts);
  if (job.options.strict) {
    const error = strictError(nameOfInput(job.input), report);
    if (error !== undefined) throw error;
  }
  return { ...report, bytes: await conversion.write() };
}

type TimelineCounts = ReturnType<ChromeJsonBackend['finish']>;

class JsonConversion {
  private readonly backend = new ChromeJsonBackend();
  private readonly rows = new ChromeRows(this.backend);
  private readonly reader = new ChromeTraceReader(this.rows);
  private bytesRead = 0;
  private totalBytes: number | undefined;

  constructor(private readonly job: Job) {}

  async read(): Promise<void> {
    const { text, findings } = this.reader;
    const { signal } = this.job.options;
    const file = await openTraceFile(this.job.input, signal);
    this.totalBytes = file.bytes;
    try {
      for await (const chunk of file.chunks) {
        if (text.bytes === 0) this.checkHead(chunk);
        text.write(chunk);
        this.bytesRead = file.progress.bytesRead;
        this.tell('read');
        if (text.hasStopped) break;
      }
    } catch (error) {
      // What came before the break is kept.
      if (!isDamage(error) || text.bytes === 0) throw error;
      findings.add('damaged', gzipProblem(error), () => text.endPlace());
    } finally {
      await file.chunks.return(undefined);
    }
    text.end();
    if (text.form === undefined) throw unreadable(this.name, 'there is no JSON in it');
    if (!text.hasEvents && this.reader.events === 0) throw unreadable(this.name, 'its object has no array traceEvents');
  }

  order(): TimelineCounts {
    this.rows.end(this.reader.tracks.list);
    return this.backend.finish();
  }

  async write(): Promise<number> {
    const { output, options } = this.job;
    const writeOptions: WriteOptions = { gzip: output.compression === 'gzip', level: options.level, signal: options.signal };
    this.tell('write');
    const chunks = this.backend.chunks();
    const bytes = await (output.path === undefined
      ? writeToStdout(compressed(chunks, writeOptions))
      : writeChunks(output.path, chunks, writeOptions));
    this.tell('write', this.reader.events);
    return bytes;
  }

  report(counts: TimelineCounts): JobReport {
    const { text, events, phases, findings } = this.reader;
    return {
      bytes: 0,
      inputBytes: this.bytesRead,
      textBytes: text.bytes,
      spilledBytes: 0,
      events,
      phases,
      ...counts,
      samples: 0,
      unmatched: counts.unmatched + this.rows.unmatched,
      repaired: findings.repaired,
      dropped: findings.dropped,
      ignored: findings.ignored,
      damaged: findings.damaged,
    };
  }

  private get name(): string {
    return nameOfInput(this.job.input);
  }

  private checkHead(head: Buffer): void {
    const kind = sniff(head);
    if (kind === 'perfetto') {
      throw new TraceSmithError('INVALID_INPUT', `${this.name} is already a Perfetto trace; open it in ui.perfetto.dev as it is`);
    }
    if (kind === null && !/^\uFEFF?\s*(?:[[{]|$)/.test(head.toString('utf8'))) {
      throw unreadable(this.name, `it begins with ${preview(head)}; expected JSON, which begins with { or [`);
    }
  }

  private tell(phase: 'read' | 'write', written = 0): void {
    const { bytesRead, totalBytes } = this;
    this.job.options.onProgress?.(progressOf(phase, { bytesRead, totalBytes, events: this.reader.events, written }));
  }
}

/** Whether reading stopped at damage, and not at an error of the system. */
function isDamage(error: unknown): error is TraceSmithError {
  return error instanceof TraceSmithError && error.code === 'INVALID_INPUT';
}

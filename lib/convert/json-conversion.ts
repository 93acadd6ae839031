import { EventBatch } from '../batch/batch';
import { TraceSmithError } from '../errors';
import { JsonEventReader } from '../chrome-json/read/json-events';
import { nameOfInput, openTraceFile, unreadable } from '../input/trace-file';
import { preview, sniff } from '../input/sniff';
import { ChromeJsonBackend } from '../chrome-json/write/chrome-json';
import type { TimelineCounts } from '../order/timeline';
import { compressed, writeChunks, type WriteOptions } from '../output/whole-file';
import { writeToStdout } from '../output/stdout';
import { ChromeRows } from '../chrome-json/read/chrome-rows';
import { ChromeTracks } from '../chrome-json/read/chrome-tracks';
import { Findings } from '../chrome-json/read/findings';
import { progressOf, type Job, type JobReport } from './job';
import { strictError } from './report';
import { STDOUT } from './streams';

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

class JsonConversion {
  private readonly backend = new ChromeJsonBackend();
  private readonly batch = new EventBatch(this.backend);
  private readonly findings = new Findings();
  private readonly rows = new ChromeRows(this.batch, new ChromeTracks(this.batch), this.findings);
  private readonly reader = new JsonEventReader({
    event: (event, where) => {
      this.events++;
      this.rows.add(event, where);
    },
    lost: (reason, place) => this.findings.add('dropped', reason, () => place),
    damage: (reason, place) => this.findings.add('damaged', reason, () => place),
  });
  private events = 0;
  private bytesRead = 0;
  private totalBytes: number | undefined;

  constructor(private readonly job: Job) {}

  async read(): Promise<void> {
    const { signal } = this.job.options;
    const file = await openTraceFile(this.job.input, signal);
    this.totalBytes = file.bytes;
    try {
      for await (const chunk of file.chunks) {
        if (this.reader.bytes === 0) this.checkHead(chunk);
        this.reader.write(chunk);
        this.bytesRead = file.progress.bytesRead;
        this.tell('read');
        if (this.reader.hasStopped) break;
      }
    } catch (error) {
      // What came before the break is kept.
      if (!isDamage(error) || this.reader.bytes === 0) throw error;
      this.findings.add('damaged', 'the gzip data are damaged or cut off', () => this.reader.endPlace());
    } finally {
      await file.chunks.return(undefined);
    }
    this.reader.end();
    if (this.reader.form === undefined) throw unreadable(this.name, 'there is no JSON in it');
    if (this.reader.form === 'object' && !this.reader.hasEvents && this.findings.damaged.length === 0) {
      throw unreadable(this.name, 'its object has no array traceEvents');
    }
  }

  order(): TimelineCounts {
    this.rows.end();
    this.batch.flush();
    return this.backend.finish();
  }

  async write(): Promise<number> {
    const { output, compression, options } = this.job;
    const writeOptions: WriteOptions = { gzip: compression === 'gzip', level: options.level, signal: options.signal };
    this.tell('write');
    const chunks = this.backend.chunks();
    const bytes = await (output === STDOUT
      ? writeToStdout(compressed(chunks, writeOptions))
      : writeChunks(output, chunks, writeOptions));
    this.tell('write', this.events);
    return bytes;
  }

  report(counts: TimelineCounts): JobReport {
    return {
      bytes: 0,
      inputBytes: this.bytesRead,
      textBytes: this.reader.bytes,
      spilledBytes: 0,
      events: this.events,
      phases: this.rows.phases,
      ...counts,
      samples: 0,
      unmatched: counts.unmatched + this.rows.unmatched,
      repaired: this.findings.repaired,
      dropped: this.findings.dropped,
      ignored: this.findings.ignored,
      damaged: this.findings.damaged,
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
    const { bytesRead, totalBytes, events } = this;
    this.job.options.onProgress?.(progressOf(phase, { bytesRead, totalBytes, events, written }));
  }
}

/** Whether reading stopped at damage, and not at an error of the system. */
function isDamage(error: unknown): boolean {
  return error instanceof TraceSmithError && error.code === 'INVALID_INPUT';
}

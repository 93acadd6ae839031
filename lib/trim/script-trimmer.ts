import { promises as fs } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { TimeOverview } from '../filter/parts';
import type { Windows } from '../filter/windows';
import { STDOUT } from '../output/resolve';
import { writeToStdout } from '../output/stdout';
import { WholeFile } from '../output/whole-file';
import { metadataPacket } from './metadata';
import { compressChunk, PacketChunks } from './packet-output';
import { FlowsInside, Plan } from './plan';
import type { TrimCounts } from './report';
import { Rewriter } from './rewriter';
import type { LateTracks } from './slice-stacks';
import { Survey } from './survey';
import { Tracks } from './tracks';
import type { TrimJob, Trimmer } from './trimmer';
import { PacketWalker, type WalkedPacket } from './walk';

interface Written {
  bytes: number;
  counts: TrimCounts;
}

/** Trims in JavaScript. */
export class ScriptTrimmer implements Trimmer {
  private readonly late: LateTracks = new Set();
  private tracks = new Tracks();

  constructor(private readonly job: TrimJob) {}

  async lookAt(): Promise<TimeOverview> {
    const survey = await this.readUntilNoneIsLate(() => {
      const walker = new PacketWalker();
      return { walker, reader: new Survey(this.job.options, walker, this.late) };
    });
    this.tracks = survey.tracks;
    return survey;
  }

  async write(output: string, windows: Windows | null): Promise<Written> {
    const { options } = this.job;
    const start = <T>(reader: T) => ({ walker: new PacketWalker(), reader });
    const flows = windows && (await this.readUntilNoneIsLate(() => start(new FlowsInside(windows, this.late))));
    const plan = await this.readUntilNoneIsLate(() => start(new Plan(options, windows, flows, this.tracks, this.late)));
    const written: Partial<Written> = {};
    const chunks = this.chunks(windows, plan, written);
    if (output === STDOUT) await writeToStdout(chunks);
    else await writeFile(output, chunks, this.job.signal);
    return written as Written;
  }

  readingsOf(windows: Windows | null): number {
    return windows === null ? 2 : 3;
  }

  progress() {
    return this.job.source.progress;
  }

  private async *chunks(windows: Windows | null, plan: Plan, written: Partial<Written>): AsyncGenerator<Uint8Array> {
    const { source, options, asked, compression, level } = this.job;
    const output = new PacketChunks();
    written.bytes = 0;
    const compress = async (chunk: Buffer) => {
      const bytes = await compressChunk(chunk, compression, level);
      written.bytes! += bytes.length;
      return bytes;
    };
    const walker = new PacketWalker();
    const rewriter = new Rewriter(options, windows, plan, this.tracks, walker, (packet) => output.add(packet));
    const steps = source.read((packet) => rewriter.add(packet), walker);
    while (!(await steps.next()).done) {
      for (const chunk of output.take()) yield await compress(chunk);
    }
    rewriter.finish();
    written.counts = { ...plan.counts, ...rewriter.counts };
    output.add(metadataPacket(asked, written.counts));
    output.end();
    for (const chunk of output.take()) yield await compress(chunk);
  }

  /** Reads the trace with a new reader each time, as long as that meets more late tracks. */
  private async readUntilNoneIsLate<T extends PacketReader>(start: () => { walker: PacketWalker; reader: T }): Promise<T> {
    while (true) {
      const known = this.late.size;
      const { walker, reader } = start();
      const steps = this.job.source.read((packet) => reader.add(packet), walker);
      while (!(await steps.next()).done);
      reader.finish();
      if (this.late.size === known) return reader;
    }
  }
}

interface PacketReader {
  add(packet: WalkedPacket): void;
  finish(): void;
}

async function writeFile(output: string, chunks: AsyncGenerator<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
  const whole = WholeFile.create(output);
  try {
    // Opened before: an error in the chunks could come first, and the file would be there again after it was deleted.
    const file = await fs.open(whole.path, 'w');
    await pipeline(chunks, file.createWriteStream());
    signal?.throwIfAborted();
    await whole.complete();
  } catch (error) {
    whole.fail(error);
  }
}

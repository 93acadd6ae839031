import { nativeError } from '../addon/native-error';
import { createNativeConversion } from '../addon/load';
import type { NativeConvertReport, NativeContents } from '../addon/contract';
import { shownName } from '../chrome-json/read/chrome-tracks';
import { describeFindings, type FindingLists } from '../chrome-json/read/findings';
import { globalTrack, type Found } from './json-trace';
import type { InspectOptions } from './options';
import { TrackList, type TrackInfo, type TrackType } from './trace-info';

const PROGRESS_INTERVAL_MS = 100;
const FORMS = [undefined, 'array', 'object', 'lines'] as const;
const TYPES: readonly TrackType[] = ['other', 'counter', 'other'];
const GLOBAL = 2;

/**
 * Reads a file of Chrome JSON, or a CPU profile, with the addon: as `readChromeTrace` does, but as fast as it converts.
 *
 * @throws TraceSmithError `INVALID_INPUT` where there is nothing for a trace in it; `IO`; the signal's reason
 */
export async function surveyNatively(path: string, options: InspectOptions): Promise<Found> {
  const { contents, findings, phases, samples } = await run(path, options);
  const { form, entries, slices, instants, counters, flowPoints, first, last } = contents!;
  const lists: FindingLists = { damaged: [], dropped: [], repaired: [], ignored: [] };
  for (const { category, ...finding } of findings) lists[category].push(finding);
  return {
    kind: form === 0 ? 'cpu-profile' : 'chrome-json',
    form: FORMS[form],
    records: form === 0 ? samples : entries,
    recordKinds: phases,
    events: { slices, instants, counters, flowPoints, ...(samples > 0 && { samples }) },
    tracks: tracksOf(contents!),
    time: first === undefined || last === undefined ? null : { first, last, length: last - first },
    warnings: describeFindings(lists, ['damaged', 'dropped', 'repaired', 'ignored']),
  };
}

async function run(path: string, { signal, onProgress }: InspectOptions): Promise<NativeConvertReport> {
  const conversion = createNativeConversion({
    input: path,
    output: '',
    inputName: path,
    outputName: path,
    compression: 0,
    level: 1,
    memoryBudget: 2 ** 20,
    spillPath: path,
    gpuEvents: 0,
    dropZeroTimes: false,
    strict: false,
    contents: true,
    blockSize: 0,
  });
  const cancel = () => conversion.cancel();
  const tell = () => {
    const { bytesRead, totalBytes } = conversion.progress();
    onProgress?.({ bytesRead, ...(totalBytes > 0 && { totalBytes }) });
  };
  const timer = onProgress && setInterval(tell, PROGRESS_INTERVAL_MS).unref();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await conversion.run();
  } catch (error) {
    signal?.throwIfAborted();
    throw nativeError(error, `read ${path}`);
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
  }
}

function tracksOf({ processes, threads, tracks }: NativeContents): TrackInfo[] {
  const list = new TrackList();
  const shown = (kind: 'process' | 'thread', entry: NativeContents['processes'][number]) =>
    shownName({ kind, ...entry });
  const idOf = ({ number, id }: NativeContents['processes'][number]) => number ?? id;
  const withId = (name: 'pid' | 'tid', id: number | string) => (id === '' ? {} : { [name]: id });
  processes.forEach((process, i) => {
    const { events } = process;
    list.add(`process ${i}`, { type: 'process', name: shown('process', process), path: [], ...withId('pid', idOf(process)), events });
  });
  threads.forEach((thread, i) => {
    const process = processes[thread.process];
    const ids = { ...withId('pid', idOf(process)), ...withId('tid', idOf(thread)) };
    list.add(`thread ${i}`, { type: 'thread', name: shown('thread', thread), path: [shown('process', process)], ...ids, events: thread.events });
  });
  const others = tracks.map(({ kind, process, name, events, lanes }): TrackInfo => {
    if (kind === GLOBAL || process === undefined) return { ...globalTrack(events), lanes };
    const owner = processes[process];
    return { type: TYPES[kind], name, path: [shown('process', owner)], ...withId('pid', idOf(owner)), events, lanes };
  });
  return [...list.tracks, ...others];
}

import * as path from 'node:path';
import { Command } from 'commander';
import { inspectTrace, type InspectProgress, type TraceInfo, type TrackInfo, type TrackType } from '../inspect';
import { interruptible } from './interrupt';
import { aligned, counted, countedList, formatBytes, formatDuration, formatInteger, jsonText, oneLine, print, Progress, wrapped } from './terminal';

/** More tracks of one type are only counted. */
const LISTED_TRACKS = 20;

const HEADINGS: readonly [type: TrackType, heading: string][] = [
  ['process', 'Processes'],
  ['thread', 'Threads'],
  ['counter', 'Counters'],
  ['other', 'Other tracks'],
];

const FORMS = { array: 'an array of events', object: 'an object with traceEvents', lines: 'events without brackets around them' };

export function infoCommand(): Command {
  return new Command('info')
    .description('Say what a trace file holds: native Perfetto traces and Chrome JSON, plain or gzipped.')
    .argument('<FILE>', 'the trace')
    .option('--json', 'print everything as JSON; times are nanoseconds, as text')
    .action(info);
}

async function info(file: string, options: { json?: true }): Promise<void> {
  const progress = new Progress(true);
  const onProgress = ({ bytesRead, totalBytes }: InspectProgress) =>
    progress.update(`reading ${path.basename(file)}`, bytesRead, totalBytes === undefined ? undefined : bytesRead / totalBytes);
  let trace: TraceInfo;
  try {
    trace = await interruptible((signal) => inspectTrace(file, { signal, onProgress }));
  } finally {
    progress.stop();
  }
  if (options.json) print(jsonText(trace));
  else print(...wrapped([...overview(trace), ...HEADINGS.flatMap(([type, heading]) => trackList(trace, type, heading))]));
}

function overview(trace: TraceInfo): string[] {
  const { slices, instants, counters, flowPoints, samples = 0 } = trace.events;
  const ofSlices = [slices, 'slice'] as const;
  const ofSamples = [samples, 'sample of call stacks', 'samples of call stacks'] as const;
  // The first is named even if there are none.
  const [first, last] = slices === 0 && samples > 0 ? [ofSamples, ofSlices] : [ofSlices, ofSamples];
  const events = countedList(
    [...first],
    [instants, 'instant'],
    [counters, 'counter sample'],
    [flowPoints, 'end of arrows', 'ends of arrows'],
    [...last],
  );
  const kinds = Object.entries(trace.recordKinds).sort(([, a], [, b]) => b - a);
  const records = { perfetto: 'Packets', 'chrome-json': 'Entries', 'cpu-profile': 'Samples' }[trace.kind];
  return [
    ...aligned([
      ['File', trace.path],
      ['Kind', kindOf(trace)],
      ['Size', `${formatBytes(trace.bytes)} (${formatInteger(trace.bytes)} bytes)`],
      ['Events', events],
      [records, [formatInteger(trace.records), kinds.map(([kind, n]) => `${formatInteger(n)} ${oneLine(kind)}`).join(', ')].filter(Boolean).join(': ')],
      ['Time', timeOf(trace)],
    ]),
    ...trace.warnings.map((warning) => `Note: ${warning}`),
  ];
}

function kindOf({ kind, form, gzip }: TraceInfo): string {
  const names = {
    perfetto: 'native Perfetto trace',
    'chrome-json': `Chrome JSON, ${FORMS[form ?? 'array']}`,
    'cpu-profile': 'CPU profile of V8',
  };
  const name = names[kind];
  return gzip ? `${name}, gzipped` : name;
}

function timeOf({ time }: TraceInfo): string {
  if (time === null) return 'no event has one';
  return `${formatDuration(time.length)}, from ${time.first} to ${time.last} ns`;
}

function trackList({ tracks }: TraceInfo, type: TrackType, heading: string): string[] {
  const ofType = tracks.filter((track) => track.type === type);
  if (ofType.length === 0) return [];
  const rows = ofType.slice(0, LISTED_TRACKS).map((track) => [`  ${describe(track)}`, eventsOf(track)] as const);
  const more = ofType.length - rows.length;
  return [
    '',
    `${heading} (${formatInteger(ofType.length)})`,
    ...aligned(rows).map((line) => line.trimEnd()),
    ...(more > 0 ? [`  and ${formatInteger(more)} more, all of them with --json`] : []),
  ];
}

function describe({ type, name, path, pid, tid, unit }: TrackInfo): string {
  const above = path.filter((part) => part !== '').map((part) => `${part} / `);
  const id = type === 'process' ? ` (pid ${pid})` : type === 'thread' ? ` (tid ${tid})` : unit === undefined ? '' : ` [${unit}]`;
  return oneLine(`${above.join('')}${name || 'unnamed'}${id}`);
}

function eventsOf({ type, events, lanes }: TrackInfo): string {
  // Few traces have events on the process itself.
  if (events === 0 && type !== 'thread') return '';
  const count = counted(events, type === 'counter' ? 'sample' : 'event');
  return lanes > 1 ? `${count}, in ${lanes} lanes` : count;
}

import { Command } from 'commander';
import { inspectTrace, type TraceInfo, type TrackInfo, type TrackType } from '../inspect';
import { aligned, counted, countedList, formatBytes, formatDuration, formatInteger, jsonText, oneLine, print, wrapped } from './terminal';

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
  const trace = await inspectTrace(file);
  if (options.json) print(jsonText(trace));
  else print(...wrapped([...overview(trace), ...HEADINGS.flatMap(([type, heading]) => trackList(trace, type, heading))]));
}

function overview(trace: TraceInfo): string[] {
  const { slices, instants, counters, flowPoints } = trace.events;
  const events = countedList(
    [slices, 'slice'],
    [instants, 'instant'],
    [counters, 'counter sample'],
    [flowPoints, 'end of arrows', 'ends of arrows'],
  );
  const kinds = Object.entries(trace.recordKinds).sort(([, a], [, b]) => b - a);
  const records = trace.kind === 'perfetto' ? 'Packets' : 'Entries';
  return [
    ...aligned([
      ['File', trace.path],
      ['Kind', kindOf(trace)],
      ['Size', `${formatBytes(trace.bytes)} (${formatInteger(trace.bytes)} bytes)`],
      ['Events', events],
      [records, `${formatInteger(trace.records)}: ${kinds.map(([kind, n]) => `${formatInteger(n)} ${oneLine(kind)}`).join(', ')}`],
      ['Time', timeOf(trace)],
    ]),
    ...trace.warnings.map((warning) => `Note: ${warning}`),
  ];
}

function kindOf({ kind, form, gzip }: TraceInfo): string {
  const name =
    kind === 'perfetto'
      ? 'native Perfetto trace'
      : `Chrome JSON, ${FORMS[form ?? 'array']}`;
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

import type { ConvertReport } from '../convert/report';
import { describeFinding, WARNINGS } from '../convert/report';
import { Format } from '../output/format';
import { counted, formatBytes, oneLine } from './terminal';

/** What a conversion did, for people. */
export function summaryOf(report: ConvertReport): string[] {
  const kind = report.format === Format.PROTOBUF ? 'a native Perfetto trace' : 'Chrome JSON';
  const compressed = { none: '', gzip: ' (gzipped)', packets: ' (compressed packets)' }[report.compression];
  const where = report.path === '-' ? 'standard output' : report.path;
  const written = [
    counted(report.slices, 'slice'),
    ...(report.instants > 0 ? [counted(report.instants, 'instant')] : []),
    ...(report.flows > 0 ? [counted(report.flows, 'arrow')] : []),
    ...(report.counters > 0 ? [counted(report.counters, 'counter sample')] : []),
    ...(report.samples > 0 ? [counted(report.samples, 'call-stack sample')] : []),
  ];
  return [
    `Wrote ${where}, ${kind}${compressed}`,
    `  Size: ${formatBytes(report.bytes)}, from ${formatBytes(report.inputBytes)} with ${counted(report.events, 'event')}`,
    `  Holds: ${written.join(', ')}`,
    ...remarksOn(report).map((remark) => `  ${remark}`),
  ];
}

/** What is worth knowing about this file and not about every file. */
function remarksOn(report: ConvertReport): string[] {
  const { lanes, unclosed, flowsUndrawn, unmatched, ignored } = report;
  const lines: string[] = [];
  if (report.fallback) {
    lines.push('Fallback: a native trace was asked for and the addon is missing; "tracesmith-perfetto doctor" says why');
  }
  if (lanes > 0) lines.push(`Overlaps: ${counted(lanes, 'lane')} beside the tracks, for slices that overlap without nesting`);
  if (unclosed > 0) lines.push(`Open: ${counted(unclosed, 'slice')} without an end`);
  if (unmatched > 0) lines.push(`Unmatched: ${counted(unmatched, 'end')} without a beginning`);
  if (flowsUndrawn > 0) lines.push(`Not drawn: ${counted(flowsUndrawn, 'arrow')}, backwards in time or with one end missing`);
  for (const finding of ignored) lines.push(`Ignored: ${oneLine(describeFinding(finding))}`);
  for (const category of WARNINGS) {
    const label = { damaged: 'Damaged', dropped: 'Dropped', repaired: 'Repaired' }[category];
    for (const finding of report[category]) lines.push(`${label}: ${oneLine(describeFinding(finding))}`);
  }
  return lines;
}

/** The golden vectors of test/fixtures/order, for lib/order and for the C++ encoder. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ArgValue } from '../../lib/values';
import type { EventRow, StreamRow, Whole } from './event-rows';

const FOLDER = path.join(__dirname, '../fixtures/order');

interface Expected {
  ops: (string | number)[][];
  arrows?: [number, number][];
  args?: Record<string, [string, ArgValue | Whole[]][]>;
  counts: Record<string, number>;
}

const NO_COUNTS = {
  slices: 0, instants: 0, counters: 0, flows: 0, lanes: 0, unclosed: 0, unmatched: 0, flowsUndrawn: 0,
};
const NO_STREAM_COUNTS = { slices: 0, instants: 0, counters: 0, lanes: 0, unclosed: 0, lateSlices: 0 };

const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

/** File names of whole traces, and of streams. */
export const streamVectors = files.filter((file) => file.startsWith('stream-'));
export const wholeVectors = files.filter((file) => !file.startsWith('stream-'));

function read<T extends { expected: Expected }>(file: string, noCounts: Record<string, number>): T {
  const vector = JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8')) as T;
  vector.expected.counts = { ...noCounts, ...vector.expected.counts };
  return vector;
}

export function readWholeVector(file: string): { rows: EventRow[]; expected: Expected } {
  return read(file, NO_COUNTS);
}

export function readStreamVector(file: string): { rows: StreamRow[]; window: number; expected: Expected } {
  return read(file, NO_STREAM_COUNTS);
}

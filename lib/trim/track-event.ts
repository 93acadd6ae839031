import type { Exact, FieldReader, Fields } from '../protobuf/field-reader';
import { TrackEventType } from '../protobuf/packets';
import type { Sequence, TrackKey } from './sequence';

export type EventKind = 'begin' | 'end' | 'complete' | 'instant' | 'counter' | 'other';

/** A TrackEvent, as far as it decides whether it stays. */
export interface TrackEventFacts {
  kind: EventKind;
  track: TrackKey;
  /** The process of the track, where its events alone tell it. */
  pid?: number;
  name?: string;
  categories: string[];
  flows: Flow[];
  /** Of a complete event, ns. */
  duration: number;
  /** Its time where that is beside the packet's: microseconds behind the last such event, or absolute. */
  deltaMicroseconds?: number;
  absoluteMicroseconds?: number;
}

export interface Flow {
  id: Exact;
  isLast: boolean;
}

interface Legacy {
  name?: Exact;
  phase: number;
  duration: number;
  unscoped?: Exact;
  local?: Exact;
  global?: Exact;
  scope?: string;
  pid?: number;
  tid?: number;
}

const LEGACY: Fields<Legacy> = {
  1: ['name', 'integer'],
  2: ['phase', 'number'],
  3: ['duration', 'signed'],
  6: ['unscoped', 'integer'],
  7: ['scope', 'text'],
  10: ['local', 'integer'],
  11: ['global', 'integer'],
  18: ['pid', 'signed'],
  19: ['tid', 'signed'],
};

const KINDS: Readonly<Record<number, EventKind>> = {
  [TrackEventType.sliceBegin]: 'begin',
  [TrackEventType.sliceEnd]: 'end',
  [TrackEventType.instant]: 'instant',
  [TrackEventType.counter]: 'counter',
};
/** Chrome's older tracing says by a phase letter what an event is. */
const KINDS_BY_PHASE: Readonly<Record<string, EventKind>> = {
  B: 'begin', E: 'end', X: 'complete', b: 'begin', e: 'end', S: 'begin', F: 'end',
  i: 'instant', I: 'instant', R: 'instant', n: 'instant', T: 'instant', p: 'instant', C: 'counter',
};
const ASYNC_PHASES = 'benSFTp';

export function readTrackEvent(event: FieldReader, sequence: Sequence): TrackEventFacts {
  const facts: TrackEventFacts = { kind: 'other', track: sequence.defaultTrack, categories: [], flows: [], duration: 0 };
  let type = 0;
  let legacy: Legacy | undefined;
  while (event.next()) {
    switch (event.field) {
      case 1:
        facts.deltaMicroseconds = event.signed();
        break;
      case 3:
        for (const iid of event.integers()) facts.categories.push(sequence.categories.get(iid) ?? '');
        break;
      case 6:
        legacy = event.message().into({ phase: 0, duration: 0 }, LEGACY);
        break;
      case 9:
        type = event.number();
        break;
      case 10:
        facts.name = sequence.names.get(event.integer());
        break;
      case 11:
        facts.track = event.integer();
        break;
      case 16:
        facts.absoluteMicroseconds = event.signed();
        break;
      case 22:
        facts.categories.push(event.text());
        break;
      case 23:
        facts.name = event.text();
        break;
      case 36:
      case 42:
        for (const id of event.integers()) facts.flows.push({ id, isLast: event.field === 42 });
        break;
      case 47:
      case 48:
        for (const id of event.fixed64s()) facts.flows.push({ id, isLast: event.field === 48 });
        break;
    }
  }
  facts.kind = KINDS[type] ?? 'other';
  if (legacy !== undefined) addLegacy(facts, legacy, sequence);
  return facts;
}

function addLegacy(facts: TrackEventFacts, legacy: Legacy, sequence: Sequence): void {
  const phase = String.fromCharCode(legacy.phase);
  if (facts.kind === 'other') facts.kind = KINDS_BY_PHASE[phase] ?? 'other';
  facts.duration = legacy.duration * 1000;
  if (legacy.name !== undefined) facts.name ??= sequence.names.get(legacy.name);
  if (legacy.phase === 0) return;
  if (ASYNC_PHASES.includes(phase)) {
    facts.pid = legacy.pid ?? sequence.pid;
    const id = legacy.global ?? `${facts.pid ?? ''} ${legacy.local ?? legacy.unscoped ?? ''}`;
    facts.track = `async ${facts.categories.join()} ${legacy.scope ?? ''} ${id}`;
  } else if (legacy.tid !== undefined) {
    facts.track = `thread ${legacy.pid ?? sequence.pid ?? 0} ${legacy.tid}`;
  }
}

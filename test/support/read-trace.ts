/**
 * Reads a native trace as strictly as anybody could: every packet is of a known kind and of the one sequence, whatever
 * is interned was interned before, and begins and ends make slices. Shares no code with the encoder.
 */
import { inflateSync } from 'node:zlib';
import { Trace } from './decode-trace';

/** A slice, or a moment or sample where `end` has no meaning. Arguments have their type in front: `int 5`. */
export interface ReadEvent {
  /** Names from the outermost track to the one that the event is on. */
  path: string[];
  name: string | undefined;
  category: string | undefined;
  begin: bigint;
  /** Undefined for a slice that nothing ends. */
  end: bigint | undefined;
  args: [key: string, value: unknown][];
  flows: bigint[];
  terminatingFlows: bigint[];
  /** The outermost frame comes first. */
  callStack: [functionName: string | undefined, fileName: string | undefined, address: bigint, line: number][];
}

export interface ReadTrace {
  slices: ReadEvent[];
  instants: ReadEvent[];
  counters: { path: string[]; time: bigint; value: string }[];
  stages: { time: bigint; duration: bigint; gpu: number; queue: string; name: string | undefined }[];
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access,
   @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- decoded messages have no static types */

const CLEARED = 1;
const NEEDS_STATE = 2;
/** Clocks of a sequence. */
const FIRST_CLOCK = 64;
const LAST_CLOCK = 127;
const PAYLOADS = [
  'track_event', 'interned_data', 'clock_snapshot', 'trace_packet_defaults', 'track_descriptor', 'gpu_render_stage_event',
  'trace_attributes', 'gpu_info',
];
const BEGIN = 1;
const END = 2;
const INSTANT = 3;
const COUNTER = 4;
const KINDS = [
  'event_names', 'event_categories', 'debug_annotation_names', 'debug_annotation_string_values', 'function_names', 'source_paths',
  'gpu_specifications', 'frames', 'callstacks',
] as const;
type Kind = (typeof KINDS)[number];

const big = (value: any): bigint => BigInt(value?.toString() ?? 0);
const has = (message: any, field: string): boolean => Object.hasOwn(message, field);
/** Of a field that is absent and one that is zero alike. */
const isSet = (value: any): boolean => big(value) !== 0n;

interface Timed {
  time: bigint;
  event: any;
  read: ReadEvent;
  value: string;
}

export function readTrace(bytes: Uint8Array): ReadTrace {
  return new Reader().read(bytes);
}

class Reader {
  private readonly interned = new Map<Kind, Map<bigint, any>>();
  private readonly tracks = new Map<bigint, any>();
  private readonly events: Timed[] = [];
  private readonly stages: ReadTrace['stages'] = [];
  private now: bigint | undefined;
  private defaultClock: number | undefined;
  private defaultTrack: unknown;
  private incrementalClock: number | undefined;
  private hasStarted = false;
  private firstSequence?: number;

  read(bytes: Uint8Array): ReadTrace {
    for (const packet of packetsOf(bytes)) this.packet(packet);
    return { ...this.inOrder(), stages: this.stages };
  }

  private packet(packet: any): void {
    const payloads = PAYLOADS.filter((field) => has(packet, field));
    if (payloads.length === 0) throw new Error('a packet without anything in it');
    this.firstSequence ??= packet.trusted_packet_sequence_id as number;
    // The descriptors of threads have one of their own: on the other they would say whose all events are.
    const sequence = this.firstSequence + (has(packet.track_descriptor ?? {}, 'thread') ? 1 : 0);
    if (packet.trusted_packet_sequence_id !== sequence) throw new Error(`a packet of sequence ${packet.trusted_packet_sequence_id}`);
    const flags: number = packet.sequence_flags ?? 0;
    if ((flags & CLEARED) !== 0) this.startOver();
    if (!this.hasStarted) throw new Error('the first packet does not clear the incremental state');
    const needsState = payloads.some((field) => ['track_event', 'interned_data', 'gpu_render_stage_event'].includes(field));
    if (needsState && (flags & NEEDS_STATE) === 0) throw new Error(`${payloads.join()} without SEQ_NEEDS_INCREMENTAL_STATE`);
    if (packet.trace_packet_defaults) {
      this.defaultClock = packet.trace_packet_defaults.timestamp_clock_id;
      this.defaultTrack = packet.trace_packet_defaults.track_event_defaults?.track_uuid;
    }
    for (const clock of packet.clock_snapshot?.clocks ?? []) {
      if (!clock.is_incremental) continue;
      if (clock.clock_id < FIRST_CLOCK || clock.clock_id > LAST_CLOCK) throw new Error(`clock ${clock.clock_id} of a sequence`);
      this.incrementalClock = clock.clock_id;
      this.now = big(clock.timestamp);
    }
    if (packet.interned_data) this.intern(packet.interned_data);
    if (packet.track_descriptor) this.describe(packet.track_descriptor);
    if (packet.track_event) this.event(packet, packet.track_event);
    if (packet.gpu_render_stage_event) this.stage(packet, packet.gpu_render_stage_event);
  }

  private startOver(): void {
    this.hasStarted = true;
    this.now = undefined;
    for (const kind of KINDS) this.interned.set(kind, new Map());
  }

  private intern(data: any): void {
    for (const kind of KINDS) {
      const entries = this.interned.get(kind)!;
      for (const entry of data[kind] ?? []) {
        const iid = big(entry.iid);
        if (iid === 0n || entries.has(iid)) throw new Error(`iid ${iid} of ${kind} is interned again`);
        entries.set(iid, has(entry, 'str') ? utf8(entry.str) : has(entry, 'name') ? entry.name : entry);
      }
    }
  }

  private resolve(kind: Kind, iid: any): any {
    const entries = this.interned.get(kind)!;
    if (!entries.has(big(iid))) throw new Error(`iid ${iid} of ${kind} was not interned before its use`);
    return entries.get(big(iid));
  }

  private text(kind: Kind, iid: any): string | undefined {
    return isSet(iid) ? this.resolve(kind, iid) : undefined;
  }

  private describe(descriptor: any): void {
    const uuid = big(descriptor.uuid);
    if (uuid === 0n || this.tracks.has(uuid)) throw new Error(`uuid ${uuid} is described again`);
    if (isSet(descriptor.parent_uuid) && !this.tracks.has(big(descriptor.parent_uuid))) throw new Error(`the parent of ${uuid} is not there`);
    this.tracks.set(uuid, descriptor);
  }

  private trackOf(event: any): bigint {
    return big(isSet(event.track_uuid) ? event.track_uuid : this.defaultTrack);
  }

  private timeOf(packet: any): bigint {
    if (has(packet, 'timestamp_clock_id')) return big(packet.timestamp);
    if (this.defaultClock !== this.incrementalClock || this.now === undefined) throw new Error('a time on a clock that is not there');
    return (this.now += big(packet.timestamp));
  }

  private event(packet: any, event: any): void {
    const time = this.timeOf(packet);
    const categories = event.category_iids ?? [];
    if (categories.length > 1) throw new Error('several categories');
    const read: ReadEvent = {
      path: this.pathOf(this.trackOf(event)),
      name: this.text('event_names', event.name_iid),
      category: this.text('event_categories', categories[0] ?? 0),
      begin: time,
      end: undefined,
      args: (event.debug_annotations ?? []).map((annotation: any) => this.argument(annotation)),
      flows: (event.flow_ids ?? []).map(big),
      terminatingFlows: (event.terminating_flow_ids ?? []).map(big),
      callStack: isSet(event.callstack_iid) ? this.callStack(event.callstack_iid) : [],
    };
    const value = has(event, 'counter_value') ? `int ${event.counter_value}` : `double ${event.double_counter_value}`;
    this.events.push({ time, event, read, value });
  }

  private argument(annotation: any): [string, unknown] {
    return [this.resolve('debug_annotation_names', annotation.name_iid), this.value(annotation)];
  }

  private value(annotation: any): unknown {
    if (annotation.dict_entries?.length > 0) return { dict: annotation.dict_entries.map((entry: any) => this.argument(entry)) };
    if (annotation.array_values?.length > 0) return { array: annotation.array_values.map((entry: any) => this.value(entry)) };
    if (has(annotation, 'string_value')) return `string ${annotation.string_value}`;
    if (has(annotation, 'string_value_iid')) return `string ${this.resolve('debug_annotation_string_values', annotation.string_value_iid)}`;
    if (has(annotation, 'double_value')) return `double ${annotation.double_value}`;
    for (const type of ['bool', 'int', 'uint', 'pointer']) if (has(annotation, `${type}_value`)) return `${type} ${annotation[`${type}_value`]}`;
    return 'nothing';
  }

  private callStack(iid: any): ReadEvent['callStack'] {
    return this.resolve('callstacks', iid).frame_ids.map((id: any) => {
      const frame = this.resolve('frames', id);
      const [name, file] = [this.text('function_names', frame.function_name_id), this.text('source_paths', frame.source_path_iid)];
      return [name, file, big(frame.rel_pc), frame.line_number ?? 0];
    });
  }

  private stage(packet: any, event: any): void {
    if (!has(packet, 'timestamp_clock_id')) throw new Error('a stage event on the incremental clock');
    this.stages.push({
      time: big(packet.timestamp),
      duration: big(event.duration),
      gpu: event.gpu_id ?? 0,
      queue: this.resolve('gpu_specifications', event.hw_queue_iid),
      name: this.text('event_names', event.name_iid),
    });
  }

  /** A lane has the path of its track: it is a sibling of its name, or below a thread or process its child of that name. */
  private pathOf(uuid: bigint): string[] {
    const track = this.tracks.get(uuid);
    if (track === undefined) throw new Error(`track ${uuid} was not described before its use`);
    const name = nameOf(track);
    if (!isSet(track.parent_uuid)) return [name];
    const parent = this.tracks.get(big(track.parent_uuid));
    const above = this.pathOf(big(track.parent_uuid));
    const isLane = !track.thread && (parent.thread ?? parent.process) && nameOf(parent) === name;
    return isLane ? above : [...above, name];
  }

  /** As readers do: by time, and in the order of the file at one time. */
  private inOrder(): Omit<ReadTrace, 'stages'> {
    const result: Omit<ReadTrace, 'stages'> = { slices: [], instants: [], counters: [] };
    const open = new Map<bigint, ReadEvent[]>();
    const sorted = this.events.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    for (const { time, event, read, value } of sorted) {
      const track = this.trackOf(event);
      const stack = open.get(track) ?? [];
      open.set(track, stack);
      if (event.type === BEGIN) {
        stack.push(read);
        result.slices.push(read);
      } else if (event.type === END) {
        const slice = stack.pop();
        if (slice === undefined) throw new Error(`nothing ends at ${time} on ${read.path.join(' / ')}`);
        slice.end = time;
        slice.args.push(...read.args);
      } else if (event.type === INSTANT) {
        result.instants.push(read);
      } else if (event.type === COUNTER) {
        result.counters.push({ path: read.path, time, value });
      } else {
        throw new Error(`an event of type ${event.type}`);
      }
    }
    return result;
  }
}

function* packetsOf(bytes: Uint8Array): Generator<any> {
  for (const packet of (Trace.decode(bytes) as any).packet) {
    if (has(packet, 'compressed_packets')) yield* packetsOf(inflateSync(packet.compressed_packets));
    else yield packet;
  }
}

function nameOf(track: any): string {
  return track.process?.process_name ?? track.thread?.thread_name ?? track.name ?? '';
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

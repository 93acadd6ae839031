import { argsOf, textOf, type ChromeEvent } from '../chrome-json/read/chrome-event';
import type { TrackInfo, TrackType } from './trace-info';

type Id = number | string | undefined;

/** A track, with what is needed to name the ones above it when all names are known. */
interface Track {
  type: TrackType;
  name: string;
  pid?: Id;
  tid?: Id;
  events: number;
}

/** The processes, threads, counters and async tracks of a Chrome trace. */
export class JsonTracks {
  private readonly tracks = new Map<string, Track>();

  /** Learns names from a metadata event. */
  learn(event: ChromeEvent): void {
    const name = textOf(argsOf(event)?.name);
    if (event.name === 'process_name') this.process(event).name = name;
    else if (event.name === 'thread_name') this.thread(event).name = name;
  }

  countEvent(event: ChromeEvent, phase: string): void {
    if (phase === 'b' || phase === 'n') this.async(event).events++;
    else if (event.s === 'g' && isInstant(phase)) this.track('global', 'other', { name: 'Global' }).events++;
    else if (event.s === 'p' && isInstant(phase)) this.process(event).events++;
    else this.thread(event).events++;
  }

  /** Counts the samples of a counter event: one for each number in its arguments. */
  countSamples(event: ChromeEvent): number {
    const id = event.id === undefined ? '' : ` id: ${textOf(event.id)}`;
    const name = `${textOf(event.name)}${id}`;
    const values = Object.entries(argsOf(event) ?? {}).filter(([, value]) => isNumeric(value));
    for (const [arg] of values) this.below(event, 'counter', `${name} ${arg}`).events++;
    return values.length;
  }

  /** In the order in which they appeared; the async tracks of one name in a process as one. */
  list(): TrackInfo[] {
    const shown = new Map<string, TrackInfo>();
    for (const [id, { type, name, pid, tid, events }] of this.tracks) {
      const key = type === 'other' ? `named ${pid} ${name}` : id;
      const known = shown.get(key);
      if (known !== undefined) {
        known.events += events;
        known.lanes++;
        continue;
      }
      const ids = { ...(pid !== undefined && { pid }), ...(tid !== undefined && { tid }) };
      shown.set(key, { type, name, path: type === 'process' ? [] : this.pathOf(pid), ...ids, events, lanes: 1 });
    }
    return [...shown.values()];
  }

  private pathOf(pid: Id): string[] {
    const process = this.tracks.get(`process ${pid}`);
    return process === undefined ? [] : [process.name];
  }

  private process({ pid }: ChromeEvent): Track {
    return this.track(`process ${idOf(pid)}`, 'process', { pid: idOf(pid) });
  }

  private thread(event: ChromeEvent): Track {
    const { pid } = this.process(event);
    // Without a tid it is the process's main thread.
    const tid = event.tid === undefined ? pid : idOf(event.tid);
    return this.track(`thread ${pid} ${tid}`, 'thread', { pid, tid });
  }

  /** An async track has the name of its first event; its id keeps it from others of that name. */
  private async(event: ChromeEvent): Track {
    const id2 = event.id2 as { local?: unknown; global?: unknown } | undefined;
    const id = textOf(event.id ?? id2?.local ?? id2?.global);
    const { pid } = this.process(event);
    return this.track(`async ${pid} ${textOf(event.cat)} ${id}`, 'other', { pid, name: textOf(event.name) });
  }

  private below(event: ChromeEvent, type: TrackType, name: string): Track {
    const { pid } = this.process(event);
    return this.track(`${type} ${pid} ${name}`, type, { pid, name });
  }

  private track(key: string, type: TrackType, properties: Partial<Track>): Track {
    let track = this.tracks.get(key);
    if (track === undefined) this.tracks.set(key, (track = { name: '', events: 0, ...properties, type }));
    return track;
  }
}

function idOf(id: unknown): Id {
  return typeof id === 'number' || typeof id === 'string' ? id : undefined;
}

function isInstant(phase: string): boolean {
  return phase === 'i' || phase === 'I' || phase === 'R';
}

function isNumeric(value: unknown): boolean {
  return Number.isFinite(typeof value === 'string' && value !== '' ? Number(value) : value);
}

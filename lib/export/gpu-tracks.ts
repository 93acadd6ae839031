import type { EventBatch } from '../batch/batch';
import { AttrType, TrackKind, TrackProperty } from '../batch/layout';
import { MAX_INT32 } from '../limits';

/** Perfetto's pid 0 is the idle process, so the process that owns the GPU tracks is 1. */
const PROCESS_ID = 1;
const EXPLICIT_ORDER = 3;
/** Ranks are int32; a device or stream number beyond that sorts last. */
const MAX_RANK = MAX_INT32;

/** Devices and streams below this are looked up in a table, which is several times faster than maps. */
const SMALL = 64;

interface Device {
  track: number;
  streams: Map<number, number>;
}

/** The tracks of the exporter: a process, a track for each GPU below it, one for each stream below that. */
export class GpuTracks {
  private process = -1;
  private readonly devices = new Map<number, Device>();
  private readonly counters = new Map<string, number>();
  /** Tracks of small device and stream numbers, plus one; 0 for those not yet defined. */
  private readonly small = new Uint32Array(SMALL * SMALL);

  constructor(
    private readonly batch: EventBatch,
    private readonly processName: string,
    private readonly deviceNames: ReadonlyMap<number, string>,
  ) {}

  /** The track of a stream. Defines what is new, so no row may be open. */
  stream(deviceId: number, streamId: number): number {
    if (deviceId < SMALL && streamId < SMALL) {
      const index = deviceId * SMALL + streamId;
      return (this.small[index] ||= this.find(deviceId, streamId) + 1) - 1;
    }
    return this.find(deviceId, streamId);
  }

  /** The track of a counter below its device; `name` may differ from the counter's own. */
  counter(deviceId: number, name: string, unit: string | undefined): number {
    const key = `${deviceId} ${unit === undefined ? '' : unit.length}:${unit ?? ''} ${name}`;
    const known = this.counters.get(key);
    if (known !== undefined) return known;
    const device = this.devices.get(deviceId) ?? this.addDevice(deviceId);
    const track = this.batch.beginTrack(TrackKind.Counter, device.track, name);
    if (unit !== undefined) this.batch.attr(TrackProperty.Unit, AttrType.Text, this.batch.text(unit));
    this.batch.commit();
    this.counters.set(key, track);
    return track;
  }

  private find(deviceId: number, streamId: number): number {
    const device = this.devices.get(deviceId) ?? this.addDevice(deviceId);
    return device.streams.get(streamId) ?? this.addStream(device, deviceId, streamId);
  }

  private addDevice(deviceId: number): Device {
    if (this.process < 0) this.process = this.addProcess();
    const name = this.deviceNames.get(deviceId) ?? `GPU ${deviceId}`;
    const track = this.batch.beginTrack(TrackKind.Plain, this.process, name);
    this.batch.attr(TrackProperty.Rank, AttrType.Int, Math.min(deviceId, MAX_RANK));
    this.batch.attr(TrackProperty.ChildOrdering, AttrType.Int, EXPLICIT_ORDER);
    this.batch.commit();
    const device = { track, streams: new Map<number, number>() };
    this.devices.set(deviceId, device);
    return device;
  }

  private addStream(device: Device, deviceId: number, streamId: number): number {
    const uuid = (BigInt(deviceId) << 32n) | BigInt(streamId);
    const track = this.batch.beginTrack(TrackKind.Plain, device.track, `Stream ${streamId}`, uuid);
    this.batch.attr(TrackProperty.Rank, AttrType.Int, Math.min(streamId, MAX_RANK));
    this.batch.commit();
    device.streams.set(streamId, track);
    return track;
  }

  private addProcess(): number {
    const track = this.batch.beginTrack(TrackKind.Process, undefined, this.processName);
    this.batch.attr(TrackProperty.Pid, AttrType.Int, PROCESS_ID);
    this.batch.attr(TrackProperty.ChildOrdering, AttrType.Int, EXPLICIT_ORDER);
    this.batch.commit();
    return track;
  }
}

'use strict';

/**
 * The GPU workload that every figure about exporting names: what a training job on four GPUs looks
 * like to a profiler. One seed, so figures can be compared from one state of the project to the next.
 */
const { EventType } = require('../../dist');
const { Random } = require('./random');
const { kernelNames, operatorNames, markerNames } = require('./workload-names');
const { EightShapes } = require('./workload-shapes');

const SEED = 20240607;
const DEVICES = 4;
const STREAMS = 8;
const START = 1_234_567_890_123_456;
/** Where the variant with bigint timestamps starts: an epoch time, beyond what a number can hold. */
const EPOCH_START = 1_717_754_400_123_456_789n;
const ADDRESS_BASE = 0x7f0000000000;
const ADDRESSES = 4096;
const ADDRESS_STEP = 2 * 1024 * 1024;
const EVENTS_PER_STEP = 500;
/** Of memory copies, from MemcpyH2D on; made once, like all strings of equal content unless `ownStrings` are asked for. */
const MEMCPY_NAMES = ['memcpy_H2D', 'memcpy_D2H', 'memcpy_D2D'];

/**
 * How a variant differs from the workload itself.
 * @typedef {object} WorkloadOptions
 * @property {number} [events] how many; 100,000 by default
 * @property {boolean} [bigintTime] timestamps are bigint epoch nanoseconds
 * @property {boolean} [shuffledMemory] objects lie in memory in an order that is not the array's
 * @property {boolean} [uniqueMetadata] no two metadata values are equal
 * @property {boolean} [ownStrings] every event has strings of its own, as after JSON.parse, instead
 *   of sharing those of equal content
 * @property {boolean} [eightShapes] events are built by eight producers (workload-shapes.js)
 * @property {boolean} [byStream] each stream's events in order, the streams one after another
 * @property {boolean} [firstLast] the first event comes last, the others in the order of time
 * @property {boolean} [lastFirst] the last event comes first, the others in the order of time
 */

/**
 * What is drawn for an event before its object is made, so that objects can be made in any order.
 * @typedef {object} Draft
 * @property {number} time from the start
 * @property {number} device
 * @property {number} stream
 * @property {number} [operator] index of its operator's name, where it has metadata
 * @property {(draft: Draft, index: number) => object} make
 */

class Workload {
  /** @param {WorkloadOptions} options */
  constructor(options) {
    this.options = options;
    const random = (this.random = new Random(SEED));
    this.kernels = kernelNames(random, 200).map((name) => ({
      name,
      launches: Array.from({ length: 1 + random.below(4) }, () => ({
        grid: [random.logUniform(1, 65535), random.pick([1, 1, 2, 8, 64]), random.pick([1, 1, 1, 4])],
        block: [random.pick([32, 64, 128, 256, 512, 1024]), random.pick([1, 1, 1, 2, 4]), 1],
        shared: random.pick([0, 0, 1024, 8192, 49152, 98304]),
        registers: random.pick([16, 24, 32, 40, 64, 96, 128, 168, 255]),
      })),
    }));
    this.operators = operatorNames(random, 150);
    this.markers = markerNames(random, 50);
    this.allocated = null;
  }

  /** @returns {object[]} the events, sorted by time unless an option says otherwise */
  events() {
    const drafts = this.drafts(this.options.events ?? 100_000);
    drafts.sort((a, b) => a.time - b.time);
    if (this.options.byStream) drafts.sort((a, b) => a.device - b.device || a.stream - b.stream || a.time - b.time);
    if (this.options.firstLast) drafts.push(drafts.shift());
    if (this.options.lastFirst) drafts.unshift(drafts.pop());
    const order = Uint32Array.from(drafts.keys());
    if (this.options.shuffledMemory) new Random(SEED + 1).shuffle(order);
    const events = new Array(drafts.length);
    const rebuild = this.options.eightShapes ? new EightShapes(new Random(SEED + 2)) : undefined;
    for (const index of order) {
      const event = drafts[index].make(drafts[index], index);
      events[index] = rebuild === undefined ? event : rebuild.build(event);
    }
    return events;
  }

  /** @param {number} count @returns {Draft[]} */
  drafts(count) {
    const random = this.random;
    const ends = new Float64Array(DEVICES * STREAMS);
    const drafts = [];
    for (let i = 0; i < count; i++) {
      let at = random.below(ends.length);
      for (const other of [random.below(ends.length), random.below(ends.length)]) if (ends[other] < ends[at]) at = other;
      const draft = {
        time: ends[at] + 300 + random.below(4001),
        device: Math.floor(at / STREAMS),
        stream: at % STREAMS,
        operator: random.next() < 0.2 ? random.below(this.operators.length) : undefined,
        make: undefined,
      };
      const kind = random.next();
      let duration = 0;
      if (kind < 0.6) {
        duration = random.logUniform(1_000, 400_000);
        draft.make = this.kernel(duration, 100_000 + i);
      } else if (kind < 0.85) {
        duration = random.logUniform(300, 300_000);
        draft.make = this.memcpy(duration, 100_000 + i);
      } else if (kind < 0.95) {
        draft.make = this.marker();
      } else {
        draft.make = this.allocation();
      }
      ends[at] = draft.time + duration;
      drafts.push(draft);
    }
    return drafts;
  }

  // Each of these draws the rest of an event and gives the function that makes its object. There are
  // four shapes of events, as a producer in TypeScript has them: one literal per kind.

  kernel(duration, correlationId) {
    const random = this.random;
    const kernel = this.kernels[Math.floor(random.next() ** 2 * this.kernels.length)];
    const { grid, block, shared, registers } = random.pick(kernel.launches);
    const threadId = 4000 + random.below(4);
    return (draft, index) => ({
      type: EventType.KernelLaunch,
      name: this.string(kernel.name),
      timestamp: this.timestamp(draft),
      duration,
      deviceId: draft.device,
      streamId: draft.stream,
      correlationId,
      threadId,
      kernelParams: {
        gridX: grid[0],
        gridY: grid[1],
        gridZ: grid[2],
        blockX: block[0],
        blockY: block[1],
        blockZ: block[2],
        sharedMemBytes: shared,
        registersPerThread: registers,
      },
      metadata: this.metadata(draft, index),
    });
  }

  memcpy(duration, correlationId) {
    const random = this.random;
    const type = random.pick([EventType.MemcpyH2D, EventType.MemcpyD2H, EventType.MemcpyD2D]);
    const name = MEMCPY_NAMES[type - EventType.MemcpyH2D];
    const threadId = 4000 + random.below(4);
    const srcAddress = this.address();
    const dstAddress = this.address();
    const sizeBytes = 256 * 2 ** random.below(22);
    return (draft, index) => ({
      type,
      name: this.string(name),
      timestamp: this.timestamp(draft),
      duration,
      deviceId: draft.device,
      streamId: draft.stream,
      correlationId,
      threadId,
      memoryParams: { srcAddress, dstAddress, sizeBytes },
      metadata: this.metadata(draft, index),
    });
  }

  marker() {
    const name = this.random.pick(this.markers);
    return (draft, index) => ({
      type: EventType.Marker,
      name: this.string(name),
      timestamp: this.timestamp(draft),
      deviceId: draft.device,
      streamId: draft.stream,
      metadata: this.metadata(draft, index),
    });
  }

  allocation() {
    const frees = this.allocated;
    const memory = frees ?? { address: this.address(), size: 512 * (1 + this.random.below(65_536)) };
    this.allocated = frees === null ? memory : null;
    return (draft, index) => ({
      type: frees === null ? EventType.MemAlloc : EventType.MemFree,
      name: this.string(frees === null ? 'cudaMalloc' : 'cudaFree'),
      timestamp: this.timestamp(draft),
      deviceId: draft.device,
      streamId: draft.stream,
      memoryParams: { dstAddress: memory.address, sizeBytes: memory.size },
      metadata: this.metadata(draft, index),
    });
  }

  address() {
    return ADDRESS_BASE + this.random.below(ADDRESSES) * ADDRESS_STEP;
  }

  /** @param {Draft} draft */
  timestamp(draft) {
    return this.options.bigintTime ? EPOCH_START + BigInt(draft.time) : START + draft.time;
  }

  /** @param {Draft} draft @param {number} index */
  metadata(draft, index) {
    if (draft.operator === undefined) return undefined;
    const operator = this.operators[draft.operator];
    const step = this.step(Math.floor(index / EVENTS_PER_STEP));
    if (!this.options.uniqueMetadata) return { operator: this.string(operator), step: this.string(step) };
    return { operator: flat(`${operator}#${index}`), step: flat(`${step}.${index}`) };
  }

  /** @param {number} number @returns {string} the step's name, one string however often it is asked for */
  step(number) {
    this.steps ??= [];
    return (this.steps[number] ??= flat(`ProfilerStep#${number}`));
  }

  /** @param {string} text */
  string(text) {
    return this.options.ownStrings ? flat(text) : text;
  }
}

/** @param {string} text @returns {string} a new string of that content, in one piece as a parser gives it */
function flat(text) {
  return Buffer.from(text, 'latin1').latin1Slice();
}

/** @param {WorkloadOptions} [options] */
function createWorkload(options = {}) {
  return new Workload(options).events();
}

module.exports = { createWorkload };

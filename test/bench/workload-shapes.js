'use strict';

/**
 * Events as they really come: built by different code. Each of the eight producers here makes events of every kind
 * from one object literal, with keys in an order of its own. They differ in what they know (launch configurations,
 * memory, metadata, flows) and in what they do with a field that has no value: leave it out, set it to undefined, or
 * to zero. So code that reads the events meets eight shapes of objects, whatever the type of the event.
 */
const { FlowType } = require('../../dist');

/** By producer: takes an event of the tidy workload and makes the one that the producer would have made. */
const PRODUCERS = [
  function asTheDocsSay({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata }) {
    return { type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata };
  },

  function withEveryField({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata }) {
    return {
      type, name, timestamp, duration, deviceId, streamId, correlationId, threadId,
      metadata, kernelParams, memoryParams, flow: undefined, callStack: undefined,
    };
  },

  function timesFirst({ type, name, timestamp, duration, deviceId, streamId, correlationId, kernelParams, metadata }) {
    return { timestamp, duration, deviceId, streamId, correlationId, name, type, kernelParams, metadata };
  },

  function withoutParameters({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, metadata }) {
    return { name, type, threadId, deviceId, streamId, timestamp, duration, correlationId, metadata };
  },

  function withoutMetadata({ type, name, timestamp, duration, deviceId, streamId, correlationId, kernelParams, memoryParams }) {
    return { correlationId, deviceId, streamId, type, name, kernelParams, memoryParams, timestamp, duration };
  },

  function withZeros({ type, name, timestamp, duration, deviceId, streamId, correlationId = 0, threadId = 0, kernelParams, memoryParams, metadata }) {
    return {
      streamId, deviceId, threadId, correlationId, type, timestamp, duration, name,
      flow: { id: 0, type: FlowType.None, isStart: false },
      memoryParams: memoryParams ?? { sizeBytes: 0, dstAddress: 0, srcAddress: 0 },
      kernelParams, metadata,
    };
  },

  function withFlows({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams }, count) {
    // Two events after each other are the ends of an arrow.
    const flow = { id: 1 + (count >> 1), type: FlowType.AsyncCpuGpu, isStart: count % 2 === 0 };
    return { flow, type, timestamp, name, correlationId, deviceId, streamId, threadId, duration, memoryParams, kernelParams };
  },

  function backwards({ type, name, timestamp, duration, deviceId, streamId, correlationId, threadId, kernelParams, memoryParams, metadata }) {
    return { metadata, memoryParams, kernelParams, threadId, correlationId, streamId, deviceId, duration, timestamp, name, type };
  },
];

class EightShapes {
  /** @param {import('./random').Random} random says which producer makes which event */
  constructor(random) {
    this.random = random;
    this.flows = 0;
  }

  /** @param {object} event of the tidy workload @returns {object} */
  build(event) {
    const produce = this.random.pick(PRODUCERS);
    return produce(event, produce === PRODUCERS[6] ? this.flows++ : 0);
  }
}

module.exports = { EightShapes };

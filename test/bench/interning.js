'use strict';

/**
 * What both ways of using protobufjs have in common: the savings of the native encoder, as far as
 * the workload needs them. Strings become ids, and each launch configuration is prepared once.
 */
const { EventType } = require('../../dist');

/** The category of each type of event that the workload has. */
const CATEGORIES = {
  [EventType.KernelLaunch]: 'gpu_kernel',
  [EventType.MemcpyH2D]: 'gpu_memory',
  [EventType.MemcpyD2H]: 'gpu_memory',
  [EventType.MemcpyD2D]: 'gpu_memory',
  [EventType.MemAlloc]: 'gpu_memory',
  [EventType.MemFree]: 'gpu_memory',
  [EventType.Marker]: 'gpu_other',
};

const SEEN_ONCE = -1;

/** Strings of one field of InternedData. */
class InternTable {
  /** @param {string} field @param {object[]} pending where new entries go */
  constructor(field, pending) {
    this.field = field;
    this.pending = pending;
    this.iids = new Map();
    this.count = 0;
  }

  /** @param {string} text @returns {number} its iid, new or known */
  iid(text) {
    const iid = this.iids.get(text);
    return iid === undefined || iid === SEEN_ONCE ? this.add(text) : iid;
  }

  /**
   * @param {string} text
   * @returns {number} 0 the first time: a string that occurs once is shorter where it stands
   */
  iidAfterFirstUse(text) {
    const iid = this.iids.get(text);
    if (iid === undefined) {
      this.iids.set(text, SEEN_ONCE);
      return 0;
    }
    return iid === SEEN_ONCE ? this.add(text) : iid;
  }

  add(text) {
    const iid = ++this.count;
    this.iids.set(text, iid);
    this.pending.push({ field: this.field, iid, text });
    return iid;
  }
}

class Interning {
  constructor() {
    /** @type {{ field: string, iid: number, text: string }[]} what the trace has to be told before the next packet */
    this.pending = [];
    this.names = new InternTable('eventNames', this.pending);
    this.categories = new InternTable('eventCategories', this.pending);
    this.keys = new InternTable('debugAnnotationNames', this.pending);
    this.values = new InternTable('debugAnnotationStringValues', this.pending);
    this.launches = new Map();
    this.correlationId = this.keys.iid('correlation_id');
    this.threadId = this.keys.iid('thread_id');
    this.sizeBytes = this.keys.iid('size_bytes');
    this.srcAddress = this.keys.iid('src_address');
    this.dstAddress = this.keys.iid('dst_address');
    this.gridDim = this.keys.iid('grid_dim');
    this.blockDim = this.keys.iid('block_dim');
    this.sharedMemBytes = this.keys.iid('shared_mem_bytes');
    this.registersPerThread = this.keys.iid('registers_per_thread');
  }

  /** @param {number} type @returns {number} */
  category(type) {
    return this.categories.iid(CATEGORIES[type]);
  }

  /**
   * What `prepare` made of a launch configuration. A kernel has few, so they are found by comparing.
   * @template T
   * @param {string} kernel its name
   * @param {object} params
   * @param {(params: object) => T} prepare
   * @returns {T}
   */
  launch(kernel, params, prepare) {
    let known = this.launches.get(kernel);
    if (known === undefined) this.launches.set(kernel, (known = []));
    for (let i = 0; i < known.length; i++) if (isSameLaunch(known[i].params, params)) return known[i].prepared;
    const prepared = prepare(params);
    known.push({ params, prepared });
    return prepared;
  }
}

function isSameLaunch(a, b) {
  return (
    a.gridX === b.gridX &&
    a.gridY === b.gridY &&
    a.gridZ === b.gridZ &&
    a.blockX === b.blockX &&
    a.blockY === b.blockY &&
    a.blockZ === b.blockZ &&
    a.sharedMemBytes === b.sharedMemBytes &&
    a.registersPerThread === b.registersPerThread
  );
}

module.exports = { Interning };

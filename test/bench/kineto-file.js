'use strict';

/**
 * Writes a trace as the PyTorch profiler does, of any size and the same for every run: training steps of a CPU thread
 * that runs operators and launches kernels, a backward thread, and streams of a GPU. Numbers, spacing and the order of
 * the rows are Kineto's: CPU rows of a step come before its launches, and those before the rows of the GPU.
 */
const { openSync, writeSync, closeSync } = require('node:fs');
const { Random } = require('./random');
const { kernelNames, operatorNames } = require('./workload-names');

const PID = 4000;
const BACKWARD = 4100;
const STREAMS = [7, 7, 7, 7, 20];
const OPERATORS_A_STEP = 400;
/** 2024, in nanoseconds: more digits than a double holds. */
const START = 1_712_195_495_501_688_047n;
const CHUNK = 4 << 20;
const TYPES = ['float', 'c10::Half', 'long int', 'bool'];
/** In real files an operator and a kernel come with so many different arguments at most: 2.5 on average. */
const VARIANTS = 4;
const COPY_SIZES = 24;

/** Nanoseconds as Kineto prints them. */
function us(ns) {
  const text = ns.toString().padStart(4, '0');
  return `${text.slice(0, -3)}.${text.slice(-3)}`;
}

class KinetoTrace {
  constructor(seed = 1) {
    this.random = new Random(seed);
    this.kernels = kernelNames(this.random, 200);
    this.operators = operatorNames(this.random, 120);
    this.inputs = new Map(this.operators.map((name) => [name, this.variants(() => this.inputArgs())]));
    this.launches = new Map(this.kernels.map((name) => [name, this.launchVariants()]));
    this.copySizes = Array.from({ length: COPY_SIZES }, () => 256 << this.random.below(16));
    this.functions = Array.from({ length: 300 }, (_, i) => `torch/nn/modules/module_${i % 40}.py(${1500 + i}): forward_${i}`);
    /** Of this step, from its start. */
    this.now = 0;
    this.step = START;
    this.streamFree = new Map(STREAMS.map((stream) => [stream, 0]));
    this.id = 1;
    this.correlation = 135_000;
    this.sequence = 18_000;
    this.slices = 0;
    this.flows = 0;
  }

  at(offset) {
    return us(this.step + BigInt(offset));
  }

  complete(cat, name, tid, start, duration, args) {
    this.slices++;
    const pid = cat.startsWith('gpu_') || cat === 'kernel' ? 0 : PID;
    return `  {
    "ph": "X", "cat": "${cat}", "name": "${name}", "pid": ${pid}, "tid": ${tid},
    "ts": ${this.at(start)}, "dur": ${us(duration)},
    "args": {
      ${args}
    }
  },
`;
  }

  flow(ph, id, pid, tid, start, kind) {
    if (ph === 'f') this.flows++;
    return `  {
    "ph": "${ph}", "id": ${id}, "pid": ${pid}, "tid": ${tid}, "ts": ${this.at(start)},
    "cat": "${kind}", "name": "${kind}"${ph === 'f' ? ', "bp": "e"' : ''}
  },
`;
  }

  variants(make) {
    return Array.from({ length: 1 + this.random.below(VARIANTS) }, make);
  }

  shape() {
    return `[${[8 << this.random.below(4), this.random.below(1024) + 1].join(', ')}]`;
  }

  /** What an operator is called with, as text. */
  inputArgs() {
    const { random } = this;
    return `"Concrete Inputs": ["", "", "${random.below(4)}"], "Input type": ["${random.pick(TYPES)}", "${random.pick(TYPES)}", "Scalar"], "Input Dims": [${this.shape()}, ${this.shape()}, []]`;
  }

  /** A kernel has a block, registers and memory of its own, and grids of several sizes. */
  launchVariants() {
    const { random } = this;
    const block = [32 << random.below(5), 1, 1];
    const registers = 16 + 8 * random.below(28);
    const shared = random.below(4) * 16384;
    return this.variants(() => {
      const grid = [1 << random.below(12), 1 + random.below(4), 1];
      return `"registers per thread": ${registers},
      "shared memory": ${shared},
      "blocks per SM": ${(grid[0] / 80).toPrecision(7).replace(/\.?0+$/, '')}${grid[0] % 80 === 0 ? '.0' : ''},
      "warps per SM": ${((grid[0] * block[0]) / 2560).toPrecision(8)},
      "grid": [${grid.join(', ')}],
      "block": [${block.join(', ')}],
      "est. achieved occupancy %": ${random.below(101)}`;
    });
  }

  kernelArgs(name, external, stream) {
    return `"External id": ${external},
      "queued": 0, "device": 0, "context": 1,
      "stream": ${stream}, "correlation": ${this.correlation},
      ${this.random.pick(this.launches.get(name))}`;
  }

  /** What a CPU thread does for one operator, and what it launches, as text by kind. */
  operator(rows) {
    const { random } = this;
    const external = this.id++;
    const start = this.now;
    const launches = random.next() < 0.55;
    const inner = launches ? 12_000 + random.below(30_000) : 800 + random.below(5_000);
    const isBackward = random.next() < 0.4;
    const tid = isBackward ? BACKWARD : PID;
    const name = random.pick(this.operators);
    const inputs = `${random.pick(this.inputs.get(name))}, "Ev Idx": ${external}`;
    if (random.next() < 0.35) {
      const id = this.id;
      rows.cpu += this.complete('python_function', random.pick(this.functions), tid, start - 400, inner + 900, `"Python id": ${id}, "Python parent id": ${id - 1}, "Ev Idx": ${external}`);
    }
    rows.cpu += this.complete('cpu_op', name, tid, start, inner, `"External id": ${external}, "Record function id": 0, ${inputs}`);
    if (random.next() < 0.5) rows.cpu += this.complete('cpu_op', `${name}_inner`, tid, start + 150, inner >> 1, `"External id": ${this.id++}, "Ev Idx": ${external}`);
    if (isBackward && random.next() < 0.2) {
      // Forward to backward: the arrow comes from an operator of the other thread, long before.
      const sequence = this.sequence++;
      rows.arrows += this.flow('s', sequence, PID, PID, this.forward ?? start, 'fwdbwd');
      rows.arrows += this.flow('f', sequence, PID, BACKWARD, start, 'fwdbwd');
    }
    if (!isBackward) this.forward = start;
    if (launches) this.launch(rows, external, tid, start + (inner >> 1) + 500, Math.max(1500, (inner >> 1) - 2_000));
    this.now += inner + 1_500 + random.below(3_000);
  }

  launch(rows, external, tid, start, duration) {
    const { random } = this;
    const kind = random.next();
    const stream = random.pick(STREAMS);
    const correlation = ++this.correlation;
    const call = kind < 0.85 ? 'cudaLaunchKernel' : kind < 0.96 ? 'cudaMemcpyAsync' : 'cudaMemsetAsync';
    rows.runtime += this.complete('cuda_runtime', call, tid, start, duration, `"External id": ${external}, "cbid": 211, "correlation": ${correlation}`);
    rows.runtime += this.flow('s', correlation, PID, tid, start, 'ac2g');
    const begin = Math.max(this.streamFree.get(stream), start + 4_000 + random.below(8_000));
    const length = random.logUniform(1_000, 60_000);
    this.streamFree.set(stream, begin + length + random.below(2_000));
    if (kind < 0.85) {
      const name = random.pick(this.kernels);
      rows.gpu += this.complete('kernel', name, stream, begin, length, this.kernelArgs(name, external, stream));
    } else {
      const bytes = random.pick(this.copySizes);
      const isCopy = kind < 0.96;
      const name = isCopy ? 'Memcpy HtoD (Pinned -> Device)' : 'Memset (Device)';
      rows.gpu += this.complete(isCopy ? 'gpu_memcpy' : 'gpu_memset', name, stream, begin, length, `"External id": ${external}, "device": 0, "context": 1,
      "stream": ${stream}, "correlation": ${correlation},
      "bytes": ${bytes}, "memory bandwidth (GB/s)": ${bytes / length}`);
    }
    rows.gpu += this.flow('f', correlation, 0, stream, begin, 'ac2g');
    // An annotation is a microsecond wider to each side than what it is about.
    if (random.next() < 0.02) rows.gpu += this.complete('gpu_user_annotation', 'nccl:all_reduce', stream, begin - 1_000, length + 2_000, `"External id": ${external}`);
  }

  /** Rows of the next training step. */
  next() {
    const rows = { cpu: '', arrows: '', runtime: '', gpu: '' };
    for (let i = 0; i < OPERATORS_A_STEP; i++) this.operator(rows);
    const duration = Math.max(this.now, ...this.streamFree.values());
    rows.cpu += this.complete('user_annotation', `ProfilerStep#${this.id % 1000}`, PID + 1, 0, duration, `"External id": ${this.id}, "Ev Idx": 0`);
    this.step += BigInt(duration + 10_000);
    this.now = 0;
    for (const stream of this.streamFree.keys()) this.streamFree.set(stream, 0);
    return rows.cpu + rows.arrows + rows.runtime + rows.gpu;
  }

  head() {
    const device = (id) => `
    {
      "id": ${id}, "name": "NVIDIA A100-SXM4-80GB", "totalGlobalMem": 85031714816, "computeMajor": 8, "computeMinor": 0,
      "maxThreadsPerBlock": 1024, "maxThreadsPerMultiprocessor": 2048, "warpSize": 32, "numSms": 108
    }`;
    return `
{
  "schemaVersion": 1,
  "deviceProperties": [${[0, 1].map(device).join(',')}
  ],
  "distributedInfo": {"backend": "nccl", "rank": 0, "world_size": 2},
  "traceEvents": [
`;
  }

  tail() {
    const describe = (pid, tid, name, args) => `  {
    "name": "${name}", "ph": "M", "ts": ${us(START)}, "pid": ${pid}, "tid": ${tid},
    "args": {
      ${args}
    }
  },
`;
    const process = (pid, label, index) =>
      describe(pid, 0, 'process_name', '"name": "python"') +
      describe(pid, 0, 'process_labels', `"labels": "${label}"`) +
      describe(pid, 0, 'process_sort_index', `"sort_index": ${index}`);
    const thread = (pid, tid, name) =>
      describe(pid, tid, 'thread_name', `"name": "${name}"`) + describe(pid, tid, 'thread_sort_index', `"sort_index": ${tid}`);
    this.slices++;
    return `${process(PID, 'CPU', PID)}${process(0, 'GPU 0', 16_777_216)}${[PID, PID + 1, BACKWARD].map((tid) => thread(PID, tid, `thread ${tid} (python)`)).join('')}${[7, 20].map((tid) => thread(0, tid, `stream ${tid} `)).join('')}  {
    "ph": "X", "cat": "Trace", "ts": ${us(START)}, "dur": ${us(this.step - START)},
    "pid": "Spans", "tid": "PyTorch Profiler",
    "name": "PyTorch Profiler (0)",
    "args": {
      "Op count": 0
    }
  },
  {
    "name": "Record Window End", "ph": "i", "s": "g",
    "pid": "", "tid": "", "ts": ${us(this.step)}
  }
  ],
  "traceName": "kineto.json",
  "displayTimeUnit": "ms",
  "baseTimeNanoseconds": 0
}`;
  }
}

/** Collects text into large writes. */
class TextFile {
  constructor(path) {
    this.fd = openSync(path, 'w');
    this.parts = [];
    this.pending = 0;
    this.bytes = 0;
  }

  write(text) {
    this.parts.push(text);
    this.pending += text.length;
    if (this.pending >= CHUNK) this.flush();
  }

  flush() {
    const bytes = Buffer.from(this.parts.join(''));
    for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done);
    this.bytes += bytes.length;
    this.parts = [];
    this.pending = 0;
  }

  /** @returns {number} bytes of the file */
  close() {
    this.flush();
    closeSync(this.fd);
    return this.bytes;
  }
}

/**
 * @param {string} path
 * @param {number} size at least so many bytes
 * @returns {{ bytes: number, slices: number, flows: number }} what the file holds
 */
function writeKinetoFile(path, size) {
  const file = new TextFile(path);
  const trace = new KinetoTrace();
  file.write(trace.head());
  while (file.bytes + file.pending < size) file.write(trace.next());
  file.write(trace.tail());
  return { bytes: file.close(), slices: trace.slices, flows: trace.flows };
}

/**
 * A trace of Kineto's again and again, each time later and with ids of its own, so that it is one trace.
 *
 * @param {string} text of a trace
 * @param {string} path
 * @param {number} size at least so many bytes
 */
function writeRepeated(text, path, size) {
  const open = text.indexOf('[', text.indexOf('"traceEvents"')) + 1;
  const end = text.lastIndexOf(']', text.search(/"(INFO|traceName)"\s*:/));
  const events = text.slice(open, end);
  const nanoseconds = (us) => {
    const [whole, fraction = ''] = us.split('.');
    return BigInt(whole + fraction.padEnd(3, '0').slice(0, 3));
  };
  // Every second part is a number: of a time, or of an arrow.
  const parts = events.split(/(?<="ts": |"id": )(\d+(?:\.\d+)?)/);
  const isTime = parts.map((part) => part.endsWith('"ts": '));
  const ids = parts.map((part, i) => (i % 2 === 1 && !isTime[i - 1] ? Number(part) : 0));
  const times = parts.map((part, i) => (i % 2 === 1 && isTime[i - 1] ? nanoseconds(part) : 0n));
  const known = times.filter((time) => time > 0n);
  const least = known.reduce((a, b) => (a < b ? a : b));
  const span = known.reduce((a, b) => (a > b ? a : b)) - least + 1_000_000_000n;
  const idSpan = ids.reduce((a, b) => Math.max(a, b), 0) + 1;

  const file = new TextFile(path);
  file.write(text.slice(0, open));
  for (let copy = 0; file.bytes + file.pending < size; copy++) {
    const by = span * BigInt(copy);
    if (copy > 0) file.write(',');
    file.write(parts.map((part, i) => (i % 2 === 0 ? part : isTime[i - 1] ? us(times[i] + by) : String(ids[i] + idSpan * copy))).join(''));
  }
  file.write(text.slice(end));
  return { bytes: file.close() };
}

module.exports = { writeKinetoFile, writeRepeated };

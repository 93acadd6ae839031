'use strict';

/**
 * A program that calls everything the addon exports with what nobody should hand to it, and says what it
 * was not refused: `node hostile-addon.js ADDON FOLDER SEED [workers]`. It writes what it does to
 * FOLDER/case-N before each call, so that a crash can be told, and its account as JSON to standard output.
 */
const { openSync, writeFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread, threadId, Worker, workerData } = require('node:worker_threads');
const { EventBatch } = require('../../dist/batch/batch');
const { OWN_ERROR, VALUES } = require('./hostile-values');

const [addonPath, folder, seed, workers] = isMainThread ? process.argv.slice(2) : workerData;
const addon = require(addonPath);
const progress = openSync(join(folder, `case-${threadId}`), 'w');
const failures = [];
let cases = 0;

const SLICE = 1;
const PLAIN_TRACK = 3;
const EVERY_ATTRIBUTE = { text: 'text', int: -1n, double: 0.5, bool: true, nested: { list: [1, 'two'] } };
/** Codes of errors that are an answer; INTERNAL would be a bug. */
const CODES = new Set(['INVALID_ARGUMENT', 'INVALID_INPUT', 'IO', 'CANCELLED', 'OUT_OF_MEMORY']);

/** A good batch as plain properties: a track and a slice with a call stack, a launch and arguments. */
function goodBatch() {
  const copy = {};
  const batch = new EventBatch({
    append: (full) => {
      for (const [name, value] of Object.entries(full)) copy[name] = ArrayBuffer.isView(value) ? structuredClone(value) : value;
    },
  });
  const { writeArgs } = require('../../dist/batch/args');
  const { writeCallStack } = require('../../dist/batch/call-stack');
  batch.beginTrack(PLAIN_TRACK, undefined, 'track');
  batch.commit();
  batch.begin(SLICE, 0, 0, batch.text('slice'), 0, 10);
  batch.setExtent(5);
  writeArgs(batch, EVERY_ATTRIBUTE, 'args', unexpected);
  writeCallStack(batch, [{ functionName: 'f', lineNumber: 1 }], 'callStack', unexpected);
  batch.commit();
  batch.flush();
  return copy;
}

function unexpected(field) {
  throw new Error(`the good batch has a bad ${field}`);
}

const input = join(folder, 'input.json');
const writerOptions = () => ({ window: 4, path: null, name: 'out', rows: 0, room: 0, compression: 0, level: 1, clock: 0, seed: 0 });
const conversionOptions = () => ({
  input, output: join(folder, `output-${threadId}`), inputName: 'in', outputName: 'out', compression: 0, level: 1,
  memoryBudget: 1 << 20, spillPath: `${folder}/`, gpuEvents: 0, strict: false, blockSize: 0,
});

const isCount = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;
const isAny = () => true;
const isPath = (value) => typeof value === 'string' && value !== '' && !value.includes('\0');
const isName = (value) => typeof value === 'string' && !value.includes('\0');
/** The real type of a typed array; undefined of anything else. */
const typeOf = (value) => Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get.call(value);
const isColumn = ({ name }, least) => (value) => typeOf(value) === name && value.length >= least;

/** Of the properties of a batch: what the addon may take. What columns hold it finds out later. */
const { rows, attrs, words, newTexts } = goodBatch();
const BATCH = {
  rows: isCount(0, rows), attrs: isCount(0, attrs), words: isCount(0, words), newTexts: isCount(0, newTexts),
  generation: isCount(0, 2 ** 32 - 1),
  kind: isColumn(Uint8Array, rows), channel: isColumn(Uint8Array, rows), flags: isColumn(Uint8Array, rows),
  track: isColumn(Uint32Array, rows), name: isColumn(Uint32Array, rows), category: isColumn(Uint32Array, rows),
  attrEnd: isColumn(Uint32Array, rows), time: isColumn(Float64Array, rows), extent: isColumn(Float64Array, rows),
  attrHead: isColumn(Uint32Array, attrs), attrValue: isColumn(Float64Array, attrs), word: isColumn(Uint32Array, words),
  textEnd: isColumn(Uint32Array, newTexts), textBytes: isColumn(Uint8Array, 0),
};
const WRITER = {
  window: isCount(0, 2 ** 24), path: (value) => value === null || isName(value), name: isName, rows: isCount(0, 2 ** 32 - 1),
  room: isCount(0, 2 ** 30), compression: isCount(0, 2), level: isCount(1, 9), clock: isCount(0, 3),
};
const CONVERSION = {
  input: (value) => isPath(value) || isCount(0, 2 ** 31 - 1)(value), output: (value) => isPath(value) || isCount(0, 2 ** 31 - 1)(value),
  inputName: isName, outputName: isName, compression: isCount(0, 2), level: isCount(1, 9),
  memoryBudget: isCount(2 ** 20, 2 ** 40), spillPath: isName, gpuEvents: isCount(0, 2), strict: isAny, blockSize: isCount(0, 2 ** 30),
};
// A list may be a proxy, which is taken or refused.
const TRIM = { input: isName, inputName: isName, names: isAny, prefix: isName, spillPath: isName };

const batchArgument = { good: goodBatch, accepts: () => false, properties: BATCH };
const wholeWriter = () => new addon.Writer({ ...writerOptions(), window: 0, room: 100 });
const finishedWriter = () => {
  const made = wholeWriter();
  made.append(goodBatch());
  made.finishSync();
  return made;
};
const trimInput = join(folder, `trace-${threadId}`);
const trimOptions = () => ({ input: trimInput, inputName: 'in', names: ['name'], prefix: 'Step', spillPath: `${folder}/` });
/** What a part of a trace is chosen by: all of it. */
const partOptions = (output) => ({
  output: join(folder, `${output}-${threadId}`), outputName: 'out', compression: 0, level: 1, windows: null, windowCount: 0,
  followsFlows: false, names: null, categories: null, needsCategory: false, processes: null, threads: null, acceptsOwnerless: true,
  tracks: null, minDuration: 0, maxDepth: 2 ** 32 - 1, args: 0, uniqueArgs: [], arrowArg: 'correlation', optionsText: '{}',
});
const writer = () => new addon.Writer(writerOptions());
const conversion = () => new addon.Conversion(conversionOptions());
const trim = () => new addon.Trim(trimOptions());

/** Everything that can be called: on what, and with which arguments. */
const CALLS = {
  readBoottime: { receiver: () => addon, isFunction: true, arguments: [] },
  readRealtime: { receiver: () => addon, isFunction: true, arguments: [] },
  Writer: { isClass: true, arguments: [{ good: writerOptions, accepts: () => false, properties: WRITER }] },
  'Writer.append': { receiver: writer, arguments: [batchArgument] },
  'Writer.queuedBytes': { receiver: writer, arguments: [], isAccessor: true },
  'Writer.flush': { receiver: writer, arguments: [{ good: () => true, accepts: isAny }] },
  'Writer.flushSoon': { receiver: writer, arguments: [] },
  'Writer.drained': { receiver: writer, arguments: [] },
  'Writer.take': { receiver: writer, arguments: [] },
  'Writer.finish': { receiver: writer, arguments: [] },
  'Writer.finishSync': { receiver: wholeWriter, arguments: [] },
  'Writer.finishNow': { receiver: writer, arguments: [] },
  'Writer.bytes': { receiver: finishedWriter, arguments: [] },
  'Writer.abort': { receiver: writer, arguments: [] },
  Conversion: { isClass: true, arguments: [{ good: conversionOptions, accepts: () => false, properties: CONVERSION }] },
  'Conversion.run': { receiver: conversion, arguments: [] },
  'Conversion.lookAt': { receiver: conversion, arguments: [] },
  'Conversion.texts': { receiver: conversion, arguments: [] },
  'Conversion.owners': { receiver: conversion, arguments: [] },
  'Conversion.writePart': { receiver: conversion, arguments: [{ good: () => partOptions('part'), accepts: () => false }] },
  'Conversion.progress': { receiver: conversion, arguments: [] },
  'Conversion.cancel': { receiver: conversion, arguments: [] },
  Trim: { isClass: true, arguments: [{ good: trimOptions, accepts: () => false, properties: TRIM }] },
  'Trim.lookAt': { receiver: trim, arguments: [] },
  'Trim.texts': { receiver: trim, arguments: [] },
  'Trim.tracks': { receiver: trim, arguments: [] },
  'Trim.write': { receiver: trim, arguments: [{ good: () => partOptions('trimmed'), accepts: () => false }] },
  'Trim.progress': { receiver: trim, arguments: [] },
  'Trim.cancel': { receiver: trim, arguments: [] },
};

/** The names of all that can be called, as the addon itself tells. */
function reflected() {
  return Object.getOwnPropertyNames(addon).flatMap((name) => {
    const value = addon[name];
    if (typeof value !== 'function') return [];
    const members = Object.getOwnPropertyNames(value.prototype ?? {}).filter((member) => member !== 'constructor');
    const statics = Object.getOwnPropertyNames(value).filter((member) => !['length', 'name', 'prototype', 'arguments', 'caller'].includes(member));
    return [name, ...members.map((member) => `${name}.${member}`), ...statics.map((member) => `${name}::${member}`)];
  });
}

/** The function behind a name. */
function functionOf(name) {
  const [owner, member] = name.split('.');
  if (member === undefined) return addon[owner];
  const { value, get } = Object.getOwnPropertyDescriptor(addon[owner].prototype, member);
  return value ?? get;
}

/** Calls, and waits for a promise; the error or undefined. */
async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    return { error };
  }
  return undefined;
}

/** Refusals of the engine itself, of a receiver of another class or a proxy, have no code. */
const isOfEngine = ({ name, message }) => name === 'TypeError' && /Illegal invocation|proxy that has been revoked/.test(message);
const isRefusal = (error) => CODES.has(error?.code) || error?.message === OWN_ERROR || (error instanceof Error && isOfEngine(error));

/** @param outcome what has to come: 'refusal', or 'any', which is success too */
async function check(label, outcome, call) {
  writeSync(progress, `${label.slice(0, 199).padEnd(199)}\n`, 0);
  cases++;
  const thrown = await errorOf(call);
  if (thrown === undefined) {
    if (outcome === 'refusal') failures.push(`${label}: taken`);
  } else if (!isRefusal(thrown.error)) {
    failures.push(`${label}: ${thrown.error?.name} ${thrown.error?.code}: ${String(thrown.error?.message).slice(0, 200)}`);
  }
}

function invoke(name, call, receiver, args) {
  if (call.isClass) return Reflect.construct(addon[name], args);
  return Reflect.apply(functionOf(name), receiver, args);
}

const goodArguments = (call) => call.arguments.map(({ good }) => good());

/** A class takes nothing that looks like it: not its prototype, its heirs without construction, other classes or proxies. */
async function wrongReceivers(name, call) {
  if (call.isFunction) return;
  const run = (receiver) => () => Reflect.apply(functionOf(name), receiver, goodArguments(call));
  if (call.isClass) return check(`${name} without new`, 'refusal', run(undefined));
  const [owner] = name.split('.');
  const { prototype } = addon[owner];
  const others = [writer, conversion, trim].filter((make) => !(make() instanceof addon[owner]));
  const receivers = {
    ...VALUES,
    'its prototype': () => prototype,
    'an heir of its prototype': () => Object.create(prototype),
    'a proxy of an instance': () => new Proxy(call.receiver(), {}),
    'an object made with its prototype': () => Reflect.construct(Object, [], addon[owner]),
    'the addon': () => addon,
    'another class': () => others[0](),
    'another class with its prototype': () => Object.setPrototypeOf(others[0](), prototype),
  };
  for (const [what, make] of Object.entries(receivers)) await check(`${name} on ${what}`, 'refusal', run(make()));
}

async function wrongArguments(name, call) {
  for (const [index, { accepts, properties = {} }] of call.arguments.entries()) {
    for (const [what, make] of Object.entries(VALUES)) {
      const args = goodArguments(call);
      args[index] = make();
      const outcome = accepts(args[index]) ? 'any' : 'refusal';
      await check(`${name} with ${what} as argument ${index}`, outcome, () => invoke(name, call, call.receiver?.(), args));
    }
    for (const [property, isGood] of Object.entries(properties)) await wrongProperty(name, call, index, property, isGood);
  }
  for (let count = 0; count < call.arguments.length; count++) {
    const isEnough = call.arguments.slice(count).every(({ accepts }) => accepts(undefined));
    const args = goodArguments(call).slice(0, count);
    await check(`${name} with ${count} arguments`, isEnough ? 'any' : 'refusal', () => invoke(name, call, call.receiver?.(), args));
  }
  const many = [...goodArguments(call), ...Array.from({ length: 100 }, (_, i) => i)];
  await check(`${name} with many arguments`, 'any', () => invoke(name, call, call.receiver?.(), many));
}

async function wrongProperty(name, call, index, property, isGood) {
  const run = (receiver, define) => () => {
    const args = goodArguments(call);
    define(args[index]);
    return invoke(name, call, receiver, args);
  };
  for (const [what, make] of Object.entries(VALUES)) {
    const value = make();
    const label = `${name} with ${what} as ${property}`;
    await check(label, isGood(value) ? 'any' : 'refusal', run(call.receiver?.(), (object) => (object[property] = value)));
  }
  const getter = (get) => (object) => Object.defineProperty(object, property, { get });
  await check(`${name} with a getter ${property} that throws`, 'refusal', run(call.receiver?.(), getter(() => { throw new Error(OWN_ERROR); })));
  await reentrant(name, call, index, property);
}

/** A getter that calls another method of the object that is being called. */
async function reentrant(name, call, index, property) {
  if (call.isClass) return;
  const [owner] = name.split('.');
  for (const other of Object.keys(CALLS).filter((member) => member.startsWith(`${owner}.`))) {
    const receiver = call.receiver();
    const args = goodArguments(call);
    const value = args[index][property];
    const get = () => {
      // Some of these calls give promises that reject.
      void errorOf(() => Reflect.apply(functionOf(other), receiver, goodArguments(CALLS[other])));
      return value;
    };
    Object.defineProperty(args[index], property, { get });
    await check(`${name} with a getter ${property} that calls ${other}`, 'any', () => invoke(name, call, receiver, args));
  }
}

/** The memory of a batch may be of any kind, and is copied. */
async function memories() {
  const kinds = {
    shared: (size) => new SharedArrayBuffer(size),
    resizable: (size) => new ArrayBuffer(size, { maxByteLength: 2 * size }),
    'shared and growable': (size) => new SharedArrayBuffer(size, { maxByteLength: 2 * size }),
  };
  const expected = traceOf(goodBatch());
  for (const [kind, make] of Object.entries(kinds)) {
    const batch = goodBatch();
    for (const [name, column] of Object.entries(batch)) {
      if (!ArrayBuffer.isView(column)) continue;
      const bytes = new Uint8Array(make(column.byteLength));
      bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
      batch[name] = new column.constructor(bytes.buffer);
    }
    await check(`Writer.append with ${kind} memory`, 'any', () => expectSame(`${kind} memory`, traceOf(batch), expected));
  }
}

function traceOf(batch) {
  const made = wholeWriter();
  made.append(batch);
  made.finishSync();
  return Buffer.from(made.bytes());
}

function expectSame(what, actual, expected) {
  if (!actual.equals(expected)) failures.push(`${what}: another trace`);
}

/** Descriptors that are not open, or are of something else than a file. */
async function descriptors() {
  const folderOpen = openSync(folder, 'r');
  for (const [what, descriptor] of Object.entries({ 'one that is not open': 2 ** 31 - 1, 'that of a folder': folderOpen })) {
    for (const property of ['input', 'output']) {
      const run = () => new addon.Conversion({ ...conversionOptions(), [property]: descriptor }).run();
      await check(`Conversion.run with ${what} as ${property}`, 'refusal', run);
    }
  }
}

/** Calls of one object in any order, awaited or not: after its end, twice, and while others still go on. */
async function anyOrder(random) {
  for (const [owner, make] of [
    ['Writer', wholeWriter], ['Writer', writer], ['Conversion', conversion], ['Trim', trim],
  ]) {
    const members = Object.keys(CALLS).filter((name) => name.startsWith(`${owner}.`));
    for (let round = 0; round < 100; round++) {
      const receiver = make();
      const pending = [];
      let label = '';
      for (let step = 0; step < 12; step++) {
        const name = members[random(members.length)];
        label = `${label.slice(-120)} ${name}`;
        const calling = check(label, 'any', () => Reflect.apply(functionOf(name), receiver, goodArguments(CALLS[name])));
        if (random(2) === 0) await calling;
        else pending.push(calling);
      }
      await Promise.all(pending);
    }
  }
}

/** A small generator with a seed. */
function randomFrom(state) {
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function main() {
  writeFileSync(trimInput, traceOf(goodBatch()));
  const known = Object.keys(CALLS).sort();
  const found = reflected().sort();
  const missing = found.filter((name) => !known.includes(name));
  const gone = known.filter((name) => !found.includes(name));
  if (missing.length + gone.length > 0) failures.push(`without cases: ${missing.join()}; no longer there: ${gone.join()}`);
  for (const [name, call] of Object.entries(CALLS)) {
    if (!found.includes(name)) continue;
    await wrongReceivers(name, call);
    await wrongArguments(name, call);
  }
  await memories();
  await descriptors();
  await anyOrder(randomFrom(Number(seed)));
  const trace = traceOf(goodBatch());
  return { cases, failures, names: found, trace: trace.toString('hex') };
}

/** Runs this file in several threads at once. */
async function inWorkers(count) {
  const accounts = await Promise.all(
    Array.from({ length: count }, (_, i) => {
      const worker = new Worker(__filename, { workerData: [addonPath, folder, Number(seed) + i] });
      return new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    }),
  );
  return { ...accounts[0], cases: accounts.reduce((sum, one) => sum + one.cases, 0), failures: accounts.flatMap((one) => one.failures) };
}

async function run() {
  if (!isMainThread) return require('node:worker_threads').parentPort.postMessage(await main());
  // Values that are paths are below the folder.
  process.chdir(folder);
  writeFileSync(input, '[{"ph":"X","name":"a","pid":1,"tid":1,"ts":1,"dur":1}]');
  process.stdout.write(JSON.stringify(await (workers === undefined ? main() : inWorkers(Number(workers)))));
}

void run();

// What scripts/test-environments.mjs runs in each environment: FILE FOLDER, beside an installed package. Prints a line
// of JSON with what failed, by the name of the check. CommonJS, which all of them can run.

const fs = require('node:fs');
const path = require('node:path');

const PACKAGE = 'tracesmith-perfetto';
const [folder] = process.argv.slice(2);
const at = (name) => path.join(folder, name);

/** Throws unless all slices were counted. */
function expectSlices(slices, expected) {
  if (slices !== expected) throw new Error(`expected ${expected} slices but received ${slices}`);
}

/** Throws unless the trace begins with the tag of a packet. */
function expectNative(bytes) {
  if (bytes[0] !== 0x0a) throw new Error('the trace is not a native one');
}

async function writeTrace(library, file) {
  const trace = await library.TraceWriter.open(file);
  const thread = trace.process({ pid: 1, name: 'app' }).thread({ tid: 1, name: 'main' });
  for (let i = 0; i < 10_000; i++) thread.slice('slice', i * 10, 5);
  await trace.flush();
  await thread.span('span', async () => undefined);
  const { slices } = await trace.close();
  expectNative(fs.readFileSync(file));
  return slices;
}

const checks = {
  require: () => void require(PACKAGE).TraceWriter.open,
  import: async () => void (await import(PACKAGE)).TraceWriter.open,
  addon() {
    const { isSDKAvailable, sdkInfo } = require(PACKAGE);
    if (!isSDKAvailable()) throw new Error(sdkInfo().reason);
  },
  async export() {
    const { EventType, PerfettoProtoExporter } = require(PACKAGE);
    const events = [{ type: EventType.KernelLaunch, name: 'vectorAdd', timestamp: 1_000_000, duration: 500_000 }];
    expectNative(new PerfettoProtoExporter().exportToProto(events));
    const { slices } = await new PerfettoProtoExporter().exportToFile(events, at('export.pftrace'));
    expectSlices(slices, 1);
    expectNative(fs.readFileSync(at('export.pftrace')));
  },
  async writer() {
    expectSlices(await writeTrace(require(PACKAGE), at('writer.pftrace')), 10_001);
  },
  async stream() {
    const file = fs.createWriteStream(at('stream.pftrace'));
    const trace = await require(PACKAGE).TraceWriter.open(file);
    trace.track({ name: 'track' }).slice('slice', 1, 1);
    expectSlices((await trace.close()).slices, 1);
    expectNative(fs.readFileSync(at('stream.pftrace')));
  },
  async convert() {
    const events = Array.from({ length: 1000 }, (_, ts) => ({ ph: 'X', name: 'event', pid: 1, tid: 1, ts, dur: 1 }));
    fs.writeFileSync(at('convert.json'), JSON.stringify(events));
    const { slices } = await require(PACKAGE).convertTrace(at('convert.json'), at('convert.pftrace'));
    expectSlices(slices, 1000);
    expectNative(fs.readFileSync(at('convert.pftrace')));
  },
  async worker() {
    const { Worker } = require('node:worker_threads');
    const results = [1, 2].map((id) => new Promise((resolve, reject) => {
      const worker = new Worker(__filename, { argv: [folder], workerData: { file: at(`worker-${id}.pftrace`) } });
      worker.once('message', resolve);
      worker.once('error', reject);
    }));
    for (const result of await Promise.all(results)) {
      if (result.error) throw new Error(result.error);
      expectSlices(result.slices, 10_001);
    }
  },
};

async function runChecks() {
  const failures = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
    } catch (error) {
      failures[name] = String(error?.message ?? error);
    }
  }
  console.log(JSON.stringify({ checks: Object.keys(checks), failures }));
}

async function runWorker({ file }, port) {
  try {
    port.postMessage({ slices: await writeTrace(require(PACKAGE), file) });
  } catch (error) {
    port.postMessage({ error: String(error?.message ?? error) });
  }
}

const { isMainThread, parentPort, workerData } = require('node:worker_threads');
void (isMainThread ? runChecks() : runWorker(workerData, parentPort));

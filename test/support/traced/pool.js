'use strict';

/** A pool of worker threads, each with a trace of its own: `node pool.js MODE TRACE`. Prints the results of all jobs. */
const { isMainThread, parentPort, Worker } = require('node:worker_threads');
const { argsFor, openTrace } = require('./open');

const [mode, path] = process.argv.slice(2);
const JOBS = 300;
const WORKERS = 3;

const primesBelow = (limit) => {
  let count = 0;
  for (let n = 2; n < limit; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
    if (isPrime) count++;
  }
  return count;
};

async function work() {
  const { threadId } = require('node:worker_threads');
  const trace = await openTrace(mode, `${path}.${threadId}`);
  const thread = trace.process({ pid: process.pid, name: 'pool' }).thread({ tid: process.pid + threadId, name: `worker ${threadId}` });
  const jobs = thread.counter({ name: 'jobs' });
  let done = 0;
  parentPort.on('message', (job) => {
    // The thread ends without close().
    if (job === null) process.exit();
    let answer;
    try {
      const result = thread.span('job', (span) => {
        if (job % 100 === 99) throw new Error(`job ${job} is odd`);
        span.addArgs(argsFor(mode, job));
        thread.begin('inner', trace.now(), { args: argsFor(mode, job) });
        const primes = primesBelow(job);
        thread.end(trace.now());
        return primes;
      });
      answer = { job, result };
    } catch (error) {
      answer = { job, error: error.message };
    }
    jobs.record(trace.now(), ++done);
    parentPort.postMessage(answer);
  });
}

async function main() {
  const answers = [];
  let next = 0;
  const exits = Array.from({ length: WORKERS }, () => {
    const worker = new Worker(__filename, { argv: process.argv.slice(2) });
    const give = () => worker.postMessage(next < JOBS ? next++ : null);
    worker.on('message', (answer) => {
      answers[answer.job] = answer;
      give();
    });
    give();
    return new Promise((resolve) => worker.on('exit', resolve));
  });
  const codes = await Promise.all(exits);
  console.log(JSON.stringify({ answers, codes }));
}

if (isMainThread) void main();
else void work();

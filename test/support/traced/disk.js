'use strict';

/** A program whose trace goes to a disk that may fill: `node disk.js MODE TRACE`. Prints what it computes, in lines. */
const { setTimeout: sleep } = require('node:timers/promises');
const { argsFor, openTrace } = require('./open');

const [mode, path] = process.argv.slice(2);

async function main() {
  const trace = await openTrace(mode, path);
  const main = trace.process({ pid: process.pid, name: 'disk' }).thread({ tid: process.pid, name: 'main' });
  const pad = 'x'.repeat(200);
  let state = 1;
  for (let step = 0; step < 20; step++) {
    const value = await main.span('step', async (span) => {
      for (let i = 0; i < 1000; i++) {
        state = main.span('next', () => (state * 48_271) % 2_147_483_647, { args: { pad: `${pad}${i} ${step}` } });
      }
      main.instant('half', trace.now(), { args: argsFor(mode, step) });
      await sleep(1);
      span.addArgs(argsFor(mode, state));
      return state;
    });
    console.log(`${step} ${value}`);
    if (step % 5 === 4) await trace.flush().catch(() => undefined);
  }
  await trace.close().catch(() => undefined);
  console.log(`after ${main.span('late', () => state)}`);
}

void main();

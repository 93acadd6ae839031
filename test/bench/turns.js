'use strict';

/** Runs rivals in turns, each in a process of its own: a busy machine hits all of them alike. */
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const WARM_UP_ROUNDS = 6;
// A million events and their trace as JSON objects need more than the default heap.
const FLAGS = ['--expose-gc', '--max-old-space-size=8192'];

class Contestant {
  constructor() {
    this.child = fork(path.join(__dirname, 'contestant.js'), { execArgv: FLAGS });
    this.failed = once(this.child, 'exit').then(([code, signal]) => {
      throw new Error(`contestant.js ended (${signal ?? `exit code ${code}`})`);
    });
    this.failed.catch(() => undefined);
  }

  async ask(task, request = {}) {
    this.child.send({ task, ...request });
    const [{ answer }] = await Promise.race([once(this.child, 'message'), this.failed]);
    return answer;
  }

  end() {
    this.child.disconnect();
  }
}

/**
 * @param {object} request
 * @param {string[]} request.rivals
 * @param {number} request.rounds
 * @param {import('./workload').WorkloadOptions} request.workload
 * @returns {Promise<{ times: Record<string, number[]>, sizes: Record<string, number>, wrong: string[] }>}
 *   by rival: ns an event of each round, bytes an event; and what is wrong with the outputs
 */
async function inTurns({ rivals, rounds, workload }) {
  const result = { times: {}, sizes: {}, wrong: [] };
  const contestants = [];
  try {
    for (const rival of rivals) {
      const contestant = new Contestant();
      contestants.push([rival, contestant]);
      const { size, wrong } = await contestant.ask('start', { rival, workload });
      result.sizes[rival] = size;
      result.times[rival] = [];
      if (wrong !== null) result.wrong.push(`${rival}: ${wrong}`);
    }
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const [rival, contestant] of contestants) {
        const time = await contestant.ask('round');
        if (round >= 0) result.times[rival].push(time);
      }
    }
  } finally {
    for (const [, contestant] of contestants) contestant.end();
  }
  return result;
}

/** One answer of a process that is asked nothing else. */
async function askOnce(task, request) {
  const contestant = new Contestant();
  try {
    return await contestant.ask(task, request);
  } finally {
    contestant.end();
  }
}

module.exports = { WARM_UP_ROUNDS, inTurns, askOnce };

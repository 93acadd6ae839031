'use strict';

/** Runs contestants in turns, each in a process of its own: a busy machine hits all of them alike. */
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const WARM_UP_ROUNDS = 6;
// A million events and their trace as JSON objects need more than the default heap.
const FLAGS = ['--expose-gc', '--max-old-space-size=8192'];

/** A process that does what it is asked. */
class Contestant {
  /** @param {string} [script] beside this file */
  constructor(script = 'contestant.js') {
    this.child = fork(path.join(__dirname, script), { execArgv: FLAGS });
    this.failed = once(this.child, 'exit').then(([code, signal]) => {
      throw new Error(`${script} ended (${signal ?? `exit code ${code}`})`);
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
 * Asks each contestant for a round, again and again.
 * @param {readonly Contestant[]} contestants
 * @param {number} rounds
 * @returns {Promise<any[][]>} by contestant: the answer of each round after the warm-up
 */
async function takeTurns(contestants, rounds) {
  const answers = contestants.map(() => []);
  const order = contestants.map((contestant, index) => ({ contestant, own: answers[index] }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const { contestant, own } of order) {
      const answer = await contestant.ask('round');
      if (round >= 0) own.push(answer);
    }
    // Nobody always comes after the same one.
    order.reverse();
  }
  return answers;
}

/**
 * @param {object} request
 * @param {Record<string, { rival: string, workload: import('./workload').WorkloadOptions }>} request.entries by name
 * @param {number} request.rounds
 * @returns {Promise<{ times: Record<string, number[]>, sizes: Record<string, number>, wrong: string[] }>}
 *   by name: ns an event of each round, bytes an event; and what is wrong with the outputs
 */
async function inTurns({ entries, rounds }) {
  const result = { times: {}, sizes: {}, wrong: [] };
  const contestants = [];
  try {
    for (const [name, entry] of Object.entries(entries)) {
      const contestant = new Contestant();
      contestants.push(contestant);
      const { size, wrong } = await contestant.ask('start', entry);
      result.sizes[name] = size;
      if (wrong !== null) result.wrong.push(`${name}: ${wrong}`);
    }
    const times = await takeTurns(contestants, rounds);
    Object.keys(entries).forEach((name, index) => (result.times[name] = times[index]));
  } finally {
    for (const contestant of contestants) contestant.end();
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

module.exports = { WARM_UP_ROUNDS, Contestant, takeTurns, inTurns, askOnce };

'use strict';

/** An HTTP server that is killed under load: `node server.js MODE TRACE`. Prints what the clients got. */
const { AsyncLocalStorage } = require('node:async_hooks');
const { fork } = require('node:child_process');
const { createHash } = require('node:crypto');
const { createServer } = require('node:http');
const { setImmediate: turn } = require('node:timers/promises');
const { argsFor, openTrace } = require('./open');

const [mode, path] = process.argv.slice(2);
const REQUESTS = 400;
const AT_ONCE = 20;

async function serve() {
  const trace = await openTrace(mode, path);
  const requests = trace.process({ pid: process.pid, name: 'server' }).track({ name: 'requests' });
  const load = trace.counter({ name: 'open requests' });
  const current = new AsyncLocalStorage();
  let open = 0;

  const hash = (text) =>
    current.getStore().track.asyncSpan('hash', async (span) => {
      span.addArgs(argsFor(mode, text));
      await turn();
      return createHash('sha256').update(text).digest('hex');
    });

  const answer = (request, response) =>
    requests.asyncSpan(`${request.method} request`, (span) =>
      current.run(span, async () => {
        load.record(trace.now(), ++open);
        try {
          if (request.url === '/flush') await trace.flush().catch(() => undefined);
          if (request.url === '/error') throw new Error('no such thing');
          const hashes = await Promise.all([hash(request.url), hash(`${request.url}?again`)]);
          response.end(hashes.join(' '));
        } finally {
          load.record(trace.now(), --open);
        }
      }),
    );

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.writeHead(500).end(error.message));
  });
  server.listen(0, () => process.send(server.address().port));
}

async function get(port, url) {
  const response = await fetch(`http://localhost:${port}${url}`);
  return `${response.status} ${await response.text()}`;
}

async function main() {
  const server = fork(__filename, process.argv.slice(2), { env: { ...process.env, SERVES: '1' } });
  const ended = new Promise((resolve) => server.on('exit', (code, signal) => resolve(signal ?? code)));
  const port = await new Promise((resolve) => server.once('message', resolve));
  const answers = [];
  let next = 0;
  const client = async () => {
    for (let i = next++; i < REQUESTS; i = next++) answers[i] = await get(port, i % 50 === 49 ? '/error' : `/item/${i}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  answers.push(await get(port, '/flush'));
  // In the middle of more.
  const more = Array.from({ length: AT_ONCE }, (_, i) => get(port, `/more/${i}`).catch(() => 'gone'));
  await turn();
  server.kill('SIGKILL');
  const how = await ended;
  await Promise.all(more);
  console.log(JSON.stringify({ answers, how }));
}

if (process.env.SERVES) void serve();
else void main();

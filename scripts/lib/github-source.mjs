// Fetches files of a tag from GitHub.

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import path from 'node:path';
import { TransferProgress } from './progress.mjs';

const HOST = 'raw.githubusercontent.com';
// A network that drops packets answers nothing at all: this long without a byte means failure.
const SILENCE_MS = 15_000;

function explain(error) {
  const code = error.cause?.code ?? error.code;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host ${HOST} cannot be resolved (no internet access?)`;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return `no connection to ${HOST} within 10 s`;
  if (error.name === 'AbortError') return `${HOST} sent nothing for ${SILENCE_MS / 1000} s`;
  return error.cause?.message ?? error.message;
}

async function download(url, file, onBytes) {
  const abort = new AbortController();
  const watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${url} answered ${response.status} ${response.statusText}`.trimEnd());
    }
    await pipeline(
      response.body,
      async function* (chunks) {
        for await (const chunk of chunks) {
          watchdog.refresh();
          onBytes(chunk.length);
          yield chunk;
        }
      },
      createWriteStream(file),
    );
  } catch (error) {
    throw new Error(explain(error), { cause: error });
  } finally {
    clearTimeout(watchdog);
  }
}

export const describe = (source) => `GitHub, tag ${source.tag} of ${source.repository}`;

/** Puts the dependency's files into `folder`; throws an Error that says what failed. */
export async function fetchInto(folder, source, dependency) {
  const urlOf = (name) => `https://${HOST}/${source.repository}/${source.tag}/${source.paths[name]}`;
  const total = dependency.files.reduce((sum, file) => sum + file.bytes, 0);
  const progress = new TransferProgress(`downloading ${dependency.title}`, total);
  let received = 0;
  try {
    for (const { name } of dependency.files) {
      await download(urlOf(name), path.join(folder, name), (bytes) => progress.update((received += bytes)));
    }
  } finally {
    progress.end();
  }
}

// Gets files out of a Debian source package, without root and without changing
// the machine: apt finds and downloads the tarball in a state folder of its own,
// and tar reads it while it is still growing.
//
// apt does the download as well, not fetch(): the machine's proxy, credentials
// and certificates for its mirror are in apt's configuration.

import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, statfsSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { debianArchives, sourcesFile } from './apt-sources.mjs';
import { findCommand, run, start, stop, withTemporaryFolder } from './processes.mjs';
import { TransferProgress } from './progress.mjs';
import { reversePatch } from './reverse-patch.mjs';

const APT_HELPER = '/usr/lib/apt/apt-helper';
const DECOMPRESSORS = { '.xz': 'xz', '.gz': 'gzip', '.bz2': 'bzip2' };
const decompressorOf = ({ tarball }) => DECOMPRESSORS[path.extname(tarball.name)];

export const describe = (source) => `Debian, source package ${source.package} ${source.version}`;

/** What apt said, cut down to its complaints. */
function complaint(output) {
  const lines = output.split('\n').filter((line) => /^(E|W|Err):/.test(line) && !/unsandboxed/.test(line));
  return (lines.length > 0 ? lines : output.trim().split('\n').slice(-1)).slice(0, 3).join(' ');
}

/** Writes apt's configuration for a state of its own in `folder`; returns what to put before each command. */
function privateApt(folder, source) {
  const archives = debianArchives();
  if (archives.length === 0) {
    throw new Error('the apt configuration of this machine names no Debian archive');
  }
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'sources']) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  writeFileSync(path.join(folder, 'sources', 'debian.sources'), sourcesFile(archives, source.suite));
  const configuration = path.join(folder, 'apt.conf');
  writeFileSync(
    configuration,
    `Dir::State "${folder}/state";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "${folder}/cache";
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "${folder}/sources";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
// Hooks of the machine are for the machine's own package lists.
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`,
  );
  return ['-c', configuration];
}

const environment = () => ({ ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' });

/** The address of the package's tarball, from the machine's Debian archive. */
async function locateTarball(apt, source) {
  const update = await run('apt-get', [...apt, '-q', 'update'], { env: environment() });
  const query = ['-q', '--only-source', '--print-uris', 'source', `${source.package}=${source.version}`];
  // Asked even after a failed update: one of several archives may have answered.
  const uris = await run('apt-get', [...apt, ...query], { env: environment() });
  if (!uris.ok) {
    throw new Error(update.ok ? complaint(uris.output) : `apt-get update failed: ${complaint(update.output)}`);
  }
  const lines = [...uris.output.matchAll(/^'([^']+)' (\S+\.orig\.tar\.\w+) (\d+) SHA256:([0-9a-f]{64})$/gm)];
  const line = lines.find(([, , , , sha256]) => sha256 === source.tarball.sha256);
  if (!line) {
    const found = lines.map(([, , name, bytes, sha256]) => `${name} (${bytes} bytes, SHA-256 ${sha256})`).join(', ');
    throw new Error(`no tarball with the SHA-256 ${source.tarball.sha256}, found ${found || 'none'}`);
  }
  const [, address, name, bytes] = line;
  if (Number(bytes) !== source.tarball.bytes) {
    throw new Error(`${name} has ${bytes} bytes instead of ${source.tarball.bytes}`);
  }
  return address;
}

function checkSpace(folder, bytes) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < bytes) {
    const mb = (n) => Math.round(n / 1e6);
    throw new Error(
      `the temporary folder ${path.dirname(folder)} has ${mb(bavail * bsize)} MB free of the ${mb(bytes)} MB needed ` +
        '(TMPDIR can name another one)',
    );
  }
}

/** Yields the content of a file while another process writes it, up to `limit` bytes or until that process is done. */
async function* follow(file, limit, isWritten) {
  while (!existsSync(file)) {
    if (isWritten()) return;
    await sleep(50);
  }
  const handle = await open(file);
  try {
    for (let position = 0; position < limit; ) {
      // Asked before reading: what was written until then is read below.
      const complete = isWritten();
      const buffer = Buffer.allocUnsafe(1 << 18);
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, limit - position), position);
      if (bytesRead === 0) {
        if (complete) return;
        await sleep(50);
        continue;
      }
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Collects the end of a child: how it exited and the text of its stderr. */
function watch(child) {
  const state = { done: false, code: null, text: '' };
  child.stderr?.setEncoding('utf8').on('data', (text) => (state.text += text));
  state.closed = new Promise((resolve) => {
    child.once('error', (error) => (state.text += error.message));
    child.once('close', (code) => {
      state.done = true;
      state.code = code;
      resolve();
    });
  });
  return state;
}

/**
 * Starts apt's download of the tarball. The first `limit` bytes are enough: the
 * rest would be most of the traffic, so the download ends there.
 */
function startDownload(folder, apt, address, { name, sha256 }, limit) {
  const file = path.join(folder, name);
  const helper = start(APT_HELPER, [...apt, 'download-file', address, file, `SHA256:${sha256}`], {
    env: environment(),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const state = watch(helper);
  const size = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const poll = setInterval(() => size() >= limit && stop(helper), 50);
  helper.once('close', () => clearInterval(poll));
  return { file, helper, state, enough: () => size() >= limit };
}

/** Downloads the tarball and extracts `members` from it into `folder`, both at the same time. */
async function extract(folder, apt, address, source, members) {
  const { tarball } = source;
  const neededBytes = tarball.neededBytes ?? tarball.bytes;
  const download = startDownload(folder, apt, address, tarball, neededBytes);
  // --occurrence=1 lets tar stop as soon as each member was seen once.
  const unpack = ['--extract', '--occurrence=1', `--use-compress-program=${decompressorOf(source)}`];
  const tar = start('tar', [...unpack, '--directory', folder, '--file', '-', ...members], {
    env: environment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const unpacking = watch(tar);
  // tar closes its end when it has all it wants: that is how a good run ends.
  tar.stdin.on('error', () => {});

  const progress = new TransferProgress(`reading ${tarball.name}`, neededBytes);
  let position = 0;
  try {
    for await (const chunk of follow(download.file, neededBytes, () => download.state.done)) {
      if (unpacking.done) break;
      progress.update((position += chunk.length));
      if (!tar.stdin.write(chunk)) await Promise.race([once(tar.stdin, 'drain').catch(() => {}), unpacking.closed]);
    }
    tar.stdin.end();
    await unpacking.closed;
    if (unpacking.code === 0) return;
    if (download.state.done && download.state.code !== 0 && !download.enough()) {
      const reason = complaint(download.state.text) || `apt-helper exited with ${download.state.code}`;
      throw new Error(`the download failed: ${reason}`);
    }
    throw new Error(`tar failed: ${unpacking.text.trim().split('\n').slice(0, 2).join(' ')}`);
  } finally {
    progress.end();
    // Both write to the folder that the caller is about to remove.
    stop(download.helper);
    stop(tar);
    await Promise.all([download.state.closed, unpacking.closed]);
  }
}

/** Puts the dependency's files into `folder`; throws an Error that says what failed. */
export async function fetchInto(folder, source) {
  const missing = ['apt-get', 'tar', decompressorOf(source)].filter((command) => !findCommand(command));
  if (!existsSync(APT_HELPER)) missing.push('apt-helper');
  if (missing.length > 0) {
    const hint = 'a Debian system with apt, xz-utils and bzip2 has them';
    throw new Error(`it needs ${missing.join(', ')}, not found here (${hint})`);
  }
  await withTemporaryFolder(async (temporary) => {
    const apt = privateApt(temporary, source);
    const address = await locateTarball(apt, source);
    checkSpace(temporary, 1.2 * (source.tarball.neededBytes ?? source.tarball.bytes));
    const members = [...Object.values(source.paths), ...source.patches.map(({ path: member }) => member)];
    await extract(temporary, apt, address, source, members);
    for (const [name, member] of Object.entries(source.paths)) {
      copyFileSync(path.join(temporary, member), path.join(folder, name));
    }
    for (const { path: member, appliedTo } of source.patches) {
      const file = path.join(folder, appliedTo);
      // latin1 keeps every byte as it is, whatever the encoding.
      const patch = readFileSync(path.join(temporary, member), 'latin1');
      writeFileSync(file, reversePatch(readFileSync(file, 'latin1'), patch), 'latin1');
    }
  });
}

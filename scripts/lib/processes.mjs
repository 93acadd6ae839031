// Child processes and temporary folders that never outlive the script, however
// it ends: a half gigabyte in the temporary folder after Ctrl-C is a bug.

import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const cleanups = new Set();

function cleanUp() {
  // Latest first: a child is stopped before the folder that it writes to goes.
  for (const step of [...cleanups].reverse()) {
    try {
      step();
    } catch {
      // The others must still run; at exit nobody is left to tell.
    }
  }
  cleanups.clear();
}

/** Runs `step` (synchronous) when the process ends; the result cancels that. */
export function onExit(step) {
  if (process.listenerCount('exit', cleanUp) === 0) {
    process.on('exit', cleanUp);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.once(signal, () => process.exit(128 + os.constants.signals[signal]));
    }
  }
  cleanups.add(step);
  return () => cleanups.delete(step);
}

/** Removes a file or folder, whether or not it is there. */
export function remove(target) {
  // Retried: a process that was just killed may still be creating files in it.
  rmSync(target, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** Calls `work(folder)` with a new folder that is gone afterwards, whatever happens. */
export async function withTemporaryFolder(work, parent = os.tmpdir()) {
  const folder = mkdtempSync(path.join(parent, '.tracesmith-'));
  const cancel = onExit(() => remove(folder));
  try {
    return await work(folder);
  } finally {
    cancel();
    remove(folder);
  }
}

const HAS_PROCESS_GROUPS = process.platform !== 'win32';

/** Ends a child of start() and the processes that it started. */
export function stop(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // SIGTERM, so that make and ninja can delete the objects that are half written.
  if (HAS_PROCESS_GROUPS) process.kill(-child.pid, 'SIGTERM');
  else child.kill();
}

/** spawn() whose child ends, with all that it started, when this process does. */
export function start(command, args, options) {
  const child = spawn(command, args, { ...options, detached: HAS_PROCESS_GROUPS, windowsHide: true });
  const cancel = onExit(() => stop(child));
  child.once('close', cancel);
  child.once('error', cancel);
  return child;
}

/**
 * Runs a command to its end. Resolves to { ok, code, output }, output being
 * stdout and stderr as they came; `onText` sees each piece when it comes.
 */
export function run(command, args, { onText, ...options } = {}) {
  return new Promise((resolve) => {
    const child = start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        onText?.(text);
      });
    }
    child.once('error', (error) => resolve({ ok: false, code: null, output: `${command}: ${error.message}` }));
    child.once('close', (code) => resolve({ ok: code === 0, code, output }));
  });
}

/** The full path of a command that PATH offers, or null. */
export function findCommand(name) {
  const endings = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    if (!folder) continue;
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  return null;
}

import { Command } from 'commander';
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { sdkInfo } from '../addon/load';
import { interruptible } from './interrupt';
import { ExitCode, PACKAGE_ROOT, print } from './terminal';

export function buildCommand(): Command {
  return new Command('build')
    .description('Compile the addon here, for a platform that has no prebuilt one.')
    .option('--force', 'compile it also where one is there and loads')
    .addHelpText('after', '\nA C++17 compiler, CMake 3.18 or newer and make or ninja are needed; what is missing is named.')
    .action(build);
}

async function build(options: { force?: true }): Promise<void> {
  const { available, addonPath } = sdkInfo();
  if (available && !options.force) {
    print(`Nothing to do: ${addonPath} is there and loads. --force compiles another one.`);
    return;
  }
  const isDone = await interruptible((signal) => run(path.join(PACKAGE_ROOT, 'scripts', 'build-installed.mjs'), signal));
  process.exitCode = isDone ? ExitCode.Done : ExitCode.Failed;
}

/** Runs a script of the package, whose output is the command's; whether it succeeded. */
function run(script: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { stdio: 'inherit' });
    // It stops the compiler and removes what is half done, and only then ends.
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve(code === 0);
    });
  });
}

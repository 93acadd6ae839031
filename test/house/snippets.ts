/** Runs the blocks of code in the docs as a user's program would, and checks the types of those in TypeScript. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import { DEADLINE_MS } from '../support/effort';
import type { Block } from './docs';

const ROOT = join(__dirname, '../..');

/** What the blocks read, by name. */
const event = { ph: 'X', name: 'step', cat: 'cpu_op', pid: 1, tid: 1, ts: 10, dur: 5, args: { batch: 1 } };
const CHROME_JSON = JSON.stringify({ traceEvents: [event, { ...event, name: 'kernel', cat: 'kernel', tid: 7, ts: 20 }] });
const INPUTS: Record<string, string | Uint8Array> = {
  'trace.json': CHROME_JSON,
  'trace.json.gz': gzipSync(CHROME_JSON),
  'rank0.json.gz': gzipSync(CHROME_JSON),
  'rank1.json.gz': gzipSync(CHROME_JSON),
};

/** The ending of a block's file; undefined for a block that is not run, such as sh or `js ignore`. */
export function extensionOf({ language, words, code }: Block): string | undefined {
  if (words.includes('ignore')) return undefined;
  const isModule = /^\s*(?:import|export)\s/m.test(code);
  if (language === 'js' || language === 'javascript') return isModule ? '.mjs' : '.cjs';
  if (language === 'ts' || language === 'typescript') return isModule ? '.mts' : '.cts';
  return ['mjs', 'cjs', 'mts', 'cts'].includes(language) ? `.${language}` : undefined;
}

/** What goes wrong with a block in a folder of its own; undefined for nothing. */
export function faultOf(block: Block): string | undefined {
  if (extensionOf(block) === undefined) return undefined;
  return inFolder(block, (folder, file) => {
    const fault = file.endsWith('ts') ? faultOfTypes(file) : faultOfRun(folder, file);
    return fault === undefined ? undefined : `${block.place}: ${fault}`;
  });
}

/** Puts a block into a file in a folder of its own, beside the package and the inputs. The folder goes afterwards. */
export function inFolder<T>(block: Block, use: (folder: string, file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'tracesmith-snippet-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/tracesmith-perfetto'), 'junction');
    for (const [name, content] of Object.entries(INPUTS)) writeFileSync(join(folder, name), content);
    const file = join(folder, `snippet${extensionOf(block)}`);
    writeFileSync(file, block.code);
    return use(folder, file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function faultOfRun(folder: string, file: string): string | undefined {
  // Without the addon a warning says so.
  const args = ['--disable-warning=TRACESMITH_SDK_UNAVAILABLE', file];
  const { status, stderr: said } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: DEADLINE_MS });
  return status === 0 && said === '' ? undefined : `exit code ${status}, stderr: ${said}`;
}

function faultOfTypes(file: string): string | undefined {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, target: ts.ScriptTarget.ES2022,
    strict: true, skipLibCheck: true, noEmit: true, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')],
  });
  const [first] = ts.getPreEmitDiagnostics(program);
  return first && ts.flattenDiagnosticMessageText(first.messageText, '\n');
}

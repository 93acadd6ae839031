// What the fuzz targets start from: the cases of test/fixtures/chrome-json, what was found earlier, and random batches.

import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { runShown, sanitizedFolder } from './cpp-build.mjs';
import { inRoot, resolveInstalled } from '../lib/project.mjs';

/** A profile of every kind of field that the reader looks at. */
const PROFILE = JSON.stringify({
  nodes: [
    { id: 1, callFrame: { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }, children: [2] },
    { id: 2, callFrame: { functionName: 'main', url: 'file:///a.js', lineNumber: 3 }, children: [3], hitCount: 2 },
    { id: 3, parent: 2, callFrame: { functionName: 'inner', url: 'file:///a.js', lineNumber: 9 } },
  ],
  startTime: 1000, endTime: 9000, samples: [1, 2, 3, 2], timeDeltas: [10, 20, 0, -5],
});

/** The texts of the JSON cases. */
function jsonTexts() {
  const require = createRequire(inRoot('package.json'));
  const ts = require(resolveInstalled('typescript'));
  const compilerOptions = { module: 'commonjs', target: 'ES2022', esModuleInterop: true };
  require.extensions['.ts'] = (module, file) => {
    module._compile(ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions }).outputText, file);
  };
  const source = inRoot('test/fixtures/chrome-json');
  const modules = readdirSync(source).map((file) => require(path.join(source, file)));
  const cases = modules.flatMap((module) => Object.values(module).filter(Array.isArray).flat());
  const texts = cases.map(({ json }) => json).filter((json) => json !== undefined);
  return texts.map((json) => Buffer.from(Array.isArray(json) ? JSON.stringify(json) : json));
}

/** Writes the seeds of all targets below `workFolder`, one folder each, and gives that of a target. */
export function writeSeeds(workFolder, targets) {
  const folderOf = (target) => path.join(workFolder, 'seeds', target);
  for (const target of targets) {
    mkdirSync(folderOf(target), { recursive: true });
    const regressions = inRoot('test/fixtures/fuzz-regressions', target);
    if (!existsSync(regressions)) continue;
    for (const file of readdirSync(regressions)) copyFileSync(path.join(regressions, file), path.join(folderOf(target), file));
  }
  // In front of each text stand the options that its target takes first; each seed has others.
  const write = (target, name, options, content) => {
    if (targets.includes(target)) writeFileSync(path.join(folderOf(target), name), Buffer.concat([Buffer.from(options), content]));
  };
  jsonTexts().forEach((text, index) => {
    write('conversion', `case-${index}`, [(index * 5) % 256, (index * 3) % 256], text);
    write('event_text', `case-${index}`, [(index * 7) % 256, 0, index % 256], text);
    write('input_file', `case-${index}`, [index % 256], index % 2 === 0 ? gzipSync(text) : text);
  });
  write('conversion', 'profile', [0, 1], Buffer.from(PROFILE));
  write('profile', 'profile', [7], Buffer.from(PROFILE));
  if (targets.includes('batches')) runShown(path.join(sanitizedFolder, 'test/fuzz/batch_seeds'), [folderOf('batches')]);
  return folderOf;
}

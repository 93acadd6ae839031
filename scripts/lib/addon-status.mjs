// build/addon-status.json: what became of the last attempt to build the addon.
// The doctor command reads it, since a missing file alone cannot say why.
//
//   ok       whether the addon was built and loads
//   stage    where it ended: "done", "disabled", "dependencies", "sdk" (or zlib or simdjson),
//            "toolchain", "configure", "compile" or "load"
//   reason   one sentence, absent when ok
//   remedy   what to do, lines joined by "\n", absent where there is nothing to say
//   addon, log, sdk, bytes, seconds: where known

import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot } from './project.mjs';

export const addonFile = inRoot('build', 'Release', 'tracesmith_perfetto.node');
export const addonStatusFile = inRoot('build', 'addon-status.json');

/** Writes the status, whose remedies are a list here, and returns it. */
export function recordAddonStatus(status) {
  const { ok, stage, reason, remedy = [], ...rest } = status;
  const machine = { node: process.version, platform: `${process.platform}-${process.arch}` };
  const written = { ok, stage, reason, remedy: remedy.join('\n') || undefined, ...rest, ...machine };
  mkdirSync(inRoot('build'), { recursive: true });
  writeFileSync(addonStatusFile, `${JSON.stringify(written, null, 2)}\n`);
  return status;
}

/** The lines that tell a person about a status. */
export function describeAddonStatus({ ok, reason, remedy = [], log, addon, bytes, seconds }) {
  if (ok) return [`${addon}: ${Math.round(bytes / 1000)} KB, ${seconds} s`];
  return [
    `The native addon was not built: ${reason}`,
    ...remedy.map((line) => `  - ${line}`),
    ...(log ? [`  - the whole output is in ${log}`] : []),
  ];
}

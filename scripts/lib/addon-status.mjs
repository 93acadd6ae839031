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

/** Writes the status and returns it as it was written. */
export function recordAddonStatus({ ok, stage, reason, remedy = [], ...rest }) {
  const status = {
    ok,
    stage,
    reason,
    remedy: remedy.join('\n') || undefined,
    ...rest,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
  mkdirSync(inRoot('build'), { recursive: true });
  writeFileSync(addonStatusFile, `${JSON.stringify(status, null, 2)}\n`);
  return status;
}

/** The lines that tell a person about a status. */
export function describeAddonStatus({ ok, reason, remedy, log, addon, bytes, seconds }) {
  if (ok) return [`${addon}: ${Math.round(bytes / 1000)} KB, ${seconds} s`];
  return [
    `The native addon was not built: ${reason}`,
    ...(remedy ?? '').split('\n').filter(Boolean).map((line) => `  - ${line}`),
    ...(log ? [`  - the whole output is in ${log}`] : []),
  ];
}

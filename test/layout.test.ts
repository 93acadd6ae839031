/**
 * lib/batch/layout.ts and binding/encoder/layout.h describe the same bytes; a number that differs
 * would write wrong traces, not fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as layout from '../lib/batch/layout';

const header = readFileSync(join(__dirname, '../binding/encoder/layout.h'), 'utf8');

/** The members of a C++ enum by name without the k. */
function cppEnum(name: string): Record<string, number> {
  const body = new RegExp(`enum (?:class )?${name} : \\w+ \\{([^}]*)\\}`).exec(header)?.[1];
  if (body === undefined) throw new Error(`layout.h has no enum ${name}`);
  return Object.fromEntries([...body.matchAll(/k(\w+) = (\d+)/g)].map(([, member, value]) => [member, Number(value)]));
}

function tsEnum(members: object): Record<string, number> {
  return Object.fromEntries(Object.entries(members).filter(([key]) => Number.isNaN(Number(key))));
}

function cppConstant(name: string): number {
  return Number(new RegExp(`constexpr uint32_t ${name} = (\\d+);`).exec(header)?.[1]);
}

describe('the layout of a batch', () => {
  const enums = {
    RowKind: layout.RowKind,
    Channel: layout.Channel,
    RowFlag: layout.RowFlag,
    AttrType: layout.AttrType,
    LaunchHas: layout.LaunchHas,
    TrackKind: layout.TrackKind,
    TrackProperty: layout.TrackProperty,
  };
  it.each(Object.entries(enums))('%s has the same members in C++', (name, members) => {
    expect(cppEnum(name)).toEqual(tsEnum(members));
  });

  const constants = {
    kAttrKeyStep: layout.ATTR_KEY_STEP,
    kAttrIs64Bit: layout.ATTR_IS_64_BIT,
    kMaxStrings: layout.MAX_STRINGS,
    kLaunchWords: layout.LAUNCH_WORDS,
    kFrameWords: layout.FRAME_WORDS,
    kMaxArgDepth: layout.MAX_ARG_DEPTH,
  };
  it.each(Object.entries(constants))('%s is the same in C++', (name, value) => {
    expect(cppConstant(name)).toBe(value);
  });
});

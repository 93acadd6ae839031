/**
 * lib/batch/layout.ts and binding/batch/layout.h describe the same bytes; a number that differs
 * would write wrong traces, not fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FRAME_WORDS, LAUNCH_WORDS, MAX_ARG_DEPTH, MAX_STRINGS } from '../../lib/batch/layout';

const header = readFileSync(join(__dirname, '../../binding/batch/layout.h'), 'utf8');
/** Const enums leave nothing behind at run time, so they are read from their source. */
const source = readFileSync(join(__dirname, '../../lib/batch/layout.ts'), 'utf8');

/** The members of a C++ enum by name without the k. */
function cppEnum(name: string): Record<string, number> {
  const body = new RegExp(`enum (?:class )?${name} : \\w+ \\{([^}]*)\\}`).exec(header)?.[1];
  if (body === undefined) throw new Error(`layout.h has no enum ${name}`);
  return Object.fromEntries([...body.matchAll(/k(\w+) = (\d+)/g)].map(([, member, value]) => [member, Number(value)]));
}

function tsEnum(name: string): Record<string, number> {
  const body = new RegExp(`export const enum ${name} \\{([^}]*)\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`layout.ts has no enum ${name}`);
  return Object.fromEntries([...body.matchAll(/^ {2}(\w+) = (\d+),/gm)].map(([, member, value]) => [member, Number(value)]));
}

function cppConstant(name: string): number {
  return Number(new RegExp(`constexpr uint32_t ${name} = (\\d+);`).exec(header)?.[1]);
}

describe('the layout of a batch', () => {
  const enums = [...source.matchAll(/export const enum (\w+)/g)].map(([, name]) => name);
  it('has enums', () => {
    expect(enums.length).toBeGreaterThan(5);
  });
  it.each(enums)('%s has the same members in C++', (name) => {
    expect(Object.keys(tsEnum(name))).not.toEqual([]);
    expect(cppEnum(name)).toEqual(tsEnum(name));
  });

  const constants = {
    kMaxStrings: MAX_STRINGS,
    kLaunchWords: LAUNCH_WORDS,
    kFrameWords: FRAME_WORDS,
    kMaxArgDepth: MAX_ARG_DEPTH,
  };
  it.each(Object.entries(constants))('%s is the same in C++', (name, value) => {
    expect(cppConstant(name)).toBe(value);
  });
});

import { Command } from 'commander';
import { addFilterOptions, filterOptionsOf, type FilterFlags } from '../../lib/cli/filter-options';
import { Criteria, globPattern, type Candidate } from '../../lib/filter/criteria';
import { NamedTimes } from '../../lib/filter/named-times';
import { checkFilterOptions, filterText, type FilterOptions } from '../../lib/filter/options';
import { isUniqueArg } from '../../lib/filter/unique-args';
import { FOREVER, Windows } from '../../lib/filter/windows';

describe('the options of filters on the command line', () => {
  const parse = (...args: string[]) => {
    const command = addFilterOptions(new Command()).exitOverride().configureOutput({ writeErr: () => undefined });
    return filterOptionsOf(command.parse(args, { from: 'user' }).opts<FilterFlags>());
  };

  test.each<[string[], FilterOptions]>([
    [[], {}],
    [['--from', '1.5', '--to', '@1700000000000000001'], { from: 1.5e9, to: { at: 1700000000000000001n } }],
    [['--from', '250ms', '--to', '0.0000000015s'], { from: 250e6, to: 2 }],
    [['--from', '4.000000001s'], { from: 4_000_000_001 }],
    [['--steps', '3..5', '--steps', '9'], { steps: [[3, 5], [9, 9]] }],
    [['--around', 'a#2', '--around', 'b', '--margin', '5us'], { around: ['a#2', 'b'], margin: 5000 }],
    [['--category', 'cpu_*', '--exclude-category', 'python_function'], { categories: ['cpu_*'], excludeCategories: ['python_function'] }],
    [['--name', '^a', '--name', 'b', '--exclude-name', 'c'], { names: [/^a/u, /b/u], excludeNames: [/c/u] }],
    [['--process', '7', '--thread', 'main*'], { processes: ['7'], threads: ['main*'] }],
    [['--min-duration', '7ns', '--max-depth', '40', '--args', 'lean'], { minDuration: 7, maxDepth: 40, args: 'lean' }],
    [['--split-every', '1s'], { splitEvery: 1e9 }],
    [['--split-steps'], { splitSteps: true }],
  ])('01 %j', (args, expected) => {
    expect(parse(...args)).toEqual(expected);
  });

  test.each([
    ['--from', 'soon'], ['--from', '-1s'], ['--from', '1e3s'], ['--from', '@1.5'], ['--to', '10000000000000s'], ['--steps', '5..3'],
    ['--steps', 'x'], ['--name', '('], ['--max-depth', '1.5'], ['--args', 'some'], ['--min-duration', ''],
  ])('02 %s %s is refused', (...args) => {
    expect(() => parse(...args)).toThrow(expect.objectContaining({ code: 'commander.invalidArgument' }) as Error);
  });
});

describe('checkFilterOptions', () => {
  test.each<[FilterOptions, string]>([
    [{ from: -1 }, 'from'], [{ to: 1.5 }, 'to'], [{ to: { at: 5 as never } }, 'to'], [{ to: { at: 2n ** 63n } }, 'to'],
    [{ around: [''] }, 'around[0]'], [{ around: 'a' as never }, 'around'], [{ margin: NaN }, 'margin'], [{ steps: [[2, 1]] }, 'steps[0]'],
    [{ categories: [1 as never] }, 'categories[0]'], [{ names: ['a' as never] }, 'names[0]'], [{ processes: [1.5] }, 'processes[0]'],
    [{ maxDepth: 0 }, 'maxDepth'], [{ args: 'some' as never }, 'args'], [{ splitEvery: 0 }, 'splitEvery'],
    [{ splitSteps: 1 as never }, 'splitSteps'], [{ splitEvery: 1, splitSteps: true }, 'splitSteps'],
  ])('03 %p is refused', (options, name) => {
    expect(() => checkFilterOptions(options)).toThrow(expect.objectContaining({
      code: 'INVALID_ARGUMENT', message: expect.stringContaining(`Expected ${name} to be`) as string,
    }) as Error);
  });

  test('04 a pattern with a memory answers the same each time', () => {
    const { names } = checkFilterOptions({ names: [/a/gy] });
    expect([names[0].test('a'), names[0].test('a'), names[0].test('ba')]).toEqual([true, true, true]);
  });

  test('05 the text of the options has what was given alone', () => {
    expect(filterText({ from: { at: 5n }, names: [/a"b/i], steps: [[1, 2]] })).toBe('{"from":{"at":"5"},"steps":[[1,2]],"names":["/a\\"b/i"]}');
  });
});

describe('Criteria', () => {
  const event: Candidate = {
    name: 'aten::mm', categories: ['cpu_op', 'user'], owner: { pid: 7, process: 'python', tid: 12, thread: 'main 1' }, depth: 2, duration: 500,
  };
  test.each<[FilterOptions, boolean]>([
    [{}, true],
    [{ categories: ['cpu_?p'] }, true], [{ categories: ['cpu'] }, false], [{ categories: ['x', 'us*'] }, true],
    [{ categories: ['cpu_op'], excludeCategories: ['user'] }, false], [{ excludeCategories: ['cpu_*'] }, false],
    [{ names: [/^mm/, /mm$/] }, true], [{ names: [/mm/], excludeNames: [/aten/] }, false], [{ names: [/MM/] }, false], [{ names: [/MM/i] }, true],
    [{ processes: [7] }, true], [{ processes: [8] }, false], [{ processes: ['py*'] }, true], [{ processes: ['py'] }, false],
    [{ processes: [8, 'python'] }, true], [{ threads: ['main ?'], processes: [8] }, false], [{ threads: [12] }, true],
    [{ minDuration: 500 }, true], [{ minDuration: 501 }, false], [{ maxDepth: 3 }, true], [{ maxDepth: 2 }, false],
  ])('06 %p: %p', (options, expected) => {
    expect(new Criteria(checkFilterOptions(options)).accepts(event)).toBe(expected);
  });

  test('07 what is no slice has neither depth nor length, and what has no process is of none', () => {
    const instant: Candidate = { name: 'i', categories: [], owner: { process: '', thread: '' } };
    expect(new Criteria(checkFilterOptions({ minDuration: 5, maxDepth: 1 })).accepts(instant)).toBe(true);
    expect(new Criteria(checkFilterOptions({ processes: ['*'] })).accepts(instant)).toBe(false);
    expect(new Criteria(checkFilterOptions({ categories: ['*'] })).accepts(instant)).toBe(false);
  });

  test.each([
    ['a.c', 'abc', false], ['a*c', 'ac', true], ['a*c', 'a\nc', true], ['a?c', 'a\u{1f600}c', true], ['[a]', 'a', false], ['[a]', '[a]', true],
    ['a', 'ab', false], ['*', '', true], ['a|b', 'a', false], ['\\*', '\\x', true],
  ])('08 the glob %p and %p: %p', (glob, text, expected) => {
    expect(globPattern(glob).test(text)).toBe(expected);
  });
});

describe('NamedTimes', () => {
  const named = (options: FilterOptions) => {
    const times = new NamedTimes(checkFilterOptions(options));
    const all: [string, number, number?][] = [
      ['ProfilerStep#2', 200, 300], ['ProfilerStep#1', 100, 200], ['b', 500, 510], ['b', 400, 410], ['mark', 450, 450],
      ['ProfilerStep#3', 320], ['ProfilerStep#x', 1, 2], ['c#1', 700, 710],
    ];
    for (const [name, from, to] of all) if (times.isWanted(name)) times.add(name, from, to);
    return times;
  };
  test.each<[FilterOptions, Windows['report'] | null]>([
    [{}, null],
    [{ from: 5 }, [{ from: 105n, to: null }]],
    [{ to: { at: 7n } }, [{ from: null, to: 7n }]],
    [{ from: 100, to: 100 }, []],
    [{ steps: [[1, 2]] }, [{ from: 100n, to: 300n }]],
    [{ steps: [[1, 1], [3, 9]] }, [{ from: 100n, to: 200n }, { from: 320n, to: null }]],
    [{ steps: [[1, 2]], from: 50 }, [{ from: 150n, to: 300n }]],
    [{ around: ['b'] }, [{ from: 400n, to: 410n }, { from: 500n, to: 510n }]],
    [{ around: ['b#2'], margin: 20 }, [{ from: 480n, to: 530n }]],
    [{ around: ['mark'] }, [{ from: 450n, to: 451n }]],
    [{ around: ['ProfilerStep#2'] }, [{ from: 200n, to: 300n }]],
    [{ around: ['c#1'] }, [{ from: 700n, to: 710n }]],
  ])('09 %p', (options, expected) => {
    expect(named(options).windows(100)?.report ?? null).toEqual(expected);
  });

  test.each<[FilterOptions, string]>([
    [{ around: ['a'] }, 'there is none'], [{ around: ['b#3'] }, 'there are 2'], [{ steps: [[5, 9]] }, 'there are 1 to 3'],
  ])('10 %p is not there', (options, text) => {
    expect(() => named(options).windows(0)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(text) as string }) as Error);
  });

  test('11 a part for each step, in the order of their numbers', () => {
    const parts = (windows: Windows | null) => named({ splitSteps: true }).parts(windows).map(({ number, windows: { report } }) => [number, report]);
    expect(parts(null)).toEqual([[1, [{ from: 100n, to: 200n }]], [2, [{ from: 200n, to: 300n }]], [3, [{ from: 320n, to: null }]]]);
    expect(parts(new Windows([{ from: 150, to: 200 }]))).toEqual([[1, [{ from: 150n, to: 200n }]]]);
    expect(() => new NamedTimes(checkFilterOptions({ splitSteps: true })).parts(null)).toThrow('there are no slices ProfilerStep#N');
  });
});

test('12 Windows: what lies in them, across an edge, and beside', () => {
  const windows = new Windows([{ from: 300, to: 400 }, { from: 100, to: 200 }, { from: 200, to: 250 }, { from: 9, to: 9 }]);
  expect(windows.list).toEqual([{ from: 100, to: 250 }, { from: 300, to: 400 }]);
  expect([99, 100, 249, 250, 300, 400].map((time) => windows.has(time))).toEqual([false, true, true, false, true, false]);
  expect([[0, 100], [0, 101], [250, 300], [260, 301], [400, 500], [100, 100], [260, null], [400, null]].map(([a, b]) => windows.touches(a!, b)))
    .toEqual([false, true, false, true, false, true, true, false]);
  expect([windows.cutBegin(50), windows.cutBegin(260), windows.cutEnd(260), windows.cutEnd(500)]).toEqual([100, 300, 250, 400]);
  expect(new Windows([{ from: 1, to: FOREVER }]).touches(2n ** 62n, null)).toBe(true);
});

test('13 lean leaves out what makes each set of arguments unique', () => {
  expect(['Ev Idx', 'External id', 'size', 'correlation'].map((name) => isUniqueArg(name, false))).toEqual([true, true, false, false]);
  expect(isUniqueArg('correlation', true)).toBe(true);
});

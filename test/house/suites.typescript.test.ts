/** Which suites a run has: by the suffixes of their names, and what says so where some are skipped. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeSkipped } from '../support/skipped-suites.js';
import { leftOut, SUFFIXES, suffixesOf } from '../support/suites.js';

const ROOT = join(__dirname, '../..');
const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));

test('every suffix of a test file has a meaning', () => {
  const unknown = files.filter((file) => !suffixesOf(file).every((suffix) => suffix in SUFFIXES));
  expect(unknown).toEqual([]);
});

test('suites that ask trace_processor or read TRACE_DATA say so by their suffix', () => {
  const without = (what: RegExp, suffixes: string[]) =>
    files.filter((file) => {
      const text = readFileSync(join(ROOT, 'test', file), 'utf8');
      return what.test(text) && !suffixesOf(file).some((suffix) => suffixes.includes(suffix)) && basename(file) !== basename(__filename);
    });
  expect(without(/process\.env\.TRACE_DATA/, ['data'])).toEqual([]);
  expect(without(/describeWithTraceProcessor\(/, ['data', 'trace-processor'])).toEqual([]);
});

test.each([
  ['quick', ['a.test.ts', 'a.addon.test.ts', 'slow.test.ts', 'a.typescript.test.ts']],
  ['without-addon', ['a.test.ts', 'a.slow.test.ts', 'slow.test.ts', 'a.trace-processor.test.ts', 'a.data.test.ts', 'a.memory.test.ts']],
  ['sanitized', ['a.test.ts', 'a.addon.test.ts', 'a.slow.test.ts', 'slow.test.ts', 'a.addon.slow.test.ts', 'a.trace-processor.test.ts', 'a.data.test.ts']],
  [undefined, undefined],
])('the run %s has its suites', (run, expected) => {
  const names = [
    'a.test.ts', 'a.addon.test.ts', 'a.slow.test.ts', 'slow.test.ts', 'a.addon.slow.test.ts', 'a.typescript.test.ts',
    'a.trace-processor.test.ts', 'a.data.test.ts', 'a.memory.test.ts', 'a.typescript.slow.test.ts',
  ];
  const patterns = leftOut(run).map((pattern) => new RegExp(pattern));
  const chosen = names.filter((name) => !patterns.some((pattern) => pattern.test(`/checkout/test/${name}`)));
  expect(chosen.sort()).toEqual((expected ?? names).sort());
});

test('a run that does not exist is refused', () => {
  expect(() => leftOut('of-addon')).toThrow('TRACESMITH_SUITES: expected quick, without-addon, sanitized but received of-addon');
});

describe('the line about skipped suites', () => {
  const environment = { ...process.env };
  beforeEach(() => {
    delete process.env.TRACE_PROCESSOR;
    delete process.env.TRACE_DATA;
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  test('is not there where none was skipped', () => {
    expect(describeSkipped([])).toBeUndefined();
  });

  test('says what would run them', () => {
    const paths = ['a.trace-processor.test.ts', 'b.addon.trace-processor.test.ts', 'c.addon.data.test.ts', 'd.addon.test.ts'];
    expect(describeSkipped(paths)).toBe(
      '4 skipped suites; to run them: TRACE_PROCESSOR=path of trace_processor_shell (2), ' +
        'TRACE_DATA=folder of Kineto traces (1), npm run build:addon (1)',
    );
    process.env.TRACE_DATA = 'traces';
    expect(describeSkipped(['c.addon.data.test.ts'])).toBe('1 skipped suite; to run them: TRACE_PROCESSOR=path of trace_processor_shell (1)');
    process.env.TRACE_PROCESSOR = 'shell';
    expect(describeSkipped(['c.addon.data.test.ts', 'e.slow.test.ts'])).toBe(
      '2 skipped suites; to run them: npm run build:addon (1), what its title says (1)',
    );
  });
});

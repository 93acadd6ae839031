/**
 * The suffixes of test files, and the runs that leave some out: NAME.SUFFIX.SUFFIX.test.ts. docs/development.md says
 * what each means. CommonJS without types, since jest.config.js and the reporter read it.
 */

/** What a suite with this suffix needs; empty where the suffix only sorts it. */
const SUFFIXES = {
  addon: 'npm run build:addon',
  typescript: '',
  slow: '',
  memory: '',
  'trace-processor': 'TRACE_PROCESSOR=path of trace_processor_shell',
  data: 'TRACE_DATA=folder of Kineto traces',
};

/**
 * By the value of TRACESMITH_SUITES: the suffixes that are left out.
 * @type {Record<string, string[]>}
 */
const LEFT_OUT = {
  // `npm run test:js`.
  quick: ['slow', 'memory', 'trace-processor', 'data'],
  // What has no addon, once everything was run with it.
  'without-addon': ['addon', 'typescript'],
  // A sanitizer keeps what is freed and puts space around everything, so it is not to be measured.
  sanitized: ['typescript', 'memory'],
};

/**
 * The suffixes of a test file.
 * @type {(path: string) => string[]}
 */
const suffixesOf = (path) => path.replace(/^.*[\\/]/, '').replace(/\.test\.ts$/, '').split('.').slice(1);

/**
 * Patterns for Jest of the files that a run leaves out.
 * @type {(run: string | undefined) => string[]}
 */
function leftOut(run) {
  if (!run) return [];
  if (!LEFT_OUT[run]) throw new Error(`TRACESMITH_SUITES: expected ${Object.keys(LEFT_OUT).join(', ')} but received ${run}`);
  return LEFT_OUT[run].map((suffix) => `\\.${suffix}\\.(?:[\\w-]+\\.)*test\\.ts$`);
}

module.exports = { SUFFIXES, leftOut, suffixesOf };

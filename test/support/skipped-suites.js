/**
 * A reporter for Jest: says in one line what would run the suites that were skipped as a whole. With TRACESMITH_NO_SKIPS
 * they are a failure: CI has everything that they need.
 */
const { SUFFIXES, suffixesOf } = require('./suites.js');

/** What the suite lacks. */
function needOf(path) {
  const suffixes = suffixesOf(path);
  if (suffixes.includes('data') && !process.env.TRACE_DATA) return SUFFIXES.data;
  if (suffixes.some((suffix) => suffix === 'trace-processor' || suffix === 'data') && !process.env.TRACE_PROCESSOR) {
    return SUFFIXES['trace-processor'];
  }
  return suffixes.includes('addon') ? SUFFIXES.addon : 'what its title says';
}

/**
 * The line for these suites; undefined for none.
 * @type {(paths: string[]) => string | undefined}
 */
function describeSkipped(paths) {
  if (paths.length === 0) return undefined;
  const counts = new Map();
  for (const need of paths.map(needOf)) counts.set(need, (counts.get(need) ?? 0) + 1);
  const needs = [...counts].map(([need, count]) => `${need} (${count})`);
  return `${paths.length} skipped suite${paths.length === 1 ? '' : 's'}; to run them: ${needs.join(', ')}`;
}

class SkippedSuites {
  #error;

  onRunComplete(_contexts, { testResults }) {
    const line = describeSkipped(testResults.filter(({ skipped }) => skipped).map(({ testFilePath }) => testFilePath));
    if (line === undefined) return;
    process.stderr.write(`\n${line}\n`);
    if (process.env.TRACESMITH_NO_SKIPS) this.#error = new Error(line);
  }

  getLastError() {
    return this.#error;
  }
}

module.exports = SkippedSuites;
module.exports.describeSkipped = describeSkipped;

/** Types are checked by `npm run lint`; tests are only transpiled, file by file. */
const transpileOnly = { target: 'ES2022', module: 'commonjs', esModuleInterop: true, isolatedModules: true };

// TRACESMITH_SUITES=of-addon leaves out those that never ask for the addon, where others have run them: they are the same
// with a sanitized one and with none.
const ofFallback = process.env.TRACESMITH_SUITES === 'of-addon' ? ['/test/(order|order-stream|json-[^/]*)\\.test\\.ts$'] : [];

module.exports = {
  // A machine that does several things at once is slow; a test that hangs still ends.
  testTimeout: 60_000,
  // Many tests wait for processes of their own. By default one core of two would rest.
  maxWorkers: '100%',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', ...ofFallback],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: transpileOnly, diagnostics: false }] },
};

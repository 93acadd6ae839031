const { leftOut } = require('./test/support/suites.js');

/** Types are checked by `npm run lint`; tests are only transpiled, file by file. */
const transpileOnly = { target: 'ES2022', module: 'commonjs', esModuleInterop: true, isolatedModules: true };

module.exports = {
  // A machine that does several things at once is slow; a test that hangs still ends.
  testTimeout: 180_000,
  // Many tests wait for processes of their own. By default one core of two would rest.
  maxWorkers: '100%',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', ...leftOut(process.env.TRACESMITH_SUITES)],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: transpileOnly, diagnostics: false }] },
  reporters: ['default', '<rootDir>/test/support/skipped-suites.js'],
};

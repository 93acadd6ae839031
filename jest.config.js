/** Types are checked by `npm run lint`; tests are only transpiled, file by file. */
const transpileOnly = { target: 'ES2022', module: 'commonjs', esModuleInterop: true, isolatedModules: true };

// Suites that never ask for the addon: with a sanitized one and with none they are the same, so TRACESMITH_SUITES=of-addon
// leaves them out.
const withoutAddon = '/test/(order|order-stream|json-[^/]*)\\.test\\.ts$';
const leftOut = process.env.TRACESMITH_SUITES === 'of-addon' ? [withoutAddon] : [];

module.exports = {
  // A machine that does several things at once is slow; a test that hangs still ends.
  testTimeout: 180_000,
  // Many tests wait for processes of their own. By default one core of two would rest.
  maxWorkers: '100%',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', ...leftOut],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: transpileOnly, diagnostics: false }] },
};

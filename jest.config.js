/** Types are checked by `npm run lint`; tests are only transpiled, file by file. */
const transpileOnly = { target: 'ES2022', module: 'commonjs', esModuleInterop: true, isolatedModules: true };

// Suites that never ask for the addon: with a sanitized one and with none they are the same, so TRACESMITH_SUITES=of-addon
// leaves them out.
const withoutAddon = '/test/(order|order-stream|json-[^/]*)\\.test\\.ts$';
const isOfAddon = process.env.TRACESMITH_SUITES === 'of-addon';
const leftOut = isOfAddon ? [withoutAddon] : [];

// Also, of tests that both backends have, those of the one without the addon. And what measures memory where that would
// be a sanitizer's, which keeps what is freed and puts space around everything.
const leftOutNames = [...(isOfAddon ? ['JSON\\b'] : []), ...(process.env.TRACESMITH_SANITIZED ? ['memory '] : [])];

module.exports = {
  // A machine that does several things at once is slow; a test that hangs still ends.
  testTimeout: 180_000,
  // Many tests wait for processes of their own. By default one core of two would rest.
  maxWorkers: '100%',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/package/', ...leftOut],
  testNamePattern: leftOutNames.length === 0 ? undefined : `^(?!${leftOutNames.join('|')})`,
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: transpileOnly, diagnostics: false }] },
};

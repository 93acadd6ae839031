/** Types are checked by `npm run lint`; tests are only transpiled, file by file. */
const transpileOnly = { target: 'ES2022', module: 'commonjs', esModuleInterop: true, isolatedModules: true };

module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: transpileOnly, diagnostics: false }] },
};

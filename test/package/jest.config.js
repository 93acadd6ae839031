/** `npm run test:package`: the tarball, installed. A suite of its own, since it packs, installs and compiles. */
const { transform } = require('../../jest.config.js');

module.exports = {
  transform,
  rootDir: '../..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/package/*.test.ts'],
  globalSetup: '<rootDir>/test/package/support/setup.ts',
  globalTeardown: '<rootDir>/test/package/support/teardown.ts',
  // One of the tests compiles the addon, on a machine that may do other things.
  testTimeout: 900_000,
  maxWorkers: 1,
};

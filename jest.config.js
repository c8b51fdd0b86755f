/** The same services load through @swc/jest and through ts-jest; and some tests import what others have as globals. */
const common = {
  testEnvironment: 'node',
  moduleNameMapper: {
    '^offloop$': '<rootDir>/dist/index.js',
    '^offloop/sync$': '<rootDir>/dist/sync.js',
    '^offloop/testing$': '<rootDir>/dist/testing/index.js',
  },
};

const swc = { '^.+\\.ts$': ['@swc/jest', require('./test/support/swc.json')] };

module.exports = {
  testTimeout: 60_000,
  // Tests wait for workers more than they compute.
  maxWorkers: 2,
  projects: [
    {
      ...common,
      displayName: 'swc',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/ts-jest/', '<rootDir>/test/testing/without-globals'],
      transform: swc,
    },
    {
      ...common,
      displayName: 'without globals',
      injectGlobals: false,
      testMatch: ['<rootDir>/test/testing/without-globals.test.ts'],
      transform: swc,
    },
    {
      ...common,
      displayName: 'ts-jest',
      testMatch: ['<rootDir>/test/ts-jest/**/*.test.ts'],
      transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.check.json' }] },
    },
  ],
};

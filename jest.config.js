/** Two projects: the same services load through @swc/jest and through ts-jest. */
const common = {
  testEnvironment: 'node',
  moduleNameMapper: {
    '^offloop$': '<rootDir>/dist/index.js',
    '^offloop/sync$': '<rootDir>/dist/sync.js',
    '^offloop/testing$': '<rootDir>/dist/testing/index.js',
  },
};

module.exports = {
  testTimeout: 60_000,
  // Tests wait for workers more than they compute.
  maxWorkers: 2,
  projects: [
    {
      ...common,
      displayName: 'swc',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/ts-jest/'],
      transform: {
        '^.+\\.ts$': [
          '@swc/jest',
          {
            jsc: {
              target: 'es2022',
              parser: { syntax: 'typescript', decorators: true },
              transform: { legacyDecorator: true, decoratorMetadata: true },
            },
          },
        ],
      },
    },
    {
      ...common,
      displayName: 'ts-jest',
      testMatch: ['<rootDir>/test/ts-jest/**/*.test.ts'],
      transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.check.json' }] },
    },
  ],
};

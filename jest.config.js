const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  setupFiles: ['<rootDir>/jest.setup.js'],
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/', '<rootDir>/.seatwise/'],
};

// `npm start` takes ports that are fixed, so what tries it runs by itself.
const takesFixedPorts = 'system/start';

/**
 * `unit` needs no server; `servers` runs against real NATS, MongoDB and the simulator, each test file against its own;
 * `start` tries `npm start` itself, one test file at a time; `drill` and `examples` are no part of `npm test`: they are
 * `npm run drill` and `npm run examples`.
 */
export default {
  testTimeout: 600_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.spec.ts'],
      testPathIgnorePatterns: ['\\.it\\.spec\\.ts$', '/node_modules/'],
    },
    {
      ...shared,
      displayName: 'servers',
      testMatch: ['**/*.it.spec.ts'],
      testPathIgnorePatterns: [takesFixedPorts, '/node_modules/'],
    },
    { ...shared, displayName: 'drill', testMatch: ['<rootDir>/system/*.drill.ts'] },
    { ...shared, displayName: 'examples', testMatch: ['<rootDir>/system/*.example.ts'] },
    { ...shared, displayName: 'start', testMatch: [`<rootDir>/${takesFixedPorts}*.it.spec.ts`] },
  ],
};

module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  setupFiles: ['<rootDir>/test/setup.js'],
  setupFilesAfterEnv: ['aws-cdk-lib/testhelpers/jest-autoclean'],
  // Jest's sandbox makes looking up a global slow, and a synthesis does little else (Jest's documentation of this option).
  sandboxInjectedGlobals: [
    ...['Array', 'Boolean', 'Error', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Reflect', 'RegExp', 'Set', 'String'],
    ...['Symbol', 'TypeError', 'WeakMap'],
  ],
  // What a worker keeps of its earlier files makes it slower with each: a new one begins at this size.
  workerIdleMemoryLimit: '1GB',
  maxWorkers: 2,
};

// Only modules without @jupyterlab imports are tested here; the rest in a browser.
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/__tests__/*.spec.ts'],
  transform: {
    '\\.ts$': ['ts-jest', { tsconfig: 'tsconfig.test.json' }]
  }
};

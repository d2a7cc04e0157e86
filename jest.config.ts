/** @jest-config-loader esbuild-register */
// The docblock above is what lets Node 20 read this file: it cannot strip types by itself.
import type { Config } from 'jest';

const config: Config = {
  testMatch: ['<rootDir>/packages/*/test/**/*.test.ts', '<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/build.mjs',
  // Generous: a test that waits for a condition shall fail by it, not by a slow machine.
  testTimeout: 120_000,
  testEnvironment: 'node',
  testEnvironmentOptions: {
    // `@outlive/source` leads every package import to its TypeScript source: no build before a test.
    customExportConditions: ['@outlive/source', 'node', 'node-addons'],
  },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2023-11' },
        },
      },
    ],
    '\\.c?js$': ['@swc/jest', { jsc: { target: 'es2022' } }],
  },
  // ES modules that Jest has to compile: `cookie` 2, which the inject() of Fastify 5 loads, and
  // pg-boss, Kysely, MikroORM; of PGlite the dynamic imports.
  transformIgnorePatterns: [
    '/node_modules/(?!(?:.*/)?(?:cookie|@electric-sql/pglite|pg-boss|kysely|@mikro-orm|serialize-error|non-error|tagged-tag|rrule-temporal)/)',
  ],
  // A rejection left over at the end of a test fails that test, instead of killing the process.
  waitForUnhandledRejections: true,
  collectCoverageFrom: ['packages/*/src/**/*.ts'],
  coverageDirectory: 'coverage',
  coverageProvider: 'v8',
};

export default config;

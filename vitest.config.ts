import { defineConfig } from 'vitest/config';

const common = { setupFiles: ['test/setup.ts'], testTimeout: 20_000, hookTimeout: 60_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    reporters: process.env.CI ? ['default'] : ['dot'],
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['test/{unit,contract}/**/*.test.{ts,tsx}'],
          // A process and its modules for many files: two fifths less processor time. So no test here may mock a module.
          isolate: false,
          unstubGlobals: true,
          restoreMocks: true,
        },
      },
      { test: { ...common, name: 'whole', include: ['test/{electron,conformance}/**/*.test.{ts,tsx}'] } },
    ],
  },
});

import { defineConfig } from 'vitest/config';

/** Every package's tests run alike: files in test/, one worker per core, generous limits because ngspice is real. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    passWithNoTests: false,
  },
});

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Every package's tests run alike: every *.test.ts, one worker per core, generous limits because ngspice is real. */
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    passWithNoTests: false,
    setupFiles: [fileURLToPath(new URL('vitest.setup.ts', import.meta.url))],
  },
});

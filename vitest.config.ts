import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const PACKAGES = fileURLToPath(new URL('packages/', import.meta.url));

/** Tests import what was built: `../src/x.ts` is `../dist/x.js`, which Node loads without anything in between. */
const built = {
  name: 'built',
  enforce: 'pre' as const,
  resolveId(source: string, importer: string | undefined) {
    if (importer === undefined || !source.startsWith('.')) return null;
    const path = fileURLToPath(new URL(source, `file://${importer}`));
    const found = /^([^/\\]+)[/\\]src[/\\](.*)\.ts$/.exec(path.startsWith(PACKAGES) ? path.slice(PACKAGES.length) : '');
    // the page is built by Vite, and tested as it is written
    return found === null || found[1] === 'web' ? null : `${PACKAGES}${found[1]}/dist/${found[2]}.js`;
  },
};

/** Every test of the tree in one run: generous limits, because ngspice is real. */
export default defineConfig({
  plugins: [built],
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/*.test.ts'],
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    pool: 'forks',
    isolate: false,
    maxWorkers: '100%',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 100_000 } },
    passWithNoTests: false,
    // commands run in the tests' processes, and what they write is read
    disableConsoleIntercept: true,
    env: { NO_COLOR: '1' },
    globalSetup: ['vitest.global.ts'],
    setupFiles: ['vitest.setup.ts'],
  },
});

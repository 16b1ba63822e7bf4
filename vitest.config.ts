import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** The tests that take longest, longest first: one of them alone at the end would leave the other cores idle. */
const LONGEST = [
  'test/workers.test.ts',
  'test/process-of-ones-own.test.ts',
  'packages/web/test/hard-times.test.ts',
  'test/slurm.test.ts',
  'test/training.test.ts',
  'test/library.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((file) => moduleId.endsWith(file));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

/** Every test of the tree in one run: generous limits, because ngspice is real. */
export default defineConfig({
  plugins: [built],
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/*.test.ts'],
    server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    pool: 'forks',
    isolate: false,
    sequence: { sequencer: LongestFirst },
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

import { describe, expect, it } from 'vitest';
import { browserOnly } from '../build/browser-only.ts';
import { threads } from '../build/threads.ts';

/** As much of a build as the plugins ask. */
const build = {
  emitted: [] as string[],
  error: (message: string): never => {
    throw new Error(message);
  },
  resolve: async (id: string) => ({ id: `/found/${id}` }),
  emitFile({ id }: { readonly id: string }): string {
    this.emitted.push(id);
    return `file${this.emitted.length}`;
  },
};

type Hook = (this: typeof build, ...args: readonly string[]) => unknown;
const resolveId = browserOnly().resolveId as unknown as Hook;
const transform = threads().transform as unknown as Hook;

describe('the build of the page', () => {
  it.each(['node:fs', 'node:worker_threads', 'node:crypto'])('refuses %s, and says who imports it', (id) => {
    expect(() => resolveId.call(build, id, '/packages/core/dist/some.js')).toThrow(
      `${id} is not in a page, and /packages/core/dist/some.js imports it`,
    );
  });

  it('has a library for node:path, takes from here what yargs takes from elsewhere, and refuses other servers', async () => {
    expect(await resolveId.call(build, 'node:path', 'a.js')).toEqual({ id: '/found/pathe' });
    expect(await resolveId.call(build, 'https://unpkg.com/cliui@8.0.1/index.mjs', 'a.js')).toEqual({
      id: '/found/cliui',
    });
    expect(() => resolveId.call(build, 'https://example.org/x.js', 'a.js')).toThrow('is on another server');
    expect(resolveId.call(build, './some.js', 'a.js')).toBeUndefined();
  });

  it('makes a file of every module of a thread, and refuses one that is named in other words', () => {
    const code = "run({ file: new URL('./copy-worker.js', import.meta.url) });";
    expect(transform.call(build, code, '/packages/verifier/dist/copies/copy-pool.js')).toBe(
      'run({ file: new URL(import.meta.ROLLUP_FILE_URL_file1) });',
    );
    expect(build.emitted).toEqual(['/packages/verifier/dist/copies/copy-worker.js']);
    const other = "const file = new URL('./' + name + '-worker.js', import.meta.url);";
    expect(() => transform.call(build, other, '/packages/verifier/dist/a.js')).toThrow('/packages/verifier/dist/a.js');
  });
});

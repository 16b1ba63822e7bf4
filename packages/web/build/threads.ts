import { dirname, resolve } from 'node:path';
import type { Plugin } from 'vite';

const MODULE = /new URL\(\s*'(\.[^']+\.[jt]s)',\s*import\.meta\.url\s*\)/g;

/** Modules of threads, written `new URL('./some-worker.js', import.meta.url)`, become files of the page that share their parts with the rest. */
export function threads(): Plugin {
  return {
    name: 'modules of threads',
    enforce: 'pre',
    apply: 'build',
    transform(code, id) {
      if (!code.includes('import.meta.url') || id.includes('node_modules')) return undefined;
      const made = code.replace(MODULE, (_, path: string) => {
        const reference = this.emitFile({ type: 'chunk', id: resolve(dirname(id), path) });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      });
      if (/worker\.[jt]s[^)]*import\.meta\.url/.test(made))
        this.error(`${id}: name the module of a thread as new URL('./some-worker.js', import.meta.url)`);
      return made;
    },
  };
}

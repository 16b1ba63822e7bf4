import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import Handlebars from 'handlebars';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);
/** Packages that hold files and no code, by the folder that they are in the page. */
const FOLDERS = Object.entries({
  'spice-templates': '@neuroprint/spice-templates',
  surrogates: '@neuroprint/shipped-surrogates',
  examples: '@neuroprint/examples',
}).map(([name, id]) => ({ name, folder: dirname(require.resolve(`${id}/package.json`)) }));
const FILES = 'neuroprint:files';
const TEMPLATES = 'neuroprint:templates';

/** The texts in a folder that commands read, by their paths in there. */
function textsIn(folder: string): [path: string, text: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('node_modules') && /\.(csv|json|hbs|tsv|txt)$/.test(path))
    .filter((path) => path !== 'package.json' && statSync(join(folder, path)).isFile())
    .sort()
    .map((path) => [relative('.', path).replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')]);
}

/**
 * Gives the page what Node finds on its disk: `neuroprint:files`, the address of a JSON file with every technology, surrogate and example
 * by its path, and `neuroprint:templates`, the templates as functions, because a page may make no code of a text.
 */
export function bundled(): Plugin {
  return {
    name: 'bundled files',
    resolveId: (id) => (id === FILES || id === TEMPLATES ? `\0${id}` : undefined),
    load(id) {
      if (id === `\0${FILES}`) {
        const texts = FOLDERS.flatMap(({ name, folder }) =>
          textsIn(folder).map(([path, text]) => [`/${name}/${path}`, text]),
        );
        const reference = this.emitFile({
          type: 'asset',
          name: 'files.json',
          source: JSON.stringify(Object.fromEntries(texts)),
        });
        return `export const address = import.meta.ROLLUP_FILE_URL_${reference};`;
      }
      if (id !== `\0${TEMPLATES}`) return undefined;
      const made = FOLDERS.flatMap(({ folder }) => textsIn(folder))
        .filter(([path]) => path.endsWith('.hbs'))
        .map(([, text]) => {
          const code = Handlebars.precompile(text, { strict: true, noEscape: true, knownHelpersOnly: false });
          return `[${JSON.stringify(text)}, ${String(code)}]`;
        });
      return `export const templates = new Map([${made.join(',\n')}]);`;
    },
  };
}

import type { Plugin } from 'vite';

/** What yargs' browser side takes from another server, and where that is here. */
const FROM_ELSEWHERE: Readonly<Record<string, string>> = { cliui: 'cliui', 'yargs-parser': 'yargs-parser/browser' };

/** `node:path` is a small library of pure functions in the page; any other module of Node's, and any from elsewhere, is refused. */
export function browserOnly(): Plugin {
  return {
    name: 'browser only',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id === 'node:path') return this.resolve('pathe', import.meta.filename);
      if (id.startsWith('node:')) this.error(`${id} is not in a page, and ${importer} imports it`);
      const elsewhere = /^https:\/\/unpkg\.com\/([\w-]+)@/.exec(id)?.[1];
      if (elsewhere !== undefined && FROM_ELSEWHERE[elsewhere] !== undefined)
        return this.resolve(FROM_ELSEWHERE[elsewhere], importer, { skipSelf: true });
      if (/^https?:/.test(id)) this.error(`${id} is on another server, and ${importer} imports it`);
      return undefined;
    },
  };
}

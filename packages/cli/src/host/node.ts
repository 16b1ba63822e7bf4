import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Call } from '../terminal.ts';

const require = createRequire(import.meta.url);
/** The folder of a package of ours that holds files only. */
const folderOf = (name: string): string => dirname(require.resolve(`@neuroprint/${name}/package.json`));

export const TEMPLATES = folderOf('spice-templates');
export const SURROGATES = folderOf('shipped-surrogates');
export const EXAMPLES = folderOf('examples');
/** The page, as built. */
export const WEB_PAGE = join(folderOf('web'), 'dist', 'site');

export const VERSION = (require('../../package.json') as { version: string }).version;

/** The command itself, for whoever starts it on another machine. */
export const BIN = require.resolve('../../bin/neuroprint.js');

/** The terminal of each call: calls under way at one time share nothing. */
export const calls: Pick<AsyncLocalStorage<Call>, 'run' | 'getStore'> = new AsyncLocalStorage<Call>();

export { default as yargs } from 'yargs';

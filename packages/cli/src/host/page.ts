import type { Call } from '../terminal.ts';

declare const NEUROPRINT_VERSION: string;

/** What a page has in the place of host/node.ts: folders in its memory. */
export const TEMPLATES = '/spice-templates';
export const SURROGATES = '/surrogates';
export const EXAMPLES = '/examples';
export const VERSION = NEUROPRINT_VERSION;

let now: Call | undefined;

/** A page runs one command line at a time. */
export const calls = {
  run: async <T>(terminal: Call, work: () => Promise<T>): Promise<T> => {
    if (now !== undefined) throw new Error('another step runs; wait for it, or cancel it');
    now = terminal;
    try {
      return await work();
    } finally {
      now = undefined;
    }
  },
  getStore: (): Call | undefined => now,
};

export { default as yargs } from 'yargs/browser';

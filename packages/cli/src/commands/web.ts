import { WEB_PAGE } from '#host';
import { defineCommand, outcome } from '../command.ts';
import { whole } from '../options.ts';
import { servePage } from '../serve-page.ts';
import { terminal } from '../terminal.ts';

/** `neuroprint web`: the page, from this machine to this machine. */
export const webCommand = defineCommand({
  options: {
    port: whole('Port on 127.0.0.1; 0 takes any that is free', { min: 0, max: 65_535, default: 8741 }),
  },
  examples: [['$0 web', 'Serve the page; Ctrl-C ends it']],
  run: async ({ port }) => {
    const { signal } = terminal();
    const served = await servePage(WEB_PAGE, port);
    return {
      ...outcome({ address: served.address, port: served.port, folder: WEB_PAGE }, [
        `The page is at ${served.address}`,
        'What it is given stays in the browser. Ctrl-C ends it.',
      ]),
      until: untilAborted(signal).then(served.close),
    };
  },
});

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

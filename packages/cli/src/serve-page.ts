import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { InputFileError, UsageError } from '@neuroprint/core';
import sirv from 'sirv';

/** This machine only: nobody else on the network sees the page. */
const HOST = '127.0.0.1';

export interface Served {
  readonly address: string;
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * Serves a built page on this machine; port 0 takes any that is free. The policy that the page gives itself is said by the
 * server too, and that no other page may frame it, which only a server can say. Throws InputFileError for a folder that was
 * not built, UsageError for a port that cannot be had.
 */
export async function servePage(folder: string, port: number): Promise<Served> {
  const index = join(folder, 'index.html');
  if (!existsSync(index)) throw new InputFileError({ file: index }, 'is not there', 'Build the page: npm run build.');
  const policy = policyOf(readFileSync(index, 'utf8'));
  if (policy === undefined)
    throw new InputFileError({ file: index }, 'has no content security policy', 'Build the page again: npm run build.');
  const files = sirv(folder, {
    // looks at every file as it is asked for: a page that is built again meanwhile is served as it then is
    dev: true,
    etag: true,
    setHeaders: (response) => {
      response.setHeader('Content-Security-Policy', `${policy}; frame-ancestors 'none'`);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      response.setHeader('Referrer-Policy', 'no-referrer');
    },
  });
  const server = createServer((request, response) => files(request, response));
  await listen(server, port);
  const { port: own } = server.address() as AddressInfo;
  return {
    address: `http://${HOST}:${own}/`,
    port: own,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The policy of a page's meta element, or nothing where it has none. */
function policyOf(html: string): string | undefined {
  const meta = /<meta[^>]*http-equiv="Content-Security-Policy"[^>]*>/i.exec(html)?.[0] ?? '';
  return /content="([^"]+)"/.exec(meta)?.[1]?.replace(/\s+/g, ' ').trim();
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be had: ${error.message}`;
      reject(new UsageError(`Port ${port} ${why}.`, 'Give another one with --port, or --port 0 for any that is free.'));
    });
    server.listen(port, HOST, resolve);
  });
}

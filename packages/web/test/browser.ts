import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import sirv from 'sirv';
import { expect } from 'vitest';

/** The page as built. */
export const SITE = fileURLToPath(new URL('../dist/site', import.meta.url));

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const CHROMIUM = '/usr/bin/chromium';
/** Tests of the page need a real browser: Debian's, which .ci/run installs. */
export const hasChromium = existsSync(CHROMIUM);
/** For the name of a group of tests. */
export const where = hasChromium ? 'in Chromium' : `(skipped: there is no ${CHROMIUM})`;

/** Nothing that the browser itself wants of the network, and none of what needs a screen or a user. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Chromium without a window; `jsFlags` are V8's. */
export function startChromium(jsFlags?: string): Promise<Browser> {
  const args = jsFlags === undefined ? FLAGS : [...FLAGS, `--js-flags=${jsFlags}`];
  return chromium.launch({ executablePath: CHROMIUM, args });
}

export interface Site {
  readonly address: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** Another folder from now on: a new version of the page. */
  folder: string;
  /** Says what becomes of a path: sent, sent in half, nothing at all, or moved to the root. */
  fate: (path: string) => 'sent' | 'cut' | 'refused' | 'moved';
  readonly close: () => Promise<void>;
}

/** A web server as plain as can be: files, their types, and no header that the page could lean on. */
export async function serveSite(folder = SITE): Promise<Site> {
  const files = new Map<string, ReturnType<typeof sirv>>();
  const filesOf = (name: string) => {
    if (!files.has(name)) files.set(name, sirv(name, { dev: true, etag: true }));
    return files.get(name)!;
  };
  const server: Server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    site.asked.push(path);
    // so that only the policy of a page stops it from asking another one
    response.setHeader('Access-Control-Allow-Origin', '*');
    const fate = site.fate(path);
    if (fate === 'refused') request.socket.destroy();
    else if (fate === 'cut') {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': 1_000_000 });
      response.write('half of it', () => request.socket.destroy());
    } else if (fate === 'moved') response.writeHead(301, { Location: '/' }).end();
    else filesOf(site.folder)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const site: Site = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked: [],
    folder,
    fate: () => 'sent',
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return site;
}

/** A window of its own with storage of its own, and what it did that it should not. */
export interface Watched {
  readonly context: BrowserContext;
  /** Addresses that are not the site's, of the page, its workers and its service worker. */
  readonly foreign: string[];
  /** What broke the content security policy. */
  readonly violations: string[];
  /** Errors that nobody caught, and those in the console. */
  readonly errors: string[];
  /** Opens the site in a new tab; `rest` goes behind its address. */
  readonly open: (rest?: string) => Promise<Page>;
}

export async function watch(
  browser: Browser,
  site: Site,
  options: { readonly width?: number; readonly height?: number; readonly dark?: boolean } = {},
): Promise<Watched> {
  const { width = 1280, height = 900, dark = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    acceptDownloads: true,
  });
  // a machine may be slow: what does not come is told by the test's own limit
  context.setDefaultTimeout(100_000);
  const watched: Watched = {
    context,
    foreign: [],
    violations: [],
    errors: [],
    open: async (rest = '') => {
      const page = await context.newPage();
      await page.goto(`${site.address}${rest}`);
      return page;
    },
  };
  context.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(site.address) && !/^(data|blob):/.test(url)) watched.foreign.push(url);
  });
  // of pages, frames and workers alike
  context.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) watched.violations.push(message.text());
    else if (message.type() === 'error') watched.errors.push(`${message.text()} ${message.location().url}`);
  });
  context.on('weberror', (error) => watched.errors.push(String(error.error().stack ?? error.error())));
  return watched;
}

/** Nothing was done that the page must not do. */
export function expectManners({ foreign, violations, errors }: Watched): void {
  expect({ foreign, violations, errors }).toEqual({ foreign: [], violations: [], errors: [] });
}

/** What axe-core finds wrong with the page as it is. */
export async function violations(page: Page): Promise<string[]> {
  // through the debugger, where the page's policy does not hold
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> };
    };
    const found = await axe.run();
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target.join(' ')}`));
  });
}

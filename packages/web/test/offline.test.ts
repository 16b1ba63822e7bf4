import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { writeServiceWorker } from '../build/offline.ts';
import { hasChromium, SITE, type Site, serveSite, startChromium, watch, where } from './browser.ts';

/** What the page says of its use without a network. */
const becomes = (page: Page, state: string) => page.waitForSelector(`html[data-offline="${state}"]`);

describe.skipIf(!hasChromium)(`the page without a network ${where}`, () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    [browser, site] = await Promise.all([startChromium(), serveSite()]);
  });
  afterEach(() => {
    site.fate = () => 'sent';
    site.folder = SITE;
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('loads again once it was loaded, also from a server that moves index.html', async () => {
    site.fate = (path) => (path === '/index.html' ? 'moved' : 'sent');
    const { context, open, errors } = await watch(browser, site);
    await becomes(await open(), 'ready');
    site.fate = () => 'refused';
    const page = await open();
    expect(await page.title()).toBe('neuroprint');
    await becomes(page, 'ready');
    expect(errors).toEqual([]);
    await context.close();
  });

  it('goes to a new version whole, once no tab shows the old one, and never where a file of it is another', async () => {
    const next = mkdtempSync(join(tmpdir(), 'neuroprint-page-'));
    cpSync(SITE, next, { recursive: true });
    const index = join(next, 'index.html');
    const retitle = (title: string) =>
      writeFileSync(index, readFileSync(index, 'utf8').replace(/<title>.*<\/title>/, `<title>${title}</title>`));
    retitle('the next');
    await writeServiceWorker(next);
    const { context, open } = await watch(browser, site);
    const first = await open();
    await becomes(first, 'ready');
    // half of the new version is on the server: its service worker, and a page that is not the one it lists
    retitle('another one');
    site.folder = next;
    await first.evaluate(async () => (await navigator.serviceWorker.ready).update().catch(() => undefined));
    await first.evaluate(
      () =>
        new Promise<void>((resolve) => {
          const look = async () =>
            (await navigator.serviceWorker.ready).installing === null ? resolve() : requestAnimationFrame(look);
          look();
        }),
    );
    expect(await (await open()).title()).toBe('neuroprint');
    // now all of it
    retitle('the next');
    const second = await open();
    await becomes(second, 'newer');
    expect(await second.title()).toBe('neuroprint');
    expect(await (await open()).title()).toBe('neuroprint');
    for (const page of context.pages()) await page.close();
    const third = await open();
    expect(await third.title()).toBe('the next');
    await context.close();
  });

  it('says so where the download broke off, and has it after a reload', async () => {
    const { context, open } = await watch(browser, site);
    let cuts = 1;
    // the page was asked for as `/`: under its name it is the service worker that asks
    site.fate = (path) => (path === '/index.html' && cuts-- > 0 ? 'cut' : 'sent');
    const page = await open();
    await becomes(page, 'impossible');
    await page.reload();
    await becomes(page, 'ready');
    await context.close();
  });
});

import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IRIS, neuroprint } from '../../../test/cli.ts';
import { expectManners, hasChromium, type Site, serveSite, startChromium, watch, where } from './browser.ts';

/** A whole run in a few seconds. */
const SHORT = {
  train: '--seed 7 --epochs 60 --restarts 1',
  compile: '--steps 10 --no-layout',
  verify: '--monte-carlo 5',
};
const linkOf = (steps: object) => `#${new URLSearchParams({ neuroprint: '0.1.0', example: 'iris.csv', ...steps })}`;

const makeCircuit = (page: Page) => page.getByRole('button', { name: 'Make the circuit' }).click();
const verified = (page: Page) => page.locator('#verify .verdict .title').textContent();

async function tableOf(bytes: number): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'neuroprint-page-')), 'large.csv');
  const file = createWriteStream(path);
  file.write('a,b,c,class\n');
  const block = '1.25,3.5,0.125,red\n2.5,1.75,0.25,blue\n'.repeat(25_000);
  for (let written = 0; written < bytes; written += block.length)
    if (!file.write(block)) await new Promise((resolve) => file.once('drain', resolve));
  file.end();
  await finished(file);
  return path;
}

describe.skipIf(!hasChromium)(`the page in hard times ${where}`, () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    [browser, site] = await Promise.all([startChromium(), serveSite()]);
  });
  afterEach(() => {
    site.fate = () => 'sent';
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('the network gone after the page was loaded, Iris is trained, compiled and verified', async () => {
    const watched = await watch(browser, site);
    const page = await watched.open(linkOf(SHORT));
    await page.waitForSelector('html[data-offline="ready"]');
    site.fate = () => 'refused';
    await watched.context.setOffline(true);
    const before = site.asked.length;
    await makeCircuit(page);
    expect(await verified(page)).toMatch(/^ngspice agrees/);
    expect(site.asked.slice(before)).toEqual([]);
    expectManners(watched);
    await watched.context.close();
  });

  it('a tab that is closed while it trains goes on from its checkpoint when it is opened again, to the same bytes', async () => {
    const options = ['--seed', '7', '--restarts', '2', '--epochs', '1500', '--patience', '1500'];
    const out = join(mkdtempSync(join(tmpdir(), 'neuroprint-page-')), 'iris');
    const whole = neuroprint(['train', '--data', IRIS, '--out', out, ...options]);
    const watched = await watch(browser, site);
    const page = await watched.open(linkOf({ train: options.join(' ') }));
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.waitForFunction(
      () =>
        new Promise<boolean>((resolve) => {
          const opening = indexedDB.open('neuroprint');
          opening.onsuccess = () => {
            const asking = opening.result.transaction('files').objectStore('files').getAllKeys();
            asking.onsuccess = () => {
              opening.result.close();
              resolve(asking.result.some((key) => String(key).endsWith('/networks/iris/checkpoint.json')));
            };
          };
        }),
      undefined,
      { polling: 100 },
    );
    await page.close();
    const again = await watched.open();
    await again.getByRole('button', { name: 'Go on' }).click();
    await again.locator('#train.done').waitFor();
    const bytes = await again.evaluate(async () => {
      const session = (
        globalThis as unknown as { neuroprint: { files(folder: string): Promise<Map<string, Uint8Array>> } }
      ).neuroprint;
      return [...(await session.files('networks/iris')).get('network.json')!];
    });
    expect((await whole).code).toBe(0);
    expect(Buffer.compare(Buffer.from(bytes), readFileSync(join(out, 'network.json')))).toBe(0);
    expectManners(watched);
    await watched.context.close();
  });

  it('a second tab says that it is not kept, and forgetting leaves nothing in the browser', async () => {
    const watched = await watch(browser, site);
    const first = await watched.open(linkOf(SHORT));
    await first.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
    await first.locator('#kept', { hasText: 'This browser keeps' }).waitFor();
    const second = await watched.open();
    await second.locator('#kept', { hasText: 'Another tab' }).waitFor();
    await second.close();
    await first.getByRole('button', { name: 'Forget' }).click();
    await first.close();
    const third = await watched.open();
    await third.locator('html[data-offline="ready"]').waitFor();
    await third.locator('#kept').waitFor({ state: 'attached' });
    expect(await third.getByRole('heading', { level: 1 }).textContent()).not.toBe('iris');
    await watched.context.close();
  });

  it('a table of 200 MB is refused before it is read, and what is open goes on', async () => {
    const path = await tableOf(200 * 2 ** 20);
    const watched = await watch(browser, site);
    const page = await watched.open(linkOf(SHORT));
    await page.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
    await page.setInputFiles('#file', path);
    await page.locator('.refusal', { hasText: 'large.csv: has 200 MB, and the page takes 32 MB' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('iris');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.locator('#train.done').waitFor();
    expectManners(watched);
    await watched.context.close();
    rmSync(path);
  });

  it('a download of the simulator that breaks off is said, and is made up for', async () => {
    const watched = await watch(browser, site);
    site.fate = (path) => (path.includes('ngspice') ? 'cut' : 'sent');
    const page = await watched.open(linkOf(SHORT));
    await makeCircuit(page);
    await page.locator('#verify .refusal', { hasText: 'simulator' }).waitFor();
    site.fate = () => 'sent';
    await page.getByRole('button', { name: 'Verify' }).click();
    expect(await verified(page)).toMatch(/^ngspice agrees/);
    await watched.context.close();
  });

  it.each(['files', 'worker', 'app'])(
    'a download of its %s that breaks off is said, with a way to ask for it again',
    async (part) => {
      const watched = await watch(browser, site);
      site.fate = (path) => (path.startsWith(`/assets/${part}-`) ? 'cut' : 'sent');
      const page = await watched.open(linkOf(SHORT));
      await page
        .locator('#opening, .refusal', { hasText: /interrupted|load the page again/i })
        .first()
        .waitFor();
      site.fate = () => 'sent';
      await page.getByRole('button', { name: 'Load the page again' }).click();
      await page.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
      await watched.context.close();
    },
  );
});

describe.skipIf(!hasChromium)(`a browser without SIMD ${where}`, () => {
  it('makes a circuit too, and says that it takes longer', async () => {
    // V8 has no SIMD of WebAssembly where the processor lacks this
    const [browser, site] = await Promise.all([startChromium('--no-enable-sse4-1'), serveSite()]);
    try {
      const watched = await watch(browser, site);
      const page = await watched.open(linkOf(SHORT));
      await page.getByText('This browser computes without SIMD').waitFor();
      await makeCircuit(page);
      expect(await verified(page)).toMatch(/^ngspice agrees/);
      expectManners(watched);
    } finally {
      await browser.close();
      await site.close();
    }
  });
});

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, type Site, serveSite, startChromium, watch, where } from './browser.ts';

describe.skipIf(!hasChromium)(`the page's manners ${where}`, () => {
  let browser: Browser;
  let site: Site;
  /** A server that anyone may ask. */
  let elsewhere: Site;

  beforeAll(async () => {
    [browser, site, elsewhere] = await Promise.all([startChromium(), serveSite(), serveSite()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await elsewhere?.close();
  });

  it('what leaves a page is seen by these tests, of its workers too', async () => {
    const { context, foreign } = await watch(browser, site);
    const page = await context.newPage();
    // a file of the site that is no page has no policy
    await page.goto(`${site.address}service-worker.js`);
    await page.evaluate(async (address) => {
      await fetch(`${address}of-the-page`);
      const text = `fetch('${address}of-a-worker').finally(() => postMessage('asked'))`;
      const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
      await new Promise((resolve) => {
        worker.onmessage = resolve;
      });
    }, elsewhere.address);
    expect(foreign).toEqual([`${elsewhere.address}of-the-page`, `${elsewhere.address}of-a-worker`]);
    expect(elsewhere.asked).toEqual(['/of-the-page', '/of-a-worker']);
    elsewhere.asked.length = 0;
    await context.close();
  });

  it('nothing leaves the page: its policy stops what would, and the evaluation of texts, of its workers too', async () => {
    const { context, open, foreign, violations } = await watch(browser, site);
    const page = await open();
    const results = await page.evaluate(async (address) => {
      const said = (work: () => unknown) =>
        new Promise<string>((resolve) => {
          // later, since what a test sends may evaluate whatever it likes
          setTimeout(async () => {
            try {
              await work();
              resolve('done');
            } catch (error) {
              resolve((error as Error).name);
            }
          });
        });
      const tries = `const said = async (work) => { try { await work(); return 'done'; } catch (error) { return error.name; } };
        addEventListener('securitypolicyviolation', () => console.error('Content Security Policy'));
        Promise.all([said(() => fetch('${address}worker')), said(() => new Function('return 1')())]).then(postMessage);`;
      const style = document.createElement('style');
      style.textContent = 'body { margin: 7px }';
      document.head.append(style);
      return {
        fetched: await said(() => fetch(`${address}page`)),
        evaluated: await said(() => new Function('return 1')()),
        // as the page starts its workers
        worker: await new Promise((resolve) => {
          const text = new Blob([tries], { type: 'text/javascript' });
          new Worker(URL.createObjectURL(text), { type: 'module' }).onmessage = ({ data }) => resolve(data);
        }),
        style: getComputedStyle(document.body).marginTop === '7px',
      };
    }, elsewhere.address);
    expect(results).toEqual({
      fetched: 'TypeError',
      evaluated: 'EvalError',
      worker: ['TypeError', 'EvalError'],
      style: false,
    });
    await expect.poll(() => violations.length).toBeGreaterThanOrEqual(4);
    expect(foreign).toEqual([]);
    expect(elsewhere.asked).toEqual([]);
    await context.close();
  });
});

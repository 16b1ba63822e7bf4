import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, type Site, serveSite, startChromium, watch, where } from './browser.ts';

describe.skipIf(!hasChromium)(`the page's manners ${where}`, () => {
  let browser: Browser;
  let site: Site;

  beforeAll(async () => {
    [browser, site] = await Promise.all([startChromium(), serveSite()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('what leaves the page is stopped by its policy, and seen by these tests', async () => {
    const { context, open, foreign, violations } = await watch(browser, site);
    const page = await open();
    const results = await page.evaluate(async () => {
      const elsewhere = 'http://127.0.0.1:9/elsewhere';
      const failed = (work: () => unknown) =>
        Promise.resolve()
          .then(work)
          .then(
            () => 'done',
            (error: Error) => error.name,
          );
      return {
        fetched: await failed(() => fetch(elsewhere)),
        // later, since code that a test sends may evaluate whatever it likes
        evaluated: await failed(
          () =>
            new Promise((resolve, reject) => {
              setTimeout(() => {
                try {
                  resolve(new Function('return 1')());
                } catch (error) {
                  reject(error);
                }
              });
            }),
        ),
        inline: await new Promise((resolve) => {
          const style = document.createElement('style');
          style.textContent = 'body { margin: 7px }';
          document.head.append(style);
          resolve(getComputedStyle(document.body).marginTop);
        }),
      };
    });
    expect(results).toMatchObject({ fetched: 'TypeError', evaluated: 'EvalError' });
    expect(results.inline).not.toBe('7px');
    expect(violations.length).toBeGreaterThanOrEqual(3);
    expect(foreign).toEqual([]);
    await context.close();
  });
});

import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDataset } from '@neuroprint/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, type Site, serveSite, startChromium, violations, type Watched, watch, where } from './browser.ts';

/** Few epochs and starts: what is tested is the page. */
const QUICK = '--epochs 60 --restarts 2';
const OWN_TABLE = join(tmpdir(), `air-${process.pid}.csv`);

/** 60 rows of two smells, with holes in a column of numbers and a column of words. */
function ownTable(): string {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const smell = i % 2;
    const gas = i === 7 || i === 20 ? '' : (100 + 40 * smell + (i % 7)).toFixed(1);
    return `${(20 + smell * 3 + (i % 5) / 10).toFixed(1)},${gas},${['north', 'south'][i % 3 === 0 ? 1 : 0]},${['coffee', 'tea'][smell]}`;
  });
  return `temperature (°C),gas (ppm),site,odour\n${rows.join('\n')}\n`;
}

const button = (page: Page, name: string, within = 'body') =>
  page.locator(within).getByRole('button', { name, exact: true });
const typed = async (page: Page, field: string, value: string) => {
  await page.fill(field, value);
  await page.press(field, 'Tab');
};

describe.skipIf(!hasChromium)(`the flow of the page ${where}`, () => {
  let browser: Browser;
  let site: Site;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    writeFileSync(OWN_TABLE, ownTable());
    [browser, site] = await Promise.all([startChromium(), serveSite()]);
    watched = await watch(browser, site);
    page = await watched.open();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    rmSync(OWN_TABLE, { force: true });
  });

  it('the first words are there, and nothing is wrong with them for any reader', async () => {
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('proven circuit');
    expect(await violations(page)).toEqual([]);
  });

  it('Iris goes from a key press to a verdict of ngspice, with the keyboard alone', async () => {
    await button(page, 'Iris, three classes of flowers').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'iris' }).waitFor();
    expect(await page.locator('np-table tbody tr').count()).toBe(5);
    await typed(page, '#monte-carlo', '10');
    await button(page, 'Make the circuit').focus();
    await page.keyboard.press('Enter');
    const title = page.locator('#verify .verdict .title');
    await title.waitFor({ timeout: 180_000 });
    expect(await title.textContent()).toMatch(
      /^ngspice agrees with the prediction to [\d.]+.[fpn]V at \d+ node voltages\.$/,
    );
    // the focus has gone with the work
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('verify-title');
    expect(await page.locator('.spoken[role=status]').textContent()).toBe('Verifying is done.');
  }, 240_000);

  it('the ladder has every rung, the matrix every test row, the histogram every copy', async () => {
    const rungs = page.locator('#compile .ladder tbody tr');
    expect(await rungs.count()).toBeGreaterThanOrEqual(9);
    expect(await rungs.locator('.step-name').first().textContent()).toContain('network');
    await page.locator('.confusion').waitFor();
    const counts = await page.locator('.confusion tbody td').allTextContents();
    expect(counts.reduce((sum, text) => sum + Number(text), 0)).toBe(30);
    expect(await page.locator('np-copies svg').getAttribute('aria-label')).toMatch(/^Histogram of 10 printed copies/);
  });

  it.each([
    ['wide and light', 1280, 'light'],
    ['wide and dark', 1280, 'dark'],
    ['400 pixels wide, light', 400, 'light'],
    ['400 pixels wide, dark', 400, 'dark'],
  ] as const)('axe-core finds nothing wrong, and nothing sticks out: %s', async (_name, width, colorScheme) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  it('other choices mark what was made by earlier ones', async () => {
    await typed(page, '#hidden', '4');
    const marked = () => page.locator('.rail li.stale').count();
    await expect.poll(marked).toBe(3);
    await typed(page, '#hidden', '');
    await expect.poll(marked).toBe(0);
  });

  it('an option that the command line refuses is refused beside it, and another one runs', async () => {
    await typed(page, '#hidden', '0');
    await button(page, 'Train again').click();
    const problem = page.locator('#hidden-problem');
    await problem.waitFor();
    expect(await problem.textContent()).toContain('--hidden is "0", and must be a whole number from 1 to 1000.');
    expect(await page.locator('#hidden').getAttribute('aria-invalid')).toBe('true');
    await typed(page, '#hidden', '2');
    await page.locator('#train .more summary').click();
    await typed(page, '#more-train', QUICK);
    await button(page, 'Train').click();
    await button(page, 'Train again').waitFor();
    expect(await problem.count()).toBe(0);
  });

  it('a table of one’s own is refused beside the column, in the sentence of the command line, with ways out', async () => {
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.setInputFiles('#file', OWN_TABLE);
    const refusal = page.locator('np-table .refusal');
    const seen: string[] = [];
    const name = OWN_TABLE.replace(/^.*\//, '');
    const said = (options: Parameters<typeof readDataset>[1]): string => {
      try {
        readDataset(OWN_TABLE, options);
        return '';
      } catch (error) {
        return (error as Error).message.replace(OWN_TABLE, name);
      }
    };
    const next = async (way: string) => {
      const sentence = (await refusal.locator('p').first().textContent()) ?? '';
      seen.push(sentence.replace('!', '').trim());
      await button(page, way, 'np-table .refusal').click();
    };
    // two columns hold words
    await refusal.waitFor();
    expect(await page.locator('#train').count()).toBe(0);
    await next('The class is odour');
    await page.locator('np-table .problem').waitFor();
    expect(await violations(page)).toEqual([]);
    await next('Leave such rows out');
    await button(page, 'Make each word an input').waitFor();
    await next('Make each word an input');
    await page.locator('#train').waitFor();
    expect(seen).toEqual([said({}), said({ label: 'odour' }), said({ label: 'odour', missing: 'drop' })]);
    expect(await refusal.count()).toBe(0);
    expect(await page.locator('np-app .lead').first().textContent()).toContain('58 rows');
  });

  it.each([
    ['', 'is empty'],
    ['a,b,label\n', 'has a header and no rows'],
    ['a,b,label\n1,2,x\n3,x\n', ', row 3: has 2 cells, and the header has 3'],
    ['a,label\n1,x\n2,x\n3,x\n', ', column label: has one class only ("x")'],
  ])('a file that is no table, or none of classes, is refused: %j', async (text, message) => {
    await page.setInputFiles('#file', { name: 'wrong.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByRole('heading', { level: 1, name: 'wrong' }).waitFor();
    await expect
      .poll(() => page.locator('np-table .refusal p').first().textContent())
      .toContain(`wrong.csv${message.startsWith(',') ? '' : ': '}${message}`);
    expect(await page.locator('#train').count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  it('a column that is found wrong only in training is refused beside it too', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, i) => `${i % 7},${i % 3 === 0 ? 5 : 6},${['train', 'valid', 'test'][i % 3]},${i % 2 === 0 ? 'x' : 'y'}`,
    );
    const buffer = Buffer.from(`a,b,split,label\n${rows.join('\n')}\n`);
    await page.setInputFiles('#file', { name: 'split.csv', mimeType: 'text/csv', buffer });
    await page.getByRole('heading', { level: 1, name: 'split' }).waitFor();
    await button(page, 'Train').click();
    const problem = page.locator('np-table .problem .refusal');
    await problem.waitFor();
    expect(await problem.locator('p').first().textContent()).toContain(
      'split.csv, column b: is constant (5) in the training rows',
    );
    await button(page, 'Leave b out').click();
    await expect.poll(() => page.locator('.refusal').count()).toBe(0);
  });

  it('a table with holes is trained, compiled and verified; a run that is cancelled goes on', async () => {
    await page.setInputFiles('#file', OWN_TABLE);
    await button(page, 'The class is odour').click();
    await button(page, 'Take the mean of the training rows').click();
    await button(page, 'Leave site out').click();
    await typed(page, '#monte-carlo', '5');
    await typed(page, '#steps', '40');
    await button(page, 'Train').click();
    await page.locator('#train np-curves svg').first().waitFor();
    await button(page, 'Cancel', '#train').click();
    await button(page, 'Go on').waitFor();
    await page.locator('#train .more summary').click();
    await typed(page, '#more-train', QUICK);
    await button(page, 'Make the circuit').click();
    await page.locator('#verify .verdict.good').waitFor({ timeout: 120_000 });
    expect(await page.locator('#verify .verdict .title').textContent()).toMatch(/^ngspice agrees with the prediction/);
  }, 180_000);

  it('nothing has left the page, broken its policy or failed on the way', () => {
    expect(watched.foreign).toEqual([]);
    expect(watched.violations).toEqual([]);
    expect(watched.errors).toEqual([]);
  });
});

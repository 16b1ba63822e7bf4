import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../src/session/session.ts';
import { hasChromium, type Site, serveSite, startChromium, watch, where } from './browser.ts';

const TRAIN = ['train', '--data', 'iris.csv', '--out', 'net', '--seed', '1', '--epochs', '20', '--restarts', '1'];
const COMPILE = ['compile', '--network', 'net/network.json', '--data', 'iris.csv', '--out', 'out', '--steps', '10'];
const VERIFY = ['verify', '--netlist', 'out', '--engine', 'embedded'];

const run = (page: Page, args: readonly string[]) =>
  page.evaluate(([step, ...rest]) => globalThis.neuroprint!.run(step as Step, rest), args);

describe.skipIf(!hasChromium)(`the session of the page ${where}`, () => {
  let browser: Browser;
  let site: Site;

  const opened = async () => {
    const watched = await watch(browser, site);
    const page = await watched.open();
    await page.waitForFunction(() => globalThis.neuroprint !== undefined);
    await page.evaluate(() => globalThis.neuroprint!.openExample('iris.csv'));
    return { ...watched, page };
  };

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

  it('says what to do where the download of the simulator breaks off, keeps what there is, and goes on later', async () => {
    site.fate = (path) => (/ngspice.*\.wasm$/.test(path) ? 'cut' : 'sent');
    const { context, page } = await opened();
    expect((await run(page, TRAIN)).exitCode).toBe(0);
    expect((await run(page, [...COMPILE, '--no-layout'])).problem).toBeUndefined();
    const broken = await run(page, VERIFY);
    expect(broken.exitCode).toBe(1);
    expect(broken.problem?.message).toMatch(/^The engine embedded cannot be used/);
    expect(broken.problem?.hint).toMatch(/^Load the page again/);
    site.fate = () => 'sent';
    expect((await run(page, VERIFY)).problem).toBeUndefined();
    await context.close();
  });

  it('computes in float64 where no kernel can be had, and says that there is none', async () => {
    site.fate = (path) => (/kernel.*\.wasm$/.test(path) ? 'refused' : 'sent');
    const { context, page } = await opened();
    expect((await page.evaluate(() => globalThis.neuroprint!.ready())).simd).toBe(false);
    const { exitCode, problem } = await run(page, [...TRAIN.slice(0, -3), '3', '--restarts', '1']);
    expect([exitCode, problem]).toEqual([0, undefined]);
    await context.close();
  });

  it.each([
    ['training', TRAIN.map((word) => (word === '20' ? '100000' : word)), TRAIN],
    ['compile', [...COMPILE.slice(0, -1), '100000'], COMPILE],
  ])('ends a %s that is cancelled, and does the next one', async (_, long, short) => {
    const { context, page } = await opened();
    if (short === COMPILE) await run(page, TRAIN);
    const cancelled = await page.evaluate(async ([step, ...rest]) => {
      const work = globalThis.neuroprint!.run(step as Step, rest);
      await globalThis.neuroprint!.cancel();
      return work;
    }, long);
    expect(cancelled.exitCode).toBe(130);
    expect(cancelled.problem?.message).toMatch(/^Interrupted/);
    const next = await run(page, [...short, '--overwrite']);
    expect(next.problem).toBeUndefined();
    await context.close();
  });
});

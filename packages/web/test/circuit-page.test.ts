import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatEngineering } from '@neuroprint/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { netlistFolder, TEMPLATES } from '../../verifier/test/fixture.ts';
import { zipOf } from '../src/folder/zip.ts';
import { CircuitDesk } from '../src/session/circuit/desk.ts';
import { hasChromium, type Site, serveSite, startChromium, violations, type Watched, watch, where } from './browser.ts';

const WEIGHT = 'r_l0_i1_c0';
const folder = netlistFolder();
const zip = zipOf({
  name: 'small',
  files: new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))])),
});

/** Opens a page on the circuit of the zip. */
async function openZip(watched: Watched): Promise<Page> {
  const page = await watched.open();
  await page
    .locator('#file')
    .setInputFiles({ name: 'small.zip', mimeType: 'application/zip', buffer: Buffer.from(zip) });
  await page.locator('circuit-drawing svg').waitFor();
  await page.locator('output-bars .volts').first().waitFor();
  return page;
}

describe.skipIf(!hasChromium)(`the circuit on the page ${where}`, () => {
  let browser: Browser;
  let site: Site;
  let watched: Watched;
  let page: Page;
  const desk = new CircuitDesk(TEMPLATES);
  const panel = () => page.locator('component-panel');
  const shownVolts = () => page.locator('output-bars .volts').allTextContents();
  const transform = () => page.locator('circuit-drawing svg > g').getAttribute('transform');

  beforeAll(async () => {
    [browser, site] = await Promise.all([startChromium(), serveSite(), desk.circuit(folder)]);
    watched = await watch(browser, site);
    page = await openZip(watched);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('a slider moves the outputs, to what the exact solver says in Node', async () => {
    const { values } = await desk.caseRow(0);
    for (const left of [0.1, 0.9]) {
      await page.locator('input-sliders input').first().fill(String(left));
      const { outputVolts, decision } = await desk.solve([left, values[1]!], {});
      const wanted = outputVolts.map((volts) => formatEngineering(volts, 'V'));
      await expect.poll(shownVolts).toEqual(wanted);
      expect(await page.locator('output-bars [role=status]').textContent()).toBe(['low', 'high'][decision!]);
    }
  });

  it('a click on a part says what it is, where it comes from, and what happens if it fails', async () => {
    await page.locator(`circuit-drawing [data-device=${WEIGHT}]`).click();
    await page.getByText('If it fails').waitFor();
    expect(await panel().locator('h3').textContent()).toBe(WEIGHT);
    await panel().getByText('Layer 0: right → neuron 0 (low)').waitFor();
    expect(await panel().locator('value-editor input[type=text]').inputValue()).toBe('2.000 MΩ');
    expect(await panel().getByRole('rowheader').allTextContents()).toEqual(
      expect.arrayContaining(['R', 'open', 'short']),
    );
  });

  it('keys go from part to part, zoom and show all of it', async () => {
    await page.getByRole('application').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => panel().locator('h3').textContent()).not.toBe(WEIGHT);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => panel().locator('h3').textContent()).toBe(WEIGHT);
    await page.keyboard.press('+');
    expect(await transform()).toContain('scale(1.5)');
    await page.keyboard.press('0');
    expect(await transform()).toContain('scale(1)');
    await page.locator('circuit-drawing .view').hover();
    await page.mouse.wheel(0, -200);
    await expect.poll(transform).not.toContain('scale(1)');
    await page.getByRole('button', { name: 'Show all' }).click();
  });

  it('a value changed by hand moves the rows as in Node; nonsense is refused; undo goes back', async () => {
    const score = () => page.locator('.score').textContent();
    const before = await score();
    const field = panel().locator('value-editor input[type=text]');
    await field.fill('1,000');
    await field.press('Enter');
    await panel().getByRole('alert').waitFor();
    expect(await panel().getByRole('alert').textContent()).toContain('“1,000” is no resistance above 0');
    await field.fill('90k');
    await field.press('Enter');
    const { right, moved } = await desk.judge({ [WEIGHT]: 90e3 });
    await expect.poll(score).toContain(`${right} of 12 rows right`);
    expect(await score()).toContain(`${moved} decided otherwise`);
    await panel().getByText('Cannot be printed').waitFor();
    expect(await page.locator('.tried').textContent()).toContain('2.000 MΩ → 90.00 kΩ');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the changed netlist' }).click(),
    ]);
    expect(readFileSync(await download.path(), 'utf8')).toBe(await desk.netlist({ [WEIGHT]: 90e3 }));
    await page.getByRole('button', { name: 'Ask ngspice' }).click();
    await page.getByText(/ngspice .* finds these \d+ node voltages too/).waitFor();
    await page.getByRole('application').focus();
    await page.keyboard.press('Control+z');
    await expect.poll(score).toBe(before);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(score).not.toBe(before);
  });

  it('its layout can be pointed at too', async () => {
    await page.getByRole('button', { name: 'Layout' }).click();
    const part = page.locator(`circuit-drawing .layout [data-device=r_l0_i0_c1]`);
    await part.waitFor();
    await page.getByLabel('Find a part by its name').fill('r_l0_i0_c1');
    await page.keyboard.press('Enter');
    await expect.poll(() => panel().locator('h3').textContent()).toBe('r_l0_i0_c1');
    expect(await part.getAttribute('class')).toBe('selected');
    await page.getByLabel('Find a part by its name').fill('no such thing');
    await page.keyboard.press('Enter');
    await page.getByText('There is no part with “no such thing”').waitFor();
  });

  it('nothing leaves the page, breaks its policy or fails, and it is accessible wide and narrow, light and dark', async () => {
    expect(await violations(page)).toEqual([]);
    const narrow = await watch(browser, site, { width: 400, dark: true });
    const phone = await openZip(narrow);
    await phone.locator(`circuit-drawing [data-device=${WEIGHT}]`).click();
    await phone.getByText('If it fails').waitFor();
    expect(await violations(phone)).toEqual([]);
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    for (const { foreign, violations, errors } of [watched, narrow])
      expect({ foreign, violations, errors }).toEqual({ foreign: [], violations: [], errors: [] });
  });
});

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json } from '../../../test/cli.ts';
import { expectManners, hasChromium, type Site, serveSite, startChromium, watch, where } from './browser.ts';

/** A whole run in a few seconds, and the same on the command line. */
const SHORT = { train: '--seed 7 --epochs 150 --restarts 1', compile: '--steps 30', verify: '--monte-carlo 10' };
const LINK = `#${new URLSearchParams({ neuroprint: '0.1.0', example: 'iris.csv', ...SHORT })}`;

const folderFor = (name: string) => join(mkdtempSync(join(tmpdir(), 'neuroprint-page-')), name);
const makeCircuit = (page: Page) => page.getByRole('button', { name: 'Make the circuit' }).click();
const verified = (page: Page) => page.locator('#verify .verdict .title').textContent();

async function downloadZip(page: Page): Promise<Buffer> {
  const coming = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download everything as a zip' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe('iris.zip');
  return readFileSync(await download.path());
}

/** Unpacks a zip as any program does. */
function unpacked(zip: Uint8Array, into: string): string {
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(into, path)), { recursive: true });
    writeFileSync(join(into, path), bytes);
  }
  return into;
}

/** The numbers of simulated.csv, row by row. */
function voltsIn(folder: string): number[][] {
  const [, ...rows] = readFileSync(join(folder, 'simulated.csv'), 'utf8').trim().split('\n');
  return rows.map((row) => row.split(',').map(Number).filter(Number.isFinite));
}

describe.skipIf(!hasChromium)(`what goes out of the page and comes back ${where}`, () => {
  let browser: Browser;
  let site: Site;
  let zip: Buffer;

  beforeAll(async () => {
    [browser, site] = await Promise.all([startChromium(), serveSite()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('a link makes a run, whose zip is a folder in which neuroprint verify finds the same volts and decisions', async () => {
    const watched = await watch(browser, site);
    const page = await watched.open(LINK);
    await makeCircuit(page);
    expect(await verified(page)).toMatch(/^ngspice agrees with the prediction to \S+\s[pn]V at \d+ node voltages\.$/);
    zip = await downloadZip(page);
    expectManners(watched);
    await watched.context.close();

    const folder = join(unpacked(zip, folderFor('unpacked')), 'iris');
    const before = voltsIn(folder);
    const ofPage = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    const report = await json<typeof ofPage>([
      'verify',
      '--netlist',
      folder,
      '--monte-carlo',
      '10',
      '--engine',
      'embedded',
    ]);
    const after = voltsIn(folder);
    expect(after.length).toBe(30);
    const differences = after.flatMap((row, i) => row.map((volts, j) => Math.abs(volts - before[i]![j]!)));
    expect(Math.max(...differences)).toBeLessThan(1e-9);
    expect(report.decisionAgreement).toBe(ofPage.decisionAgreement);
    expect(report.accuracy).toEqual(ofPage.accuracy);
  });

  it('a zip that is dropped is a circuit again, and is verified again', async () => {
    const watched = await watch(browser, site);
    const page = await watched.open();
    await page.setInputFiles('#file', { name: 'mine.zip', mimeType: 'application/zip', buffer: zip });
    await page.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    expect(await verified(page)).toMatch(/^ngspice agrees/);
    expect(Object.keys(unzipSync(await downloadZip(page)))).toEqual(Object.keys(unzipSync(zip)));
    expectManners(watched);
    await watched.context.close();
  });

  it('a zip that is none, damaged or of something else is refused in place, and what is open stays', async () => {
    const watched = await watch(browser, site);
    const page = await watched.open();
    const files = unzipSync(zip);
    const edited = { ...files, 'iris/circuit.json': files['iris/circuit.json']!.with(40, 65) };
    for (const [buffer, message] of [
      [Buffer.from('label,a\nx,1\n'), 'x.zip: is no zip'],
      [zip.subarray(0, zip.length / 2), 'x.zip: is cut off'],
      [
        Buffer.from(zipSync({ 'photos/cat.jpg': new Uint8Array(9) })),
        'x.zip: is no compiled circuit: netlist.cir is not in it',
      ],
      [
        Buffer.from(zipSync({ ...files, 'iris/../../x': new Uint8Array(9) })),
        'x.zip: has a path in it that leads elsewhere',
      ],
      [Buffer.from(zipSync(edited)), 'x.zip: iris/circuit.json'],
    ] as const) {
      await page.setInputFiles('#file', { name: 'x.zip', mimeType: 'application/zip', buffer });
      await page.locator('.refusal', { hasText: message }).waitFor();
    }
    await page.setInputFiles('#file', { name: 'mine.zip', mimeType: 'application/zip', buffer: zip });
    await page.getByRole('heading', { name: 'iris', level: 1 }).waitFor();
    await page.setInputFiles('#file', { name: 'x.zip', mimeType: 'application/zip', buffer: Buffer.from('x') });
    await page.locator('.refusal', { hasText: 'x.zip: is no zip' }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('iris');
    expectManners(watched);
    await watched.context.close();
  });

  it('a link that is broken says why, and the page is as without it', async () => {
    const watched = await watch(browser, site);
    for (const [rest, message] of [
      ['#neuroprint=0.1.0&example=iris.csv&colour=red', 'The link says "colour", which this page does not know.'],
      ['#neuroprint=0.1.0&example=lilies.csv', 'lilies.csv'],
      ['#neuroprint=0.1.0&train=--out+x', "The link gives train the option --out, which is the page's own."],
    ] as const) {
      const page = await watched.open(rest);
      await page.locator('.refusal', { hasText: message }).waitFor();
      await page.close();
    }
    await watched.context.close();
  });

  it('a link to a table of one’s own waits for it, and refuses an option that is none where it is', async () => {
    const watched = await watch(browser, site);
    const page = await watched.open('#neuroprint=0.1.0&label=class&train=--epochz+3');
    await page.locator('#opening', { hasText: 'for a table of your own' }).waitFor();
    const table = Buffer.from(
      `a,b,class\n${Array.from({ length: 40 }, (_, i) => `${i % 7},${(i * 3) % 11},${i % 2}`).join('\n')}\n`,
    );
    await page.setInputFiles('#file', { name: 'own.csv', mimeType: 'text/csv', buffer: table });
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page.locator('#train .refusal', { hasText: 'epochz' }).waitFor();
    await watched.context.close();
  });
});

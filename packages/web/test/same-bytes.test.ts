import { copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../cli/src/main.ts';
import type { Step } from '../src/session/session.ts';
import { hasChromium, type Site, serveSite, startChromium, type Watched, watch, where } from './browser.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A table and a network that take a second, with every stage of the flow. */
const STEPS: readonly (readonly [Step, ...string[]])[] = [
  ['train', '--data', 'iris.csv', '--out', 'networks/iris', '--seed', '3', '--epochs', '30', '--restarts', '2'],
  ['compile', '--network', 'networks/iris/network.json', '--data', 'iris.csv', '--out', 'out', '--steps', '40'],
  ['verify', '--netlist', 'out', '--monte-carlo', '40', '--engine', 'embedded'],
];

/** Command lines that are refused, with tables that are. */
const TABLES: Readonly<Record<string, string>> = {
  'gap.csv': 'a,b,label\n1,2,x\n,3,y\n4,5,x\n6,7,y\n',
  'one.csv': 'a,b,label\n1,2,x\n2,3,x\n3,4,x\n',
  'words.csv': 'a,b,label\n1,2,x\nsome,3,y\n4,5,x\n6,7,y\n',
  'zip.csv': 'PK\u0003\u0004 not a table',
  'empty.csv': '',
};
const REFUSED: readonly (readonly [Step, ...string[]])[] = [
  ...Object.keys(TABLES).map((name): [Step, ...string[]] => ['train', '--data', name, '--out', `of-${name}`]),
  ['train', '--data', 'nowhere.csv', '--out', 'x'],
  ['train', '--data', 'iris.csv', '--out', 'iris.csv'],
  ['train', '--data', 'iris.csv', '--out', 'x', '--variation', '2'],
  ['train', '--data', 'iris.csv', '--out', 'x', '--technology', 'wood'],
  ['train', '--data', 'iris.csv'],
  ['train', '--data', 'iris.csv', '--out', 'x', '--epoks', '3'],
  ['compile', '--network', 'iris.csv', '--out', 'x'],
  ['verify', '--netlist', 'networks'],
];

describe.skipIf(!hasChromium)(`the page and the command line ${where}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'neuroprint-same-'));
  let browser: Browser;
  let site: Site;
  let watched: Watched;
  let page: Page;

  const inPage = (args: readonly string[]) =>
    page.evaluate(([step, ...rest]) => globalThis.neuroprint!.run(step as Step, rest), args);
  /** In this process, and in the folder with the tables. */
  const onCommandLine = async (args: readonly string[]) => {
    const before = process.cwd();
    const said: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
    const stream = (name: keyof typeof said) => ({
      write: (text: string) => {
        said[name] += text;
      },
    });
    process.chdir(folder);
    try {
      const io = { stdout: stream('stdout'), stderr: stream('stderr'), colours: false };
      const status = await run([...args, '--json'], { ...io, signal: new AbortController().signal });
      return { status, stderr: said.stderr.replaceAll(ROOT, '/') };
    } finally {
      process.chdir(before);
    }
  };

  beforeAll(async () => {
    [browser, site] = await Promise.all([startChromium(), serveSite()]);
    watched = await watch(browser, site);
    page = await watched.open();
    await page.waitForFunction(() => globalThis.neuroprint !== undefined);
    await page.evaluate(() => globalThis.neuroprint!.openExample('iris.csv'));
    copyFileSync(join(ROOT, 'examples', 'iris.csv'), join(folder, 'iris.csv'));
    for (const [name, text] of Object.entries(TABLES)) {
      writeFileSync(join(folder, name), text);
      await page.evaluate(([path, of]) => globalThis.neuroprint!.openTable(path!, new Blob([of!])), [name, text]);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('make folders that are the same, file for file and byte for byte, from the same table and seed', async () => {
    for (const step of STEPS) {
      const there = await onCommandLine(step);
      // a slow machine tells how far it is
      expect(there.stderr).not.toMatch(/^error/m);
      const here = await inPage(step);
      expect(here.problem).toBeUndefined();
      expect(here.exitCode).toBe(there.status);
    }
    for (const made of ['networks/iris', 'out']) {
      const files = await page.evaluate(async (name) => {
        const found = await globalThis.neuroprint!.files(name);
        return [...found].map(([path, bytes]) => [
          path,
          Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''),
        ]);
      }, made);
      const names = readdirSync(join(folder, made), { recursive: true, encoding: 'utf8' });
      const wanted = names.filter((name) => statSync(join(folder, made, name)).isFile()).sort();
      expect(files.map(([name]) => name).sort()).toEqual(wanted);
      expect(wanted.length).toBeGreaterThan(1);
      const others = files.filter(([name, text]) => readFileSync(join(folder, made, name!), 'latin1') !== text);
      expect(others.map(([name]) => name)).toEqual([]);
    }
  });

  it('refuse the same with the same sentences and exit codes', async () => {
    for (const args of REFUSED) {
      const { status, stderr } = await onCommandLine(args);
      const { exitCode, problem } = await inPage(args);
      const said = problem && [`error ${problem.message}`, ...(problem.hint === undefined ? [] : [problem.hint])];
      expect([args.join(' '), exitCode, said?.join('\n')]).toEqual([args.join(' '), status, stderr.trimEnd()]);
    }
  });

  it('differ in that a page runs no programs', async () => {
    const { exitCode, problem } = await inPage(['verify', '--netlist', 'out', '--engine', 'ngspice']);
    expect(exitCode).toBe(1);
    expect(problem?.message).toBe('The engine ngspice cannot be used: a page runs no programs.');
  });

  it('differ in that nothing leaves the page, and nothing breaks its policy', () => {
    expect(watched.foreign).toEqual([]);
    expect(watched.violations).toEqual([]);
    expect(watched.errors).toEqual([]);
  });
});

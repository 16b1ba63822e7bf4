import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { UsageError } from '@neuroprint/core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { EXAMPLES } from './machine.ts';
import { wholeNumber } from './options.ts';
import { table } from './table.ts';
import { measureSlider, type SliderTimes } from './web-slider.ts';

const SITE = fileURLToPath(new URL('../../packages/web/dist/site', import.meta.url));
const BIN = fileURLToPath(new URL('../../packages/cli/bin/neuroprint.js', import.meta.url));
const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

const STEPS = [
  ['train', '--data', 'iris.csv', '--out', 'networks/iris'],
  ['compile', '--network', 'networks/iris/network.json', '--data', 'iris.csv', '--out', 'netlists-out/iris'],
  ['verify', '--netlist', 'netlists-out/iris', '--monte-carlo', '100', '--engine', 'embedded'],
] as const;

/** Of one way to do the three steps: seconds on the clock of each, and of the processor in all. */
interface Way {
  readonly wallSeconds: readonly number[];
  readonly cpuSeconds: number;
}

/** Iris from drop to verified, in the page and on the command line by turns, and what the page weighs and how it feels. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string', default: '3' } } });
  const runs = wholeNumber('runs', values.runs, 1);
  if (!existsSync(CHROMIUM)) throw new UsageError(`There is no ${CHROMIUM}.`, 'apt-get install chromium');
  const server = createServer((request, response) => {
    const path = join(SITE, decodeURIComponent(request.url!.split('?')[0]!).replace(/\/$/, '/index.html'));
    if (!path.startsWith(SITE) || !existsSync(path)) response.writeHead(404).end();
    else
      response
        .writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' })
        .end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const chromiumServer = await chromium.launchServer({ executablePath: CHROMIUM, args: FLAGS });
  const browser = await chromium.connect(chromiumServer.wsEndpoint());
  try {
    const pid = chromiumServer.process().pid!;
    const [here, there]: [Way[], Way[]] = [[], []];
    const blocked: Blocked[] = [];
    const paints: number[] = [];
    const sliders: SliderTimes[] = [];
    for (let k = 0; k < runs; k += 1) {
      there.push(onCommandLine());
      const found = await inPage(browser, address, pid);
      here.push(found.way);
      blocked.push(found.blocked);
      paints.push(found.firstPaint);
      sliders.push(found.slider);
    }
    printTimes(here, there);
    printManners(paints, blocked, sliders, await browser.version());
  } finally {
    await browser.close();
    await chromiumServer.close();
    server.close();
  }
}

function onCommandLine(): Way {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-web-'));
  const children = cpuOfChildren();
  try {
    const wallSeconds = STEPS.map(([step, ...rest]) => {
      const from = step === 'verify' ? rest : rest.map((word) => (word === 'iris.csv' ? join(EXAMPLES, word) : word));
      const began = performance.now();
      const { status, stderr } = spawnSync(process.execPath, [BIN, step, ...from, '--json'], { cwd, encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      return (performance.now() - began) / 1000;
    });
    return { wallSeconds, cpuSeconds: cpuOfChildren() - children };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

/** Processor seconds of all children of this process that have ended. */
function cpuOfChildren(): number {
  const fields = statOf('self');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** The fields of /proc/PID/stat behind the name, from the state on; the first is number 0. */
function statOf(pid: string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Processor seconds of a process and all that descend from it. */
function cpuOfTree(root: number): number {
  const all = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const fields = statOf(name);
      const ticks = [11, 12, 13, 14].reduce((sum, k) => sum + Number(fields[k]), 0);
      return [{ pid: Number(name), parent: Number(fields[1]), seconds: ticks / 100 }];
    } catch {
      return []; // ended meanwhile
    }
  });
  const within = new Set([root]);
  for (let size = 0; size !== within.size; ) {
    size = within.size;
    for (const { pid, parent } of all) if (within.has(parent)) within.add(pid);
  }
  return all.filter(({ pid }) => within.has(pid)).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Of the page's own thread while it trained, in milliseconds. */
interface Blocked {
  /** Longest time between two turns of its loop, which on a busy machine is also the machine's. */
  readonly gap: number;
  /** Longest task that the browser called long; 0 where there was none of 50 ms. */
  readonly task: number;
}

/** Watches the loop of the page, and says how long it stood still. */
const WATCH = `(() => {
  const seen = { gap: 0, task: 0, on: true };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.task = Math.max(seen.task, duration);
  }).observe({ type: 'longtask' });
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    seen.gap = Math.max(seen.gap, now - last);
    last = now;
    if (seen.on) setTimeout(() => port2.postMessage(0), 4);
  };
  port2.postMessage(0);
  globalThis.seen = seen;
})()`;

async function inPage(browser: Browser, address: string, pid: number) {
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    await page.goto(address);
    await page.waitForFunction(() => (globalThis as { neuroprint?: unknown }).neuroprint !== undefined);
    const firstPaint = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`,
    );
    await page.evaluate('neuroprint.ready()');
    const cpu = cpuOfTree(pid);
    const wallSeconds: number[] = [];
    let blocked: Blocked = { gap: 0, task: 0 };
    for (const [step, ...rest] of STEPS) {
      const began = performance.now();
      if (step === 'train') {
        await openTable(page);
        await page.evaluate(WATCH);
      }
      const outcome = await page.evaluate<{ exitCode: number; problem?: { message: string } }>(
        `neuroprint.run('${step}', ${JSON.stringify(rest)})`,
      );
      if (outcome.exitCode !== 0) throw new Error(outcome.problem?.message);
      if (step === 'train') blocked = await page.evaluate<Blocked>('((seen.on = false), seen)');
      wallSeconds.push((performance.now() - began) / 1000);
    }
    const cpuSeconds = cpuOfTree(pid) - cpu;
    const slider = await measureSlider(page, 'netlists-out/iris');
    return { way: { wallSeconds, cpuSeconds }, blocked, firstPaint, slider };
  } finally {
    await context.close();
  }
}

/** As a drop does: the bytes of a file. */
function openTable(page: Page): Promise<unknown> {
  const text = readFileSync(join(EXAMPLES, 'iris.csv'), 'utf8');
  return page.evaluate(`neuroprint.openTable('iris.csv', new Blob([${JSON.stringify(text)}]))`);
}

function printTimes(here: readonly Way[], there: readonly Way[]): void {
  const sum = (of: readonly number[]): number => of.reduce((total, one) => total + one, 0);
  const rows = [
    ...STEPS.map(
      ([step], k) =>
        [step, (way: Way) => way.wallSeconds[k]!] as const satisfies readonly [string, (way: Way) => number],
    ),
    ['drop to verified', (way: Way) => sum(way.wallSeconds)] as const,
    ['processor', (way: Way) => way.cpuSeconds] as const,
  ].map(([name, of]) => {
    const [page, line] = [median(here.map(of)), median(there.map(of))];
    return [name, page.toFixed(1), line.toFixed(1), `${(100 * (page / line - 1)).toFixed(0)} %`];
  });
  const head = `Iris, train to verified (100 copies), median of ${here.length} runs by turns:`;
  process.stdout.write(`${head}\n${table(['seconds', 'page', 'command line', 'page adds'], rows)}\n\n`);
}

function printManners(
  paints: readonly number[],
  blocked: readonly Blocked[],
  sliders: readonly SliderTimes[],
  version: string,
): void {
  const files = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(SITE, name)).isFile(),
  );
  const bytes = files.map((name) => readFileSync(join(SITE, name)));
  const megabytes = (of: (one: Buffer) => number) => (bytes.reduce((sum, one) => sum + of(one), 0) / 1e6).toFixed(2);
  const rows = [
    ['first paint', `${median(paints).toFixed(0)} ms`, 'under 1000 ms'],
    [
      'longest task of the page while training',
      `${median(blocked.map(({ task }) => task)).toFixed(0)} ms`,
      'at most 100 ms',
    ],
    [
      'longest gap of its loop while training',
      `${median(blocked.map(({ gap }) => gap)).toFixed(0)} ms`,
      'at most 100 ms',
    ],
    [
      'from a slider of the circuit to its outputs',
      `${median(sliders.map((one) => one.median)).toFixed(2)} ms`,
      'under 1 ms',
    ],
    ['the same, slowest of 40 times ten', `${median(sliders.map(({ slowest }) => slowest)).toFixed(2)} ms`, ''],
    ['of that the exact solver', `${median(sliders.map((one) => one.solverMicroseconds)).toFixed(0)} µs`, ''],
    ['all files with gzip', `${megabytes((one) => gzipSync(one, { level: 9 }).length)} MB`, 'at most 8 MB'],
    ['all files with brotli', `${megabytes((one) => brotliCompressSync(one).length)} MB`, ''],
    ['all files as they are', `${megabytes((one) => one.length)} MB`, ''],
  ];
  process.stdout.write(`Chromium ${version}:\n${table(['', 'measured', 'wanted'], rows)}\n`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '@neuroprint/core';
import { type Measurement, openMeasurements } from './compare-measurements.ts';
import { measured } from './measured.ts';
import { chosen, wholeNumber } from './options.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';
import { withoutPrograms } from './without-programs.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STARTS = 10;
const SIDES = ['base', 'head'] as const;

/** What is measured, each in a clone of its own that nothing was done in. */
const COMMANDS = { demo: 'npm run demo', test: 'npm test', version: 'neuroprint --version' } as const;
type What = (typeof COMMANDS)[keyof typeof COMMANDS];

interface Commit {
  readonly hash: string;
  readonly subject: string;
}

/**
 * Sets up, tests and starts two commits side by side: fresh clones, one after the other in turns, on this machine, with
 * the built-in simulator. `--base REV`, `--head REV` (default HEAD), `--runs N` (default 3), `--out FOLDER` keeps what was
 * measured: the same command goes on from there. `demo`, `test` and `version` are what is measured, all three where none is named.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      base: { type: 'string' },
      head: { type: 'string', default: 'HEAD' },
      runs: { type: 'string', default: '3' },
      out: { type: 'string' },
    },
  });
  if (values.base === undefined) throw new UsageError('--base is missing.', 'Give a commit to compare with.');
  const whats = chosen('measurement', positionals, Object.keys(COMMANDS)).map(
    (name) => COMMANDS[name as keyof typeof COMMANDS],
  );
  const runs = wholeNumber('runs', values.runs, 1);
  const commits = { base: commitOf(values.base), head: commitOf(values.head) };
  const name = SIDES.map((side) => commits[side].hash.slice(0, 10)).join('-');
  const store = openMeasurements(resolve(values.out ?? join(ROOT, '.neuroprint', 'compare', `${name}.jsonl`)));
  for (let turn = 0; turn < runs; turn += 1) {
    // neither side is always the one that finds the disk's cache warm
    for (const side of turn % 2 === 0 ? SIDES : SIDES.toReversed()) {
      for (const what of whats) {
        const key = `${commits[side].hash} ${what} ${turn}`;
        if (store.has(key)) continue;
        const measurement = await measureFresh(commits[side].hash, what);
        store.add(key, measurement);
        process.stderr.write(`${side} ${what}: ${seconds(measurement.wallSeconds)}, exit code ${measurement.code}\n`);
      }
    }
  }
  process.stdout.write(`npm ${execFileSync('npm', ['--version'], { encoding: 'utf8', shell: true }).trim()}\n`);
  for (const side of SIDES) process.stdout.write(`${side} ${commits[side].hash} ${commits[side].subject}\n`);
  const of = (side: (typeof SIDES)[number], what: What) =>
    Array.from({ length: runs }, (_, turn) => store.get(`${commits[side].hash} ${what} ${turn}`));
  const rows = whats.flatMap((what) => lines(what, of('base', what), of('head', what)));
  process.stdout.write(`\n${table(['median (least to most)', 'base', 'head', 'head / base', 'load before'], rows)}\n`);
  const failed = whats
    .flatMap((what) => SIDES.flatMap((side) => of(side, what).map(({ code }) => ({ what, side, code }))))
    .filter(({ code }) => code !== 0)
    .map(({ what, side, code }) => `${what} of ${side} ended with ${code}`);
  if (failed.length > 0) process.stdout.write(`\n${failed.join('\n')}\n`);
}

/** Throws UsageError where git does not know the revision. */
function commitOf(revision: string): Commit {
  try {
    const text = execFileSync('git', ['log', '-1', '--format=%H %s', revision, '--'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [, hash = '', subject = ''] = /^(\w+) (.*)/.exec(text) ?? [];
    return { hash, subject };
  } catch {
    throw new UsageError(`git does not know the commit ${revision}.`, 'Give a hash, a branch or a tag.');
  }
}

/** Measures one thing in a fresh clone; what must be there before is set up first, and not counted. */
function measureFresh(hash: string, what: What): Promise<Measurement> {
  return inScratchFolder(async (folder) => {
    const clone = join(folder, 'clone');
    execFileSync('git', ['clone', '-q', '--no-checkout', ROOT, clone]);
    execFileSync('git', ['checkout', '-q', hash], { cwd: clone });
    const env = { ...process.env, PATH: withoutPrograms(['ngspice'], join(folder, 'bin')) };
    if (what !== 'neuroprint --version') return measured(what, clone, env);
    const ready = await measured('npm run setup && npm run build', clone, env);
    if (ready.code !== 0) throw new Error(`${hash} cannot be built: exit code ${ready.code}`);
    const start = 'node packages/cli/bin/neuroprint.js --version';
    await measured(start, clone, env);
    const starts = await measured(`for i in $(seq ${STARTS}); do ${start} || exit 1; done`, clone, env);
    return { ...starts, wallSeconds: starts.wallSeconds / STARTS, cpuSeconds: starts.cpuSeconds / STARTS };
  });
}

/** Wall time and processor time of both sides, and their ratio turn by turn. */
function lines(what: What, base: readonly Measurement[], head: readonly Measurement[]): string[][] {
  const load = Math.max(...[...base, ...head].map((measurement) => measurement.load));
  return (['wallSeconds', 'cpuSeconds'] as const).map((kind) => {
    const [before, after] = [base, head].map((side) => side.map((measurement) => measurement[kind])) as [
      number[],
      number[],
    ];
    return [
      `${what}, ${kind === 'wallSeconds' ? 'wall time' : 'processor time'}`,
      spread(before, seconds),
      spread(after, seconds),
      spread(
        after.map((value, turn) => value / before[turn]!),
        (ratio) => ratio.toFixed(3),
      ),
      load.toFixed(1),
    ];
  });
}

function spread(values: readonly number[], format: (value: number) => string): string {
  const sorted = values.toSorted((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return `${format(median)} (${format(sorted[0]!)} to ${format(sorted.at(-1)!)})`;
}

function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(0)} s`;
}

import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Command } from '../packages/cli/src/command.ts';
import { COMMANDS, type Entry } from '../packages/cli/src/commands.ts';
import { IRIS, json, neuroprint, ROOT, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();
const network = join(folder, 'network', 'network.json');
const netlist = join(folder, 'netlist');
/** A circuit of 18 parts, where a larger one only takes longer. */
const small = join(folder, 'damp');
const tables = join(folder, 'tables');
const FRIEDMAN = join(ROOT, 'examples', 'friedman1.csv');

/** Takes --workers as a number to reckon with, and has no threads. */
const RECKONING = ['jobs'];

/** Every command that has --workers: its command line, which writes to `out`. */
const LINES: Readonly<Record<string, (out: string) => readonly string[]>> = {
  sample: (out) => ['sample', '--cell', 'negweight', '--count', '7', '--out', out],
  train: (out) => [...['train', '--data', IRIS, '--restarts', '3', '--epochs', '20', '--draws', '8', '--out', out]],
  sweep: (out) => [
    ...['sweep', '--data', IRIS, '--hidden', '2;3', '--prices', '0', '--seeds', '2', '--epochs', '6', '--out', out],
  ],
  pareto: (out) => [
    ...['pareto', '--data', IRIS, '--hidden', '2', '--power-prices', '0,0.1,0.2', '--prices', '0'],
    ...['--seeds', '1', '--epochs', '4', '--out', out],
  ],
  'bench date23': (out) => [
    ...['bench', 'date23', '--data', tables, '--seeds', '2', '--epochs', '6'],
    ...['--cases', 'digital,learned-aware-10', '--out', out],
  ],
  'bench physical': (out) => [
    ...['bench', 'physical', '--data', tables, '--tables', 'iris', '--which', 'modes', '--splits', '2'],
    ...['--hidden', '3', '--lambda', '0.1', '--out', out],
  ],
  bayesmulti: (out) => [
    ...[
      'bayesmulti',
      '--data',
      IRIS,
      '--hidden',
      '4',
      '--epochs',
      '4',
      '--trials',
      '2',
      '--seeds',
      '2',
      '--draws',
      '2',
    ],
    ...['--out', out],
  ],
  'local study': (out) => [
    ...['local', 'study', '--data', IRIS, '--networks', '2', '--sizes', '10,12', '--parts', 'sizes', '--out', out],
  ],
  activations: (out) => [
    ...['activations', '--data', FRIEDMAN, '--target', 'target', '--layers', '1', '--neurons', '3,4'],
    ...['--draws', '1', '--out', out],
  ],
  compile: (out) => [...['compile', '--network', network, '--data', IRIS, '--steps', '30', '--out', out]],
  verify: (out) => ['verify', '--netlist', copied(out), '--monte-carlo', '700'],
  copies: (out) => ['copies', '--netlist', netlist, '--count', '700', '--out', out],
  'test-patterns': (out) => [
    ...['test-patterns', '--netlist', copied(out, small), '--most-patterns', '3', '--good-copies', '300'],
    ...['--faulty-copies', '10', '--confirm', '1'],
  ],
  'fault-tolerance': (out) => [
    ...['fault-tolerance', '--netlist', copied(out), '--rates', '0,0.1', '--copies', '700', '--simulated', '2'],
  ],
};

/** The netlist in a folder of its own, for commands that write beside it. */
function copied(out: string, from = netlist): string {
  cpSync(from, out, { recursive: true });
  return out;
}

beforeAll(async () => {
  mkdirSync(tables);
  copyFileSync(IRIS, join(tables, 'iris.csv'));
  const brief = ['--epochs', '30', '--restarts', '2', '--draws', '8'];
  await json(['train', '--data', IRIS, '--out', join(folder, 'network'), ...brief]);
  const given = ['--network', network, '--data', IRIS, '--out', netlist];
  expect([0, 3]).toContain((await neuroprint(['compile', ...given, '--steps', '0'])).code);
  await json(['compile', '--network', join(ROOT, 'examples', 'damp.json'), '--out', small]);
});

/** The commands that have an option of this name, by what is typed to run them. */
async function commandsWith(option: string, entries: readonly Entry[] = COMMANDS, before = ''): Promise<string[]> {
  const found: string[] = [];
  for (const entry of entries) {
    const name = `${before}${entry.command.split(' ')[0]}`;
    if ('among' in entry) {
      found.push(...(await commandsWith(option, entry.among, `${name} `)));
      continue;
    }
    const options: string[] = [];
    const asked = { option: (key: string) => options.push(key), positional: () => {}, example: () => {} };
    (await entry.load()).build(asked as unknown as Parameters<Command['build']>[0]);
    if (options.includes(option)) found.push(name);
  }
  return found;
}

/** An answer or a file of JSON without what may differ: how long it took, when, and where it was written. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key]) => !/second|checksum|^(out|html|command|created|started)/i.test(key),
  );
  return Object.fromEntries(entries.map(([key, one]) => [key, lasting(one)]));
}

/** Everything below a folder by name, but for the ledger of its jobs: JSON as what lasts of it, all else as its text. */
function contents(at: string): Record<string, unknown> {
  const files = readdirSync(at, { recursive: true }).map((name) => join(at, String(name)));
  return Object.fromEntries(
    files
      .filter((file) => statSync(file).isFile() && !relative(at, file).startsWith('ledger'))
      .sort()
      .map((file) => {
        const text = readFileSync(file, 'utf8')
          .replaceAll(at, 'OUT')
          .replace(/^.* of processor time.*$/gm, '');
        return [relative(at, file), file.endsWith('.json') ? lasting(JSON.parse(text)) : text];
      }),
  );
}

describe('--workers', () => {
  it('is an option of the commands that are run here, and of no other', async () => {
    expect((await commandsWith('workers')).sort()).toEqual([...Object.keys(LINES), ...RECKONING].sort());
  });

  it.each(Object.keys(LINES))('changes no bit of what %s answers and writes', async (name) => {
    const runs = [];
    for (const workers of ['1', '2', '3']) {
      const out = join(folder, name.replace(' ', '-'), workers, 'made');
      const { code, out: answer, err } = await neuroprint([...LINES[name]!(out), '--workers', workers, '--json']);
      expect([0, 3], err).toContain(code);
      runs.push({ code, answer: lasting(JSON.parse(answer.replaceAll(out, 'OUT'))), files: contents(out) });
    }
    expect(Object.keys(runs[0]!.files).length).toBeGreaterThan(0);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });
});

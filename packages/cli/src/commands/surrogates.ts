import { existsSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { NeuroprintError, OutputInUseError, readTextFile, sha256, sha256OfFile, UsageError } from '@neuroprint/core';
import { type Job, JsonResults, runJobList } from '@neuroprint/jobs';
import { TEMPLATES, VERSION } from '#host';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { foundSamples } from '../found-samples.ts';
import { clusterOptions, judgedJobs, slurmOf } from '../job-options.ts';
import { makeSurrogate } from '../make-surrogate.ts';
import {
  engineOr,
  overwriteOption,
  seedOption,
  shardOf,
  surrogatesOption,
  technologyOption,
  text,
  texts,
  whole,
} from '../options.ts';
import { log } from '../output.ts';
import { terminal } from '../terminal.ts';

/** Designs per cell of the shipped surrogates. */
const COUNT = 6000;
/** A surrogate whose held-out error is larger by more than this is worse, and not another draw of the same. */
const WORSE = 1.5;

const options = {
  count: whole('Designs of each cell', { min: 50, max: 1e7, default: COUNT }),
  seed: seedOption,
  technology: technologyOption,
  cell: text('One cell alone; default all cells of the technology'),
  surrogates: surrogatesOption,
  samples: text('Folder for the samples', join('.neuroprint', 'samples')),
  from: texts('Folders that sample has written, of curves or ports: their cells are not sampled again'),
  // the built-in simulator is the same everywhere, so anybody gets the same bytes
  engine: engineOr('embedded'),
  shard: shardOf('cells, such as 0/2; all into the same folders'),
  ...clusterOptions,
} as const;
type Arguments = ArgumentsOf<typeof options>;

function cellsOf(argv: Arguments, technology: Technology): string[] {
  const all = Object.keys(technology.cells);
  if (argv.cell === undefined) return all;
  if (!all.includes(argv.cell))
    throw new UsageError(`${technology.name} has no cell ${argv.cell}.`, `There are: ${all.join(', ')}.`);
  return [argv.cell];
}

/** A surrogate that was made, as its row keeps it until all are. */
interface MadeCell extends Awaited<ReturnType<typeof makeSurrogate>> {
  /** Of surrogate.json: a row is done as long as that is what it has made. */
  readonly sha256: string;
}

/** Where the rows of a command lie until it is done, named by everything that decides them. */
function ledgerOf(argv: Arguments, technology: Technology): string {
  const { count, seed, engine, from = [] } = argv;
  const decisive = [VERSION, technology.hash, cellsOf(argv, technology), count, seed, engine, resolve(argv.surrogates)];
  const taken = from.map((folder) => readTextFile(join(folder, 'samples.json')));
  const name = sha256(JSON.stringify([...decisive, ...taken])).slice(0, 12);
  return join(argv.samples, `${technology.name}-surrogates-${name}`);
}

/** Makes the surrogates of the cells, a job each. */
async function make(
  argv: Arguments,
  technology: Technology,
  names: readonly string[],
  command: string,
): Promise<Outcome> {
  const found = foundSamples(argv.from ?? [], technology, names);
  const folder = ledgerOf(argv, technology);
  const store = new JsonResults<MadeCell>(folder);
  const fileOf = (cell: string) => join(argv.surrogates, technology.name, cell, 'surrogate.json');
  const jobs = names.map((name): Job => ({ name, input: basename(folder), file: rowOf(name) }));
  const slurm = slurmOf(argv, false);
  const { results, failures } = await runJobList<MadeCell>(
    {
      ...{ what: `surrogates of ${technology.name}`, unit: 'cell', jobs },
      read: (job) => {
        const row = store.read(job);
        const file = fileOf(job.name);
        return row !== undefined && existsSync(file) && sha256OfFile(file) === row.sha256 ? row : undefined;
      },
      work: async (job) => {
        const asked = { ...argv, seed: argv.seed ?? 0, command, found };
        const made = await makeSurrogate(technology, job.name, asked);
        log(`${job.name}: ${made.change}`);
        return { result: store.write(job, { ...made, sha256: sha256OfFile(fileOf(job.name)) }) };
      },
      // wrong use is that of every cell
      isFatal: (error) => error instanceof NeuroprintError && error.exitCode === 2,
    },
    { folder, signal: terminal().signal, onProgress: () => undefined, ...(argv.shard && { shard: argv.shard }), slurm },
  );
  const made = results.filter((row) => row !== undefined);
  // made again is made anew
  if (failures.length === 0 && argv.shard === undefined) rmSync(folder, { recursive: true, force: true });
  const worse = made
    .filter(
      ({ surrogate, errorBefore }) => surrogate.test.mseNormalised > WORSE * (errorBefore ?? Number.POSITIVE_INFINITY),
    )
    .map(
      ({ cell, surrogate, errorBefore }) =>
        `the surrogate of ${cell} is worse than the one it replaced: held-out error ${errorBefore!.toExponential(1)} before, ${surrogate.test.mseNormalised.toExponential(1)} now`,
    );
  const cells = Object.fromEntries(made.map(({ report: _, sha256: __, cell, ...one }) => [cell, one]));
  const lines = [
    ...worse.map((line) => `NOT AS PROMISED: ${line}`),
    ...made.flatMap(({ report }) => report),
    ...(argv.shard === undefined ? [] : ['the same command without --shard sums up']),
  ];
  if (failures.length > 0)
    return judgedJobs({ technology: technology.name, cells, failures }, lines, failures, folder, names.length);
  return outcome(
    { asPromised: worse.length === 0, technology: technology.name, cells },
    lines,
    worse.length > 0 ? 3 : 0,
  );
}

function rowOf(cell: string): string {
  return `rows/${cell}.json`;
}

/** `neuroprint surrogates make`: the surrogates of a process that has none. */
export const makeCommand = defineCommand({
  options,
  examples: [
    ['$0 surrogates make --technology otft', 'Sample every cell, train, write'],
    ['$0 surrogates make --technology otft --from samples/negweight samples/ptanh', 'On samples that there are'],
  ],
  run: async (argv) => {
    const technology = loadTechnology(TEMPLATES, argv.technology);
    const names = cellsOf(argv, technology);
    const there = existing(argv, technology, names);
    const left = names.filter((cell) => !there.includes(cell));
    if (left.length === 0)
      throw new OutputInUseError(
        join(argv.surrogates, technology.name),
        `there are surrogates of ${there.join(', ')}`,
        'Make them again with surrogates regenerate --overwrite, or elsewhere with --surrogates.',
      );
    const made = await make(argv, technology, left, 'make');
    const kept = there.map((cell) => `${cell}: left as it is; surrogates regenerate --overwrite makes it again`);
    return { ...made, lines: [...made.lines, ...kept] };
  },
});

/** `neuroprint surrogates regenerate`: the surrogates that there are, again. */
export const regenerateCommand = defineCommand({
  options: { ...options, overwrite: overwriteOption },
  examples: [
    ['$0 surrogates regenerate --overwrite', 'The same bytes as the shipped surrogates'],
    ['$0 surrogates regenerate --surrogates mine', 'Elsewhere, beside the shipped ones'],
  ],
  run: (argv) => {
    const technology = loadTechnology(TEMPLATES, argv.technology);
    const names = cellsOf(argv, technology);
    const there = existing(argv, technology, names);
    if (there.length > 0 && !argv.overwrite)
      throw new OutputInUseError(
        join(argv.surrogates, technology.name),
        `there are surrogates of ${there.join(', ')}`,
        'Add --overwrite to replace them, or name another folder with --surrogates.',
      );
    return make(argv, technology, names, 'regenerate --overwrite');
  },
});

/** The cells that have a surrogate or a port model, but for those that this very command has made before it was done. */
function existing(argv: Arguments, technology: Technology, names: readonly string[]): string[] {
  const ledger = ledgerOf(argv, technology);
  return names.filter(
    (cell) =>
      !existsSync(join(ledger, rowOf(cell))) &&
      ['surrogate.json', 'port.json'].some((file) => existsSync(join(argv.surrogates, technology.name, cell, file))),
  );
}

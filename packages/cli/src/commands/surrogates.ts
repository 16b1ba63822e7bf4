import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { OutputInUseError, UsageError } from '@neuroprint/core';
import { TEMPLATES } from '#host';
import { type ArgumentsOf, defineCommand, type Outcome, outcome } from '../command.ts';
import { foundSamples } from '../found-samples.ts';
import { makeSurrogate } from '../make-surrogate.ts';
import {
  engineOr,
  overwriteOption,
  seedOption,
  surrogatesOption,
  technologyOption,
  text,
  texts,
  whole,
} from '../options.ts';
import { log } from '../output.ts';

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
} as const;
type Arguments = ArgumentsOf<typeof options>;

function cellsOf(argv: Arguments, technology: Technology): string[] {
  const all = Object.keys(technology.cells);
  if (argv.cell === undefined) return all;
  if (!all.includes(argv.cell))
    throw new UsageError(`${technology.name} has no cell ${argv.cell}.`, `There are: ${all.join(', ')}.`);
  return [argv.cell];
}

/** Makes the surrogates of the cells, one after the other. */
async function make(
  argv: Arguments,
  technology: Technology,
  names: readonly string[],
  command: string,
): Promise<Outcome> {
  const found = foundSamples(argv.from ?? [], technology, names);
  const cells: Record<string, object> = {};
  const lines: string[] = [];
  const worse: string[] = [];
  for (const cell of names) {
    const { report, ...made } = await makeSurrogate(technology, cell, {
      ...argv,
      seed: argv.seed ?? 0,
      command,
      found,
    });
    cells[cell] = made;
    lines.push(...report);
    log(`${cell}: ${made.change}`);
    if (made.errorBefore !== undefined && made.surrogate.test.mseNormalised > WORSE * made.errorBefore)
      worse.push(
        `the surrogate of ${cell} is worse than the one it replaced: held-out error ${made.errorBefore.toExponential(1)} before, ${made.surrogate.test.mseNormalised.toExponential(1)} now`,
      );
  }
  return outcome(
    { asPromised: worse.length === 0, technology: technology.name, cells },
    [...worse.map((line) => `NOT AS PROMISED: ${line}`), ...lines],
    worse.length > 0 ? 3 : 0,
  );
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

/** The cells that have a surrogate or a port model. */
function existing({ surrogates }: Arguments, technology: Technology, names: readonly string[]): string[] {
  return names.filter((cell) =>
    ['surrogate.json', 'port.json'].some((file) => existsSync(join(surrogates, technology.name, cell, file))),
  );
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCell, loadTechnology, type Technology } from '@neuroprint/circuit';
import { type Surrogate, sha256 } from '@neuroprint/core';
import type { EngineChoice } from '@neuroprint/spice';
import { hasPortModel, LEAST_ROWS, readSurrogate } from '@neuroprint/surrogate';
import { defineCommand, outcome } from '../command.ts';
import { engineOr, seedOption, surrogatesOption, technologyOption, text, whole } from '../options.ts';
import { log } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { describePort, describeUnloaded, runPortTraining } from '../port.ts';
import { describeSampling, runSampling } from '../run-sampling.ts';
import { describeSurrogate, runSurrogateTraining } from '../run-surrogate.ts';
import { readSampleTable } from '../sample-table.ts';

/** Designs per cell of the shipped surrogates. */
const COUNT = 6000;
/** Designs of the port models are so many times fewer, and of the next seed: other designs than the surrogate is tested on. */
const PORT_SHARE = 12;

export const regenerateCommand = defineCommand({
  options: {
    count: whole('Designs of each cell', { min: 50, max: 1e7, default: COUNT }),
    seed: seedOption,
    technology: technologyOption,
    surrogates: surrogatesOption,
    samples: text('Folder for the samples', join('.neuroprint', 'samples')),
    // the built-in simulator is the same everywhere, so anybody gets the same bytes
    engine: engineOr('embedded'),
  },
  examples: [['$0 surrogates regenerate', 'The same bytes as the shipped surrogates']],
  run: async (argv) => {
    const technology = loadTechnology(TEMPLATES, argv.technology);
    const cells: Record<string, object> = {};
    const lines: string[] = [];
    for (const cell of Object.keys(technology.cells)) {
      const folder = join(argv.samples, `${technology.name}-${cell}-${argv.count}-${argv.seed}-${argv.engine}`);
      const sampling = await runSampling({
        technology: technology.name,
        cell,
        count: argv.count,
        out: folder,
        seed: argv.seed,
        engine: argv.engine,
      });
      const seed = argv.seed ?? 0;
      const port = await portOf(technology, cell, { ...argv, seed, folder: `${folder}-port` });
      const out = join(argv.surrogates, technology.name, cell);
      const before = existsSync(join(out, 'surrogate.json')) ? readSurrogate(out) : undefined;
      const portBefore = hashOf(join(out, 'port.json'));
      const surrogate = await runSurrogateTraining(
        readSampleTable(folder, technology.name, cell),
        out,
        seed,
        {
          samples: sampling,
          simulator: { name: sampling.engine, version: sampling.simulatorVersion },
          command: `npx neuroprint surrogates regenerate --technology ${technology.name} --count ${argv.count} --seed ${seed}`,
        },
        'own',
        port?.model,
        argv.engine,
      );
      const portNow = hashOf(join(out, 'port.json'));
      const change = `${changeOf(before, readSurrogate(out))}${port ? `; port model ${portChange(portBefore, portNow)}` : ''}`;
      cells[cell] = { sample: sampling, surrogate, ...(port && { port: port.training }), change };
      lines.push(
        ...describeSampling(cell, sampling),
        ...describeSurrogate(surrogate),
        ...(port ? [describePort(port.training.test)] : []),
        ...(surrogate.unloaded ? describeUnloaded(surrogate.unloaded) : []),
        `${cell}: ${change}`,
      );
      log(`${cell}: ${change}`);
    }
    return outcome({ technology: technology.name, cells }, lines);
  },
});

/** The port model of a cell, from designs that the surrogate is not tested on; undefined where the cell can have none. */
async function portOf(
  technology: Technology,
  cell: string,
  { count, seed, folder, engine }: { count: number; seed: number; folder: string; engine: EngineChoice },
) {
  const { elements } = findCell(technology, cell);
  if (!hasPortModel({ elements, supplyVolts: technology.supplies })) return undefined;
  const { out } = await runSampling({
    technology: technology.name,
    cell,
    count: Math.max(LEAST_ROWS, Math.round(count / PORT_SHARE)),
    out: folder,
    seed: seed + 1,
    engine,
    port: true,
  });
  return runPortTraining(out, seed);
}

/** SHA-256 of a file, undefined where there is none. */
function hashOf(path: string): string | undefined {
  return existsSync(path) ? sha256(readFileSync(path)) : undefined;
}

function portChange(before: string | undefined, now: string | undefined): string {
  if (before === undefined) return 'new';
  return before === now ? 'the same bytes as before' : 'changed';
}

/** What differs between the surrogate that was there and the new one, in words. */
function changeOf(before: Surrogate | undefined, after: Surrogate): string {
  if (before === undefined) return 'new';
  if (before.checksum === after.checksum) return 'the same bytes as before';
  const inputs = Object.keys(after.inputHashes).filter((name) => before.inputHashes[name] !== after.inputHashes[name]);
  const fields = (['parameters', 'constraints', 'features', 'trainedOn'] as const).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const what = [...inputs, ...fields];
  const [from, to] = [before, after].map(({ test }) => test.mseNormalised.toExponential(1));
  return `changed${what.length > 0 ? ` (${what.join(', ')})` : ' (weights)'}; held-out error ${from} before, ${to} now`;
}

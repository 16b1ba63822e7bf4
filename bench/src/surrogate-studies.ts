import { type Cell, loadTechnology, type Technology } from '@neuroprint/circuit';
import type { SampleTable } from '@neuroprint/core';
import { FINE_POINTS, fineEta, readSamples, sample } from '@neuroprint/sampler';
import { etaNoise, type FeatureSet, feature, featureSets, trainSurrogate } from '@neuroprint/surrogate';
import { TEMPLATES } from './machine.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const FLOOR_DESIGNS = 150;
const FEATURE_ROWS = 3750;

/** Simulated designs; at most a few of them fail and are left out. */
export async function simulate(technology: Technology, cell: Cell, count: number): Promise<SampleTable> {
  return inScratchFolder(async (out) => {
    await sample({ technology, cell, count, out });
    return readSamples(out).table;
  });
}

/** What no surrogate can pass: the η of the default sweep against those of 4,001 evenly spaced points, same designs. */
export async function floor(technologies: readonly string[]): Promise<void> {
  const lines: string[][] = [];
  for (const name of technologies) {
    const technology = loadTechnology(TEMPLATES, name);
    for (const cell of Object.values(technology.cells)) {
      const { values, eta } = await simulate(technology, cell, FLOOR_DESIGNS);
      const { rows, mseNormalised } = etaNoise(eta, await fineEta(technology, cell, values, 'auto'));
      lines.push([`${name} ${cell.name}`, String(rows), mseNormalised.toExponential(1)]);
    }
  }
  process.stdout.write(
    `Noise of η: default sweep against ${FINE_POINTS} points, normalised mean square\n\n${table(['cell', 'designs', 'noise'], lines)}\n`,
  );
}

/** Held-out error by features: logarithms of the values alone, and each of the sets that training chooses from. */
export async function features(technologies: readonly string[]): Promise<void> {
  const lines: string[][] = [];
  for (const name of technologies) {
    const technology = loadTechnology(TEMPLATES, name);
    const supplies = Object.keys(technology.supplies);
    for (const cell of Object.values(technology.cells)) {
      const samples = await simulate(technology, cell, FEATURE_ROWS);
      const topology = { elements: cell.elements, supplies };
      const plain: FeatureSet = {
        name: 'logarithms',
        features: cell.parameters.map((parameter) => feature({ [parameter.name]: 1 })),
      };
      for (const set of [plain, ...featureSets(cell.parameters, cell.constraints, topology)]) {
        const { test } = trainSurrogate(samples, { seed: 0, topology, features: set });
        lines.push([
          `${name} ${cell.name}`,
          set.name,
          String(set.features.length),
          test.mseNormalised.toExponential(1),
        ]);
        process.stderr.write(`${lines.at(-1)!.join(', ')}\n`);
      }
    }
  }
  process.stdout.write(
    `Held-out error by features, ${FEATURE_ROWS} samples\n\n${table(['cell', 'features', 'number', 'error'], lines)}\n`,
  );
}

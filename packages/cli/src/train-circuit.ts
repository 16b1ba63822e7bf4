import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import {
  type Dataset,
  formatPercent,
  formatSeconds,
  inLockedFolder,
  prepareOutputFolder,
  UsageError,
} from '@neuroprint/core';
import { type CircuitOptions, HIDDEN_CELLS, tableOf, trainCircuit } from '@neuroprint/training';
import { TEMPLATES } from '#host';
import { type Outcome, outcome } from './command.ts';
import { choice, number } from './options.ts';
import { withProgress } from './output.ts';
import { writeTrained } from './run-training.ts';
import { classScoresOf, scoresOf } from './train-scores.ts';

/** The technology of op-amp networks where none is named. */
const OPAMP_TECHNOLOGY = 'opamp';

/** Options of `train` that only networks with op-amps have. */
export const circuitOptions = {
  lambda: number('With --node-rule kirchhoff: λ of λ·Σ(Σg − 1)²; default 0.1', { min: 0, max: 1e6 }),
  'least-share': number('With --node-rule kirchhoff: least Σg of a column, of Σ|g|; default 0.2', {
    min: -0.99,
    max: 0.99,
  }),
  cell: choice('With --node-rule kirchhoff: cell of the hidden activations; default sigmoid', HIDDEN_CELLS),
} as const;

export interface CircuitTraining extends CircuitOptions {
  readonly data: Dataset;
  readonly technology?: string;
  readonly out: string;
  readonly overwrite: boolean;
}

/** Trains a network whose negative conductances are op-amps, writes `out/network.json`, and says what it reached. */
export async function runCircuitTraining(request: CircuitTraining): Promise<Outcome> {
  const { data, out, overwrite } = request;
  const technology = loadTechnology(TEMPLATES, request.technology ?? OPAMP_TECHNOLOGY);
  if (technology.opamp === undefined)
    throw new UsageError(
      `The technology ${technology.name} has no op-amp, and the node rule kirchhoff needs them.`,
      `Add --technology ${OPAMP_TECHNOLOGY}.`,
    );
  const table = tableOf({ beyondShare: 0, ...request, technology });
  const inputHashes = { ...table.inputHashes, 'technology.json': technology.hash };
  const problem = { ...table, technology, inputHashes };
  prepareOutputFolder(out, overwrite);
  const { network, iterations, cpuSeconds, shares, byClass } = await inLockedFolder(out, async () => {
    const trained = await withProgress(`train ${problem.name}`, (onProgress) =>
      trainCircuit(problem, request, (restart, iteration, valid) =>
        onProgress(iteration, 0, `start ${restart + 1}, validation accuracy ${valid.toFixed(3)}`),
      ),
    );
    const byClass = classScoresOf(trained.network, table.test, technology);
    await writeTrained(out, trained.network, trained.history, byClass);
    return { ...trained, byClass };
  });
  const { words, ...scores } = scoresOf({ network, byClass });
  const least = Math.min(...shares.flat());
  return outcome(
    {
      dataset: data.name,
      seed: request.seed ?? 0,
      epochs: iterations,
      cpuSeconds,
      epochsPerCpuSecond: iterations / cpuSeconds,
      ...scores,
      shares,
      out,
    },
    [
      `${data.name}: ${iterations} iterations in ${formatSeconds(cpuSeconds)} of processor time`,
      ...words,
      `stability  Σg is at least ${formatPercent(least)} of Σ|g| in every column`,
      `written    ${join(out, 'network.json')}, report.html`,
    ],
  );
}

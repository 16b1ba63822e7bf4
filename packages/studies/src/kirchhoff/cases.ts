import type { PhysicalMode, PhysicalOptions, WeightMap } from '@neuroprint/training';
import { WEIGHT_MAPS } from '@neuroprint/training';
import type { BaselineName } from '../baselines/baselines.ts';
import type { PhysicalJob } from './kirchhoff-jobs.ts';

/** A column of one of the two tables. */
export interface PhysicalCase {
  readonly name: string;
  readonly title: string;
  /** The readout without a network, or how the network is made. */
  readonly make:
    | { readonly readout: BaselineName }
    | { readonly mode: PhysicalMode; readonly map?: WeightMap; readonly nonlinearity?: 'monotone' | 'band-pass' };
  /** Whether λ is chosen by validation; a positive map or a conventional network needs none. */
  readonly penalised: boolean;
}

/** λ that validation chooses from. */
export const LAMBDAS = [0.01, 0.1, 1] as const;

/** What is in the table of modes: what the readout reaches alone, then the networks. */
export const MODE_CASES: readonly PhysicalCase[] = [
  { name: 'raw', title: 'raw readout', make: { readout: 'nearestMeanUnscaled' }, penalised: false },
  { name: 'linear', title: 'linear + readout', make: { readout: 'linearMap' }, penalised: false },
  { name: 'perceptron', title: 'perceptron', make: { readout: 'perceptron' }, penalised: false },
  { name: 'npml', title: 'npML', make: { mode: 'npml' }, penalised: true },
  { name: 'spml', title: 'spML', make: { mode: 'spml' }, penalised: true },
  { name: 'ml', title: 'ML', make: { mode: 'ml' }, penalised: false },
];

const MAP_TITLES: Readonly<Record<WeightMap, string>> = {
  free: 'any',
  tanh: '(−1, 1)',
  sigmoid: '(0, 1)',
  exp: '(0, ∞)',
};

/** What is in the table of constraints: the weight map, and whether the activation is monotone; the node rule is that of a circuit. */
export const CONSTRAINT_CASES: readonly PhysicalCase[] = (['monotone', 'band-pass'] as const).flatMap((nonlinearity) =>
  WEIGHT_MAPS.map((map) => ({
    name: `${map}-${nonlinearity}`,
    title: `${MAP_TITLES[map]}, ${nonlinearity}`,
    make: { mode: 'npml' as const, map, nonlinearity },
    penalised: map === 'free' || map === 'tanh',
  })),
);

/** Starts of a training: many where few rows make them cheap and validation noisy. */
const STARTS = [
  { rows: 500, starts: 8 },
  { rows: 5000, starts: 2 },
  { rows: Number.POSITIVE_INFINITY, starts: 1 },
] as const;

/** The job of a case on one split. */
export function jobOfCase(
  which: PhysicalCase,
  problem: PhysicalJob['problem'],
  seed: number,
  lambda: number,
  hidden: readonly number[],
): PhysicalJob {
  if ('readout' in which.make) return { kind: 'readout', problem, readout: which.make.readout, seed };
  const options: PhysicalOptions = {
    ...which.make,
    lambda,
    hidden,
    seed,
    restarts: STARTS.find(({ rows }) => problem.train.labels.length <= rows)!.starts,
    iterations: 600,
  };
  return { kind: 'physical', problem, options };
}

import type { TrainingState } from '@neuroprint/core';
import { Adam } from '@neuroprint/numeric';
import { Multipliers } from './cost/budget.ts';
import { type Architecture, Parameters } from './layer/parameters.ts';

/** A start on its way. */
export interface Candidate {
  readonly restart: number;
  readonly parameters: Parameters;
  readonly adam: Adam;
  /** Mean of the last epochs' parameters, and the best one so far. */
  readonly mean: Parameters;
  readonly best: Parameters;
  bestScore: number;
  /** e-folds by which it is beyond the budget; 0 where it is kept, or there is none. */
  bestExcess: number;
  readonly multipliers: Multipliers;
  bestEpoch: number;
  epoch: number;
}

/** Everything of a start that its next epochs depend on, as it is sent between threads and kept in a checkpoint. */
export type CandidateState = NonNullable<TrainingState['candidates'][number]>;

/** What starts are compared by. */
export type Merit = Pick<Candidate, 'bestScore' | 'bestExcess'>;

export function newCandidate(architecture: Architecture, restart: number, parameters: Parameters): Candidate {
  const adam = new Adam(parameters.flat.length);
  const [mean, best] = [new Parameters(architecture), new Parameters(architecture)];
  return {
    ...{ restart, parameters, adam, mean, best, multipliers: new Multipliers() },
    ...{ bestScore: Number.NEGATIVE_INFINITY, bestExcess: Number.POSITIVE_INFINITY, bestEpoch: 0, epoch: 0 },
  };
}

export function stateOf(candidate: Candidate, hasBudget: boolean): CandidateState {
  const { parameters, adam, mean, best, bestScore, bestExcess, bestEpoch, epoch, multipliers } = candidate;
  return {
    epoch,
    bestEpoch,
    bestScore: Number.isFinite(bestScore) ? bestScore : null,
    ...(hasBudget && {
      bestExcess: Number.isFinite(bestExcess) ? bestExcess : null,
      multipliers: multipliers.state(),
    }),
    parameters: [...parameters.flat],
    adam: [...adam.state()],
    mean: [...mean.flat],
    best: [...best.flat],
  };
}

export function meritOf({ bestScore, bestExcess }: CandidateState): Merit {
  return {
    bestScore: bestScore ?? Number.NEGATIVE_INFINITY,
    bestExcess: bestExcess ?? (bestScore === null ? Number.POSITIVE_INFINITY : 0),
  };
}

/** The start that a state is of. */
export function restored(architecture: Architecture, restart: number, state: CandidateState): Candidate {
  const candidate = newCandidate(architecture, restart, new Parameters(architecture));
  candidate.parameters.flat.set(state.parameters);
  candidate.adam.restore(Float64Array.from(state.adam));
  candidate.mean.flat.set(state.mean);
  candidate.best.flat.set(state.best);
  if (state.multipliers !== undefined) candidate.multipliers.restore(state.multipliers);
  const { epoch, bestEpoch } = state;
  return Object.assign(candidate, { epoch, bestEpoch, ...meritOf(state) });
}

/** The better one first: one that keeps its budget, of others the nearer one, of equals the one with the better score. */
export function byMerit(a: Merit, b: Merit): number {
  return a.bestExcess === b.bestExcess ? b.bestScore - a.bestScore : a.bestExcess - b.bestExcess;
}

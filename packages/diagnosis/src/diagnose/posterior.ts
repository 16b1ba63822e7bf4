import type { Fault } from '../faults/fault.ts';
import type { Fit } from './evidence.ts';
import type { Hypothesis } from './hypothesis.ts';

/** Sets of faults that the cells of a sheet cannot tell apart, fitted as the first of them. */
export interface FittedGroup {
  /** Each is one fault, or several that are there at once; the good circuit is a group with an empty set first. */
  readonly alike: readonly (readonly Fault[])[];
  readonly hypothesis: Hypothesis;
  readonly fit: Fit;
}

/** A group with its probability. */
export interface Candidate extends FittedGroup {
  readonly probability: number;
}

/** Prior probability of a sheet without a fault. The rest is shared by all faults of the list alike. */
export const PRIOR_GOOD = 0.5;
/** Where there is a fault, that there is one more: any of the list alike. */
const PRIOR_ONE_MORE = 0.1;

/** ln of the prior probability of one set of so many faults, of a list of `listed`. */
function logPrior(faults: number, listed: number): number {
  if (faults === 0) return Math.log(PRIOR_GOOD);
  return Math.log((1 - PRIOR_GOOD) / listed) + (faults - 1) * Math.log(PRIOR_ONE_MORE / listed);
}

/**
 * Bayes' rule over the groups that were fitted: the probability that nothing is broken, and that of every group, the likeliest first. Faults
 * that leave no trace share the evidence of the good circuit and are left out of the list.
 */
export function weigh(
  groups: readonly FittedGroup[],
  listed: number,
): { readonly probabilityGood: number; readonly candidates: readonly Candidate[] } {
  const weights = groups.map(({ alike, fit }) => {
    const sets = alike.filter((set) => set.length > 0 || alike.length === 1);
    const most = Math.max(...sets.map((set) => logPrior(set.length, listed)));
    const share = sets.reduce((sum, set) => sum + Math.exp(logPrior(set.length, listed) - most), 0);
    return fit.logEvidence + most + Math.log(share);
  });
  const good = groups.findIndex(({ alike }) => alike[0]!.length === 0);
  weights[good] = groups[good]!.fit.logEvidence + logPrior(0, listed);
  const top = Math.max(...weights);
  const total = weights.reduce((sum, weight) => sum + Math.exp(weight - top), 0);
  const probability = weights.map((weight) => Math.exp(weight - top) / total);
  const candidates = groups
    .map((group, g) => ({ ...group, probability: probability[g]! }))
    .filter((_, g) => g !== good)
    .sort((a, b) => b.probability - a.probability || b.fit.logEvidence - a.fit.logEvidence);
  return { probabilityGood: probability[good]!, candidates };
}

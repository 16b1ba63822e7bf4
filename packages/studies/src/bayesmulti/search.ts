import { join } from 'node:path';
import { type Dataset, meanAndStd, UsageError } from '@neuroprint/core';
import { appendExperiments, readExperiments, type Setting, Space, suggest } from '@neuroprint/laboratory';
import { certifiedRadius, publishedRadius, smoothedProbabilities } from './certificate.ts';
import {
  type DenseTrainingOptions,
  denseAccuracy,
  denseUnderVariation,
  type Injection,
  trainDense,
} from './classify.ts';
import { type Curve, driftCurve, fallenAt } from './curve.ts';
import type { DenseNetwork } from './dense-network.ts';
import { denseRows } from './dense-rows.ts';

/** p₁ and p₂ are searched below these, so that together they stay below 1. */
const MOST_ZERO = 0.7;
const MOST_HALF = 0.29;
/** How many points plain training has lost at the drift about which all turns. */
export const LOST = 0.2;
const JUDGING_DRAWS = 20;
const SIGMAS: readonly number[] = Array.from({ length: 17 }, (_, k) => k / 8);
const USABILITIES: readonly number[] = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];
const SMOOTHING_DRAWS = 100;
const RESULT = 'score';

export interface SearchOptions {
  readonly out: string;
  readonly hidden: readonly number[];
  readonly seed: number;
  readonly epochs: number;
  readonly trials: number;
  /** A trial is judged under drift of these multiples of the σ at which plain training has lost 20 points on training and validation rows. */
  readonly judged: readonly number[];
  /** Copies at every σ. */
  readonly draws: number;
}

/** What one network does on test rows. */
export interface Measured {
  readonly accuracy: number;
  readonly sigma: Curve;
  readonly usability: Curve;
}

export interface SearchResult {
  readonly seed: number;
  readonly sizes: readonly number[];
  readonly trials: number;
  /** The drift at which plain training has lost 20 points on training and validation rows; trials were judged about it. */
  readonly judgedSigma: number;
  readonly injection: readonly Injection[];
  readonly plain: Measured;
  readonly injected: Measured;
  /** Trained under log-normal drift of `judgedSigma` itself: what knowing the law would give. */
  readonly drifted: Measured;
  readonly certified: Certified;
}

export interface Certified {
  readonly conductances: number;
  /** Mean over test rows of the smoothed probability of the right class. */
  readonly confidence: number;
  /** Per layer the published radius with its (p₁, p₂) everywhere; null where there is none. */
  readonly published: readonly (number | null)[];
  /** The derived radius of a row that is decided with probability 1, and the share of test rows whose radius is above 1. */
  readonly atBest: number;
  readonly shareAboveOne: number;
}

function injectionOf(setting: Setting): Injection[] {
  return Array.from({ length: setting.length / 2 }, (_, l) => ({
    zero: setting[2 * l] as number,
    half: setting[2 * l + 1] as number,
  }));
}

/**
 * BayesMulti (Sun et al., arXiv 2412.02779): multinomial noise for every layer by Bayesian optimisation, beside plain
 * training of the same network and training under the drift itself. Trials are rows of `trials-<seed>.csv`, and the search goes on
 * after those that are there. Test rows are looked at once, at the end. `onTrial` is told how many are done.
 */
export function searchInjection(data: Dataset, options: SearchOptions, onTrial: (done: number) => void): SearchResult {
  const { hidden, seed, epochs, draws, trials } = options;
  const layers = hidden.length + 1;
  const [train, seen, test] = [denseRows(data, [0]), denseRows(data, [0, 1]), denseRows(data, [2])];
  const trained = (noise?: DenseTrainingOptions['noise']): DenseNetwork =>
    trainDense(train, data.featureNames.length, data.classNames.length, {
      hidden,
      seed,
      epochs,
      ...(noise === undefined ? {} : { noise }),
    });
  const space = new Space(
    Array.from({ length: layers }, (_, l) => [
      { name: `p1_layer${l}`, low: 0, high: MOST_ZERO },
      { name: `p2_layer${l}`, low: 0, high: MOST_HALF },
    ]).flat(),
  );
  const log = join(options.out, `trials-${seed}.csv`);
  const known = readExperiments(log, space, RESULT);
  if (known.length > trials)
    throw new UsageError(
      `${log} has ${known.length} trials already.`,
      'Ask for more with --trials, or name another folder.',
    );
  const plain = trained();
  const judgedSigma = fallenAt(driftCurve(plain, seen, SIGMAS, JUDGING_DRAWS, seed), LOST) ?? SIGMAS.at(-1)!;
  const score = (network: DenseNetwork): number =>
    options.judged.reduce((sum, share) => {
      const law = [{ kind: 'drift', sigma: share * judgedSigma }] as const;
      return (
        sum + meanAndStd(denseUnderVariation(network, seen, law, JUDGING_DRAWS, seed)).mean / options.judged.length
      );
    }, 0);
  for (let trial = known.length; trial < trials; trial += 1) {
    onTrial(trial);
    const { setting } = suggest(space, known, 1, { goal: 'maximise', seed })[0]!;
    const value = score(trained(injectionOf(setting)));
    known.push({ setting, value });
    appendExperiments(log, space, RESULT, [{ setting, value }]);
  }
  onTrial(trials);
  const injection = injectionOf(known.reduce((a, b) => (b.value! > a.value! ? b : a)).setting);
  const injected = trained(injection);
  const measured = (network: DenseNetwork): Measured => ({
    accuracy: denseAccuracy(network, test),
    sigma: driftCurve(network, test, SIGMAS, draws, seed),
    usability: {
      ...driftCurve(
        network,
        test,
        USABILITIES.map((u) => -Math.log(u)),
        draws,
        seed,
      ),
      at: USABILITIES,
    },
  });
  const smoothed = smoothedProbabilities(injected, test, injection, SMOOTHING_DRAWS, seed);
  return {
    seed,
    sizes: plain.sizes,
    trials: known.length,
    judgedSigma,
    injection,
    plain: measured(plain),
    injected: measured(injected),
    drifted: measured(trained(Array.from({ length: layers }, () => ({ sigma: judgedSigma })))),
    certified: certified(smoothed, test.labels, injection, injected.parameters.length),
  };
}

function certified(
  smoothed: Float64Array,
  labels: Int32Array,
  injection: readonly Injection[],
  conductances: number,
): Certified {
  const classes = smoothed.length / labels.length;
  const rows = Array.from(labels, (label, row) => {
    const own = smoothed.subarray(row * classes, (row + 1) * classes);
    const [first, second] = own.toSorted().reverse();
    return { right: own[label]!, margin: first! - second! };
  });
  const confidence = meanAndStd(rows.map(({ right }) => right)).mean;
  const least = Math.min(...injection.map(({ zero }) => zero));
  return {
    conductances,
    confidence,
    published: injection.map((one) => {
      const radius = publishedRadius(confidence, conductances, one);
      return Number.isNaN(radius) ? null : radius;
    }),
    atBest: certifiedRadius(1, least),
    shareAboveOne: rows.filter(({ margin }) => certifiedRadius(margin, least) > 1).length / rows.length,
  };
}

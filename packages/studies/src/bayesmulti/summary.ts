import { formatPercent, formatSeconds, meanAndStd } from '@neuroprint/core';
import { fallenAt, pooled, valueAt } from './curve.ts';
import { type Certified, LOST, type Measured, type SearchResult } from './search.ts';

/** What is compared, and how pictures name it. */
export const METHODS = [
  ['plain', 'plain training'],
  ['injected', 'multinomial noise, optimised'],
  ['drifted', 'trained under the drift itself'],
] as const;
const TOLD_SIGMAS = [0.25, 0.5, 0.75, 1];

type Method = (typeof METHODS)[number][0];

/** All seeds together: the curves of all copies, and what the goal speaks of, in all and for each seed. */
export function summarise(dataset: string, searches: readonly SearchResult[], cpuSeconds: number) {
  const all = (method: Method): Measured => ({
    accuracy: meanAndStd(searches.map((one) => one[method].accuracy)).mean,
    sigma: pooled(searches.map((one) => one[method].sigma)),
    usability: pooled(searches.map((one) => one[method].usability)),
  });
  const methods = { plain: all('plain'), injected: all('injected'), drifted: all('drifted') };
  return {
    dataset,
    ...methods,
    ...goalOf(methods),
    seeds: searches.map((one) => ({ ...one, ...goalOf(one) })),
    cpuSeconds,
  };
}

/** Where plain training has lost 20 points, and what the others have lost there of their own accuracy; null where it never has. */
function goalOf({ plain, injected, drifted }: Readonly<Record<Method, Measured>>) {
  const sigma = fallenAt(plain.sigma, LOST);
  const lost = ({ accuracy, sigma: curve }: Measured) =>
    sigma === undefined ? null : accuracy - valueAt(curve, sigma);
  return { sigmaWherePlainLost20: sigma ?? null, injectedLostThere: lost(injected), driftedLostThere: lost(drifted) };
}

export type BayesmultiSummary = ReturnType<typeof summarise>;

function radiusInWords(radius: number | null): string {
  if (radius === null) return 'none, as p1 is 0 or not below 1 − p2: vacuous';
  return radius < 1 ? `${radius.toFixed(1)} conductances: vacuous` : `${radius.toFixed(1)} conductances`;
}

/** The result in words; `trials` a search, written to `out`. */
export function bayesmultiLines(trials: number, out: string, result: BayesmultiSummary): string[] {
  const { plain, injected, drifted, seeds, sigmaWherePlainLost20: sigma } = result;
  const three = (of: (measured: Measured) => number): string =>
    `plain ${formatPercent(of(plain))}, injected ${formatPercent(of(injected))}, drift-aware ${formatPercent(of(drifted))}`;
  const points = (share: number): string => (100 * share).toFixed(1);
  const each = seeds.map((one) => (one.injectedLostThere === null ? 'never' : points(one.injectedLostThere)));
  return [
    `${result.dataset} ${seeds[0]!.sizes.join('-')}: ${seeds.length} × ${trials} trials, ${formatSeconds(result.cpuSeconds)} of processor time`,
    ...seeds.map(
      ({ seed, injection }) =>
        `seed ${String(seed).padEnd(5)} ${injection.map(({ zero, half }, l) => `layer ${l} p1 ${zero.toFixed(2)}, p2 ${half.toFixed(2)}`).join('; ')}`,
    ),
    `no drift   ${three(({ accuracy }) => accuracy)}`,
    ...TOLD_SIGMAS.map((s) => `σ = ${s.toFixed(2)}   ${three(({ sigma: curve }) => valueAt(curve, s))}`),
    sigma === null
      ? 'lost       plain training loses less than 20 points up to the largest σ'
      : `lost       at σ = ${sigma.toFixed(2)} plain training has lost 20 points, the injected one ${points(result.injectedLostThere!)}${seeds.length > 1 ? ` (by seed ${each.join(', ')})` : ''}, the drift-aware one ${points(result.driftedLostThere!)}`,
    ...certificateLines(seeds[0]!.certified, seeds[0]!.injection),
    `written    trials-<seed>.csv, result.json, sigma.svg, usability.svg in ${out}`,
  ];
}

function certificateLines(certified: Certified, injection: SearchResult['injection']): string[] {
  const { conductances, confidence, published, atBest, shareAboveOne } = certified;
  return [
    ...published.map(
      (radius, l) => `certified  theorem 1 as published, layer ${l}'s (p1, p2) everywhere: ${radiusInWords(radius)}`,
    ),
    `           derived, p1 ${Math.min(...injection.map(({ zero }) => zero)).toFixed(2)} or more: ${radiusInWords(atBest)} for a row that is sure, above 1 for ${formatPercent(shareAboveOne)} of the test rows`,
    `           (both assume that the decision is that of the mean over injections, which no printed circuit takes; ${conductances} conductances, mean probability ${confidence.toFixed(3)})`,
  ];
}

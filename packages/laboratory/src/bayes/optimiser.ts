import { Draws, UsageError } from '@neuroprint/core';
import { normalDensity, normalDistribution } from '../statistics.ts';
import { GaussianProcess, type Prediction } from './gaussianProcess.ts';
import type { Setting, Space } from './space.ts';

/** An experiment: what was set, and what came of it; no value where it has been asked for and is still out. */
export interface Experiment {
  readonly setting: Setting;
  readonly value?: number;
}

export interface Suggestion {
  readonly setting: Setting;
  /** What the model expects there; absent among the first experiments, which have no model yet. */
  readonly predicted?: Prediction;
  /** By how much the best value so far is expected to be beaten, in the units of the values. */
  readonly expectedImprovement?: number;
  readonly reason: string;
}

export interface OptimiserOptions {
  readonly goal: 'maximise' | 'minimise';
  readonly seed?: number;
  /** Experiments that are spread over the space before the model speaks; default 2 per factor and one. */
  readonly first?: number;
}

/** Candidates of the first look, those that are refined, and steps of a refinement, where there is a range. */
const CANDIDATES = 2000;
const REFINED = 8;
const REFINEMENTS = 120;
/** Share of the candidates that lie about the best setting so far, at distances from 0.2 down to 0.0002 of the range. */
const LOCAL_SHARE = 0.25;
/** Below this share of the values' range an expected improvement says that the search has settled, maybe in the wrong place. */
const SETTLED = 1e-4;
/** Then the next experiment is farther from the best than this, times √coordinates. */
const AWAY = 0.1;
/** What being too near takes from ln EI: anything farther away is better. */
const FAR_WORSE = 1e6;

/**
 * The next settings to try, best first: Bayesian optimisation with a Gaussian process and expected improvement
 *
 *   EI(x) = (m − b)·Φ(z) + s·φ(z),  z = (m − b)/s
 *
 * with prediction m ± s and best value b (signs for maximising; Jones, Schonlau and Welch, "Efficient global optimization
 * of expensive black-box functions", 1998). A batch is chosen one by one, as if each had given what the model expects
 * (the kriging believer); so are experiments that are still out. No setting is suggested twice. The same experiments and
 * seed give the same suggestions, so nothing but the experiments needs to be kept.
 */
export function suggest(
  space: Space,
  experiments: readonly Experiment[],
  count: number,
  options: OptimiserOptions,
): Suggestion[] {
  const tried = new Set(experiments.map(({ setting }) => keyOf(setting)));
  if (tried.size + count > space.size)
    throw new UsageError(
      `The space has ${space.size} settings and ${tried.size} are taken: there are not ${count} more.`,
      'Ask for fewer, or add levels.',
    );
  const known: { setting: Setting; value: number }[] = [];
  const out: Setting[] = [];
  for (const { setting, value } of experiments) {
    if (value === undefined) out.push(setting);
    else known.push({ setting, value: options.goal === 'maximise' ? value : -value });
  }
  const first = options.first ?? 2 * space.factors.length + 1;
  const suggestions: Suggestion[] = [];
  for (let k = 0; k < count; k += 1) {
    const step = experiments.length + k;
    const next =
      step < first || known.length < 2
        ? spread(space, [...known.map(({ setting }) => setting), ...out], tried, step, first, options.seed ?? 0)
        : improve(space, known, out, tried, step, options);
    suggestions.push(next);
    tried.add(keyOf(next.setting));
    out.push(next.setting);
  }
  return suggestions;
}

/** Two settings are the same when this text is. */
export function keyOf(setting: Setting): string {
  return JSON.stringify(setting);
}

function coordinatesOf(space: Space, settings: readonly Setting[]): Float64Array {
  const points = new Float64Array(settings.length * space.dimensions);
  settings.forEach((setting, i) => {
    space.encode(setting, points, i * space.dimensions);
  });
  return points;
}

function distance(x: Float64Array, points: Float64Array, at: number): number {
  let sum = 0;
  for (let d = 0; d < x.length; d += 1) sum += (x[d]! - points[at + d]!) ** 2;
  return Math.sqrt(sum);
}

/** The setting that is farthest from all others, of random ones: the first experiments cover the space. */
function spread(
  space: Space,
  taken: readonly Setting[],
  tried: ReadonlySet<string>,
  step: number,
  first: number,
  seed: number,
): Suggestion {
  const draws = new Draws(seed, `first experiments/${step}`);
  const points = coordinatesOf(space, taken);
  const x = new Float64Array(space.dimensions);
  let best: { setting: Setting; distance: number } | undefined;
  for (let k = 0; best === undefined || k < 200; k += 1) {
    const setting = space.random(draws, k);
    if (tried.has(keyOf(setting))) continue;
    space.encode(setting, x);
    const nearest = taken.reduce((least, _, i) => Math.min(least, distance(x, points, i * x.length)), Infinity);
    if (best === undefined || nearest > best.distance) best = { setting, distance: nearest };
  }
  return {
    setting: best.setting,
    reason: `one of the first ${first}, far from the others, so that the model knows the whole space`,
  };
}

function improve(
  space: Space,
  known: readonly { readonly setting: Setting; readonly value: number }[],
  out: readonly Setting[],
  tried: ReadonlySet<string>,
  step: number,
  options: OptimiserOptions,
): Suggestion {
  const settings = known.map(({ setting }) => setting);
  const values = Float64Array.from(known, ({ value }) => value);
  let model = new GaussianProcess(space, coordinatesOf(space, settings), values);
  if (out.length > 0) {
    const believed = out.map((setting) => model.predict(coordinatesOf(space, [setting])).mean);
    model = new GaussianProcess(
      space,
      coordinatesOf(space, [...settings, ...out]),
      Float64Array.of(...values, ...believed),
      [model.parameters],
    );
  }
  const bestAt = values.indexOf(Math.max(...values));
  const best = values[bestAt]!;
  const x = new Float64Array(space.dimensions);
  const predict = (setting: Setting): Prediction => {
    space.encode(setting, x);
    return model.predict(x);
  };
  const search = (score: (setting: Setting) => number): Setting =>
    space.enumerable
      ? bestOf(space.settings(), score, tried)
      : searchRange(space, settings[bestAt]!, score, tried, new Draws(options.seed ?? 0, `candidates/${step}`));
  let chosen = search((setting) => logImprovement(predict(setting), best));
  const range = best - Math.min(...values);
  const settled = Math.exp(logImprovement(predict(chosen), best)) < SETTLED * range;
  if (settled) {
    const centre = coordinatesOf(space, [settings[bestAt]!]);
    chosen = search((setting) => {
      const gain = logImprovement(predict(setting), best);
      return distance(x, centre, 0) < AWAY * Math.sqrt(x.length) ? gain - FAR_WORSE : gain;
    });
  }
  const predicted = predict(chosen);
  const sign = options.goal === 'maximise' ? 1 : -1;
  const shown = (v: number): string => Number((sign * v).toPrecision(4)).toString();
  const why = settled
    ? 'little is left to gain about the best, so this looks elsewhere'
    : predicted.mean > best
      ? 'expected to be better than the best so far'
      : 'uncertain enough to be better than the best so far';
  return {
    setting: chosen,
    predicted: { mean: sign * predicted.mean, std: predicted.std },
    expectedImprovement: Math.exp(logImprovement(predicted, best)),
    reason: `${why}: ${shown(predicted.mean)} ± ${Number(predicted.std.toPrecision(2))} against ${shown(best)}`,
  };
}

/** ln EI, which tells candidates apart where EI itself is 0 in float64. */
export function logImprovement({ mean, std }: Prediction, best: number): number {
  const z = (mean - best) / std;
  if (z > -6) return Math.log(std * (z * normalDistribution(z) + normalDensity(z)));
  // z·Φ(z) + φ(z) → φ(z)/z² for z → −∞
  return Math.log(std) - 0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - 2 * Math.log(-z);
}

function bestOf(settings: readonly Setting[], score: (s: Setting) => number, tried: ReadonlySet<string>): Setting {
  let best: { setting: Setting; score: number } | undefined;
  for (const setting of settings) {
    if (tried.has(keyOf(setting))) continue;
    const own = score(setting);
    if (best === undefined || own > best.score) best = { setting, score: own };
  }
  return best!.setting;
}

/** Random settings, and ones about the best so far; the most promising are refined by random steps that shrink. */
function searchRange(
  space: Space,
  about: Setting,
  score: (s: Setting) => number,
  tried: ReadonlySet<string>,
  draws: Draws,
): Setting {
  const candidates = Array.from({ length: CANDIDATES }, (_, k) => {
    const setting =
      k < CANDIDATES * LOCAL_SHARE
        ? step(space, about, 0.2 * 10 ** (-3 * draws.uniform(k, 99)), draws, k)
        : space.random(draws, k);
    return { setting, score: tried.has(keyOf(setting)) ? Number.NEGATIVE_INFINITY : score(setting) };
  });
  candidates.sort((a, b) => b.score - a.score);
  const refined = candidates.slice(0, REFINED).map((start, r) => {
    let at = start;
    let size = 0.1;
    for (let k = 0; k < REFINEMENTS; k += 1) {
      const setting = step(space, at.setting, size, draws, CANDIDATES + r * REFINEMENTS + k);
      const own = tried.has(keyOf(setting)) ? Number.NEGATIVE_INFINITY : score(setting);
      if (own > at.score) at = { setting, score: own };
      else size = Math.max(1e-5, 0.93 * size);
    }
    return at;
  });
  return refined.reduce((best, one) => (one.score > best.score ? one : best)).setting;
}

/** A setting near another: ranges move by a normal step of `size` of their width, levels now and then to another one. */
function step(space: Space, from: Setting, size: number, draws: Draws, major: number): Setting {
  return space.factors.map((factor, k) => {
    if ('levels' in factor) {
      const moves = draws.uniform(major, 2 * k + 100) < Math.max(size, 0.5 / space.factors.length);
      return moves ? factor.levels[Math.floor(draws.uniform(major, 2 * k + 101) * factor.levels.length)]! : from[k]!;
    }
    const moved = (from[k] as number) + size * (factor.high - factor.low) * draws.normal(major, k + 200);
    return Math.min(factor.high, Math.max(factor.low, moved));
  });
}

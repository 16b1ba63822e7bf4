import { Draws, UsageError } from '@neuroprint/core';
import { normalDensity, normalDistribution } from '@neuroprint/numeric';
import { GaussianProcess, type Prediction } from './gaussian-process.ts';
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
/** Below this share of the distance from best to median an expected improvement says that the search has settled, maybe in the wrong place. */
const SETTLED = 1e-2;
/** Then, three times of four, what is nearer to the best than so many length scales is left out, and the search goes on without it. */
const LEFT_OUT = 1;
/** Experiments that a model needs. */
const LEAST_KNOWN = 4;

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

/** A setting, by how much it is expected to be better than the best of what its search knew, and what is expected there. */
interface Found {
  readonly setting: Setting;
  readonly gain: number;
  readonly predicted: Prediction;
}

interface Known {
  readonly setting: Setting;
  readonly value: number;
}

function improve(
  space: Space,
  known: readonly Known[],
  out: readonly Setting[],
  tried: ReadonlySet<string>,
  step: number,
  options: OptimiserOptions,
): Suggestion {
  const bestValue = Math.max(...known.map(({ value }) => value));
  const model = modelOf(space, known, out);
  const first = search(space, model, known, () => true, tried, step, options);
  const elsewhere = step % 4 !== 0 && isSettled(first.gain, known);
  const found = elsewhere ? (searchElsewhere(space, model, known, out, tried, step, options) ?? first) : first;
  const { predicted } = found;
  const sign = options.goal === 'maximise' ? 1 : -1;
  const shown = (v: number): string => Number((sign * v).toPrecision(4)).toString();
  const why = elsewhere
    ? 'little is left to gain about the best, so this looks elsewhere'
    : predicted.mean > bestValue
      ? 'expected to be better than the best so far'
      : 'uncertain enough to be better than the best so far';
  return {
    setting: found.setting,
    predicted: { mean: sign * predicted.mean, std: predicted.std },
    expectedImprovement: Math.exp(logImprovement(predicted, bestValue)),
    reason: `${why}: ${shown(predicted.mean)} ± ${Number(predicted.std.toPrecision(2))} against ${shown(bestValue)}`,
  };
}

/** The same without the neighbourhood of the best; undefined where too little is known outside, or nothing is left to try. */
function searchElsewhere(
  space: Space,
  model: GaussianProcess,
  known: readonly Known[],
  out: readonly Setting[],
  tried: ReadonlySet<string>,
  step: number,
  options: OptimiserOptions,
): Found | undefined {
  const centre = coordinatesOf(space, [bestOf(known).setting]);
  const allowed = (setting: Setting): boolean => model.distance(coordinatesOf(space, [setting]), centre) > LEFT_OUT;
  const rest = known.filter(({ setting }) => allowed(setting));
  if (rest.length < LEAST_KNOWN) return undefined;
  const without = modelOf(
    space,
    rest,
    out.filter((setting) => allowed(setting)),
  );
  const found = search(space, without, rest, allowed, tried, step, options);
  return allowed(found.setting) && !tried.has(keyOf(found.setting)) ? found : undefined;
}

function bestOf(known: readonly Known[]): Known {
  return known.reduce((best, one) => (one.value > best.value ? one : best));
}

function isSettled(gain: number, known: readonly Known[]): boolean {
  const values = known.map(({ value }) => value).sort((a, b) => a - b);
  return gain < SETTLED * (values.at(-1)! - values[values.length >> 1]!);
}

/** The model of what is known; what is still out counts as if it had come out as the model expects. */
function modelOf(space: Space, known: readonly Known[], out: readonly Setting[]): GaussianProcess {
  const settings = known.map(({ setting }) => setting);
  const values = Float64Array.from(known, ({ value }) => value);
  const model = new GaussianProcess(space, coordinatesOf(space, settings), values);
  if (out.length === 0) return model;
  const believed = out.map((setting) => model.predict(coordinatesOf(space, [setting])).mean);
  const points = coordinatesOf(space, [...settings, ...out]);
  return new GaussianProcess(space, points, Float64Array.of(...values, ...believed), [model.parameters]);
}

/** The setting with the largest expected improvement among those that are allowed and not tried, and that improvement. */
function search(
  space: Space,
  model: GaussianProcess,
  known: readonly Known[],
  allowed: (setting: Setting) => boolean,
  tried: ReadonlySet<string>,
  step: number,
  options: OptimiserOptions,
): Found {
  const best = bestOf(known);
  const x = new Float64Array(space.dimensions);
  const score = (setting: Setting): number => {
    if (tried.has(keyOf(setting)) || !allowed(setting)) return Number.NEGATIVE_INFINITY;
    space.encode(setting, x);
    return logImprovement(model.predict(x), best.value);
  };
  const found = space.enumerable
    ? highest(space.settings(), score)
    : searchRange(space, best.setting, score, new Draws(options.seed ?? 0, `candidates/${step}`));
  const predicted = model.predict(coordinatesOf(space, [found.setting]));
  return { setting: found.setting, gain: Math.exp(found.score), predicted };
}

/** ln EI, which tells candidates apart where EI itself is 0 in float64. */
function logImprovement({ mean, std }: Prediction, best: number): number {
  const z = (mean - best) / std;
  if (z > -6) return Math.log(std * (z * normalDistribution(z) + normalDensity(z)));
  // z·Φ(z) + φ(z) → φ(z)/z² for z → −∞
  return Math.log(std) - 0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - 2 * Math.log(-z);
}

interface Scored {
  readonly setting: Setting;
  readonly score: number;
}

function highest(settings: readonly Setting[], score: (s: Setting) => number): Scored {
  let best: Scored | undefined;
  for (const setting of settings) {
    const own = score(setting);
    if (best === undefined || own > best.score) best = { setting, score: own };
  }
  return best!;
}

/** Random settings, and ones about the best so far; the most promising are refined by random steps that shrink. */
function searchRange(space: Space, about: Setting, score: (s: Setting) => number, draws: Draws): Scored {
  const candidates = Array.from({ length: CANDIDATES }, (_, k) => {
    const local = k < CANDIDATES * LOCAL_SHARE;
    const setting = local
      ? step(space, about, 0.2 * 10 ** (-3 * draws.uniform(k, 99)), draws, k)
      : space.random(draws, k);
    return { setting, score: score(setting) };
  });
  candidates.sort((a, b) => b.score - a.score);
  const refined = candidates.slice(0, REFINED).map((start, r) => {
    let at = start;
    let size = 0.1;
    for (let k = 0; k < REFINEMENTS; k += 1) {
      const setting = step(space, at.setting, size, draws, CANDIDATES + r * REFINEMENTS + k);
      const own = score(setting);
      if (own > at.score) at = { setting, score: own };
      else size = Math.max(1e-5, 0.93 * size);
    }
    return at;
  });
  return refined.reduce((best, one) => (one.score > best.score ? one : best));
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

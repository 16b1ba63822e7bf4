import { Draws, type FactorPart, type Variation } from '@neuroprint/core';
import type { FlatCircuit } from '../ir/flatten.ts';
import { componentPlaces } from './copies.ts';
import { atLeastOpen, NORMAL_REACH, VariationLaw } from './law.ts';
import { factorParts, fallsOn, reachOf, seriesAmplitude, seriesParts } from './model.ts';
import { addSmoothCurve, CURVE_LENGTH, curveAt, WAVE_PERIOD } from './series.ts';
import { hasMeasuredTransistors, transistorSpreads } from './transistors.ts';

/** Variance of a uniform number in −1..1, and of a normal one that is cut off at ±3. */
const UNIFORM_VARIANCE = 1 / 3;
const CUT_NORMAL_VARIANCE = 0.99501;
/** A random number that several components follow, each by its loading; v = Σ loading·relative change. */
interface Shared {
  readonly loading: Float64Array;
  readonly variance: number;
}

/** A variation to first order: what small relative changes of the components, and volts of the stages, it makes. */
export interface FirstOrder {
  /** Variance of each component's own relative change. */
  readonly own: Float64Array;
  readonly shared: readonly Shared[];
  /** Variance of what is in series with each stage, in V². */
  readonly stageVariance: number;
  /** Factors of each component at the ends of its spread; normal and Laplace numbers are taken at ±3. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** What is not in it, and why. */
  readonly leftOut: readonly string[];
}

/** The linear model of a variation for a circuit. */
export function firstOrder(flat: FlatCircuit, model: Variation): FirstOrder {
  const { kind, commonShare = 0, gradientShare = 0 } = model;
  const variance = kind === 'uniform' ? UNIFORM_VARIANCE : CUT_NORMAL_VARIANCE;
  const { components } = flat;
  const isTransistor = components.map(({ unit: measure }) => measure === 'metres');
  const law = new VariationLaw(model);
  const spread = Float64Array.from(components, ({ unit }, k) =>
    unit === 'law' ? 0 : law.spread(isTransistor[k] ? 1 : 0),
  );
  const parts = factorParts(model);
  const own = spread.map((s) => (1 - commonShare - gradientShare) * variance * s * s);
  const low = new Float64Array(components.length);
  const high = new Float64Array(components.length);
  components.forEach(({ parameter, unit }, k) => {
    const alone: Variation = { kind, relativeSpread: spread[k]!, commonShare, gradientShare };
    const reach = reachOf(alone);
    high[k] = 1 + reach;
    low[k] = kind === 'lognormal' ? 1 / (1 + reach) : 1 - reach;
    for (const part of parts) {
      if (unit === 'law' || !fallsOn(part, parameter === 'ohms' ? 'crossbar' : 'stage')) continue;
      own[k]! += varianceOf(part);
      const [down, up] = endsOf(part);
      low[k]! *= down;
      high[k]! *= up;
    }
    low[k] = atLeastOpen(low[k]!);
  });
  const shared: Shared[] = [];
  if (commonShare > 0)
    for (const transistors of [false, true])
      shared.push({
        loading: spread.map((s, k) => (isTransistor[k] === transistors ? s : 0)),
        variance: commonShare * variance,
      });
  if (gradientShare > 0) {
    // of a random direction the mean square of cosine and sine is a half; normal kinds have a slope √3 times as large
    const slope = 0.5 * gradientShare * (kind === 'uniform' ? 1 : 3);
    const { x, y } = componentPlaces(flat);
    for (const place of [x, y]) shared.push({ loading: spread.map((s, k) => s * place[k]!), variance: slope });
  }
  if (hasMeasuredTransistors(model)) shared.push(...measuredParts(flat, low, high));
  const stageVariance = seriesParts(model).reduce(
    (sum, part) =>
      sum +
      seriesAmplitude(part, flat.technology.bias.volts) ** 2 * (part.kind === 'noise' ? 1 / 12 : smoothVariance()),
    0,
  );
  return { own, shared, stageVariance, low, high, leftOut: leftOut(model) };
}

/**
 * Parameters of transistors by their measured covariance: what each device has of its own, and each sheet. The ends of a parameter,
 * written into `low` and `high`, are three standard deviations of both parts; of a linear one 1 + its change in its unit.
 */
function measuredParts(flat: FlatCircuit, low: Float64Array, high: Float64Array): Shared[] {
  const shared: Shared[] = [];
  const count = flat.components.length;
  for (const [name, { scale, root, sheetShare }] of transistorSpreads(flat.technology)) {
    const devices = flat.transistors.filter(({ model }) => model === name);
    const add = (of: typeof devices, column: number, share: number): void => {
      const loading = new Float64Array(count);
      for (const { parameters } of of)
        parameters.forEach((k, i) => {
          loading[k] = root[i]![column]!;
        });
      if (share > 0 && of.length > 0) shared.push({ loading, variance: share * CUT_NORMAL_VARIANCE });
    };
    scale.forEach((_, column) => {
      for (const device of devices) add([device], column, 1 - sheetShare);
      add(devices, column, sheetShare);
    });
    const reach = NORMAL_REACH * (Math.sqrt(1 - sheetShare) + Math.sqrt(sheetShare));
    for (const { parameters } of devices)
      parameters.forEach((k, i) => {
        const change = reach * Math.hypot(...root[i]!);
        [low[k], high[k]] = scale[i] === 'log' ? [Math.exp(-change), Math.exp(change)] : [1 - change, 1 + change];
      });
  }
  return shared;
}

/** Variance of a part's relative change. */
function varianceOf(part: FactorPart): number {
  switch (part.kind) {
    case 'uniform':
      return UNIFORM_VARIANCE * part.spread ** 2;
    case 'gaussian':
    case 'levels':
      return part.spread ** 2;
    case 'laplace':
      return 2 * part.spread ** 2;
    case 'drift':
    case 'mapping':
      return part.sigma ** 2;
    case 'multinomial':
      return 0;
  }
}

/** The smallest and the largest factor of a part. */
function endsOf(part: FactorPart): readonly [number, number] {
  switch (part.kind) {
    case 'uniform':
      return [1 - part.spread, 1 + part.spread];
    case 'gaussian':
    case 'levels':
    case 'laplace':
      return [1 - NORMAL_REACH * part.spread, 1 + NORMAL_REACH * part.spread];
    case 'drift':
    case 'mapping':
      return [Math.exp(-NORMAL_REACH * part.sigma), Math.exp(NORMAL_REACH * part.sigma)];
    case 'multinomial':
      return [1, 1];
  }
}

function leftOut(model: Variation): string[] {
  const has = (...kinds: readonly string[]): boolean =>
    (model.nonIdealities ?? []).some(({ kind }) => kinds.includes(kind));
  return [
    ...((model.stuckOpen ?? 0) + (model.stuckShort ?? 0) > 0
      ? ['stuck resistors: an open or short circuit is no small change']
      : []),
    ...(model.faultRate ? ['broken parts: they are no small change'] : []),
    ...(model.ageing === undefined ? [] : ['the age of resistors: it is no small change']),
    ...(has('multinomial') ? ['multinomial factors: 0 and ½ are no small changes'] : []),
    ...(has('levels') ? ['the rounding to levels: the same in every print (the write error is in)'] : []),
    ...(has('mapping') ? ['the measured ratios: the same in every print (their spread is in)'] : []),
    ...(has('gaussian', 'laplace', 'drift', 'levels', 'mapping') ||
    model.kind !== 'uniform' ||
    model.transistors === 'measured'
      ? ['of the worst corner: normal and Laplace numbers beyond ±3']
      : []),
    ...(model.transistors === 'measured'
      ? ['of the worst corner: that parameters of one transistor go together; each is at an end of its own']
      : []),
    ...(has('noise', 'smooth')
      ? ['of the worst corner: what is in series with the stages, for it is another at every row or voltage']
      : []),
  ];
}

let knownSmoothVariance: number | undefined;

/** Variance of a smooth curve of amplitude 1 V at a voltage between ground and a bias of 1 V, or, by its shape, any other: there is no closed form, so it is measured once. */
function smoothVariance(): number {
  if (knownSmoothVariance !== undefined) return knownSmoothVariance;
  const [curves, places] = [400, 21];
  const draws = new Draws(0, 'variance of smooth curves');
  const at = { volts: 0, slope: 0 };
  let squares = 0;
  for (let c = 0; c < curves; c += 1) {
    const curve = new Float64Array(CURVE_LENGTH);
    addSmoothCurve(1, (k) => draws.uniform(c, k), curve, 0);
    for (let i = 0; i < places; i += 1) {
      curveAt({ curves: curve, periodVolts: WAVE_PERIOD }, 0, i / (places - 1), at);
      squares += at.volts ** 2;
    }
  }
  knownSmoothVariance = squares / (curves * places);
  return knownSmoothVariance;
}

/** What each component and each stage adds to the variance of one margin, given its sensitivities; the sum is the variance. */
export function varianceParts(
  law: FirstOrder,
  byComponent: Float64Array,
  byStage: Float64Array,
): { readonly components: Float64Array; readonly stages: Float64Array; readonly total: number } {
  const components = byComponent.map((s, k) => law.own[k]! * s * s);
  for (const { loading, variance } of law.shared) {
    const sum = loading.reduce((all, l, k) => all + l * byComponent[k]!, 0);
    // the covariance of a component's part with the whole: below 0 where it works against the others
    for (let k = 0; k < components.length; k += 1) components[k]! += variance * loading[k]! * byComponent[k]! * sum;
  }
  const stages = byStage.map((t) => law.stageVariance * t * t);
  const total = [...components, ...stages].reduce((sum, part) => sum + part, 0);
  return { components, stages, total: Math.max(0, total) };
}

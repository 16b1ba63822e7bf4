import {
  type FactorPart,
  type NonIdeality,
  nonIdealitySchema,
  type SeriesPart,
  UsageError,
  type Variation,
} from '@neuroprint/core';
import { NORMAL_REACH, VariationLaw } from './law.ts';

const SHARES = ['commonShare', 'gradientShare', 'stuckOpen', 'stuckShort', 'faultRate'] as const;
const SPREADS = ['relativeSpread', 'resistorSpread', 'transistorSpread'] as const;

/** A spread alone means independent uniform factors. Throws UsageError that names what is out of range. */
export function variationOf(variation: number | Variation): Variation {
  const model = typeof variation === 'number' ? { kind: 'uniform' as const, relativeSpread: variation } : variation;
  for (const name of SPREADS) {
    const value = model[name];
    if (value !== undefined && !(value >= 0 && value < 1)) {
      throw new UsageError(`variation: ${name} is ${value}, and it must be from 0 to below 1 (0.1 is 10 %).`);
    }
  }
  for (const name of SHARES) {
    const value = model[name];
    if (value !== undefined && !(value >= 0 && value <= 1)) {
      throw new UsageError(`variation: ${name} is ${value}, and it must be from 0 to 1.`);
    }
  }
  for (const [a, b] of [
    ['commonShare', 'gradientShare'],
    ['stuckOpen', 'stuckShort'],
  ] as const) {
    if ((model[a] ?? 0) + (model[b] ?? 0) > 1) {
      throw new UsageError(`variation: ${a} and ${b} together are more than 1.`);
    }
  }
  if (model.transistors === 'measured' && seriesParts(model).length > 0)
    throw new UsageError(
      'variation: transistors as measured do not go together with noise or uneven curves in series with their stages.',
      'Take one of them.',
    );
  if ((model.faultRate ?? 0) > 0 && seriesParts(model).length > 0)
    throw new UsageError(
      'variation: broken parts do not go together with noise or uneven curves in series with the stages.',
      'Take one of them.',
    );
  model.nonIdealities?.forEach((part) => {
    const checked = nonIdealitySchema.safeParse(part);
    if (checked.success) return;
    const issue = checked.error.issues[0]!;
    throw new UsageError(`non-ideality ${part.kind}: ${[...issue.path, issue.message].join(': ')}.`);
  });
  return model;
}

/** Whether every print is the same. */
export function isNominal(model: Variation): boolean {
  return (
    SPREADS.every((name) => (model[name] ?? 0) === 0) &&
    (model.ageing?.days[1] ?? 0) === 0 &&
    model.transistors !== 'measured' &&
    !model.stuckOpen &&
    !model.stuckShort &&
    !model.faultRate &&
    (model.nonIdealities ?? []).length === 0
  );
}

/** The largest relative deviation of a stage's component that a draw can have: how far from its edges a design must stay. */
export function reachOf(model: Variation): number {
  const [common, gradient] = [model.commonShare ?? 0, model.gradientShare ?? 0];
  const law = new VariationLaw(model);
  const spread = Math.max(law.spread(0), law.spread(1));
  const unit = model.kind === 'uniform' ? 1 : NORMAL_REACH;
  // a gradient's value at a corner of the sheet
  const corner = Math.SQRT2 * (model.kind === 'uniform' ? 1 : Math.sqrt(3));
  const reach = spread * (unit * (Math.sqrt(1 - common - gradient) + Math.sqrt(common)) + corner * Math.sqrt(gradient));
  const base = model.kind === 'lognormal' ? Math.expm1(reach) : reach;
  const parts = factorParts(model)
    .filter((part) => fallsOn(part, 'stage'))
    .map(stageReach);
  return parts.reduce((product, part) => product * (1 + part), 1 + base) - 1;
}

function stageReach(part: FactorPart): number {
  if (part.kind === 'drift') return Math.expm1(NORMAL_REACH * part.sigma);
  if (part.kind === 'uniform') return part.spread;
  return part.kind === 'gaussian' || part.kind === 'laplace' ? NORMAL_REACH * part.spread : 0;
}

/** The non-idealities that multiply component values. */
export function factorParts(model: Variation): FactorPart[] {
  return (model.nonIdealities ?? []).filter((part): part is FactorPart => !isSeriesPart(part));
}

/** The non-idealities that are voltage sources in series with the stages' outputs. */
export function seriesParts(model: number | Variation): SeriesPart[] {
  return typeof model === 'number' ? [] : (model.nonIdealities ?? []).filter(isSeriesPart);
}

/** A of a part in volts: as given, or its share of the bias. */
export function seriesAmplitude({ volts, biasShare }: SeriesPart, biasVolts: number): number {
  return volts ?? (biasShare ?? 0) * biasVolts;
}

function isSeriesPart(part: NonIdeality): part is SeriesPart {
  return part.kind === 'noise' || part.kind === 'smooth';
}

/** Whether a non-ideality falls on crossbar resistors, or on the components of stages. */
export function fallsOn(part: FactorPart, component: 'crossbar' | 'stage'): boolean {
  const on = 'components' in part && part.components !== undefined ? part.components : 'crossbar';
  return on === 'all' || (on === 'crossbar') === (component === 'crossbar');
}

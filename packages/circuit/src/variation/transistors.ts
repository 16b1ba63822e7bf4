import { type Draws, UsageError, type Variation } from '@neuroprint/core';
import type { FlatCircuit } from '../ir/flatten.ts';
import { covarianceRoot } from '../technology/covariance.ts';
import type { Technology } from '../technology/technology.ts';
import { cutNormal } from './law.ts';

/** Whether transistors differ by the covariance that was measured of their parameters: then circuits are flattened with these. */
export function hasMeasuredTransistors(variation: number | Variation): boolean {
  return typeof variation !== 'number' && variation.transistors === 'measured';
}

/** How one kind of transistor spreads; its numbers of a sheet begin at `sheetAt` among those of all kinds. */
interface KindSpread {
  readonly scale: readonly ('log' | 'linear')[];
  /** L of covariance = L·Lᵀ. */
  readonly root: readonly (readonly number[])[];
  readonly sheetShare: number;
  readonly sheetAt: number;
}

const known = new WeakMap<Technology, ReadonlyMap<string, KindSpread>>();

/** The measured spread of every kind, kept for the copies that follow. Throws UsageError where the technology has not measured one of them. */
export function transistorSpreads(technology: Technology): ReadonlyMap<string, KindSpread> {
  const spreads = known.get(technology) ?? readSpreads(technology);
  known.set(technology, spreads);
  return spreads;
}

function readSpreads({ name, transistors }: Technology): ReadonlyMap<string, KindSpread> {
  let sheetAt = 0;
  const spreads = new Map<string, KindSpread>();
  for (const kind of Object.values(transistors)) {
    if (kind.spread === undefined)
      throw new UsageError(
        `The technology ${name} has no measured spread of its transistors ${kind.name}.`,
        'technology fit --into writes it from three devices or more; without it leave out --spread measured.',
      );
    const { scale, covariance, sheetShare } = kind.spread;
    spreads.set(kind.name, { scale, root: covarianceRoot(covariance)!, sheetShare, sheetAt });
    sheetAt += scale.length;
  }
  return spreads;
}

/**
 * Writes the parameters of every transistor of copy `index` into `out`: z = L·n, n = √(1 − c)·own + √c·sheet of normal numbers that
 * are cut off at ±3, c the sheet's share; a parameter is its value times e^z (`log`) or plus z (`linear`). Own numbers are those of
 * the components, the sheet's begin at `first`. Under any other variation the parameters stay.
 */
export function drawTransistors(
  flat: FlatCircuit,
  values: Float64Array,
  draws: Draws,
  index: number,
  first: number,
  variation: Variation,
  out: Float64Array,
): void {
  if (!hasMeasuredTransistors(variation)) {
    for (const { parameters } of flat.transistors) for (const k of parameters) out[k] = values[k]!;
    return;
  }
  const spreads = transistorSpreads(flat.technology);
  for (const { model, parameters } of flat.transistors) {
    const { scale, root, sheetShare, sheetAt } = spreads.get(model)!;
    if (parameters.length !== scale.length)
      throw new UsageError(
        `The transistors ${model} of this circuit have no parameters of their own.`,
        'The measured spread is for circuits that neuroprint made; take --variation for a netlist from elsewhere.',
      );
    const [own, common] = [Math.sqrt(1 - sheetShare), Math.sqrt(sheetShare)];
    const numbers = parameters.map((k, i) => {
      const sheet = common === 0 ? 0 : common * cutNormal(draws.uniform(index, first + sheetAt + i));
      return own * cutNormal(draws.uniform(index, k)) + sheet;
    });
    parameters.forEach((k, i) => {
      const z = root[i]!.reduce((sum, l, j) => sum + l * numbers[j]!, 0);
      out[k] = scale[i] === 'log' ? values[k]! * Math.exp(z) : values[k]! + z;
    });
  }
}

import type { NonIdeality } from '@neuroprint/core';
import { normalQuantile } from '@neuroprint/numeric';
import { atLeastOpen, NORMAL_REACH, OPEN_FACTOR, uniformFactor } from './law.ts';

/** Standard Laplace number (scale 1, variance 2) with distribution function p. */
function laplaceQuantile(p: number): number {
  return p < 0.5 ? Math.log(2 * p) : -Math.log(2 * (1 - p));
}

/**
 * The factor that a non-ideality's draw u (uniform in 0..1) makes: see `nonIdealitySchema` for the equations. What
 * depends on the value itself (levels, mapping) is `valueFactor`. Where `cut`, normal and Laplace numbers end at ±3.
 */
export function drawnFactor(part: NonIdeality, u: number, cut: boolean): number {
  const limited = (x: number): number => (cut ? Math.min(NORMAL_REACH, Math.max(-NORMAL_REACH, x)) : x);
  // a u of exactly 0 would be infinitely far out
  const p = Math.max(u, 2 ** -54);
  switch (part.kind) {
    case 'uniform':
      return uniformFactor(part.spread, u);
    case 'gaussian':
    case 'levels':
      return atLeastOpen(1 + part.spread * limited(normalQuantile(p)));
    case 'laplace':
      return atLeastOpen(1 + part.spread * limited(laplaceQuantile(p)));
    case 'drift':
    case 'mapping':
      return Math.exp(part.sigma * limited(normalQuantile(p)));
    case 'multinomial':
      return u < part.zero ? OPEN_FACTOR : u < part.zero + part.half ? 0.5 : 1;
    case 'noise':
    case 'smooth':
      // in series with a stage; components keep their values
      return 1;
  }
}

/** Whether its factor depends on the conductance. */
export function dependsOnValue(part: NonIdeality): part is Extract<NonIdeality, { kind: 'levels' | 'mapping' }> {
  return part.kind === 'levels' || part.kind === 'mapping';
}

/**
 * The factor of a crossbar conductance g (positive) by its value: the nearest level over g, or the measured ratio at
 * g/largest. `range` is the smallest and the largest printable conductance, `largest` the largest of the layer, all in
 * one unit.
 */
export function valueFactor(
  part: Extract<NonIdeality, { kind: 'levels' | 'mapping' }>,
  g: number,
  range: { readonly min: number; readonly max: number },
  largest: number,
): number {
  // no resistor stays none
  if (g === 0) return 1;
  if (part.kind === 'levels') {
    const step = (range.max - range.min) / (part.levels - 1);
    const level = Math.min(part.levels - 1, Math.max(0, Math.round((g - range.min) / step)));
    return (range.min + level * step) / g;
  }
  const at = Math.min(part.ratios.length - 1, Math.floor((g / largest) * (part.ratios.length - 1)));
  return atLeastOpen(part.ratios[at]!);
}

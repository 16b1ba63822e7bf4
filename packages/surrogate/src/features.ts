import type { Parameter, Surrogate } from '@neuroprint/core';
import { logSlack } from './monomial.ts';

/** feature(ω) = Σ_k exponent_k·ln ω_k; exponents by parameter name, zeros left out. */
export type Feature = Surrogate['features'][number];

/** A named choice of features. */
export interface FeatureSet {
  readonly name: string;
  readonly features: readonly Feature[];
}

/**
 * The choices of features that training compares by validation, smallest first:
 * - `constraints`: the monomials that the design space is bounded by. A cell whose design rules are physics (R·W/L of a
 *   resistor-loaded transistor, by which alone its unloaded curve is decided) needs no more;
 * - `loads`: ln(R·W/L) for every resistor and transistor, and the monomials of constraints between resistors. A direct
 *   current circuit of these devices depends on widths and lengths only by W/L, and on resistances only by R·W/L;
 * - `all`: the logarithms of all values and all of the above.
 */
export function featureSets(parameters: readonly Parameter[], constraints: readonly string[]): FeatureSet[] {
  const names = parameters.map((parameter) => parameter.name);
  const isResistor = (name: string) => parameters.find((p) => p.name === name)?.unit === 'ohms';
  const bounds = constraints.map((constraint) => fromExponents(names, logSlack(constraint, names).exponents));
  const shapes = names
    .filter((name) => name.startsWith('W') && names.includes(`L${name.slice(1)}`))
    .map((name) => ({ [name]: 1, [`L${name.slice(1)}`]: -1 }));
  const loads = names.filter(isResistor).flatMap((name) => shapes.map((shape) => feature({ [name]: 1, ...shape })));
  const between = bounds.filter((bound) => Object.keys(bound.exponents).every(isResistor));
  const single = names.map((name) => feature({ [name]: 1 }));
  const sets = [
    { name: 'constraints', features: distinct(bounds) },
    { name: 'loads', features: distinct([...loads, ...between]) },
    { name: 'all', features: distinct([...single, ...shapes.map(feature), ...loads, ...bounds]) },
  ];
  return sets.filter((set) => set.features.length > 0);
}

function fromExponents(names: readonly string[], exponents: readonly number[]): Feature {
  return feature(Object.fromEntries(names.flatMap((name, k) => (exponents[k] === 0 ? [] : [[name, exponents[k]!]]))));
}

function feature(exponents: Readonly<Record<string, number>>): Feature {
  const factors = Object.entries(exponents).map(([name, power]) => {
    const size = Math.abs(power) === 1 ? '' : `^${Math.abs(power)}`;
    return { sign: power > 0 ? '*' : '/', text: `${name}${size}` };
  });
  const product = factors
    .map(({ sign, text }, i) => (i > 0 ? sign + text : sign === '/' ? `1/${text}` : text))
    .join('');
  return { name: `ln(${product})`, exponents };
}

/** Drops what is constant, and repetitions up to sign. */
function distinct(features: readonly Feature[]): Feature[] {
  const seen = new Set<string>();
  return features.filter(({ exponents }) => {
    const entries = Object.entries(exponents).sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length === 0) return false;
    const sign = Math.sign(entries[0]![1]);
    const key = entries.map(([name, power]) => `${name}^${power * sign}`).join(' ');
    return !seen.has(key) && seen.add(key);
  });
}

import type { Parameter, Surrogate } from '@neuroprint/core';
import { logSlack } from './monomial.ts';
import { type CellTopology, conductanceRatios } from './topology.ts';

/** feature(ω) = Σ_k exponent_k·ln ω_k; exponents by parameter name, zeros left out. */
export type Feature = Surrogate['features'][number];

/** A named choice of features. */
export interface FeatureSet {
  readonly name: string;
  readonly features: readonly Feature[];
}

/**
 * The choices of features that training compares by validation, smallest first:
 * - `conductance ratios`: where the cell's netlist is known, what its curve can depend on (see conductanceRatios);
 * - `constraints`: the monomials that bound the design space, where design rules are physics (R·W/L);
 * - `all`: the logarithms of all values, of W/L and R·W/L for every resistor and transistor, and of all of the above.
 */
export function featureSets(
  parameters: readonly Parameter[],
  constraints: readonly string[],
  topology?: CellTopology,
): FeatureSet[] {
  const names = parameters.map((parameter) => parameter.name);
  const bounds = constraints.map((constraint) => fromExponents(names, logSlack(constraint, names).exponents));
  const ratios = topology === undefined ? [] : conductanceRatios(topology).map(feature);
  const shapes = names
    .filter((name) => name.startsWith('W') && names.includes(`L${name.slice(1)}`))
    .map((name) => ({ [name]: 1, [`L${name.slice(1)}`]: -1 }));
  const resistors = parameters.filter((parameter) => parameter.unit === 'ohms');
  const loads = resistors.flatMap(({ name }) => shapes.map((shape) => feature({ [name]: 1, ...shape })));
  const single = names.map((name) => feature({ [name]: 1 }));
  return [
    { name: 'conductance ratios', features: distinct(ratios) },
    { name: 'constraints', features: distinct(bounds) },
    { name: 'all', features: distinct([...single, ...shapes.map(feature), ...loads, ...bounds, ...ratios]) },
  ].filter((set) => set.features.length > 0);
}

/** Standardised features [rows × features] of ln ω [rows × parameters]. */
export function standardFeatures(
  surrogate: Pick<Surrogate, 'features' | 'featureMean' | 'featureStd' | 'parameters'>,
  logValues: Float64Array,
  rows: number,
): Float64Array {
  const { features, featureMean, featureStd, parameters } = surrogate;
  const raw = featureMatrix(
    features,
    parameters.map(({ name }) => name),
    logValues,
    rows,
  );
  return raw.map((x, i) => (x - featureMean[i % features.length]!) / featureStd[i % features.length]!);
}

/** Features [rows × features] of ln ω [rows × names]. */
export function featureMatrix(
  features: readonly Feature[],
  names: readonly string[],
  logValues: Float64Array,
  rows: number,
): Float64Array {
  const out = new Float64Array(rows * features.length);
  features.forEach(({ exponents }, f) => {
    const powers = names.map((name) => exponents[name] ?? 0);
    for (let row = 0; row < rows; row += 1) {
      let sum = 0;
      for (let k = 0; k < powers.length; k += 1) sum += powers[k]! * logValues[row * powers.length + k]!;
      out[row * features.length + f] = sum;
    }
  });
  return out;
}

function fromExponents(names: readonly string[], exponents: readonly number[]): Feature {
  return feature(Object.fromEntries(names.flatMap((name, k) => (exponents[k] === 0 ? [] : [[name, exponents[k]!]]))));
}

/** A monomial with the name it has in files. */
export function feature(exponents: Readonly<Record<string, number>>): Feature {
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

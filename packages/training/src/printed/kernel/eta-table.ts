import { parseConstraint } from '@neuroprint/core';
import type { CurveModel } from '../curve.ts';

/** A surrogate of more features than this is not tabulated: its grid would be larger than what it replaces. */
const MAX_FEATURES = 2;
/** Distance of the grid's points in ln ω: the interpolation is then off by about 1e-6 of a value (tested). */
const STEP = 0.04;
/** Room around the trained range in ln ω: draws that leave it are still interpolated. */
const MARGIN = 0.5;

/** Points of the grid that the surrogate is asked for at once: what it keeps of them stays in the nearer caches. */
const PART_ROWS = 256;

/** Points of a feature on the grid. */
interface Axis {
  /** feature = Σ exponents·ln ω */
  readonly exponents: Float64Array;
  readonly low: number;
  readonly count: number;
}

/** η of a surrogate on a grid over its features, for cubic interpolation. */
export interface EtaTable {
  readonly axes: readonly Axis[];
  readonly step: number;
  /** [points of the first axis × points of the second × 4] */
  readonly grid: Float32Array;
}

const tables = new WeakMap<CurveModel, EtaTable>();

/** The table of a surrogate of one or two features; undefined where there is none. Made once. */
export function etaTable(curve: CurveModel): EtaTable | undefined {
  const { surrogate } = curve;
  if (surrogate === undefined || surrogate.features.length > MAX_FEATURES) return undefined;
  const known = tables.get(curve);
  if (known !== undefined) return known;
  const axes = surrogate.features.map(({ exponents }) =>
    axisOf(
      surrogate,
      Float64Array.from(curve.parameterNames, (name) => exponents[name] ?? 0),
    ),
  );
  const table = { axes, step: STEP, grid: evaluateGrid(curve, axes) };
  tables.set(curve, table);
  return table;
}

/** The range of a feature: what the parameters' ranges allow, narrowed by every constraint that bounds the feature itself. */
function axisOf({ parameters, constraints }: NonNullable<CurveModel['surrogate']>, exponents: Float64Array): Axis {
  let [low, high] = [0, 0];
  parameters.forEach(({ min, max }, p) => {
    const power = exponents[p]!;
    low += power * Math.log(power > 0 ? min : max);
    high += power * Math.log(power > 0 ? max : min);
  });
  for (const text of constraints) {
    const constraint = parseConstraint(text);
    const powers = parameters.map(({ name }) => constraint.exponents.get(name) ?? 0);
    // sign·feature + constant ≥ 0
    const sign = [1, -1].find((factor) => powers.every((power, p) => power === factor * exponents[p]!));
    if (sign === 1) low = Math.max(low, -constraint.logConstant);
    if (sign === -1) high = Math.min(high, constraint.logConstant);
  }
  const start = low - MARGIN;
  return { exponents, low: start, count: Math.ceil((high + MARGIN - start) / STEP) + 3 };
}

/** η at every point, each reached by the shortest vector of ln ω that has its features. */
function evaluateGrid(model: CurveModel, axes: readonly Axis[]): Float32Array {
  const [x, y] = axes;
  const width = model.parameterNames.length;
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, p) => sum + value * b[p]!, 0);
  const across = y?.exponents ?? new Float64Array(width);
  const [a, b, c] = [dot(x!.exponents, x!.exponents), dot(x!.exponents, across), dot(across, across) || 1];
  const count = y?.count ?? 1;
  const logs = new Float64Array(x!.count * count * width);
  for (let i = 0; i < x!.count; i += 1) {
    for (let j = 0; j < count; j += 1) {
      const [f, g] = [x!.low + i * STEP, y === undefined ? 0 : y.low + j * STEP];
      const [u, v] = [(c * f - b * g) / (a * c - b * b), (a * g - b * f) / (a * c - b * b)];
      const at = (i * count + j) * width;
      for (let p = 0; p < width; p += 1) logs[at + p] = u * x!.exponents[p]! + v * across[p]!;
    }
  }
  const rows = x!.count * count;
  const grid = new Float32Array(4 * rows);
  for (let row = 0; row < rows; row += PART_ROWS) {
    const part = Math.min(PART_ROWS, rows - row);
    grid.set(model.forward(logs.subarray(row * width, (row + part) * width), part), 4 * row);
  }
  return grid;
}

import { Draws, type Eta, type Stage } from '@neuroprint/core';
import { choleskyFactor, choleskySolve } from '@neuroprint/numeric';
import type { StageSpace } from '../printed/layer/components.ts';

/** Designs of each cell that are looked at for the one that follows a perceptron best. */
const DESIGNS = 400;

/** A stage that could be printed, and its curve. */
export interface Design {
  readonly stage: Stage;
  readonly eta: Eta;
}

/** Designs of both cells that a perceptron's stages are chosen among. */
export interface StageDesigns {
  readonly falling: readonly Design[];
  readonly activation: readonly Design[];
}

/**
 * Designs of a cell at random, the same every time. With `nearTypical` each has the features of its random design, by which the surrogate
 * knows its curve (R·W/L of an inverter), and is otherwise as near to the cell's typical values as they allow: a random load resistor draws
 * several times the current.
 */
export function designsOf(space: StageSpace, { nearTypical = false } = {}): Design[] {
  const random = new Draws(0, `designs/${space.cell.name}`);
  const { size } = space;
  const free = new Float64Array(size);
  const logs = new Float64Array(DESIGNS * size);
  for (let d = 0; d < DESIGNS; d += 1) {
    random.fillUniform(d, free);
    for (let k = 0; k < size; k += 1) free[k] = Math.log((free[k]! + 1e-3) / (1 - free[k]! + 1e-3));
    const own = logs.subarray(d * size, (d + 1) * size);
    space.logsAt(free, own);
    const near = nearTypical ? towardsTypical(space, own) : undefined;
    if (near !== undefined) space.logsAt(space.freeOf(near), own);
  }
  const etas = space.curve.forward(logs, DESIGNS);
  return Array.from({ length: DESIGNS }, (_, d) => {
    const eta = [...etas.subarray(4 * d, 4 * d + 4)] as unknown as [...Eta];
    const values = space.valuesOf(logs.subarray(d * size, (d + 1) * size));
    return { eta, stage: { cell: space.cell.name, values, eta } };
  });
}

/**
 * ω = ω_typical·exp(Eᵀ·(E·Eᵀ)⁻¹·E·ln(ω/ω_typical)), E the exponents of the features: of all values with these features the nearest in ln ω.
 * Undefined for a curve in closed form, which has no features, and where one feature follows from others.
 */
function towardsTypical({ cell, curve }: StageSpace, logs: Float64Array): Record<string, number> | undefined {
  const { parameters, typical } = cell;
  const exponents = (curve.surrogate?.features ?? []).map((feature) =>
    parameters.map(({ name }) => feature.exponents[name] ?? 0),
  );
  const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
  const away = parameters.map(({ name }, k) => logs[k]! - Math.log(typical[name]!));
  const gram = Float64Array.from(exponents.flatMap((row) => exponents.map((other) => product(row, other))));
  const parts = Float64Array.from(exponents, (row) => product(row, away));
  if (exponents.length === 0 || !choleskyFactor(gram, exponents.length)) return undefined;
  choleskySolve(gram, exponents.length, parts);
  return Object.fromEntries(
    parameters.map(({ name }, k) => {
      const change = exponents.reduce((sum, row, f) => sum + row[k]! * parts[f]!, 0);
      return [name, typical[name]! * Math.exp(change)];
    }),
  );
}

import type { ExactSolver } from '@neuroprint/circuit';
import { Draws, type StabilityReport } from '@neuroprint/core';
import { type Engine, simulateFrom } from '@neuroprint/spice';

/** Two operating points are the same up to this share of the bias. */
const SAME = 1e-3;
/** Random starts beside all nodes low and all nodes high. */
const RANDOM_STARTS = 2;
/** Op-amps begin at this share of their supplies. */
const NEAR_RAIL = 0.9;

/**
 * Looks for other operating points: Newton's method from all nodes low, all high and at random between the supplies, by the exact
 * solver and in ngspice (`.nodeset`), at some rows. A start from which none is found does not count.
 */
export async function otherOperatingPoints(
  engine: Engine,
  solver: ExactSolver,
  inputVolts: Float64Array,
  rows: readonly number[],
  state: Float64Array,
): Promise<StabilityReport['operatingPoints']> {
  const { flat, size } = solver;
  const inputs = flat.inputs.length;
  const chosen = Float64Array.from(rows.flatMap((row) => [...inputVolts.subarray(row * inputs, (row + 1) * inputs)]));
  let starts = 0;
  let elsewhere = 0;
  let maxDifferenceVolts = 0;
  const compare = (found: Float64Array | null, row: number): void => {
    if (found === null) return;
    starts += 1;
    const difference = found.reduce((most, volts, k) => Math.max(most, Math.abs(volts - state[row * size + k]!)), 0);
    maxDifferenceVolts = Math.max(maxDifferenceVolts, difference);
    if (difference > SAME * flat.technology.bias.volts) elsewhere += 1;
  };
  for (const start of startsOf(solver)) {
    for (const row of rows) {
      const found = new Float64Array((row + 1) * size);
      found.set(start, row * size);
      compare(solver.solveRow(inputVolts, row, found) ? found.slice(row * size) : null, row);
    }
    const simulated = await simulateFrom(engine, flat, chosen, start);
    simulated.forEach((found, i) => {
      compare(found, rows[i]!);
    });
  }
  return { starts, elsewhere, maxDifferenceVolts };
}

function startsOf({ flat }: ExactSolver): Float64Array[] {
  const { opamp } = flat.technology;
  const outputs = new Set(flat.opamps.map(({ output }) => output));
  const low = Math.min(...flat.supplyVolts);
  const high = Math.max(...flat.supplyVolts);
  const at = (share: (node: number) => number): Float64Array =>
    Float64Array.from(flat.unknowns, (_, node) => {
      const isOutput = outputs.has(node);
      const [from, to] = isOutput ? [NEAR_RAIL * opamp!.lowVolts, NEAR_RAIL * opamp!.highVolts] : [low, high];
      return from + (to - from) * share(node);
    });
  const draws = new Draws(0, 'starts');
  return [
    at(() => 0),
    at(() => 1),
    ...Array.from({ length: RANDOM_STARTS }, (_, i) => at((node) => draws.uniform(i, node))),
  ];
}

import type { Technology } from '@neuroprint/circuit';
import type { Draft } from './draft.ts';
import type { PrintGrid } from './print/grid.ts';
import { divergence, metricRows, outputsOf, sensitivitiesOf } from './print/metric.ts';
import { roundEach, roundTogether } from './print/round.ts';
import { DraftVariables } from './print/variables.ts';

export interface SnapOptions {
  readonly grid: PrintGrid;
  /** Row-major [rows × inputs]: inputs on which the circuit's function is kept. */
  readonly inputVolts: Float64Array;
}

export interface Snapped {
  readonly draft: Draft;
  /** How the outputs moved (rms volts): as chosen, and had each value gone to the nearest printable one. */
  readonly rmsVolts: number;
  readonly nearestRmsVolts: number;
}

/**
 * Moves every value to one that can be printed, all together so that the circuit keeps deciding as it does: by the sensitivities of the
 * exact circuit, errors compensated within it. Each value by itself to its nearest one is tried too; what changes the decisions less stays.
 */
export function snap(draft: Draft, technology: Technology, { grid, inputVolts }: SnapOptions): Snapped {
  const variables = new DraftVariables(draft, technology);
  const { list } = variables;
  const values = variables.values();
  const stages = variables.stages();
  const volts = metricRows(inputVolts, draft.layers[0]!.inputs);
  const { outputs, metric } = sensitivitiesOf(variables, technology, volts);
  const [nearest, together] = [
    roundEach(list, values, grid, stages),
    roundTogether(list, values, metric, grid, stages),
  ].map((chosen) => {
    const snapped = variables.draftWith(printed(list, chosen, grid));
    const after = outputsOf(snapped, technology, volts);
    return {
      draft: snapped,
      divergence: divergence(outputs, after, draft.layers.at(-1)!.columns),
      rmsVolts: Math.sqrt(after.reduce((sum, v, i) => sum + (v - outputs[i]!) ** 2, 0) / after.length),
    };
  });
  const best = together!.divergence < nearest!.divergence ? together! : nearest!;
  return { draft: best.draft, rmsVolts: best.rmsVolts, nearestRmsVolts: nearest!.rmsVolts };
}

/** The printable values of the chosen indices. */
function printed(list: DraftVariables['list'], chosen: Int32Array, grid: PrintGrid): Float64Array {
  return Float64Array.from(list, (variable, v) => grid.values(variable)[chosen[v]!]!);
}

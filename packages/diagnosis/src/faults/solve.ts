import type { FlatCircuit } from '@neuroprint/circuit';
import type { Fault } from './fault.ts';
import { FaultSolver } from './fault-solver.ts';

/**
 * Volts of every unknown node of a circuit under every one of its faults, at all rows: one table [rows × nodes] a fault, in their order,
 * NaN where a row has no operating point. `inputVolts` row-major [rows × inputs]. The values are those of the circuit's components.
 */
export function solveFaults(
  flat: FlatCircuit,
  faults: readonly Fault[],
  inputVolts: Float64Array,
): readonly Float64Array[] {
  const rows = inputVolts.length / flat.inputs.length;
  const solver = new FaultSolver(flat, faults);
  const good = new Float64Array(rows * solver.size).fill(Number.NaN);
  solver.solveGood(inputVolts, rows, good);
  return faults.map((_, k) => {
    const state = good.slice();
    solver.solve(k, inputVolts, rows, state);
    return state;
  });
}

import { BatchSolver, componentValues, type FlatCircuit } from '@neuroprint/circuit';
import { withFault } from './apply.ts';
import type { Fault } from './fault.ts';

/**
 * Volts of every unknown node of a circuit under every one of its faults, at all rows: one table [rows × nodes] a fault, in their order,
 * NaN where a row has no operating point. `inputVolts` row-major [rows × inputs]. The values are those of the circuit's components.
 */
export function solveFaults(
  flat: FlatCircuit,
  faults: readonly Fault[],
  inputVolts: Float64Array,
): readonly Float64Array[] {
  const size = flat.unknowns.length;
  const rows = inputVolts.length / flat.inputs.length;
  const good = new BatchSolver(flat);
  good.setValues(componentValues(flat));
  const start = good.newState(rows);
  good.solve(inputVolts, rows, start);
  return faults.map((fault) => {
    const faulty = withFault(flat, fault);
    const solver = new BatchSolver(faulty);
    solver.setValues(componentValues(faulty));
    const state = solver.newState(rows);
    if (solver.size === size) state.set(start);
    solver.solve(inputVolts, rows, state);
    if (solver.size === size) return state;
    const out = new Float64Array(rows * size);
    for (let row = 0; row < rows; row += 1)
      out.set(state.subarray(row * solver.size, row * solver.size + size), row * size);
    return out;
  });
}

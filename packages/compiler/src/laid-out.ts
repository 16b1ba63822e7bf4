import {
  BatchSolver,
  componentValues,
  elementWatts,
  type FlatCircuit,
  flatten,
  type Technology,
} from '@neuroprint/circuit';
import { type CaseTable, type Circuit, type Lines, type NodeTable, selectVolts } from '@neuroprint/core';

/**
 * A circuit with the metal of its layout on all cases: the volts of its outputs, row-major [rows × outputs], its mean power, and how far lines move the nodes of
 * `ideal`, the same circuit without them. Throws where a row has no operating point.
 */
export function solveLaidOut(
  circuit: Circuit,
  technology: Technology,
  metal: (flat: FlatCircuit) => FlatCircuit,
  { rows, inputVolts }: Pick<CaseTable, 'rows' | 'inputVolts'>,
  ideal: NodeTable,
): { readonly outputs: Float64Array; readonly watts: number; readonly lines: Lines } {
  const flat = metal(flatten(circuit, technology));
  const values = componentValues(flat);
  const solver = new BatchSolver(flat);
  solver.setValues(values);
  const volts = solver.newState(rows);
  const [failed] = solver.solve(inputVolts, rows, volts);
  if (failed !== undefined)
    throw new Error(`the exact solver found no operating point for row ${failed} of ${circuit.name} with its lines`);
  let watts = 0;
  for (let row = 0; row < rows; row += 1) {
    const inputs = inputVolts.subarray(row * circuit.inputs.length, (row + 1) * circuit.inputs.length);
    const state = volts.subarray(row * solver.size, (row + 1) * solver.size);
    for (const some of Object.values(elementWatts(flat, values, state, inputs)))
      watts = some.reduce((sum: number, one: number) => sum + one, watts);
  }
  const table = { nodes: flat.unknowns, rows, volts };
  return { outputs: selectVolts(table, circuit.outputs), watts: watts / rows, lines: linesOf(flat, table, ideal) };
}

/** What lines do to the nodes of a circuit, which come first among those of `laidOut`. */
function linesOf(flat: FlatCircuit, laidOut: NodeTable, ideal: NodeTable): Lines {
  const [size, whole] = [ideal.nodes.length, laidOut.nodes.length];
  let [largestShiftVolts, node] = [0, ideal.nodes[0]!];
  for (let row = 0; row < ideal.rows; row += 1)
    for (let k = 0; k < size; k += 1) {
      const shift = Math.abs(laidOut.volts[row * whole + k]! - ideal.volts[row * size + k]!);
      if (shift > largestShiftVolts) [largestShiftVolts, node] = [shift, ideal.nodes[k]!];
    }
  return {
    nodes: whole - size,
    resistors: flat.lines?.length ?? 0,
    crossingFarads: (flat.capacitors ?? []).reduce((sum, { farads }) => sum + farads, 0),
    largestShiftVolts,
    node,
  };
}

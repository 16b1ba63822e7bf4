import {
  BatchSolver,
  componentValues,
  elementWatts,
  type FlatCircuit,
  flatten,
  type Technology,
} from '@neuroprint/circuit';
import { type CaseTable, type Circuit, type Lines, type NodeTable, selectVolts } from '@neuroprint/core';
import type { Rounds, RowsRound } from './rounds.ts';

/** Where Newton is done, of the bias: what is left then is its square, some hundred-millionths. */
const CONVERGED_SHARE = 1e-4;
/** Rows that are solved one after the other. */
const ROWS_OF_PART = 32;

/**
 * A circuit with the metal of its layout on all cases: the volts of its outputs, row-major [rows × outputs], its mean power, and how far lines move the nodes of
 * `ideal`, the same circuit without them. Throws where a row has no operating point.
 */
export function* solveLaidOut(
  circuit: Circuit,
  technology: Technology,
  metal: (flat: FlatCircuit) => FlatCircuit,
  { rows, inputVolts }: Pick<CaseTable, 'rows' | 'inputVolts'>,
  ideal: NodeTable,
): Rounds<{ readonly outputs: Float64Array; readonly watts: number; readonly lines: Lines }> {
  const flat = metal(flatten(circuit, technology));
  const values = componentValues(flat);
  const size = flat.unknowns.length;
  const start = startOf(flat, inputVolts, rows, ideal);
  const parts = Array.from({ length: Math.ceil(rows / ROWS_OF_PART) }, (_, k) => {
    const [from, to] = [k * ROWS_OF_PART, Math.min(rows, (k + 1) * ROWS_OF_PART)];
    const inputs = inputVolts.slice(from * flat.inputs.length, to * flat.inputs.length);
    return { inputVolts: inputs, start: start.slice(from * size, to * size) };
  });
  const volts = new Float64Array(rows * size);
  const solved = (yield { kind: 'rows', flat, parts }) as readonly Float64Array[];
  solved.forEach((part, k) => {
    volts.set(part, k * ROWS_OF_PART * size);
  });
  const failed = volts.findIndex(Number.isNaN);
  if (failed >= 0)
    throw new Error(
      `the exact solver found no operating point for row ${Math.floor(failed / size)} of ${circuit.name} with its lines`,
    );
  let watts = 0;
  const wattsOf = elementWatts(flat, values);
  for (let row = 0; row < rows; row += 1) {
    const inputs = inputVolts.subarray(row * circuit.inputs.length, (row + 1) * circuit.inputs.length);
    const state = volts.subarray(row * size, (row + 1) * size);
    for (const some of Object.values(wattsOf(state, inputs)))
      for (let k = 0; k < some.length; k += 1) watts += some[k]!;
  }
  const table = { nodes: flat.unknowns, rows, volts };
  return { outputs: selectVolts(table, circuit.outputs), watts: watts / rows, lines: linesOf(flat, table, ideal) };
}

/** Solves the rows of every part: their volts, row-major [rows × unknowns], NaN where there is no operating point. */
export function solveParts({ flat, parts }: RowsRound): Float64Array[] {
  const solver = new BatchSolver(flat);
  solver.setValues(componentValues(flat));
  solver.setTolerance(CONVERGED_SHARE * flat.technology.bias.volts);
  return parts.map(({ inputVolts, start }) => {
    const state = start.slice();
    solver.solve(inputVolts, state.length / solver.size, state);
    return state;
  });
}

/** Where Newton starts: as if no line resisted, every node of the metal has the volts of the node that lines tie it to. */
function startOf(flat: FlatCircuit, inputVolts: Float64Array, rows: number, ideal: NodeTable): Float64Array {
  const [size, known] = [flat.unknowns.length, ideal.nodes.length];
  const around = new Map<number, number[]>();
  for (const { nodes } of flat.lines ?? [])
    for (const [k, node] of nodes.entries()) {
      const list = around.get(node);
      if (list === undefined) around.set(node, [nodes[1 - k]!]);
      else list.push(nodes[1 - k]!);
    }
  const from = Int32Array.from({ length: size + flat.driven.length }, (_, node) =>
    node < known || node >= size ? node : -1,
  );
  const waiting = [...from.keys()].filter((node) => from[node]! >= 0);
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop())
    for (const next of around.get(node) ?? [])
      if (from[next]! < 0) {
        from[next] = from[node]!;
        waiting.push(next);
      }
  const [supplies, inputs] = [flat.supplyVolts.length, flat.inputs.length];
  const start = new Float64Array(rows * size);
  for (let row = 0; row < rows; row += 1)
    for (let k = 0; k < size; k += 1) {
      const [at, driven] = [from[k]!, from[k]! - size];
      if (at < 0) start[row * size + k] = 0;
      else if (driven < 0) start[row * size + k] = ideal.volts[row * known + at]!;
      else
        start[row * size + k] =
          driven < supplies ? flat.supplyVolts[driven]! : inputVolts[row * inputs + driven - supplies]!;
    }
  return start;
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

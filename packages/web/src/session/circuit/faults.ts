import { selectColumns } from '@neuroprint/core';
import { faultsOf, solveFaults } from '@neuroprint/diagnosis';
import type { FaultView } from '../circuit-view.ts';
import type { OpenCircuit } from './open-circuit.ts';
import { evenRows, rowsOf, scoreOf } from './score.ts';

/** Rows that a fault is judged on, so that the page answers in a moment. */
const MOST_ROWS = 3000;

/** What every single fault of a device does to the cases, and at these inputs; worst first. */
export function faultsOfDevice(
  open: OpenCircuit,
  device: string,
  inputVolts: Float64Array,
  values: Float64Array,
): FaultView[] {
  const { cases, judged, outputs } = open;
  const components = open.flat.components.map((component, k) => ({ ...component, value: values[k]! }));
  const flat = { ...open.flat, components };
  const faults = faultsOf(flat).filter(({ components: parts }) =>
    parts.some((part) => part === device || part.startsWith(`${device}.`)),
  );
  const chosen = evenRows(cases.rows, MOST_ROWS);
  const width = flat.inputs.length;
  const rows = new Float64Array((chosen.length + 1) * width);
  rows.set(rowsOf(cases.inputVolts, width, chosen));
  rows.set(inputVolts, chosen.length * width);
  const of = <T extends ArrayLike<number>>(all: T): Float64Array => Float64Array.from(chosen, (row) => all[row]!);
  const known = {
    line: judged.line,
    labels: judged.labels && of(judged.labels),
    before: Int32Array.from(chosen, (row) => judged.before[row]!),
  };
  const size = flat.unknowns.length;
  const judgedFaults = solveFaults(flat, faults, rows).map((state, k): FaultView => {
    const table = selectColumns(state.subarray(0, chosen.length * size), size, outputs);
    const { decision, prediction } = open.read(state.subarray(chosen.length * size));
    const name = faults[k]!.name.slice(device.length).replace(/^[. ]/, '');
    return { name, score: scoreOf(table, outputs.length, known), decision, prediction };
  });
  return judgedFaults.toSorted((a, b) => badness(b) - badness(a));
}

/** What faults are sorted by: rows wrong, or moved where nobody knows what is wrong, or the error. */
function badness({ score: { rows, right, moved, rmse, unsolved } }: FaultView): number {
  if (right !== undefined) return rows - right;
  return moved ?? (rmse ?? 0) + unsolved;
}

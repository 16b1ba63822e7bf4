import { Draws, selectColumns } from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';
import { type Engine, NoConvergenceError, simulateFlat } from '@neuroprint/spice';
import { withFault } from '../faults/apply.ts';
import { FaultSolver } from '../faults/fault-solver.ts';
import { type FaultAccuracy, placesOf, type ToleranceTask } from './single-faults.ts';

/** Of the faults that are confirmed, this share are the worst ones; the rest is a random sample. */
const WORST_SHARE = 0.5;
/** Volts by which two outputs must differ for a decision to count as one. */
const TIE_VOLTS = 1e-6;

export interface Confirmed {
  readonly faults: number;
  /** Of these, faults under which the simulator found no operating point. */
  readonly unsimulatedFaults: number;
  /** Largest difference of a node of the good circuit from the exact solver. */
  readonly maxErrorVolts: number;
  readonly decisionsDiffering: number;
}

/** The worst faults of a list that is sorted worst first, and a random sample of the others. */
export function faultsToConfirm(faults: readonly FaultAccuracy[], count: number, seed: number): FaultAccuracy[] {
  const worst = Math.min(faults.length, Math.ceil(WORST_SHARE * count));
  const others = faults.slice(worst);
  const order = new Draws(seed, 'faults in ngspice').permutation(0, others.length);
  const chosen = [...order.slice(0, Math.max(0, count - worst))].sort((a, b) => a - b);
  return [...faults.slice(0, worst), ...chosen.map((k) => others[k]!)];
}

/** Simulates the circuit with each of these faults at all rows, and compares every node with the exact solver. */
export async function confirmFaults(
  engine: Engine,
  task: ToleranceTask,
  chosen: readonly FaultAccuracy[],
  onProgress?: (done: number, total: number) => void,
): Promise<Confirmed> {
  const { flat, outputs, inputVolts, labels } = task;
  const faults = chosen.map(({ fault }) => fault);
  const solver = new FaultSolver(flat, faults);
  const { size } = solver;
  const places = placesOf(flat, outputs);
  const rows = labels.length;
  const good = new Float64Array(rows * size).fill(Number.NaN);
  solver.solveGood(inputVolts, rows, good);
  let [maxErrorVolts, decisionsDiffering, unsimulatedFaults] = [0, 0, 0];
  for (const [k, fault] of faults.entries()) {
    const state = good.slice();
    const failed = new Set(solver.solve(k, inputVolts, rows, state));
    try {
      const faulty = withFault(flat, fault);
      const simulated = await simulateFlat(engine, faulty, inputVolts);
      const wide = faulty.unknowns.length;
      const volts = Float64Array.from(state, (_, i) => simulated.volts[Math.floor(i / size) * wide + (i % size)]!);
      state.forEach((v, i) => {
        if (!failed.has(Math.floor(i / size))) maxErrorVolts = Math.max(maxErrorVolts, Math.abs(v - volts[i]!));
      });
      const [exact, spice] = [state, volts].map((all) => selectColumns(all, size, places));
      const [decided, there] = [decisions(exact!, places.length), decisions(spice!, places.length)];
      decided.forEach((one, row) => {
        const margin = exact![row * places.length + one]! - exact![row * places.length + there[row]!]!;
        if (!failed.has(row) && one !== there[row] && margin > TIE_VOLTS) decisionsDiffering += 1;
      });
    } catch (error) {
      if (!(error instanceof NoConvergenceError)) throw error;
      unsimulatedFaults += 1;
    }
    onProgress?.(k + 1, faults.length);
  }
  return { faults: faults.length, unsimulatedFaults, maxErrorVolts, decisionsDiffering };
}

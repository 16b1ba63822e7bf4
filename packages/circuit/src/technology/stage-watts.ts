import { cellWatts, solverOf } from './cell.ts';
import type { Cell, Technology } from './technology.ts';
import { stageVolts } from './volts.ts';

/** Number of volts at which a stage's power is asked for; linear between them. The powers of the cells are smooth over such steps. */
const GRID_POINTS = 9;
/** Step in ln ω of the differences that give the power's slope. */
const STEP = 0.01;

function gridVolts(technology: Technology): Float64Array {
  const { minimum, maximum } = stageVolts(technology);
  return Float64Array.from({ length: GRID_POINTS }, (_, i) => minimum + (maximum - minimum) * (i / (GRID_POINTS - 1)));
}

/** How often each grid voltage occurs at a stage's input, as shares: linear interpolation, seen from the grid. */
export function shareOfGrid(technology: Technology, volts: ArrayLike<number>): Float64Array {
  const { minimum, maximum } = stageVolts(technology);
  const share = new Float64Array(GRID_POINTS);
  const last = GRID_POINTS - 1;
  for (let r = 0; r < volts.length; r += 1) {
    const place = Math.min(1, Math.max(0, (volts[r]! - minimum) / (maximum - minimum))) * last;
    const below = Math.min(last - 1, Math.floor(place));
    share[below]! += (1 - (place - below)) / volts.length;
    share[below + 1]! += (place - below) / volts.length;
  }
  return share;
}

/** Static watts of a stage without load at each grid voltage, by the exact device equations. `logs` is ln ω. */
export function wattsOnGrid(technology: Technology, cell: Cell, logs: Float64Array): Float64Array {
  return cellWatts(technology, cell, logs.map(Math.exp), gridVolts(technology));
}

/** ∂/∂ln ω of Σ share·watts, by central differences; voltages with no share are not asked for. */
export function wattsGradient(
  technology: Technology,
  cell: Cell,
  logs: Float64Array,
  share: Float64Array,
): Float64Array {
  const used = gridVolts(technology).filter((_, i) => share[i]! > 0);
  const weights = share.filter((value) => value > 0);
  const solver = solverOf(technology, cell);
  const centre = solver.newStates(used.length);
  solver.watts(logs.map(Math.exp), used, centre);
  // so near to it the operating points are found from those of the centre
  const at = (k: number, step: number) => {
    const values = logs.map((log, i) => Math.exp(i === k ? log + step : log));
    return solver.watts(values, used, centre.slice()).reduce((sum, watts, i) => sum + watts * weights[i]!, 0);
  };
  return logs.map((_, k) => (at(k, STEP) - at(k, -STEP)) / (2 * STEP));
}

import { solverOf } from './cell.ts';
import type { Cell, Technology } from './technology.ts';
import { stageVolts } from './volts.ts';

/** Number of volts at which a stage's power is asked for; linear between them. The powers of the cells are smooth over such steps. */
const GRID_POINTS = 9;

const grids = new WeakMap<Technology, Float64Array>();

function gridVolts(technology: Technology): Float64Array {
  const known = grids.get(technology);
  if (known !== undefined) return known;
  const { minimum, maximum } = stageVolts(technology);
  const at = (i: number): number => minimum + (maximum - minimum) * (i / (GRID_POINTS - 1));
  const grid = Float64Array.from({ length: GRID_POINTS }, (_, i) => at(i));
  grids.set(technology, grid);
  return grid;
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

/** Where the solver of a cell starts at each grid voltage, and what becomes its solutions there: given again, the next values are solved from them. */
export function gridStates(technology: Technology, cell: Cell): Float64Array {
  return solverOf(technology, cell).newStates(GRID_POINTS);
}

/** Static watts of a stage without load at each grid voltage, by the exact device equations. `logs` is ln ω. */
export function wattsOnGrid(
  technology: Technology,
  cell: Cell,
  logs: Float64Array,
  states?: Float64Array,
): Float64Array {
  return solverOf(technology, cell).watts(logs.map(Math.exp), gridVolts(technology), states);
}

/** ∂/∂ln ω of Σ share·watts, by the adjoint; voltages with no share are not asked for. `states` are best those of wattsOnGrid at the same values. */
export function wattsGradient(
  technology: Technology,
  cell: Cell,
  logs: Float64Array,
  share: Float64Array,
  states?: Float64Array,
): Float64Array {
  const values = logs.map(Math.exp);
  const slopes = solverOf(technology, cell).wattsGradient(values, gridVolts(technology), share, states);
  return slopes.map((slope, k) => slope * values[k]!);
}

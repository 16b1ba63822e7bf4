import { type Cell, cellWatts, type Technology } from '@neuroprint/circuit';

/** Volts at which a stage's power is asked for; linear between them. The powers of the cells are smooth over such steps. */
const GRID_VOLTS = Float64Array.from({ length: 9 }, (_, i) => i / 8);
/** Step in ln ω of the differences that give the power's slope. */
const STEP = 0.01;

/** How often each grid voltage occurs at a stage's input, as shares: linear interpolation, seen from the grid. */
export function shareOfGrid(volts: ArrayLike<number>): Float64Array {
  const share = new Float64Array(GRID_VOLTS.length);
  const last = GRID_VOLTS.length - 1;
  for (let r = 0; r < volts.length; r += 1) {
    const place = Math.min(1, Math.max(0, volts[r]!)) * last;
    const low = Math.min(last - 1, Math.floor(place));
    share[low]! += (1 - (place - low)) / volts.length;
    share[low + 1]! += (place - low) / volts.length;
  }
  return share;
}

/** Static watts of a stage without load at each grid voltage, by the exact device equations. `logs` is ln ω. */
export function wattsOnGrid(technology: Technology, cell: Cell, logs: Float64Array): Float64Array {
  return cellWatts(technology, cell, logs.map(Math.exp), GRID_VOLTS);
}

/** ∂/∂ln ω of Σ share·watts, by central differences; voltages with no share are not asked for. */
export function wattsGradient(
  technology: Technology,
  cell: Cell,
  logs: Float64Array,
  share: Float64Array,
): Float64Array {
  const used = GRID_VOLTS.filter((_, i) => share[i]! > 0);
  const weights = share.filter((value) => value > 0);
  const at = (k: number, step: number) => {
    const values = logs.map((log, i) => Math.exp(i === k ? log + step : log));
    return cellWatts(technology, cell, values, used).reduce((sum, watts, i) => sum + watts * weights[i]!, 0);
  };
  return logs.map((_, k) => (at(k, STEP) - at(k, -STEP)) / (2 * STEP));
}

import type { FlatCircuit } from '../ir/flatten.ts';

/** An op-amp's output comes nearer to its rail by at most this factor in one step, and never nearer than that share. */
const NEARER_TO_RAIL = 0.1;
const NEAREST_TO_RAIL = 1e-15;

/** Where an op-amp saturates its law is steep: its output may not step over the rail. `before` are the volts before the step. */
export function keepWithinRails({ opamps }: FlatCircuit, before: Float64Array, volts: Float64Array): void {
  for (const { output, lowVolts, highVolts } of opamps) {
    if (!Number.isFinite(lowVolts)) continue;
    const most = NEAREST_TO_RAIL * (highVolts - lowVolts);
    const high = highVolts - Math.max(most, NEARER_TO_RAIL * (highVolts - before[output]!));
    const low = lowVolts + Math.max(most, NEARER_TO_RAIL * (before[output]! - lowVolts));
    volts[output] = Math.min(high, Math.max(low, volts[output]!));
  }
}

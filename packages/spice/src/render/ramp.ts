import type { Technology } from '@neuroprint/circuit';
import { buildDeck, type Engine, type RunOptions } from '../engine/engine.ts';
import { NoConvergenceError } from '../engine/errors.ts';
import type { Plot } from '../engine/raw.ts';
import { NetworkDeck, type SimulatedCircuit } from './network-deck.ts';

/**
 * Steps from no voltage at all to the first row; others where Newton gets stuck on the way. With op-amps it may cycle at one step and
 * not beside it, so the counts share no factors: other steps are tried.
 */
const LEAD_IN_STEPS = [20, 37, 61, 200, 501, 1009];

/**
 * Sweeps rows like NetworkDeck, but starts where the solution is known: supplies and inputs rise together from 0 V, where every
 * node is at 0 V, to the first row. For circuits in which Newton finds no way from a cold start. The plot's first point is the
 * first row, which is row `firstRow` of the table. Throws NoConvergenceError where it is not reached.
 */
export async function sweepFromZero(
  engine: Engine,
  circuit: SimulatedCircuit,
  technology: Technology,
  volts: Float64Array,
  firstRow: number,
  options: RunOptions = {},
): Promise<Plot> {
  const width = circuit.inputs.length;
  for (const steps of LEAD_IN_STEPS) {
    const led = new Float64Array(steps * width + volts.length);
    for (let i = 0; i < steps * width; i += 1) led[i] = (volts[i % width]! * Math.floor(i / width)) / steps;
    led.set(volts, steps * width);
    const deck = new NetworkDeck(circuit, technology, led, firstRow, steps);
    const [plot] = await engine.run(buildDeck(deck.body, deck.sweep(), deck.options), options);
    if (plot === undefined || plot.points <= steps) continue;
    return { ...plot, points: plot.points - steps, values: plot.values.subarray(steps * plot.variables.length) };
  }
  throw new NoConvergenceError(`${engine.name} ${engine.version}`, firstRow);
}
